"""Standing in while an agent is away, at real nodes."""

from __future__ import annotations

from typing import Any

import pytest

from common.errors import BadInput
from common.people.errors import ArrangementsClash
from common.people.rules.roles import Actor, Role
from common.people.standins import Absence
from common.store import audit
from tests.desk.three import COUNTY, DAY_MS, TOWN, VILLAGE, ThreeNodes
from tests.people.test_barred import add, move
from tests.people.test_network import report, try_in

TODAY = "2026-03-03"


def arrange(three: ThreeNodes, **changes: str) -> Any:
    wish = {"node": VILLAGE, "absent": "agent", "desk": VILLAGE, "acting": "admin"}
    wish |= {"from_day": TODAY, "to_day": "2026-03-05"} | changes
    with three.node.unit():
        return three.node.stand_ins.arrange(Absence(**wish), "agent", three.now())


def test_the_stand_in_acts_as_themselves_and_it_is_recorded_for_whom(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    token = try_in(three, "admin")
    session = three.node.people.session_of(token, three.clock.moment())
    assert session is not None and session.staff.acting_as([Role.AGENT]) is None
    arrange(three)
    session = three.node.people.session_of(token, three.clock.moment())
    assert session is not None
    actor = session.staff.acting_as([Role.AGENT])
    assert actor is not None
    assert (actor.login, actor.role, actor.stands_in_for) == ("admin", "AGENT", "agent")
    own = session.staff.acting_as([Role.ADMIN])
    assert own is not None and own.stands_in_for == ""
    assert three.node.people.member("admin").roles == {Role.ADMIN}, "lent posts are no posts of their own"
    assert audit.rows("agent")[-1].action == "people.stand_in"
    three.clock.advance(1)


@pytest.mark.parametrize(("after", "is_on"), [(-1, False), (0, True), (2, True), (3, False)])
def test_a_stand_in_holds_from_the_first_to_the_last_local_day(
    three: ThreeNodes, after: int, is_on: bool
) -> None:
    three.open(VILLAGE)
    arrange(three)
    three.clock.set_wall(three.now() + after * DAY_MS)
    token = try_in(three, "admin")
    session = three.node.people.session_of(token, three.clock.moment())
    assert session is not None
    assert (session.staff.acting_as([Role.AGENT]) is not None) is is_on
    assert bool(three.node.stand_ins.today(three.now())) is is_on


def test_calling_off_ends_it_at_once(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    made = arrange(three)
    token = try_in(three, "admin")
    with three.node.unit():
        three.node.stand_ins.call_off(made.id, "agent", three.now())
    session = three.node.people.session_of(token, three.clock.moment())
    assert session is not None and session.staff.acting_as([Role.AGENT]) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"acting": "agent"}, "acting"),
        ({"acting": ""}, "acting"),
        ({"from_day": "2026-02-30"}, "from_day"),
        ({"to_day": "tomorrow"}, "to_day"),
        ({"to_day": "2026-03-02"}, "to_day"),
        ({"from_day": "2026-02-01", "to_day": "2026-03-02"}, "to_day"),
        ({"to_day": "2026-12-31"}, "to_day"),
        ({"absent": "admin", "acting": "agent"}, "absent"),
        ({"absent": "admin", "desk": TOWN, "acting": ""}, "absent"),
    ],
)
def test_a_stand_in_that_cannot_be_is_refused(three: ThreeNodes, changes: dict[str, str], field: str) -> None:
    three.open(VILLAGE)
    with pytest.raises(BadInput) as caught:
        arrange(three, **changes)
    assert [problem.field for problem in caught.value.problems] == [field]


