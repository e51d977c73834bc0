"""The papers of a node are looked over a share at a time, and what rots is asked for while others have it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from common.clock import FixedClock
from common.node.node import Node
from common.node.watches import lost_papers
from common.node.watches.paper_watch import PLACE_FILE, PaperWatch
from common.store import audit
from common.store.database import DiskFull, close_database
from sync.protocol.core import Core
from sync.protocol.frame import BlobRef
from sync.protocol.stock.ended import Old
from tests.desk.three import NOW, TOWN, ThreeNodes


@pytest.fixture
def town(three: ThreeNodes) -> Iterator[Node]:
    """A township with the papers of three cases."""
    node = three.open(TOWN)
    for seed in range(3):
        three.file(seed=seed)
    yield node
    close_database()


class Ticking(FixedClock):
    """Each look at it costs a second."""

    def mono_ms(self) -> int:
        self.advance(1_000)
        return super().mono_ms()


def papers_of(node: Node) -> list[str]:
    return [paper.hash for paper in node.spool.blobs_after("", 99)]


def rot(node: Node, blob: str) -> Path:
    path = next(node.config.path("papers").rglob(blob))
    path.chmod(0o600)
    path.write_bytes(b"?" + path.read_bytes()[1:])
    return path


def test_shares_go_on_where_the_last_one_ended_and_rot_is_asked_for_once(town: Node) -> None:
    papers = papers_of(town)
    assert len(papers) == 6
    place = town.config.path(PLACE_FILE)
    # Received since the start, they pass for good until somebody looks: this one looks.
    assert all(town.blobs.is_sound(blob) for blob in papers)
    gone, bad = rot(town, papers[1]), rot(town, papers[4])
    gone.unlink()
    town.clock = Ticking(NOW)
    assert PaperWatch(town, 2_500).look() == 3
    assert place.read_text() == papers[2]
    # The node was switched off; a new one goes on there.
    assert PaperWatch(town, 2_500).look() == 3 and place.read_text() in (papers[5], "")
    missing = [blob for blob in papers if town.spool.missing_blob(blob)]
    assert missing == [papers[1], papers[4]] and not bad.exists()
    assert [row.detail for blob in missing for row in audit.rows(blob)] == ['{"why":"watch"}'] * 2
    assert [note.code for note in town.notes(9)].count("S127") == 2
    place.write_bytes(b"\xff no place")
    assert PaperWatch(town, 60_000).look() == 4 and place.read_text() == ""
    assert len(audit.rows(papers[1])) == 1


def test_what_left_by_rule_while_it_was_looked_at_is_no_loss(town: Node, monkeypatch) -> None:
    blob = papers_of(town)[0]

    def leaves(paper: BlobRef) -> bool:
        if paper.hash == blob:
            with town.unit():
                town.spool.drop_blob(blob)
        return paper.hash != blob

    monkeypatch.setattr(type(town.papers), "is_intact", lambda _self, paper: leaves(paper))
    PaperWatch(town).look()
    assert town.spool.missing_blob(blob) is None and audit.rows(blob) == []


def test_of_many_papers_lost_at_once_others_write_in_between(town: Node, monkeypatch) -> None:
    lost, units = papers_of(town), list[int]()
    for blob in lost:
        rot(town, blob)
    monkeypatch.setattr(lost_papers, "_AT_ONCE", 2)
    fetch = lost_papers.fetch_lost

    def counted(core: Core, papers: Sequence[str], is_old: Old | None) -> list[str]:
        units.append(len(papers))
        if len(units) == 3:
            raise DiskFull
        return fetch(core, papers, is_old)

    monkeypatch.setattr(lost_papers, "fetch_lost", counted)
    # What was asked for before the disk was full stays asked for.
    assert lost_papers.ask_back(town, lost) == lost[:4] and units == [2, 2, 2]
    assert [bool(town.spool.missing_blob(blob)) for blob in lost] == [True] * 4 + [False] * 2
