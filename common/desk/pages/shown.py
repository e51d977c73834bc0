"""How cases are shown in lists and heads: names of places, lights, ticks. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import g, url_for
from flask_babel import gettext as _

from common.casework import joint_lists, late, queues
from common.casework.context import Tick
from common.casework.lists import is_decided
from common.casework.queues import CaseLine, Heap
from common.casework.rules.labels import label
from common.casework.rules.waiting import Work
from common.casework.rules.words import State
from common.casework.unsure import unsure_among
from common.days import later, local_date
from common.desk.rules import board
from common.desk.rules.lights import Light, Limit, Waiting, limit_of
from common.web.ports import current_node
from sync.protocol.address import Moved

_TICKS = {Tick.SAVED: "SAVED", Tick.TOWNSHIP: "TOWNSHIP", Tick.COUNTY: "COUNTY"}
_NUMBER_SHOWN = 40
# So many cases stand in a list that has no pages.
LISTED = 100
_STATE_LIGHTS = {
    "SENT_BACK": "warn",
    "SUPPLEMENT": "warn",
    "ACCEPTED": "good",
    "REVIEWED": "good",
    "SPECIAL": "warn",
    "APPROVED": "good",
    "ISSUED": "good",
    "LAPSED": "bad",
    "TERMINATED": "bad",
    "REFUSED": "bad",
    "NOT_ACCEPTED": "bad",
    "RETURNED": "bad",
}


@dataclass(frozen=True, slots=True)
class WorkButton:
    """One heap of work: what it is, what to do, how many, the light of the most urgent, where it leads."""

    work: str
    title: str
    hint: str
    count: int
    light: str
    href: str


def my_posts() -> frozenset[str]:
    """Return the posts of the person signed in, as the words that are signed into cases."""
    return frozenset(role.value for role in g.staff.roles)


def place_words(address: str) -> str:
    """Return a division's name with its township, as 青峪镇青龙石村; its address where no list has a name."""
    places = current_node().places
    names = [places[part].name for part in (address[:9], address[:12]) if len(part) > 6 and part in places]
    if names and address not in places:
        # The township's name alone would be that of another division.
        names.append(address)
    names = list(dict.fromkeys(names))
    if names:
        return "".join(names)
    return places[address].name if address in places else address


def posted_number(number: str) -> str:
    """Return what a form sent as a case number, as it may be told afterwards: 40 characters at most.

    What is told travels in a cookie, which a browser drops when it is long.
    """
    return number[:_NUMBER_SHOWN]


def tick_word(act: str, state: str) -> str:
    """Return how far a case got, as `_ticks.html` wants it; `act` is its filing."""
    if is_decided(State(state)):
        return "DECIDED"
    return _TICKS[current_node().casework.ctx.sync.place_of(act)]


def event_tick(tick: Tick) -> str:
    """Return how far one event got, as `_ticks.html` wants it."""
    return _TICKS[tick]


def state_light(state: str) -> str:
    """Return the colour of a state's badge."""
    return _STATE_LIGHTS.get(state, "")


def limit_now(work: str, times: tuple[int, int], due: str) -> Limit:
    """Return by when waiting work should have gone on; `times` are filing and last step, UTC milliseconds.

    `due` is the signed date, before acceptance the last day for the one notice, "" where there is neither.
    """
    waiting = Waiting(
        work, local_date(times[0]), local_date(times[1]), date.fromisoformat(due) if due else None
    )
    return limit_of(waiting, local_date(g.now_ms), current_node().casework.ctx.calendar())


def rows(found: Iterable[CaseLine], *, is_asked: int = 0) -> list[dict[str, Any]]:
    """Return cases as tables and cards show them; `is_asked` 1: this person's department is asked on them."""
    lines = list(found)
    unsure = unsure_among(current_node().casework.ctx, [line.case for line in lines])
    counts = late.reminders(line.case for line in lines)
    waits = _asked if is_asked else _waiting
    return [
        {
            **_row(line, waits(line)),
            "is_unsure": line.case in unsure,
            "reminded": _reminded(counts.get(line.case, 0)),
        }
        for line in lines
    ]


def _reminded(count: int) -> str:
    """Return that somebody reminds whoever has the case, "" where nobody does."""
    if count > 1:
        return str(_("催办 %(n)s 次", n=count))
    return str(_("有人催办")) if count else ""


def _waiting(line: CaseLine) -> dict[str, Any]:
    """Return what a case waits for, where, and by when."""
    limit = limit_now(line.needs, (line.filed_at, line.updated_at), line.due or line.alarm_on)
    return {
        "needs": label(line.needs) if line.needs else "",
        "is_here": line.waits_at == current_node().me,
        "waits_at": place_words(line.waits_at) if line.waits_at else "",
        "light": limit.light.value,
        "light_words": light_words(limit),
        "due": limit.day.isoformat() if limit.day else "",
        "gap": _gap_words(line),
    }


def _gap_words(line: CaseLine) -> str:
    """Return what has passed its day in a case whose own day is still to come, "" where nothing has."""
    today = local_date(g.now_ms).isoformat()
    if not line.alarm_on < today <= line.due or not line.alarm_on or is_decided(State(line.state)):
        return ""
    return str(_("会办答复或容缺补交 %(day)s 已到期", day=line.alarm_on[5:]))