def test_two_stand_ins_for_one_person_on_one_day_clash(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    arrange(three)
    with pytest.raises(ArrangementsClash):
        arrange(three, from_day="2026-03-05", to_day="2026-03-09")
    arrange(three, from_day="2026-03-06", to_day="2026-03-09")


def test_a_village_without_anybody_asks_the_township_which_names_a_clerk(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    arrange(three, desk=TOWN, acting="")
    assert report(three) == 2
    three.carry(VILLAGE, TOWN)
    node = three.node
    assert [one.absent_name for one in node.stand_ins.today(three.now())] == ["周代办"]
    assert node.stand_ins.absent_agents("clerk", VILLAGE, three.now()) == ["agent"], "anybody of the desk may"
    arrange(three, desk=TOWN, acting="clerk", absent_name="周代办")
    assert set(node.stand_ins.absent_agents("clerk", VILLAGE, three.now())) == {"agent"}
    assert node.stand_ins.absent_agents("clerk", "511921126205", three.now()) == []
    token = try_in(three, "clerk")
    session = node.people.session_of(token, three.clock.moment())
    assert session is not None and session.staff.acting_as([Role.AGENT]) is None, "no post is lent up there"


def test_a_stand_in_told_from_below_lends_nothing_to_a_namesake_above(three: ThreeNodes) -> None:
    """Logins are a node's own: the village's `admin` is not the township's."""
    three.open(VILLAGE)
    arrange(three)
    report(three)
    three.carry(VILLAGE, TOWN)
    session = three.node.people.session_of(try_in(three, "admin"), three.clock.moment())
    assert session is not None and session.staff.lent == ()


def test_what_is_called_off_below_is_off_above(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    made = arrange(three, desk=TOWN, acting="")
    report(three)
    with three.node.unit():
        three.node.stand_ins.call_off(made.id, "agent", three.now())
    assert report(three) == 1
    three.carry(VILLAGE, TOWN)
    assert three.node.stand_ins.known(three.now()) == []


def test_what_a_hall_reports_for_a_village_says_for_whom_it_stands_in(three: ThreeNodes) -> None:
    """Without an arrangement it is the hall's own word, and a checker's word always is."""
    three.open(VILLAGE)
    case = three.file(name="赵桂英")
    plain = Actor("clerk", "李窗口", Role.CLERK, "")
    three.carry(VILLAGE, TOWN)

    def reported(actor: Actor) -> dict[str, Any]:
        node = three.node
        with node.unit():
            act = node.casework.report(case, "remind", actor, {"note": "请尽快"}, three.now())
        event = next(one for one in node.casework.page(case).timeline if one.act == act)
        return dict(event.actor)

    assert "stands_in_for" not in reported(plain)
    arrange(three, desk=TOWN, acting="clerk", absent_name="周代办")
    assert reported(plain)["stands_in_for"] == "agent"
    assert reported(Actor("checker", "何初审", Role.CHECKER, "")).get("stands_in_for") is None
    assert reported(Actor("other", "别的窗口", Role.CLERK, "")).get("stands_in_for") is None, "only who acts"


def test_a_hall_stands_in_no_more_for_a_village_that_was_put_below_another(three: ThreeNodes) -> None:
    """It would go on seeing all of that village's cases until the last day, up to three months."""
    three.open(VILLAGE)
    arrange(three, desk=TOWN, acting="")
    report(three)
    three.carry(VILLAGE, TOWN)
    assert three.node.stand_ins.villages("clerk", three.now()) == [VILLAGE]
    move(three, COUNTY)
    three.open(TOWN)
    assert three.node.stand_ins.villages("clerk", three.now()) == []
    assert three.node.stand_ins.absent_agents("clerk", VILLAGE, three.now()) == []
    assert three.node.stand_ins.today(three.now()) == []
    three.open(VILLAGE)
    assert three.node.stand_ins.today(three.now()) == [], "nobody there does it"
    arrange(three)
    assert [one.acting for one in three.node.stand_ins.today(three.now())] == ["admin"]


def posts(three: ThreeNodes, login: str, *roles: Role) -> None:
    """Give somebody of the open node exactly these posts, and let those above hear of it."""
    with three.node.unit():
        three.node.people.set_roles(login, frozenset(roles), "admin", three.now())
    report(three)


def lent_to(three: ThreeNodes, login: str) -> tuple[tuple[Role, str], ...]:
    session = three.node.people.session_of(try_in(three, login), three.clock.moment())
    assert session is not None
    return session.staff.lent


@pytest.mark.parametrize("kept", [(), (Role.ADMIN,)])
def test_nobody_stands_in_for_who_is_no_agent_any_more(three: ThreeNodes, kept: tuple[Role, ...]) -> None:
    """Nor when they are one again: another absence is another arrangement."""
    three.open(VILLAGE)
    made = arrange(three)
    assert lent_to(three, "admin") == ((Role.AGENT, "agent"),)
    posts(three, "agent", *kept)
    assert lent_to(three, "admin") == () and three.node.stand_ins.known(three.now()) == []
    off = audit.rows("agent")[-1]
    assert (off.action, off.actor) == ("people.stand_in_off", "admin") and made.id in str(off.detail)
    posts(three, "agent", Role.AGENT)
    assert lent_to(three, "admin") == ()
    three.carry(VILLAGE, TOWN)
    assert three.node.stand_ins.known(three.now()) == []


def test_who_was_dismissed_and_comes_back_stands_in_for_nobody(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    add(three, "helper", "冯帮忙", Role.SUPERVISOR)
    arrange(three, acting="helper")
    assert lent_to(three, "helper") == ((Role.AGENT, "agent"),)
    posts(three, "helper")
    assert three.node.stand_ins.known(three.now()) == []
    posts(three, "helper", Role.SUPERVISOR)
    assert lent_to(three, "helper") == ()


def test_a_hall_stands_in_no_more_for_who_was_dismissed_at_their_village(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    report(three)
    three.carry(VILLAGE, TOWN)
    arrange(three, desk=TOWN, acting="clerk", absent_name="周代办")
    three.open(VILLAGE)
    posts(three, "agent")
    three.carry(VILLAGE, TOWN)
    assert three.node.stand_ins.absent_agents("clerk", VILLAGE, three.now()) == []
    assert three.node.stand_ins.villages("clerk", three.now()) == []
    assert [row.action for row in audit.rows("agent")] == ["people.stand_in", "people.stand_in_off"]


def test_a_namesake_s_post_at_the_hall_ends_no_arrangement_for_the_village(three: ThreeNodes) -> None:
    """Logins are a node's own."""
    three.open(TOWN)
    add(three, "agent", "另一人", Role.CLERK)
    arrange(three, desk=TOWN, acting="clerk", absent_name="周代办")
    posts(three, "agent")
    assert three.node.stand_ins.absent_agents("clerk", VILLAGE, three.now()) == ["agent"]


def remind(three: ThreeNodes, case: str, login: str) -> list[str]:
    """Let somebody of the open node report something; return in whose stead the steps so far were taken."""
    session = three.node.people.session_of(try_in(three, login), three.clock.moment())
    assert session is not None
    actor = session.staff.acting_as([Role.AGENT])
    assert actor is not None
    with three.node.unit():
        three.node.casework.report(case, "remind", actor, {"note": "请尽快"}, three.now())
    return [str(event.actor.get("stands_in_for", "")) for event in three.node.casework.page(case).timeline]


def test_an_agent_who_stands_in_signs_what_is_their_own_work_as_themselves(three: ThreeNodes) -> None:
    """They need nobody's post for it."""
    three.open(VILLAGE)
    add(three, "second", "冯二办", Role.AGENT)
    arrange(three, absent="second", acting="agent")
    assert remind(three, three.file(name="赵桂英"), "agent") == ["", ""]


def test_an_agent_who_stands_in_signs_what_the_absent_one_began_in_their_stead(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    add(three, "second", "冯二办", Role.AGENT)
    arrange(three, acting="second")
    assert remind(three, three.file(name="赵桂英"), "second") == ["", "agent"]


def test_who_stands_in_for_two_signs_for_the_one_whose_case_it_is(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    add(three, "second", "冯二办", Role.AGENT)
    add(three, "third", "褚三办", Role.AGENT)
    for absent, until in (("second", "2026-03-04"), ("agent", "2026-03-05"), ("third", "2026-03-06")):
        arrange(three, absent=absent, to_day=until)
    assert remind(three, three.file(name="赵桂英"), "admin") == ["", "agent"]


def test_a_hall_that_stands_in_for_two_signs_for_the_one_whose_case_it_is(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    add(three, "second", "冯二办", Role.AGENT)
    case = three.file(name="赵桂英")
    report(three)
    three.carry(VILLAGE, TOWN)
    for absent, since in (("second", "2026-03-04"), ("agent", TODAY)):
        arrange(three, absent=absent, desk=TOWN, acting="clerk", from_day=since)
    three.clock.advance(DAY_MS)
    assert three.node.stand_ins.absent_agents("clerk", VILLAGE, three.now()) == ["second", "agent"]
    with three.node.unit():
        clerk = Actor("clerk", "李窗口", Role.CLERK, "")
        three.node.casework.report(case, "remind", clerk, {"note": "请尽快"}, three.now())
    assert three.node.casework.page(case).timeline[-1].actor["stands_in_for"] == "agent"
