"""Standing in while an agent is away: who is away, who acts, from day to day; the home pages show it, too."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.days import local_day
from common.errors import NotAllowed
from common.people.rules.roles import Role
from common.people.rules.staff import told_apart
from common.people.rules.standing import StandIn
from common.people.standins import Absence
from common.web.forms import Field, redraws
from common.web.guard import requires
from common.web.ports import current_node
from sync.protocol.address import is_address

away = Blueprint("away", __name__, url_prefix="/away")

DAYS = (
    Field("from_day", "从哪天起", kind="date", hint="当天也算"),
    Field("to_day", "到哪天止", kind="date", hint="当天也算，最多 92 天"),
)
# A choice in the list of who acts: whoever the hall above can spare.
_HALL = "@"


class OnlyOneself(NotAllowed):
    """An agent arranges their own absence; only an administrator arranges another's."""

    code = "E217"
    sentence = "代办员只能安排自己的外出代岗；替别人安排请找本站管理员。"


@away.get("")
@requires(Role.AGENT, Role.CLERK, Role.ADMIN)
def index() -> str:
    """Show what is arranged, and the form for a new absence."""
    node, absent = current_node(), _absent()
    # Nobody stands in for herself: where only one person can be away, she is not offered.
    only = absent[0][0] if len(absent) == 1 else ""
    return render_template(
        "people/away.html",
        arranged=[_shown(one) for one in node.stand_ins.known(g.now_ms)],
        today=local_day(g.now_ms),
        fields=DAYS,
        absent=Field("absent", "谁外出", kind="choice", choices=absent),
        acting=Field("acting", "由谁代岗", kind="choice", choices=_acting(only)),
        is_any=bool(absent),
    )


@away.post("")
@requires(Role.AGENT, Role.ADMIN)
@redraws(".index")
def arrange() -> Response:
    """Arrange a stand-in; the nodes above are told."""
    node, form = current_node(), request.form
    site, _sep, absent = form.get("absent", "").partition("/")
    if site == node.me and absent != g.staff.login and not _is_admin():
        raise OnlyOneself()
    if site != node.me and not _is_admin():
        raise OnlyOneself()
    chosen = form.get("acting", "")
    goes_up = chosen == _HALL and site == node.me
    wish = Absence(
        node=site,
        absent=absent,
        desk=node.tree().parent(node.me) if goes_up else node.me,
        # Whom the hall above has may act for our own people alone.
        acting="" if chosen == _HALL else chosen,
        from_day=form.get("from_day", "").strip(),
        to_day=form.get("to_day", "").strip(),
        absent_name=_name_below(site, absent),
    )
    with node.unit():
        node.stand_ins.arrange(wish, g.staff.login, g.now_ms)
        node.staffing.report()
    node.wake()
    flash(_("代岗已安排，上级站点也会知道。"))
    return redirect(url_for(".index"), 303)


@away.post("/<arrangement>/off")
@requires(Role.AGENT, Role.ADMIN)
def call_off(arrangement: str) -> Response:
    """End an arrangement made here."""
    node = current_node()
    if not _may_end(node.stand_ins.arrangement(arrangement)):
        raise OnlyOneself()
    with node.unit():
        node.stand_ins.call_off(arrangement, g.staff.login, g.now_ms)
        node.staffing.report()
    node.wake()
    flash(_("代岗已取消。"))
    return redirect(url_for(".index"), 303)


@away.app_context_processor
def _for_homes() -> dict[str, Any]:
    """Give every template `away_today`: what holds today, asked only where it is shown."""
    return {"away_today": lambda: [_shown(one) for one in current_node().stand_ins.today(g.now_ms)]}


def _shown(one: StandIn) -> dict[str, Any]:
    node = current_node()
    return {
        "id": one.id,
        "place": "" if one.node == node.me else node.place_name(one.node),
        "absent": one.absent_name or one.absent,
        "acting": one.acting_name or (node.place_name(one.desk) if one.desk != one.node else one.acting),
        "from_day": one.from_day,
        "to_day": one.to_day,
        # Where this desk does a village's work, its waiting cases are a click away.
        "stood_in": one.node if _does_work_of(one.node) else "",
        "is_on": one.is_on(local_day(g.now_ms)),
        "may_end": bool(g.get("staff")) and _may_end(one),
    }


def _does_work_of(village: str) -> bool:
    node, staff = current_node(), g.get("staff")
    if not staff or staff.acting_as((Role.AGENT, Role.CLERK)) is None:
        return False
    return village in node.stand_ins.villages(staff.login, g.now_ms)


def _may_end(one: StandIn) -> bool:
    return one.source == current_node().me and (_is_admin() or one.absent == g.staff.login)


def _is_admin() -> bool:
    return Role.ADMIN in g.staff.roles


def _absent() -> list[tuple[str, str]]:
    """Return who may be away: an administrator chooses among all agents here and below, others themselves."""
    node = current_node()
    agents = [one for one in node.people.staff() if one.is_active and Role.AGENT in one.roles]
    here = [
        (f"{node.me}/{login}", name)
        for login, name in told_apart(agents)
        if _is_admin() or login == g.staff.login
    ]
    if not _is_admin():
        return here
    below = [
        (f"{address}/{one.login}", f"{node.place_name(address)} {one.name}")
        for address in node.tree().children(node.me)
        for one in node.staff_below.roster(address).staff
        if one.is_active and Role.AGENT in one.roles
    ]
    return here + below


def _acting(absent: str) -> list[tuple[str, str]]:
    """Return who may act: everybody in service here but `absent` (node/login), at a village the hall, too."""
    node = current_node()
    serving = [one for one in node.people.staff() if one.is_active and not one.is_barred and one.roles]
    here = [one for one in told_apart(serving) if f"{node.me}/{one[0]}" != absent]
    parent = node.tree().parent(node.me)
    has_agents = any(Role.AGENT in one.roles for one in node.people.staff())
    hall = [(_HALL, _("请%(place)s代办", place=node.place_name(parent)))] if parent and has_agents else []
    return here + hall


def _name_below(site: str, login: str) -> str:
    node = current_node()
    if site == node.me or not (is_address(site) and node.tree().is_below(site, node.me)):
        return ""
    return next((one.name for one in node.staff_below.roster(site).staff if one.login == login), login)
