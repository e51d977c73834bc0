"""Notices as PDF at real nodes: small, made once, whole when they are long."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest

from common.casework.rules.event import CaseEvent
from common.casework.rules.words import Report
from common.notices.rules.kinds import Kind
from common.notices.shelf import PdfShelf
from tests.casework.story import Story
from tests.desk.three import COUNTY, ThreeNodes
from tests.documents.paper import longest_lines, text_of
from tests.notices.laid import address_of, client_with, lay
from tests.notices.stories import RECEIVER, A, a_story, accepted, decided

PDF_BYTES_MAX = 150_000


class _Press:
    """The node's printing, counted."""

    def __init__(self, documents: Any) -> None:
        self._documents = documents
        self.count = 0

    def render(self, html: str) -> bytes:
        self.count += 1
        found: bytes = self._documents.render(html)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._documents, name)


def test_a_pdf_is_small_made_once_and_kept_for_the_owner_alone(three: ThreeNodes) -> None:
    story = accepted()
    event = story.events[-1]
    client = client_with(three, COUNTY, "clerk", story)
    press = _Press(three.node.documents)
    three.node.documents = press
    first = client.get(address_of(story, event) + ".pdf")
    again = client.get(address_of(story, event) + ".pdf")
    assert first.mimetype == "application/pdf" and first.data == again.data and press.count == 1
    assert len(first.data) <= PDF_BYTES_MAX
    text = text_of(first.data)
    for words in ("受理通知书", "何秀英", "2026年3月16日", "第 1 页 共 1 页", "未加盖印章的"):
        assert words in text, words
    folder = three.node.config.path("notices")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600]


def test_a_pdf_is_made_anew_when_its_act_was_struck(three: ThreeNodes) -> None:
    story, event = decided(Kind.FEE)
    client = client_with(three, COUNTY, "clerk", story)
    assert "已撤销" not in text_of(client.get(address_of(story, event) + ".pdf").data)
    with three.node.unit():
        strike = story.strike(event.id)
    struck = Story.branch(story)
    struck.events = []
    lay(three, struck, strike)
    assert "已撤销" in text_of(client.get(address_of(story, event) + ".pdf").data)


def test_a_long_list_goes_over_pages_and_loses_nothing(three: ThreeNodes) -> None:
    lacking = [{"key": f"k{n}", "name": f"材料之{n}", "how": "原件"} for n in range(64)]
    story = a_story().go_to(A.FORWARD)
    event = story.move(A.ASK_PAPERS, data={"lacking": lacking, "answer_by": "2026-03-20"})
    client = client_with(three, COUNTY, "clerk", story)
    text = text_of(client.get(address_of(story, event) + ".pdf").data)
    assert all(f"材料之{n}原件" in text for n in range(64)) and "第 2 页 共" in text
    assert text.count("序号") >= 2


def _told_at_length() -> tuple[Story, CaseEvent]:
    story = accepted().go_to(A.REVIEW, A.APPROVE, A.ISSUE)
    return story, story.report(Report.HANDED_OVER, receiver=RECEIVER, note="甲" * 1_990 + "说到这里")


def _asked_at_length() -> tuple[Story, CaseEvent]:
    story = a_story().go_to(A.FORWARD)
    lacking = [{"key": f"k{n}", "name": f"材料之{n}", "how": "乙" * 500} for n in range(5)]
    data = {"lacking": lacking, "answer_by": "2026-03-20", "note": "说到这里"}
    return story, story.move(A.ASK_PAPERS, data=data)


def _called_at_length() -> tuple[Story, CaseEvent]:
    name = "通江县青峪镇鹿角坪村股份经济合作联合社" * 10
    story = accepted(applicant={**a_story().filed.body["data"]["applicant"], "name": name + "说到这里"})
    return story, story.events[-1]


@pytest.mark.parametrize("written", [_told_at_length, _asked_at_length, _called_at_length])
def test_long_words_are_laid_out_within_the_time_of_a_paper(three: ThreeNodes, written: Any) -> None:
    """In a narrow column some hundred characters kept the printer busy until it was killed."""
    story, event = written()
    client = client_with(three, COUNTY, "clerk", story)
    answer = client.get(address_of(story, event) + ".pdf")
    assert answer.status_code == 200 and "说到这里" in text_of(answer.data)


def test_what_has_no_blanks_breaks_at_the_edge_of_the_sheet(three: ThreeNodes) -> None:
    """A link or a long number in a reason ran over the edge: the end of it was on no paper."""
    story = accepted().go_to(A.REVIEW)
    event = story.move(A.REFUSE, data={"note": "依据 https://example.gov.cn/" + "a1b2" * 60})
    client = client_with(three, COUNTY, "clerk", story)
    pdf = client.get(address_of(story, event) + ".pdf").data
    assert "a1b2" * 60 in text_of(pdf)
    # About a hundred signs are as wide as the sheet.
    assert max(longest_lines(pdf)) < 110


def test_a_tolerant_acceptance_with_six_papers_and_two_to_come_keeps_its_receipt(three: ThreeNodes) -> None:
    """Its receipt is signed and kept: alone on a second page it is lost, or printed for nothing."""
    papers = [{"blob": n, "key": f"k{n}", "name": f"村民委员会意见之{n}", "pages": 1} for n in range(6)]
    owed = [{"key": f"o{n}", "name": f"相邻权利人意见之{n}"} for n in range(2)]
    story = accepted(papers=papers, tolerance={"due": "2026-03-16", "papers": owed, "promise": "按期补齐"})
    client = client_with(three, COUNTY, "clerk", story)
    pdf = client.get(address_of(story, story.events[-1]) + ".pdf").data
    text = text_of(pdf)
    assert "相邻权利人意见之1" in text and "签收回执" in text and "第 1 页 共 1 页" in text


def test_the_shelf_keeps_what_is_sealed_and_the_newest_of_the_rest(tmp_path: Path) -> None:
    shelf = PdfShelf(tmp_path / "notices")
    shelf.keep_sealed("a-1", b"sealed")
    for number in range(203):
        shelf.keep_plain(f"b-{number}", b"%d" % number)
    assert shelf.sealed("a", "a-1") == b"sealed" and shelf.plain("a-1") is None
    kept = [number for number in range(203) if shelf.plain(f"b-{number}") is not None]
    assert len(kept) == 200 and 202 in kept and 0 not in kept
    assert not list(tmp_path.glob("notices/*.part"))


def test_a_paper_is_on_the_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append("content"), fsync(handle)))
    monkeypatch.setattr(os, "replace", lambda one, other: (done.append("name"), replace(one, other)))
    shelf = PdfShelf(tmp_path / "notices")
    shelf.keep_sealed("a-1", b"%PDF")
    assert done == ["content", "name"] and shelf.sealed("a", "a-1") == b"%PDF"


def test_a_paper_that_another_thread_lets_go_of_stops_nobody(tmp_path: Path) -> None:
    shelf = PdfShelf(tmp_path)
    (tmp_path / "gone.plain.pdf").symlink_to(tmp_path / "nowhere")
    shelf.keep_plain("a", b"%PDF")
    assert shelf.plain("a") == b"%PDF"
