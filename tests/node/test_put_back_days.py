"""What days bring at a node that was put back from an older copy, before and after its own acts are back."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.casework.rules.flow import State
from common.node import backup, restore
from common.node.jobs import Jobs
from common.people.rules.roles import Role
from common.store.database import close_database
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
    states = [three.node.casework.case(case).state for case in (answered, unanswered)]
    assert states == [State.RECEIVED, State.RECEIVED], "nobody knows yet what was answered"
    for source in (COUNTY, VILLAGE) if at == TOWN else (TOWN,):
        three.carry(source, at)
        three.carry(at, source)
        three.carry(source, at)
    assert three.node.casework.case(answered).state is State.SUPPLEMENT
    Jobs(three.node)._days()
    states = [three.node.casework.case(case).state for case in (answered, unanswered)]
    assert states == [State.SUPPLEMENT, State.ACCEPTED]
    assert three.node.casework.case(answered).struck == frozenset()