def _asked(line: CaseLine) -> dict[str, Any]:
    """Return the same of a joint case for a department that is asked its opinion."""
    return {**_waiting(line), "needs": _("待本部门会办"), "is_here": True}


def _row(line: CaseLine, waits: dict[str, Any]) -> dict[str, Any]:
    return {
        "href": url_for("cases.show", number=line.case),
        "number": line.case,
        "item_name": line.item_name,
        "applicant": line.applicant,
        "id_number": line.id_number,
        "state": label(line.state),
        "state_light": state_light(line.state),
        "is_green": line.green == 1,
        "place": place_words(line.place),
        "filed_at": line.filed_at,
        "tick": tick_word(line.first_act, line.state),
        **waits,
    }


def light_words(limit: Limit) -> str:
    """Return the words beside a light; the colour alone says nothing to some."""
    if limit.day is None:
        return ""
    day = limit.day.strftime("%m-%d")
    if limit.light is Light.BAD:
        return str(_("%(day)s 已超期", day=day))
    if limit.light is Light.WARN:
        return str(_("%(day)s 快到期", day=day))
    return str(_("%(day)s 前", day=day))


def work_buttons(roles: Iterable[str]) -> list[WorkButton]:
    """Return the heaps of work waiting at this node for a person with these posts, empty ones included."""
    roles = tuple(roles)
    found = queues.heaps(current_node().me, g.staff.department)
    buttons = [_button(work, found.get(work)) for work in board.works_of(roles)]
    if board.ASKED in board.lists_of(roles, g.staff.department):
        count, due = queues.count_asked(g.staff.department, current_node().me)
        light = "bad" if due and due < local_date(g.now_ms).isoformat() else ""
        buttons.append(_list_button(board.ASKED, count, light, url_for("queue.index", work=board.ASKED)))
    return buttons


def watch_buttons(roles: Iterable[str]) -> list[WorkButton]:
    """Return the lists of those who watch over the work of others: silent departments, late cases; and of
    letters of which nothing was heard, for whom no limit runs.
    """
    named = [name for name in board.lists_of(roles, g.staff.department) if name != board.ASKED]
    return [
        _list_button(
            name,
            count_watched(name),
            "warn" if name == board.UNRECEIPTED else "bad",
            url_for("queue.index", view=name),
        )
        for name in named
    ]


def watched(name: str) -> list[CaseLine]:
    """Return the cases of one such list."""
    if name == board.SILENT:
        return joint_lists.silent_joint(current_node().me, g.staff.department, LISTED)
    today = local_date(g.now_ms).isoformat()
    if name == board.UNANSWERED:
        return late.unanswered(current_node().me, g.staff.department, today, LISTED)
    if name == board.UNRECEIPTED:
        return late.unreceipted(current_node().me, g.staff.department, _posted(), LISTED)
    return late.overdue(current_node().me, today, LISTED, _moved())


def watched_rows(name: str, lines: Iterable[CaseLine]) -> list[dict[str, Any]]:
    """Return the cases of such a list as tables show them; of a letter that is out, since how many days."""
    found = list(lines)
    if name != board.UNRECEIPTED:
        return rows(found)
    today = local_date(g.now_ms)
    days = {line.case: (today - date.fromisoformat(line.alarm_on)).days for line in found}
    return [
        {**row, "light": "warn", "light_words": str(_("交邮 %(n)s 天，没有回执", n=days[row["number"]]))}
        for row in rows(found)
    ]


def _posted() -> tuple[str, str]:
    """Return on or between which local days a letter was posted of which somebody should ask the post."""
    today, days = local_date(g.now_ms).isoformat(), current_node().config.receipt_days
    # Whoever sets more days than one may ask in is reminded on the last of them.
    return later(today, -board.INQUIRY_DAYS), later(today, -min(days, board.INQUIRY_DAYS))


def count_watched(name: str) -> int:
    """Return how many cases there are in all of such a list, of which `watched` gives the most urgent."""
    today = local_date(g.now_ms).isoformat()
    if name == board.OVERDUE:
        return late.count_overdue(current_node().me, today, _moved())
    if name == board.SILENT:
        return joint_lists.count_silent_joint(current_node().me, g.staff.department)
    if name == board.UNRECEIPTED:
        return late.count_unreceipted(current_node().me, g.staff.department, _posted())
    return late.count_unanswered(current_node().me, g.staff.department, today)


def _moved() -> Moved:
    node = current_node()
    return node.tree().moved(node.me)


def _list_button(name: str, count: int, light: str, href: str) -> WorkButton:
    return WorkButton(name, _(board.TITLES[name]), _(board.HINTS[name]), count, light, href)


def _button(work: str, heap: Heap | None) -> WorkButton:
    light = limit_now(work, (heap.filed_at, heap.updated_at), heap.due).light if heap else Light.NONE
    return WorkButton(
        work=work,
        title=label(work),
        hint=board.TOLD[Work(work)],
        count=heap.count if heap else 0,
        light=light.value if light in (Light.WARN, Light.BAD) else "",
        href=url_for("queue.index", work=work),
    )
