"""Nobody is charged, and no clock stopped, beside what the item provides for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.casework.errors import NoFeeInItem, NoProcedureInItem
from common.casework.rules.flow import State
from tests.casework.build import COUNTY
from tests.casework.life.tools import CLERK, REVIEWER

FEE = {"fee": {"fen": 8_000, "basis": "示例收费文件"}}


def special(kind: str) -> dict[str, object]:
    return {"special": {"kind": kind, "name": "现场", "expected": "2026-03-20"}}


def test_a_fee_is_asked_for_only_where_the_item_has_one(life):
    """The page does not offer it; whoever writes its address by hand is refused as well."""
    free, charged = life.accepted(), life.accepted("fee")
    with pytest.raises(NoFeeInItem):
        life.move(COUNTY, free, "ask_fee", CLERK, **FEE)
    assert life.agreed(free).facts.fee == {}
    life.move(COUNTY, charged, "ask_fee", CLERK, **FEE)
    assert life.agreed(charged).facts.owes_fee


def test_the_clock_stops_only_for_what_the_item_names_or_for_a_hearing(life):
    plain, named = life.accepted(), life.accepted("special")
    for odd in (special("inspection"), {"special": "inspection"}, {}):
        with pytest.raises(NoProcedureInItem):
            life.move(COUNTY, plain, "begin_special", REVIEWER, **odd)
    assert life.agreed(plain).facts.pauses == ()
    life.move(COUNTY, plain, "begin_special", REVIEWER, **special("hearing"))
    life.move(COUNTY, named, "begin_special", REVIEWER, **special("inspection"))
    assert life.agreed(plain).state is life.agreed(named).state is State.SPECIAL


def test_without_the_item_nobody_here_can_tell(life):
    case = life.accepted()
    del life.shelf.items["direct"]
    life.move(COUNTY, case, "ask_fee", CLERK, **FEE)
    assert life.agreed(case).facts.owes_fee


def test_what_a_later_version_leaves_out_is_still_good_where_the_cases_own_is_not_here(life):
    """A township that joined after an item had changed has the new version alone."""
    fee, named = life.accepted("fee"), life.accepted("special", overrule="另一户")
    for code in ("fee", "special"):
        life.shelf.items[code] = replace(life.shelf.items[code], version=9, fees=(), special=())
    life.move(COUNTY, fee, "ask_fee", CLERK, **FEE)
    life.move(COUNTY, named, "begin_special", REVIEWER, **special("inspection"))
    assert life.state(fee).facts.owes_fee and life.state(named).state is State.SPECIAL
