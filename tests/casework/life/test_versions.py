"""Versions a case may be filed under: in force then or at the last contact, else a person is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from common.casework.errors import VersionQuestion
from common.casework.rules.flow import State
from common.casework.service import Casework
from sync.protocol import canonical
from tests.casework.build import COUNTY, NOON, VILLAGE, as_act
from tests.casework.life.tools import CLERK, DAY, NOTICE, REVIEWER, Life
from tests.casework.nodes import changed, take
from tests.casework.story import Story


def new_version(life: Life, day: date) -> None:
    """From a day on the item has another version; the county knows, the village may not."""
    old = life.shelf.items["direct"]
    promised = replace(old.promised, days=3)
    life.shelf.replace_by(replace(old, version=2, promised=promised), day)


def with_contact(life: Life, at_ms: int) -> None:
    site = life.network.sites[VILLAGE]
    site.casework = Casework(replace(site.casework.ctx, last_contact=lambda: at_ms))


def test_the_version_in_force_asks_nothing(life):
    case = life.file()
    assert not life.at(COUNTY).has_version_question(case)
    life.move(COUNTY, case, "accept", CLERK)


def test_a_version_in_force_on_the_day_of_filing_is_good_and_its_limits_hold(life):
    case = life.file()
    new_version(life, date(2026, 3, 3))
    life.wait(3)
    assert not life.at(COUNTY).has_version_question(case)
    life.move(COUNTY, case, "accept", CLERK)
    assert life.agreed(case).due == "2026-03-12"  # five working days of version 1, not three of version 2


def test_a_version_in_force_at_the_last_contact_before_filing_is_good(life):
    """The village was cut off on Monday, version 2 came on Tuesday, the case was filed on Friday."""
    with_contact(life, NOON)
    life.wait(4)
    case = life.file()
    new_version(life, date(2026, 3, 3))
    assert life.network.sites[VILLAGE].outbox.bodies()[0][1]["data"]["contact"] == NOON
    assert not life.at(COUNTY).has_version_question(case)
    life.move(COUNTY, case, "accept", CLERK)
    assert life.agreed(case).state is State.ACCEPTED


def asked(life: Life) -> str:
    """A case filed under version 1 by a village that had heard of version 2."""
    with_contact(life, NOON + 3 * DAY)
    life.wait(4)
    case = life.file()
    new_version(life, date(2026, 3, 3))
    return case


def test_otherwise_a_person_is_asked_and_may_confirm(life):
    case = asked(life)
    assert life.at(COUNTY).has_version_question(case)
    with pytest.raises(VersionQuestion) as refused:
        life.move(COUNTY, case, "accept", CLERK)
    assert [problem.field for problem in refused.value.problems] == ["version_confirmed"]
    for wrong in (0, "1", [], None):
        with pytest.raises(VersionQuestion):
            life.move(COUNTY, case, "accept", CLERK, version_confirmed=wrong)
    life.move(COUNTY, case, "accept", CLERK, version_confirmed=1)
    assert life.agreed(case).state is State.ACCEPTED
    assert life.said(COUNTY, case, "accept")[0]["version_confirmed"] == 1


def test_everything_else_at_the_door_needs_no_such_word(life):
    """A machine never refuses for the version: papers may be asked for, the case returned."""
    case = asked(life)
    life.move(COUNTY, case, "ask_papers", CLERK, **NOTICE)
    assert life.agreed(case).state is State.SUPPLEMENT
    other = life.file(overrule="另有一户")
    life.move(COUNTY, other, "return", CLERK, note="请按新版填报")
    assert life.agreed(other).state is State.RETURNED


def test_the_law_asks_no_such_question_either(life):
    case = asked(life)
    life.wait(12)
    life.day_job()
    state = life.agreed(case)
    assert (state.state, state.facts.accepted_on) == (State.ACCEPTED, "2026-03-06")


@pytest.mark.parametrize("at_ms", [NOON + 5 * DAY, 2**53 - 1])
def test_a_contact_later_than_now_is_not_signed_and_stops_no_filing(life, at_ms):
    """The clock of the village was wrong when it last heard from above, and is right again."""
    with_contact(life, at_ms)
    case = life.file()
    assert "contact" not in life.network.sites[VILLAGE].outbox.bodies()[0][1]["data"]
    life.move(COUNTY, case, "accept", CLERK)


def test_a_contact_that_no_clock_could_have_is_refused_from_elsewhere(life):
    """Else a village that lies about it makes every acceptance of its case fail."""
    filed = as_act(Story("direct").filed)
    lying = changed(filed, data={**canonical.loads(filed.content)["data"], "contact": 2**53 - 1})
    assert take(life.at(COUNTY), lying).parked[lying.id].reason == "E118"


def test_the_limits_of_a_later_version_never_move_an_accepted_case(life):
    case = life.accepted()
    before = life.agreed(case)
    new_version(life, date(2026, 3, 3))
    life.new_calendar(life.calendar)
    assert life.agreed(case) == before
    life.shelf.former.clear()  # a node that never had version 1
    life.new_calendar(life.calendar)
    assert life.agreed(case) == before
    life.move(COUNTY, case, "review", REVIEWER)
