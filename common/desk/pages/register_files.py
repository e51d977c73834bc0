"""The register as a file for a spreadsheet, or as one long page to print: made beside the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, g, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.casework.pages import sees_all_cases
from common.catalogue.rules.identity import mask_id_number
from common.days import local_date
from common.desk import register as reads
from common.desk.pages.shown import place_words
from common.desk.rules import register as rules
from common.desk.rules.register import Line
from common.journal.rules import FULL, MASKED, Fields
from common.people.rules.roles import Role
from common.places.rules import level
from common.web import own_work
from common.web.factory import asset
from common.web.guard import requires
from common.web.long_work import Tell
from common.web.ports import current_node

files = Blueprint("files", __name__)

DESK = (Role.AGENT, Role.CLERK)
OVERSEERS = (Role.SUPERVISOR, Role.ADMIN)
READERS = (*DESK, *OVERSEERS)
# As they stand on a page that prints, whatever the language of the pages.
_BELOW = {"county": "（全县）", "township": "（全镇、乡）"}
PRACTICE_MARK = "演练：人和件都是编的，本表没有效力"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the register is wanted: month (YYYY-MM), whose cases, item, standing, whole numbers."""

    month: str
    scope: str
    item: str
    standing: str
    is_whole: bool

    @property
    def title(self) -> str:
        """What it is called, as the page calls it."""
        below = f"（{scope_words()}）" if self.scope == reads.BELOW else ""
        return f"{_('办件台账')}{below} {self.month}"


@files.post("/export")
@requires(*READERS)
def export() -> Response:
    """Begin to make the file for a spreadsheet; whole numbers only for who may see all cases whole."""
    wanted, mark = _wanted(), PRACTICE_MARK if current_node().config.practice else ""

    def make(path: Path, tell: Tell) -> None:
        rows = [rules.cells(line, place) for place, line in enumerate(_lines(wanted, tell), 1)]
        path.write_text(rules.as_csv(rows, mark), encoding="utf-8", newline="")

    # Whoever finds the file later has to see what it holds.
    numbers, scope = FULL if wanted.is_whole else MASKED, "-below" if wanted.scope == reads.BELOW else ""
    before = "演练-" if mark else ""
    name = f"{before}register-{current_node().me}{scope}-{wanted.month}-{numbers}.csv"
    return own_work.begin(_order(wanted, "register", name, "text/csv"), make)


@files.post("/print")
@requires(*READERS)
def print_all() -> Response:
    """Begin to make the page with every line, numbers masked, to be printed."""
    wanted = replace(_wanted(), is_whole=False)
    around: dict[str, Any] = {
        "sheet": asset("liandong.css"),
        "below": _BELOW[level(current_node().me)] if wanted.scope == reads.BELOW else "",
        "site_name": current_node().site_name(),
        "headings": rules.HEADINGS,
        "month": wanted.month,
    }

    def make(path: Path, tell: Tell) -> None:
        lines = _lines(wanted, tell)
        rows = [rules.cells(line, place) for place, line in enumerate(lines, 1)]
        drawn = current_app.jinja_env.get_template("desk/register_print.html").render(rows=rows, **around)
        path.write_text(drawn, encoding="utf-8")

    order = _order(wanted, "register_print", f"register-{wanted.month}.html", "text/html")
    return own_work.begin(replace(order, is_shown=1), make)


def scope_of(word: str) -> str:
    """Return whose cases are listed: all below only at a hall, to those who look after it."""
    return reads.BELOW if word == reads.BELOW and may_look_below() else reads.OWN


def may_look_below() -> bool:
    """Say whether this person may see what the sites below took in."""
    return level(current_node().me) != "village" and g.staff.acting_as(OVERSEERS) is not None


def may_have_numbers() -> bool:
    """Say whether this person may have whole ID numbers in a file: of the desk, and sees all cases."""
    return g.staff.acting_as(DESK) is not None and sees_all_cases()


def scope_words() -> str:
    """Return what is listed of a hall and all below it."""
    return str(_("全县") if level(current_node().me) == "county" else _("全镇（乡）"))


def lines_in(bounds: tuple[int, int], scope: str) -> list[Line]:
    """Return the lines between two instants of whoever stands in that scope."""
    node = current_node()
    return reads.lines(node.me, *bounds, scope, node.tree().moved(node.me).came)


def placed(lines: Sequence[Line]) -> list[Line]:
    """Return lines with the names of their places."""
    return [replace(line, place=place_words(line.place)) for line in lines]


def masked(lines: Sequence[Line]) -> list[Line]:
    """Return lines with their ID numbers masked."""
    return [replace(line, id_number=mask_id_number(line.id_number)) for line in lines]


def _wanted() -> Wanted:
    typed = request.form
    month = rules.month_of(typed.get("month", ""), local_date(g.now_ms))
    is_whole = bool(typed.get("numbers")) and may_have_numbers()
    chosen = (typed.get("item", ""), typed.get("standing", ""))
    return Wanted(month, scope_of(typed.get("scope", "")), *chosen, is_whole)


def _lines(wanted: Wanted, tell: Tell) -> list[Line]:
    """Return the lines that are wanted, read day by day so that it can be told how far it is."""
    found = list[Line]()
    for done, bounds in enumerate(rules.days(wanted.month), 1):
        found += rules.kept(lines_in(bounds, wanted.scope), wanted.item, wanted.standing)
        tell(done)
    lines = placed(found)
    return lines if wanted.is_whole else masked(lines)


def _order(wanted: Wanted, kind: str, name: str, form: str) -> own_work.Order:
    """Return the order; whoever fetches it must still hold the posts that what it holds asks for."""
    is_below = wanted.scope == reads.BELOW
    return own_work.Order(
        kind=kind,
        about=f"{wanted.month} {wanted.scope} {FULL if wanted.is_whole else MASKED}",
        title=wanted.title,
        back=url_for("register.index", month=wanted.month, scope=wanted.scope),
        total=len(rules.days(wanted.month)),
        name=name,
        type=form,
        posts=DESK if wanted.is_whole else OVERSEERS if is_below else READERS,
        and_posts=OVERSEERS if is_below and wanted.is_whole else (),
        fields=Fields.CONTACT,
    )
