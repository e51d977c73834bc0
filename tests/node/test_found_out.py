"""That a node was put back is known from the moment on in which it finds out, whatever is cut off then."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.node.backups import backup, restore
from common.node.node import Node
from common.node.verbs import commands
from common.store.database import close_database
from sync.protocol.core import NOTES_MAX
from sync.protocol.own.rollback import settle_rollback
from tests.desk.three import COUNTY, RELIEF, TOWN, VILLAGE, ThreeNodes


class Cut(BaseException):
    """The power fails."""


def cut(*_given: object) -> None:
    raise Cut


@pytest.mark.parametrize("crowd", [0, NOTES_MAX + 1])
def test_what_a_node_does_by_itself_waits_in_the_very_unit_in_which_it_finds_out(
    three: ThreeNodes, crowd: int
) -> None:
    """The note was written when the whole exchange was over: till then nothing waited."""
    three.open(VILLAGE)
    case = three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    node = three.node
    three.carry(COUNTY, TOWN)
    node = three.node
    ctx = node.casework.ctx
    with node.unit():
        core = node.peer.core
        for n in range(crowd):
            core.note("S110", VILLAGE, str(n))
        core.found.behind = "own acts came back"
        settle_rollback(core, three.now())
        assert ctx.unsure() == {TOWN}, "its acts of this case may be on their way in this very exchange"
        assert node.casework.case(case)
    assert TOWN not in ctx.unsure()
    # The power fails before the notes of the exchange are kept.
    node = three.open(TOWN)
    assert COUNTY in node.casework.ctx.unsure() and commands.status(node)["put_back"]


def test_a_restore_cut_short_after_its_last_commit_is_known_as_one(
    three: ThreeNodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It had begun anew, and nobody was told, nor did anything wait."""
    three.open(VILLAGE)
    three.carry(VILLAGE, TOWN)
    three.carry(COUNTY, TOWN)
    node = three.open(TOWN)
    backup.back_up(node, tmp_path / "kept")
    with monkeypatch.context() as power:
        power.setattr(Node, "journal", cut)
        with pytest.raises(Cut):
            restore.put_back(node.config, node.profile, tmp_path / "kept")
    close_database()
    node = three.open(TOWN)
    assert node.casework.ctx.unsure() and commands.status(node)["put_back"]
    assert len(node.notes(9, "S128")) == 1


def test_found_out_twice_within_an_hour_a_node_waits_twice(three: ThreeNodes) -> None:
    """The second note was dropped as said already, and by the first one all had been told."""
    three.open(VILLAGE)
    three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    three.carry(COUNTY, TOWN)
    node = three.node
    for times in (1, 2):
        with node.unit():
            core = node.peer.core
            core.found.behind = "own acts came back"
            settle_rollback(core, three.now())
        node.journal(node.peer.take_notes())
        assert len(node.notes(9, "S128")) == times and node.casework.ctx.unsure()
        assert node.casework.ctx.put_back_at() == three.now()
        for other in (VILLAGE, COUNTY):
            for _both in range(2):
                three.carry(TOWN, other)
                three.carry(other, TOWN)
        node = three.node
        three.clock.advance(60_000)
