"""What becomes of a result, in any order, with the line down: all nodes agree, no report stays open."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from common.casework.rules.letter_days import Receipt, receipts_of
from common.casework.rules.table import ENDED
from common.casework.rules.taking_over import SILENT_DAYS
from common.days import local_day
from common.errors import LiandongError
from common.store.database import unit_of_work
from tests.casework.build import AGENT, COUNTY, TOWN, VILLAGE
from tests.casework.life.test_announced import public
from tests.casework.life.test_served_after_the_end import BACK, NAME, REVOKED
from tests.casework.life.tools import APPROVER, CLERK, DAY, RECEIVER, REVIEWER, Life

Turn = Callable[[Life, str, random.Random], Any]


def hand_over(life: Life, case: str, rnd: random.Random) -> None:
    at, who = rnd.choice(((VILLAGE, AGENT), (TOWN, CLERK)))
    life.report_unheard(at, case, "handed_over", who, **RECEIVER)


def post(life: Life, case: str, rnd: random.Random) -> None:
    receiver = {**RECEIVER["receiver"], "how": "邮寄", "tracking": f"EMS{rnd.randrange(3)}"}
    came = rnd.choice(({}, {"delivered_on": local_day(life.now)}))
    life.report_unheard(VILLAGE, case, "handed_over", AGENT, receiver=receiver, **came)


def told_of_a_letter(life: Life, case: str, rnd: random.Random) -> None:
    letter = {"tracking": f"EMS{rnd.randrange(3)}", "on": local_day(life.now)}
    why = rnd.choice(("moved", "refused"))
    if rnd.random() < 0.4:
        life.report_unheard(VILLAGE, case, "letter_came", AGENT, letter=letter)
    else:
        tried = {**letter, "how": "邮寄", "why": why}
        life.report_unheard(VILLAGE, case, "not_served", AGENT, tried=tried)


def put_day_right(life: Life, case: str, rnd: random.Random) -> None:
    at = rnd.choice((TOWN, COUNTY))
    one = rnd.choice(receipts_of(life.state(case, at)) or (Receipt("EMS0", "", "2026-03-02", "r"),))
    said = {"record": one.record, "tracking": one.tracking, "was": one.on}
    if rnd.random() < 0.4:
        life.move_unheard(at, case, "void_receipt", CLERK, note="别的件的回执", letter_void=said)
    else:
        day = {**said, "on": local_day(life.now)}
        life.move_unheard(at, case, "correct_letter_day", CLERK, note="看错了", letter_day=day)


def move_place(life: Life, case: str, rnd: random.Random) -> None:
    life.report_unheard(VILLAGE, case, "collect_at", AGENT, place=rnd.choice((TOWN, VILLAGE)))


def approver_s(life: Life, case: str, rnd: random.Random) -> None:
    action, said = rnd.choice(
        (("correct_decision", NAME), ("correct_decision", BACK), ("mark_decision", REVOKED))
    )
    life.move_unheard(rnd.choice((TOWN, COUNTY)), case, action, APPROVER, **said)


def announce(life: Life, case: str, rnd: random.Random) -> None:
    said = public(local_day(life.now), why=rnd.choice(("missing", "failed")))
    life.move_unheard(rnd.choice((TOWN, COUNTY)), case, "announce", CLERK, **said)


def end(life: Life, case: str, rnd: random.Random) -> None:
    action = rnd.choice(("keep_unserved", "close_uncollected", "archive"))
    life.move_unheard(rnd.choice((TOWN, COUNTY)), case, action, CLERK, note="通知三次，无人来领")


def let_days_pass(life: Life, case: str, rnd: random.Random) -> None:
    life.wait(rnd.choice((1, 16, 31)))
    casework = life.at(rnd.choice((TOWN, COUNTY)))
    with unit_of_work():
        casework.do_timed_duties(("", ""), life.now, 5)


def take_over(life: Life, case: str, rnd: random.Random) -> None:
    life.line.heard[TOWN] = life.now - SILENT_DAYS * DAY
    casework = life.at(COUNTY)
    with unit_of_work():
        casework.take_over((case,), APPROVER, "线路断了", life.now)
    life.line.heard.clear()


def hear(life: Life, case: str, rnd: random.Random) -> None:
    life.network.run()


TURNS: tuple[Turn, ...] = (
    *(hand_over, announce) * 4, *(approver_s, let_days_pass, hear) * 2, *(post, told_of_a_letter) * 3,
    move_place, end, take_over, put_day_right, put_day_right,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(24))
def test_whatever_happens_to_a_result_all_nodes_agree_on_it(life: Life, seed: int) -> None:
    rnd, case = random.Random(seed), life.file("town")
    for action, who in (("accept", CLERK), ("review", REVIEWER), ("approve", APPROVER), ("issue", CLERK)):
        life.move(TOWN, case, action, who)
    for _ in range(60):
        try:
            rnd.choice(TURNS)(life, case, rnd)
        except LiandongError:
            continue  # That makes no sense now.
    life.network.run()
    state = life.agreed(case)
    assert (state.forks, state.invalid, state.open_reports) == ((), {}, ())
    owed = {one.act for one in state.facts.unserved}
    assert len(owed) == len(state.facts.unserved) and owed <= set(state.chain)
    if state.state in ENDED:
        # What is owed has reached nobody.
        assert not any(one.on and owed.intersection(one.acts) for one in state.facts.served)
