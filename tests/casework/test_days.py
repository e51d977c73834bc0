"""What days bring is done once a day is believed: a clock gone back or leapt ahead signs no legal date."""

from __future__ import annotations

from datetime import date

import pytest

from common.casework import days, records
from common.casework.errors import ClockDoubtful
from common.casework.jobs import do_what_days_bring
from common.casework.late import unanswered
from common.casework.rules.flow import Action, State
from common.casework.rules.timed import is_doubtful
from common.store.database import database, unit_of_work
from tests.casework.build import COUNTY, NOON
from tests.casework.nodes import at_county

DAY = 86_400_000
MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("today", "last", "doubtful"),
    [
        (MONDAY, None, False),
        (MONDAY, MONDAY, False),
        (MONDAY, date(2026, 3, 3), True),
        (date(1970, 1, 1), MONDAY, True),
        (date(2026, 4, 2), MONDAY, False),
        (date(2026, 4, 3), MONDAY, True),
        (date(2099, 1, 1), MONDAY, True),
    ],
)
def test_a_day_is_believed_within_a_month_of_the_last(today, last, doubtful):
    assert is_doubtful(today, last) is doubtful


def test_a_leap_ahead_accepts_nothing_until_somebody_says_the_day_is_right(node):
    county, case = at_county(node, Action.FORWARD)
    do_what_days_bring(county, unit_of_work, "c", NOON)
    assert county.case(case).state is State.CHECKED
    leapt = NOON + 40 * DAY
    for _ in range(2):
        with pytest.raises(ClockDoubtful):
            do_what_days_bring(county, unit_of_work, "c", leapt)
        assert county.case(case).state is State.CHECKED
    with unit_of_work():
        assert days.confirm(leapt, "console") == "2026-04-11"
    do_what_days_bring(county, unit_of_work, "c", leapt)
    state = county.case(case)
    assert (state.state, state.facts.deemed_on, state.holder) == (State.ACCEPTED, "2026-03-02", COUNTY)


def test_after_a_week_the_case_is_accepted_from_the_day_of_receipt_and_once(node):
    county, case = at_county(node, Action.FORWARD)
    do_what_days_bring(county, unit_of_work, "c", NOON)
    do_what_days_bring(county, unit_of_work, "c", NOON + 8 * DAY)
    made = len(county.ctx.outbox.acts)
    assert county.case(case).state is State.ACCEPTED
    do_what_days_bring(county, unit_of_work, "c", NOON + 8 * DAY)
    assert len(county.ctx.outbox.acts) == made == 1


def test_rows_of_an_older_program_are_written_anew_once(node):
    """They told nobody when the applicant's last day had passed."""
    county, case = at_county(node, Action.FORWARD, Action.ASK_PAPERS)
    with unit_of_work():
        records.set_mark("calendar", "c")
        database.execute_sql("UPDATE case_file SET alarm_on = ''")
    assert unanswered(COUNTY, "", "2026-03-21") == []
    do_what_days_bring(county, unit_of_work, "c", NOON)
    assert [line.case for line in unanswered(COUNTY, "", "2026-03-21")] == [case]
    with unit_of_work():
        database.execute_sql("UPDATE case_file SET alarm_on = ''")
    do_what_days_bring(county, unit_of_work, "c", NOON)
    assert unanswered(COUNTY, "", "2026-03-21") == [], "only after such a change"
