"""What days bring at a node that was put back from an older copy, before and after its own acts are back."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.casework import duties
from common.casework.jobs import do_what_days_bring
from common.casework.rules.flow import State
from common.node.backups import backup, restore
from common.node.jobs import Jobs
from common.people.rules.roles import Actor, Role
from common.store.database import close_database, run
from sync.adapters.bundle_file import export, import_file
from sync.protocol.means import Note
from tests.desk.three import COUNTY, DAY_MS, TOWN, VILLAGE, ThreeNodes

FELLING, RELIEF = "DEMO-511921-0102", "DEMO-511921-0501"
LACKING = [{"key": "photo", "name": "照片", "how": "原件"}]


@pytest.mark.parametrize(("at", "item"), [(COUNTY, FELLING), (TOWN, RELIEF)])
def test_no_silence_is_signed_over_answers_that_are_on_their_way_back(
    three: ThreeNodes, tmp_path: Path, at: str, item: str
) -> None:
    """The one notice is with the applicant: a deemed acceptance signed before it is back strikes it out."""
    three.open(VILLAGE)
    answered, unanswered = three.file(item), three.file(item, seed=1)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    three.carry(COUNTY, TOWN)
    node = three.open(at)
    Jobs(node)._days()
    backup.back_up(node, tmp_path / "kept")
    three.clock.advance(DAY_MS)
    three.move(answered, "ask_papers", Role.CLERK, lacking=LACKING)
    three.carry(at, VILLAGE if at == TOWN else TOWN)
    if at == TOWN:
        three.carry(TOWN, COUNTY)
    three.clock.advance(8 * DAY_MS)
    close_database()
    restore.put_back(node.config, node.profile, tmp_path / "kept")
    close_database()
    Jobs(three.open(at))._days()
    # What comes back before what it follows is noted, one by one.
    three.node.journal([Note("E112", COUNTY, f"case.moved {n}") for n in range(500)])
    Jobs(three.node)._days()
    states = [three.node.casework.case(case).state for case in (answered, unanswered)]
    assert states == [State.RECEIVED, State.RECEIVED], "nobody knows yet what was answered"
    assert "还在取回" in three.client(at, "clerk").get("/line").text
    assert "还没有全部取回" in three.client(at, "clerk").get(f"/case/{answered}").text
    for source in (COUNTY, VILLAGE) if at == TOWN else (TOWN,):
        three.carry(source, at)
        three.carry(at, source)
        three.carry(source, at)
    assert three.node.casework.case(answered).state is State.SUPPLEMENT
    Jobs(three.node)._days()
    states = [three.node.casework.case(case).state for case in (answered, unanswered)]
    assert states == [State.SUPPLEMENT, State.ACCEPTED]
    assert three.node.casework.case(answered).struck == frozenset()
    assert "还没有全部取回" not in three.client(at, "clerk").get(f"/case/{answered}").text


def test_a_report_on_an_old_stick_is_answered_once_the_former_answer_is_back_or_known_not_to_be(
    three: ThreeNodes, tmp_path: Path
) -> None:
    """An answer signed anew would stand before the former one, and all that followed that was struck out."""
    agent = Actor("agent", "周代办", Role.AGENT, "")
    three.open(VILLAGE)
    case, other = three.file(FELLING), three.file(FELLING, seed=1)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    node = three.node
    backup.back_up(node, tmp_path / "kept")
    with three.open(VILLAGE).unit():
        three.node.casework.report(case, "collect_at", agent, {"note": "", "place": TOWN}, three.now())
    three.carry(VILLAGE, TOWN)
    stick = export(three.node.engine, COUNTY, three.folder)
    import_file(three.open(COUNTY).engine, stick.path)
    three.move(case, "accept", Role.CLERK)
    three.move(case, "review", Role.REVIEWER)
    three.carry(COUNTY, TOWN)
    with three.open(VILLAGE).unit():
        three.node.casework.report(other, "withdraw", agent, {"note": "不办了"}, three.now())
    close_database()
    restore.put_back(node.config, node.profile, tmp_path / "kept")
    close_database()
    import_file(three.open(COUNTY).engine, stick.path)
    three.carry(VILLAGE, COUNTY)
    states = [three.node.casework.case(one) for one in (case, other)]
    assert [state.state for state in states] == [State.RECEIVED, State.RECEIVED]
    assert all(state.open_reports for state in states)
    for source, target in ((TOWN, COUNTY), (COUNTY, TOWN), (TOWN, COUNTY)):
        three.carry(source, target)
    state = three.node.casework.case(case)
    assert (state.state, state.facts.collect_at) == (State.REVIEWED, TOWN) and not state.struck
    Jobs(three.node)._days()
    assert three.node.casework.case(other).state is State.WITHDRAWN
    assert not three.node.casework.case(case).open_reports


def test_one_silent_village_keeps_no_other_case_from_its_days_under_a_new_calendar(
    three: ThreeNodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its computer may be broken for months, and the days of a new year are published meanwhile."""
    three.open(VILLAGE)
    of_village = three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    node = three.open(TOWN)
    own = three.file(RELIEF, name="李四", seed=1)
    for case in (of_village, own):
        three.move(case, "accept", Role.CLERK)
    Jobs(node)._days()
    backup.back_up(node, tmp_path / "kept")
    restore.put_back(node.config, node.profile, tmp_path / "kept")
    close_database()
    for _ in range(2):
        three.carry(COUNTY, TOWN)
        three.carry(TOWN, COUNTY)
    looked_at: list[str] = []
    monkeypatch.setattr(duties, "_recompute", lambda ctx, case, now: looked_at.append(case.state.case))
    node = three.open(TOWN)
    assert node.casework.ctx.unsure() == frozenset({VILLAGE})
    for _ in range(2):
        do_what_days_bring(node.casework, node.unit, "a new calendar", three.now())
    assert looked_at == [own]
    for source, target in ((VILLAGE, TOWN), (TOWN, VILLAGE), (VILLAGE, TOWN)):
        three.carry(source, target)
    node = three.open(TOWN)
    for _ in range(2):
        do_what_days_bring(node.casework, node.unit, "a new calendar", three.now())
    assert set(looked_at[1:]) == {of_village, own} and len(looked_at) == 3


