"""The one full notice gathers all that joint departments miss, and only that."""

from __future__ import annotations

import pytest

from common.casework.errors import NotGathered
from common.casework.rules.flow import Report
from tests.casework.build import AGENT, COUNTY, VILLAGE, a_paper
from tests.casework.life.test_joint import opinion
from tests.casework.life.tools import ALSO, CLERK, HELPS
from tests.casework.story import LACKING


def test_the_one_notice_leaves_out_nothing_that_a_department_misses(life):
    """What it leaves out may never be asked for again, so the window gathers and does not choose."""
    case = life.file("joint")
    opinion(life, case, HELPS, "lacking", lacking=LACKING)
    opinion(life, case, ALSO, "lacking", lacking=[{"key": "map", "name": "图", "how": "盖章"}])
    for lacking in (LACKING, [], [{"key": "else", "name": "别的"}]):
        with pytest.raises(NotGathered) as refused:
            life.move(COUNTY, case, "ask_papers", CLERK, lacking=lacking)
    assert [problem.label for problem in refused.value.problems] == ["照片", "图"]
    both = [*LACKING, {"key": "map", "name": "图", "how": "盖章"}]
    life.move(COUNTY, case, "ask_papers", CLERK, lacking=both)
    assert life.agreed(case).facts.noticed == ("photo", "map")


def test_what_a_department_erred_in_and_what_was_brought_since_is_not_asked_for(life):
    """A department may answer anew until the notice; what the applicant brings meanwhile is not missed."""
    case = life.file("joint")
    more = [{"key": key, "name": name, "how": "盖章"} for key, name in (("map", "图"), ("seal", "章"))]
    two = [*LACKING, *more]
    opinion(life, case, HELPS, "lacking", lacking=two)
    assert Report.OPINION in life.at(COUNTY).reports_for(life.state(case), ["REVIEWER"], HELPS)
    opinion(life, case, HELPS, "lacking", lacking=two[:2])
    life.report(VILLAGE, case, "papers_brought", AGENT, papers=[a_paper("map", "图")])
    assert [paper["key"] for paper in life.agreed(case).facts.door[HELPS]] == ["photo", "map"]
    with pytest.raises(NotGathered):
        life.move(COUNTY, case, "ask_papers", CLERK, lacking=two[1:2])
    life.move(COUNTY, case, "ask_papers", CLERK, lacking=LACKING)
    assert life.agreed(case).facts.noticed == ("photo",)
    assert Report.OPINION not in life.at(COUNTY).reports_for(life.state(case), ["REVIEWER"], HELPS)
