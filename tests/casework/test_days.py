"""What days bring is done once a day is believed: a clock gone back or leapt ahead signs no legal date."""

from __future__ import annotations

from datetime import date

import pytest

from common.casework import days, jobs, ledger, records
from common.casework.errors import ClockDoubtful
from common.casework.jobs import do_what_days_bring, write_lists
from common.casework.late import unanswered
from common.casework.rules.flow import Action, State
from common.casework.rules.timed import is_doubtful
from common.store.database import database, unit_of_work
from tests.casework.build import COUNTY, NOON
from tests.casework.nodes import at_county, with_case
from tests.casework.story import Story

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
    """They told nobody when the applicant's last day had passed, nor in which heap the case lay."""
    county, case = at_county(node, Action.FORWARD, Action.ASK_PAPERS)
    calendar = county.ctx.calendar()
    before = database.execute_sql("SELECT * FROM case_file").fetchall()
    with unit_of_work():
        database.execute_sql("UPDATE case_file SET alarm_on = '', needs = '', waits_at = ''")
    assert unanswered(COUNTY, "", "2026-03-21") == []
    write_lists(unit_of_work, calendar)
    assert [line.case for line in unanswered(COUNTY, "", "2026-03-21")] == [case]
    assert database.execute_sql("SELECT * FROM case_file").fetchall() == before
    with unit_of_work():
        database.execute_sql("UPDATE case_file SET alarm_on = ''")
    write_lists(unit_of_work, calendar)
    assert unanswered(COUNTY, "", "2026-03-21") == [], "only after such a change"


def test_a_case_that_cannot_be_read_keeps_no_other_from_being_written_anew(node):
    county, case = at_county(node, Action.FORWARD)
    with_case(county, Story(counter=2))
    with unit_of_work():
        database.execute_sql("UPDATE case_event SET body = '{}' WHERE \"case\" = ?", (case,))
        database.execute_sql("UPDATE case_file SET green = 7")
    write_lists(unit_of_work, county.ctx.calendar())
    found = database.execute_sql("SELECT green FROM case_file").fetchall()
    assert sorted(row[0] for row in found) == [0, 7]


def test_rows_are_written_anew_from_where_a_former_run_was_cut_off(node, monkeypatch):
    """All that days bring waits for it: a machine that stops each evening would never come to its end."""
    county, _first = at_county(node, Action.FORWARD)
    with_case(county, Story(counter=2))
    monkeypatch.setattr(jobs, "BATCH", 1)
    cut, seen, write = [3], [], ledger.write_some

    def some(after, limit, calendar):
        cut[0] -= 1
        if not cut[0]:
            raise KeyboardInterrupt
        seen.append(after)
        return write(after, limit, calendar)

    monkeypatch.setattr(ledger, "write_some", some)
    with pytest.raises(KeyboardInterrupt):
        write_lists(unit_of_work, county.ctx.calendar())
    done, seen[:], cut[0] = seen[-1], [], 99
    assert records.mark(records.LISTS) != ledger.VERSION
    write_lists(unit_of_work, county.ctx.calendar())
    assert done < seen[0] and records.mark(records.LISTS) == ledger.VERSION
    # Of another program's half nothing is taken for this one's.
    with unit_of_work():
        records.set_mark(records.LISTS, f"{ledger.VERSION}0 {seen[0]}")
    seen.clear()
    write_lists(unit_of_work, county.ctx.calendar())
    assert seen[0] == ""
