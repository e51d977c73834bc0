"""Who looked at whose data: this node's own log, and what nodes below told of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.journal.rules import FIELD_NAMES, FULL, MASKED, WHAT_NAMES, Fields, View, What
from common.journal.service import DIGESTS_SHOWN, GAP, LATEST, REWRITTEN, DayBelow
from common.people.rules.roles import Role
from common.web.guard import requires
from common.web.ports import current_node

views = Blueprint("views", __name__, url_prefix="/views")

SHOWN = 200
# A blank form may be in hundreds of cases.
_CASES_NAMED = 5
_OWN = "own"
_MINUTE_MS = 60_000
_NUMBERS = {FULL: "号码完整", MASKED: "号码遮盖"}
_FAULTS = {GAP: "前后不连续", REWRITTEN: "明细与摘要不符"}
_ANEW = "重新从头记起（换过电脑的正常）"
_BACK = "从较早处接着记（用备份恢复过的正常）"
# Why the rows of a day cannot be had: they were on another computer, or came after the copy put back.
_FORMER, _LOST = "以前电脑上的，取不到了", "恢复备份时没有了，取不到"
_WHATS = {what.value: name for what, name in WHAT_NAMES.items()}
_FIELDS = {fields.value: name for fields, name in FIELD_NAMES.items()}
assert set(_WHATS) == {what.value for what in What} and set(_FIELDS) == {one.value for one in Fields}


@views.get("")
@requires(Role.SUPERVISOR, Role.ADMIN)
def index() -> str:
    """Show the newest views here, of all or of one case, and the nodes below."""
    node = current_node()
    wanted, before = request.args.get("of", "").strip()[:64], _number("before") or LATEST
    found = node.views_of(wanted, SHOWN, before) if wanted else node.views.newest(SHOWN, before)
    tree = node.tree()
    sites = [address for address in tree.addresses() if tree.is_below(address, node.me)]
    return render_template(
        "journal/views.html",
        views=_rows(found, node.people.staff()),
        count=len(found),
        wanted=wanted,
        earlier=url_for(".index", of=wanted or None, before=found[-1].pos) if len(found) == SHOWN else "",
        is_newest=before == LATEST,
        sites=[{"address": address, "name": node.place_name(address)} for address in sites]
        + [{"address": a, "name": node.place_name(a), "is_retired": True} for a in node.views.retired()],
    )


@views.get("/site/<address>")
@requires(Role.SUPERVISOR, Role.ADMIN)
def site(address: str) -> str:
    """Show what a node below told of its views, day by day, and the rows that came on demand."""
    skip, name = _number("skip"), current_node().place_name(address)
    days = _days(address, skip)
    more = url_for(".site", address=address, skip=skip + DIGESTS_SHOWN) if len(days) > DIGESTS_SHOWN else ""
    return render_template(
        "journal/site.html", days=days[:DIGESTS_SHOWN], address=address, name=name, earlier=more
    )


@views.post("/site/<address>/demand")
@requires(Role.SUPERVISOR, Role.ADMIN)
def demand(address: str) -> Response:
    """Ask a node below for the rows of one day."""
    node, upto = current_node(), request.form.get("upto", "")
    with node.unit():
        node.views.demand(address, int(upto) if upto.isdecimal() and len(upto) < 16 else 0, _who(), g.now_ms)
    node.wake()
    flash(_("已去调取，该站点下次联系后送来。"))
    return redirect(url_for(".site", address=address), 303)


def _number(key: str) -> int:
    """Return a number that the address says, 0 where it says none."""
    text = request.args.get(key, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _days(address: str, skip: int) -> list[dict[str, Any]]:
    node = current_node()
    found, staff = node.views.days_below(address, skip), node.staff_below.roster(address).staff
    return [_day(day, staff, found[place : place + 1]) for place, day in enumerate(found, 1)]


def _day(day: DayBelow, staff: Iterable[Any], before: Sequence[DayBelow]) -> dict[str, Any]:
    # On a new computer logins are given out anew, perhaps to others.
    people = () if day.is_elsewhere else staff
    gone = _FORMER if day.is_elsewhere else _LOST
    return {
        "day": day.digest.day,
        "count": day.digest.count,
        "by": "、".join(_counted(people, login, count) for login, count in day.digest.by),
        "fault": _fault(day, before),
        "gone": _(gone) if day.is_former else "",
        "upto": day.digest.upto,
        "here": len(day.views),
        "views": _rows(list(day.views), people),
    }


def _fault(day: DayBelow, before: Sequence[DayBelow]) -> str:
    """Return what does not fit at a day; `before` is the one told before it, if there was one."""
    if day.fault == GAP and day.digest.first == 1:
        return str(_(_ANEW))
    if day.fault == GAP and any(one.digest.upto >= day.digest.first for one in before):
        return str(_(_BACK))
    return str(_(_FAULTS[day.fault])) if day.fault else ""


def _who() -> str:
    return str(g.actor.login)


def _rows(found: list[View], staff: Iterable[Any]) -> list[dict[str, Any]]:
    """Return views as tables show them: cases by number, papers and people by name.

    The log names a paper by its hash and a person by login alone, and so gives nothing away; names are looked
    up where the log is read, by those who may read it.
    """
    node, people = current_node(), _names(staff)
    papers = node.paper_names(view.object for view in found if view.what == What.PAPER)
    alike = [list(group) for _same, group in groupby(found, _sight)]
    return [_row(one[0], people.get(one[0].login, ""), papers) | {"times": len(one)} for one in alike]


def _sight(view: View) -> tuple[object, ...]:
    """Return what rows of one sight share: page, form and page again within a minute are one to a reader."""
    return view.login, view.what, view.object, view.fields, view.at // _MINUTE_MS


def _row(view: View, name: str, papers: Mapping[str, tuple[list[str], str]]) -> dict[str, Any]:
    number, said = view.object, ""
    if view.what == What.PAPER:
        number, said = _paper(*papers.get(view.object, ([], str(_("不在本站的材料")))))
    elif view.what == What.DRAFT:
        number, said = "", str(_("转来的未办完的件"))
    elif view.what == What.REGISTER or " " in view.object:
        number, said = _register(view.object)
    return {
        "at": view.at,
        "login": view.login,
        "name": name,
        "what": _(_WHATS.get(view.what, view.what)),
        "number": number,
        "said": said,
        "fields": _(_FIELDS.get(view.fields, view.fields)),
    }


def _paper(cases: list[str], name: str) -> tuple[str, str]:
    """Return the cases that name a paper, and its name: of one that is in several, all of them are meant."""
    if len(cases) < 2:
        return "".join(cases), name
    shared = _("（%(n)s 件共用的一份）", n=len(cases))
    return "、".join(cases[:_CASES_NAMED]), f"{name}{shared}"


def _register(told: str) -> tuple[str, str]:
    """Return the month or day of a register that was shown or exported, and whose cases it held."""
    span, scope, numbers = (*told.split(" "), "", "")[:3]
    said = str(_("本站收件") if scope == _OWN else _("本站和下级站点收件"))
    return span, f"{said}，{_(_NUMBERS[numbers])}" if numbers in _NUMBERS else said


def _names(staff: Iterable[Any]) -> dict[str, str]:
    return {person.login: person.name for person in staff}


def _counted(staff: Iterable[Any], login: str, count: int) -> str:
    name = _names(staff).get(login, "")
    return str(_("%(who)s %(n)s 次", who=f"{name}（{login}）" if name else login, n=count))
