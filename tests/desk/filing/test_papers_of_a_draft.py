"""Papers at filing: what is taken, what is not, and what stays when some are refused."""

from __future__ import annotations

import re
from typing import Any

from common.store.database import DiskFull
from tests.desk.filing.agent import JPEG, RELIEF, Desk, cases, paper
from tests.desk.filing.village import DeskNode, desk_app


def test_only_photographs_and_documents_are_papers_and_the_good_ones_stay(node: DeskNode, desk: Desk) -> None:
    """A script named like a picture, an empty file, one too large, beside a good PDF and a good picture."""
    desk.begin()
    files = {
        "paper-application": [paper("form.jpg", b"<script>alert(1)</script>"), paper("empty.jpg", b"")],
        "paper-id_card": [paper("id.pdf", b"%PDF-1.4 x")],
        "paper-household_register": [paper("big.jpg", JPEG[:4] + b"x" * 70_000), paper("ok.jpg")],
    }
    answer = desk.send("papers", files)
    assert answer.status_code == 400
    for name in ("form.jpg", "empty.jpg", "big.jpg"):
        assert f"文件“{name}”没有收取" in answer.text
    kept = node.drafts.draft(desk.draft, "zhou").papers
    assert [(paper.key, paper.file, paper.type) for paper in kept] == [
        ("id_card", "id.pdf", "application/pdf"),
        ("household_register", "ok.jpg", "image/jpeg"),
    ]


def test_the_thirteenth_paper_is_refused_and_twelve_are_kept(node: DeskNode, desk: Desk) -> None:
    desk.begin()
    thirteen = [paper(f"{n}.jpg", JPEG + bytes([n])) for n in range(13)]
    answer = desk.send("papers", {"paper-other": thirteen})
    assert answer.status_code == 400 and "“12.jpg”没有收取。一次最多附 12 份" in answer.text
    assert len(node.drafts.draft(desk.draft, "zhou").papers) == 12
    assert 'type="file"' not in desk.get(f"{desk.path}/papers").text
    removed = re.search(r'name="paper" value="([^"]+)"', desk.page)
    assert removed
    assert desk.post(f"{desk.path}/papers/remove", {"paper": removed[1]}).status_code == 303
    assert len(node.drafts.draft(desk.draft, "zhou").papers) == 11


def test_a_paper_of_a_draft_is_shown_as_what_it_is_and_to_its_owner_alone(node: DeskNode, desk: Desk) -> None:
    desk.begin().send("papers", {"paper-id_card": paper("id.jpg"), "then": "stay"}, leads_to="papers")
    found = re.search(r'src="(/file/\w+/paper/\w+)"', desk.get(f"{desk.path}/papers").text)
    assert found
    shown = desk.get(found[1])
    assert (shown.data, shown.mimetype) == (JPEG, "image/jpeg")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert desk.get(f"{desk.path}/paper/{'0' * 64}").status_code == 404
    assert Desk(desk_app(node)).sign_in("wang").get(found[1]).status_code == 404


def test_files_sent_as_soon_as_they_are_chosen_leave_the_ticks_beside_them_alone(
    node: DeskNode, desk: Desk
) -> None:
    """What photos.js sends: files with what it saw of them, nothing else of the page."""
    desk.begin(RELIEF)
    assert 'data-sent="正在上传：00%"' in desk.get(f"{desk.path}/papers").text
    marked = {"follow-authorisation": "1", "promise": "本人承诺补交", "then": "stay"}
    desk.send("papers", marked, leads_to="papers")
    files = {
        "paper-id_card": [paper("1.jpg"), paper("2.jpg", JPEG + b"2")],
        "notes-paper-id_card": ["dark", "blurred <b>nonsense</b>"],
    }
    desk.send("papers", {**files, "at_once": "1", "looked": "1", "then": "stay"}, leads_to="papers")
    draft = node.drafts.draft(desk.draft, "zhou")
    assert [kept.notes for kept in draft.papers] == ["dark", "blurred"]
    assert draft.terms["follow"] == "authorisation"
    page = desk.get(f"{desk.path}/papers").text
    assert "照片太暗" in page and "可能模糊" in page and "nonsense" not in page


def test_a_disk_that_fills_up_during_upload_keeps_the_papers_before(node: DeskNode, desk: Desk) -> None:
    desk.begin()
    taken = node.papers.take_in

    def once(stream: Any) -> Any:
        node.papers.take_in = _no_room  # type: ignore[method-assign]
        return taken(stream)

    node.papers.take_in = once  # type: ignore[method-assign]
    answer = desk.send("papers", {"paper-id_card": [paper("1.jpg"), paper("2.jpg", JPEG + b"2")]})
    assert answer.status_code == 503 and "磁盘已满" in answer.text
    assert [kept.file for kept in node.drafts.draft(desk.draft, "zhou").papers] == ["1.jpg"]


def test_a_paper_whose_file_is_gone_is_named_and_taken_anew(node: DeskNode, desk: Desk) -> None:
    """As after a backup without it was put back, or on a disk that lost it: the draft is no dead end."""
    desk.fill_in(node, RELIEF)
    kept = node.drafts.draft(desk.draft, "zhou").papers
    lost = next(one for one in kept if one.key == "id_card")
    next((node.config.data_dir / "papers").rglob(lost.hash)).unlink()
    answer = desk.post(f"{desk.path}/check")
    assert answer.status_code == 400 and cases() == []
    assert f"“{lost.name}”的文件（{lost.file}）已不在本站，请回材料页移除，重新拍照。" in answer.text
    desk.get(f"{desk.path}/papers")
    assert desk.post(f"{desk.path}/papers/remove", {"paper": f"id_card/{lost.hash}"}).status_code == 303
    desk.send("papers", {"paper-id_card": paper("id.jpg")}, leads_to="check")
    assert desk.post(f"{desk.path}/check").status_code == 303 and len(cases()) == 1


def _no_room(stream: Any) -> Any:
    raise DiskFull()


def test_what_the_browser_turned_is_looked_at_as_every_paper(node: DeskNode, desk: Desk) -> None:
    """Else anything could take the place of a picture: a document, or what hangs whoever opens it."""
    desk.begin().send("papers", {"paper-id_card": paper("id.jpg"), "then": "stay"}, leads_to="papers")
    (before,) = node.drafts.draft(desk.draft, "zhou").papers
    wanted = {"paper": f"{before.key}/{before.hash}"}
    huge = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (60_000).to_bytes(4, "big") * 2
    for content, status in ((b"%PDF-1.4 x", 409), (huge, 400), (b"<svg>", 400), (b"", 400)):
        answer = desk.post(f"{desk.path}/papers/turn", {**wanted, "turned": paper("t.jpg", content)})
        assert answer.status_code == status, answer.text
        assert node.drafts.draft(desk.draft, "zhou").papers == (before,)
    good = {**wanted, "turned": paper("t.jpg", JPEG + b"turned")}
    assert desk.post(f"{desk.path}/papers/turn", good).status_code == 303
    assert [one.type for one in node.drafts.draft(desk.draft, "zhou").papers] == ["image/jpeg"]
