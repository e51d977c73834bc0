"""What waits here: the cases that ask something of this person, with counts, lights, filters and search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from common.casework import late, queues
from common.casework.queues import CaseLine, Wanted
from common.casework.rules.labels import label
from common.casework.rules.number import check, normalise
from common.casework.rules.words import State
from common.casework.search import search
from common.catalogue.rules.codes import INTAKE_NAMES
from common.days import local_date
from common.desk.pages import finding, shown, stood_in
from common.desk.pages.stopped import is_stopped
from common.desk.register import BELOW, OWN
from common.desk.rules import board
from common.journal.rules import Fields, What
from common.places.rules import level
from common.web.guard import requires
from common.web.ports import current_node
from common.web.watched import shows, write_down_list

queue = Blueprint("queue", __name__, url_prefix="/queue")

PAGE_LINES = 30
# What narrows the queue of a person, and where their browser keeps it.
_TAKEN_IN_AT = {"village": ("village",), "township": ("township", "village")}
_FILTERS = ("work", "item", "place", "due")
_KEPT = ("view", "site", "state", *_FILTERS)
_COOKIE, _COOKIE_MAX = "queue", 500
MINE, FILED, ALL, SEARCH = "mine", "filed", "all", "search"
# Whose cases a list holds that is not the work at hand, as the log of views says it.
_SCOPES = {FILED: OWN, ALL: BELOW}


@queue.get("")
@requires()
def index() -> str | Response:
    """Show the cases that wait for this person, those filed here, or all.

    A case number (`q`), which says nothing of a person, leads to its case; other searches are posted.
    """
    number = normalise(request.args.get("q", ""))
    if check(number):
        return redirect(url_for("cases.show", number=number), 303)
    view = request.args.get("view", MINE)
    if _is_strange(view):
        return redirect(url_for(".index"), 303)
    if view == SEARCH:
        return _drawn(view, [], next_page="")
    if view in _watching():
        lines = shown.watched(view)
        cut = _cut(shown.count_watched(view), lines)
        return _drawn(view, shown.watched_rows(view, lines), next_page="", cut=cut)
    wanted = _wanted(view, request.args)
    found = _page(view, wanted)
    asked, first = _asked(view), _reminded(view, wanted)
    those = {line.case for line in first}
    rows = asked + shown.rows([*first, *(line for line in found[:PAGE_LINES] if line.case not in those)])
    cut = _cut(queues.count_asked(g.staff.department, current_node().me)[0], asked) if asked else ()
    page = make_response(_drawn(view, rows, next_page=_next_page(found), cut=cut))
    if rows and view in _SCOPES:
        # What is to be done is no register; who ever came, and for what, is.
        write_down_list(What.REGISTER, f"{local_date(g.now_ms)} {_SCOPES[view]}")
    if view == MINE:
        # Which part of the queue somebody works through, so that the next case is one of it; of no person.
        kept = urlencode({key: request.args[key] for key in _FILTERS if request.args.get(key)})
        page.set_cookie(_COOKIE, kept, path="/queue", httponly=True, samesite="Lax")
    return page


@queue.get("/next")
@requires()
def following() -> Response:
    """Go to the case that has waited longest for this person in the part of the queue they work through.

    Never to the one just worked on; when none is left in that part, back to the queue, which then says so.
    """
    me, asked = current_node().me, MultiDict(parse_qsl(request.cookies.get(_COOKIE, "")[:_COOKIE_MAX]))
    wanted = _wanted(MINE, asked)
    is_asked = asked.get("work") in (None, board.ASKED) and not set(asked) - {"work"}
    found = queues.asked_of(g.staff.department, me, 2) if is_asked and _is_asked() else []
    found += [*late.reminded(wanted, 2), *queues.waiting(wanted, 2)] if wanted.works else []
    done = request.args.get("after", "")
    for line in found:
        if line.case != done:
            return redirect(url_for("cases.show", number=line.case), 303)
    if asked:
        flash(_("这一筛选里的件办完了。"))
    return redirect(url_for(".index"), 303)


@queue.post("/find")
@requires()
@shows(What.SEARCH, fields=Fields.CONTACT)
def find() -> str | Response:
    """Show the cases somebody looks for, or the one whose number was typed or slip was scanned.

    What was typed is in no address, so it is in no history and no log, only that somebody searched; the page
    is drawn at once, for to redirect it would have to be kept somewhere.
    """
    sought = finding.sought_now()
    if sought.is_empty:
        return redirect(url_for(".index"), 303)
    lines = search(sought, finding.LINES + 1)
    number = normalise(sought.who)
    if [line.case for line in lines] == [number] or (not lines and is_stopped(number)):
        return redirect(url_for("cases.show", number=number), 303)
    return _drawn(
        "found",
        shown.rows(lines[: finding.LINES]),
        next_page="",
        is_more=len(lines) > finding.LINES,
        is_too_short=finding.is_too_short(sought),
        claim="" if lines else finding.claim_scanned(),
    )


@queue.get("/find")
@requires()
def find_again() -> Response:
    """Lead to the queue, where one may search: the address of what was found says nothing of it."""
    return redirect(url_for(".index"), 303)


def _drawn(view: str, rows: list[dict[str, Any]], *, next_page: str, **more: Any) -> str:
    return render_template(
        "desk/queue.html",
        view=view,
        typed_search=request.form.get("q", "").strip(),
        rows=rows,
        buttons=shown.work_buttons(shown.my_posts()),
        chosen=request.args,
        states=[(state.value, label(state)) for state in State if state is not State.START],
        items=_items(),
        places=_places(),
        next_page=next_page,
        tabs=_tabs(view),
        asked={key: request.form.get(key, "") for key in ("item", "place", "state", "since", "until")},
        **more,
    )


def _items() -> list[tuple[str, str]]:
    """Return the items a case here may be of: what is taken in here or at a site below."""
    node = current_node()
    # No step of a case is taken below where it was taken in.
    levels = _TAKEN_IN_AT.get(level(node.me), INTAKE_NAMES)
    found = [one for one in node.catalogue.all_items() if any(map(one.may_be_filed_at, levels))]
    return [(one.code, one.name) for one in found]


def _tabs(view: str) -> list[tuple[str, str, bool]]:
    """Return (link, words, whether it is shown now): the views, then the villages stood in for."""
    views = {MINE: _("等我办理"), FILED: _("本站收件"), ALL: _("全部办件"), SEARCH: _("查找")} | _watching()
    letters = board.UNRECEIPTED
    if letters in views and view != letters and not shown.count_watched(letters):
        # Few sites post anything.
        del views[letters]
    own = [(url_for(".index", view=key), str(said), view == key) for key, said in views.items()]
    site = request.args.get("site", "") if view == stood_in.VIEW else ""
    return own + [(stood_in.link(address), words, address == site) for address, words in stood_in.villages()]


def _is_strange(view: str) -> bool:
    """Say whether somebody asks for a list that is not theirs, or for the work of a village in which they do
    not stand in today.
    """
    if view != stood_in.VIEW:
        return view not in (MINE, FILED, ALL, SEARCH, *_watching())
    asked = request.args.get("site", "")
    return asked not in [address for address, _name in stood_in.villages()]


def _watching() -> dict[str, str]:
    """Return the lists of a lead and of a supervisor, for who has that post."""
    named = board.lists_of(shown.my_posts(), g.staff.department)
    return {name: _(board.TITLES[name]) for name in named if name != board.ASKED}


def _is_asked() -> bool:
    return board.ASKED in board.lists_of(shown.my_posts(), g.staff.department)


def _wanted(view: str, asked: Mapping[str, str]) -> Wanted:
    if view == stood_in.VIEW:
        state, item = asked.get("state", ""), asked.get("item", "")
        return Wanted(waits_at=asked["site"], works=stood_in.WORKS, state=state, item=item)
    me, works = current_node().me, tuple(work.value for work in board.works_of(shown.my_posts()))
    if asked.get("work") == board.ASKED:
        works = ()
    if asked.get("work") in works:
        works = (asked["work"],)
    return Wanted(
        waits_at=me if view == MINE else "",
        works=works if view == MINE else (),
        origin=me if view == FILED else "",
        state=asked.get("state", ""),
        item=asked.get("item", ""),
        place=asked.get("place", ""),
        department=g.staff.department if view == MINE else "",
        past=finding.past_of(asked.get("due", "")) if view == MINE else None,
    )


def _asked(view: str) -> list[dict[str, Any]]:
    """Return the joint cases on which this person's department is asked, on the first page alone."""
    is_other_work = request.args.get("work") not in (None, "", board.ASKED)
    if view != MINE or request.args.get("at") or is_other_work or not _is_asked():
        return []
    return shown.rows(queues.asked_of(g.staff.department, current_node().me, shown.LISTED), is_asked=1)


