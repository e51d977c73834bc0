"""An act that this program cannot apply is put off, and keeps no check of all the rest from its end."""

from __future__ import annotations

from typing import Any

import pytest

from common.casework.incoming import Batch
from common.people.rules.roles import Role
from tests.desk.three import TOWN, VILLAGE, ThreeNodes
from tests.node.test_altered_records import alter, run


def test_an_act_by_which_the_program_stumbles_ends_no_check(
    three: ThreeNodes, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is parked for the next version; until then everything else has to be checked as ever."""
    three.open(VILLAGE)
    case = three.file()
    three.carry(VILLAGE, TOWN)
    three.move(case, "forward", Role.CHECKER)

    def stumble(batch: Batch, *given: Any) -> None:
        raise TypeError("a fault of this program")

    monkeypatch.setattr(Batch, "_moved", stumble)
    three.carry(TOWN, VILLAGE)
    assert [row.kind for row in three.open(VILLAGE).spool.parked()] == ["case.moved"]
    assert run(three, VILLAGE, capsys, "verify")[0] == 0
    alter(three, VILLAGE, "UPDATE case_event SET body = '{}' WHERE kind = 'case.filed'")
    assert run(three, VILLAGE, capsys, "verify")[0] == 1