@pytest.mark.parametrize("shown", [1_262_304_000_000, 2_082_758_400_000])
def test_a_county_put_back_with_its_township_waits_for_the_villages_behind_that(
    three: ThreeNodes, tmp_path: Path, shown: int
) -> None:
    """The township told all it held, and had lost the notice as well: a deemed acceptance struck that out.

    Set up anew, the machine showed 2010 or 2036 when that was found out.
    """
    three.open(VILLAGE)
    case = three.file(FELLING)
    for source, target in ((VILLAGE, TOWN), (TOWN, COUNTY), (COUNTY, TOWN)):
        three.carry(source, target)
    for at in (TOWN, COUNTY):
        backup.back_up(three.open(at), tmp_path / at)
    three.clock.advance(DAY_MS)
    three.move(case, "ask_papers", Role.CLERK, lacking=LACKING)
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    three.clock.advance(8 * DAY_MS)
    for at in (TOWN, COUNTY):
        node = three.open(at)
        restore.put_back(node.config, node.profile, tmp_path / at)
        close_database()
    node = three.open(COUNTY)
    with node.unit():
        run("UPDATE line_note SET at = ? WHERE code = 'S128'", (shown,))
    Jobs(node)._days()
    for source, target in ((TOWN, COUNTY), (COUNTY, TOWN), (TOWN, COUNTY)):
        three.carry(source, target)
    node = three.node
    Jobs(node)._days()
    assert node.casework.ctx.unsure() == {VILLAGE} and node.casework.case(case).state is State.RECEIVED
    three.clock.advance(60_000)
    three.open(VILLAGE)
    three.file(RELIEF, seed=1)
    both_ways = ((VILLAGE, TOWN), (TOWN, VILLAGE), (VILLAGE, TOWN), (TOWN, COUNTY), (COUNTY, TOWN))
    for source, target in (*both_ways, (TOWN, COUNTY)):
        three.carry(source, target)
    assert three.node.casework.ctx.unsure() == frozenset()
    assert three.node.casework.case(case).state is State.SUPPLEMENT