def _reminded(view: str, wanted: Wanted) -> list[CaseLine]:
    """Return what waits here and somebody has reminded us of, on the first page alone, above all else."""
    is_first = view in (MINE, stood_in.VIEW) and not request.args.get("at")
    return late.reminded(wanted, shown.LISTED) if is_first and wanted.works else []


def _cut(in_all: int, listed: Sequence[Any]) -> tuple[int, ...]:
    """Return how many cases there are and how many are listed, where a list without pages leaves some out."""
    return (in_all, len(listed)) if in_all > len(listed) else ()


def _page(view: str, wanted: Wanted) -> list[CaseLine]:
    mark = _mark()
    if view not in (MINE, stood_in.VIEW):
        return queues.newest(wanted, PAGE_LINES + 1, *([mark[1:]] if mark else []))
    # Somebody without a post of casework has nothing waiting.
    return queues.waiting(wanted, PAGE_LINES + 1, mark or queues.FIRST) if wanted.works else []


def _mark() -> queues.Place | None:
    """Return the last line of the page before, None on the first page and where the address says nonsense."""
    rank, _sep, rest = request.args.get("at", "").partition("_")
    moment, _sep, case = rest.partition("_")
    is_one = rank in ("0", "1") and moment.isascii() and moment.isdecimal() and len(moment) < 16
    return (int(rank), int(moment), case) if is_one else None


def _next_page(found: list[CaseLine]) -> str:
    if len(found) <= PAGE_LINES:
        return ""
    last = found[PAGE_LINES - 1]
    # What else stands in the address might be a word by which an address is made.
    asked = {key: request.args[key] for key in _KEPT if key in request.args}
    args: dict[str, Any] = {**asked, "at": "_".join(str(part) for part in last.place_in_queue)}
    return url_for(".index", **args)


def _places() -> list[tuple[str, str]]:
    """Return the divisions directly below this node's, to filter by."""
    node = current_node()
    longer = {6: 9, 9: 12}.get(len(node.me), 0)
    return [
        (address, node.place_name(address))
        for address in sorted({*node.places, *node.tree().addresses()})
        if len(address) == longer and address.startswith(node.me)
    ]
