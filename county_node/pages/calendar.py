"""The working calendar at the county: the years as they are counted, and publishing one."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.calendar.errors import CalendarError, NewerCalendar
from common.calendar.rules.typed import said_otherwise, typed_days, written
from common.calendar.rules.year import (
    FIRST_YEAR,
    LAST_YEAR,
    SOURCE_MAX,
    YearDays,
    read_years,
    runs,
    usual_working_days,
)
from common.calendar.service import KnownYear
from common.errors import NotFound, Problem
from common.people.rules.roles import Role
from common.web.forms import Field, redraws
from common.web.guard import requires
from common.web.ports import current_node

calendar = Blueprint("calendar", __name__, url_prefix="/calendar", template_folder="../templates")

_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_DAYS_TEXT_MAX = 2000
# What the form carries beside what is typed: how the calendar stood when it was opened.
_SEEN = "seen"


@calendar.get("")
@requires()
def index() -> str:
    """Show the years as this node counts them; administrators go on from here to a form."""
    years = [_listed(known) for known in reversed(current_node().calendars.years())]
    return render_template("county/calendar.html", years=years, may_publish=_may_publish(), next_year=_next())


@calendar.get("/<year>")
@requires(Role.ADMIN)
def edit(year: str) -> str:
    """Show the form of a year, with what is known of it."""
    if not _is_year(year):
        raise NotFound()
    return _form(_filled(int(year)))


@calendar.post("/check")
@requires(Role.ADMIN)
@redraws(".again")
def check() -> str:
    """Show what would be published, to be compared with the notice; nothing is changed."""
    days = _typed()
    usual = usual_working_days(days.year)
    return render_template("county/calendar_check.html", year=_shown(days), usual=usual, form=request.form)


@calendar.post("/again")
@requires(Role.ADMIN)
def again() -> str:
    """Show the form once more with what was typed."""
    typed = {key: request.form.get(key, "") for key in ("year", "kind", "off", "work", "source")}
    return _form(typed | {_SEEN: request.form.get(_SEEN, current_node().calendars.mark())})


@calendar.post("")
@requires(Role.ADMIN)
@redraws(".again")
def publish() -> Response:
    """Publish the year to all nodes below.

    Raises:
        NewerCalendar: another was published since the form was opened; legal days would move back unseen.
    """
    days, node = _typed(), current_node()
    with node.unit():
        now = node.calendars.mark()
        if request.form.get(_SEEN, now) != now:
            raise NewerCalendar()
        done = node.calendars.publish(days.as_data(), g.now_ms, g.actor.login)
    node.wake()
    for known in done:
        said = _("已发布%(year)s年日历第 %(n)s 版，将自动送达各级站点。", year=days.year, n=known.version)
        flash(said)
    if not done:
        flash(_("内容与已发布的日历相同，没有重复发布。"), "warn")
    return redirect(url_for(".index"), 303)


def _typed() -> YearDays:
    """Return the year as it was typed, or refuse it with every problem at once."""
    form = request.form
    year_text = form.get("year", "").strip()
    # Days need a year to be read; with a wrong one they are read for a leap year, and the year is told.
    problems, parts = [], {}
    for key, label in (("off", _("放假日期")), ("work", _("调休上班日期"))):
        days, unclear = typed_days(
            int(year_text) if _is_year(year_text) else 2024, form.get(key, "")[:_DAYS_TEXT_MAX]
        )
        parts[key] = days
        if other := said_otherwise(key, form.get(key, "")[:_DAYS_TEXT_MAX]):
            problems.append(_problem(key, label, _elsewhere(key, other[0][:40])))
        elif unclear:
            words = "、".join(f"“{word[:20]}”" for word in unclear[:5])
            problems.append(_problem(key, label, _("没有看懂 %(words)s，请写作 5月1日至5日。", words=words)))
    if form.get("kind") not in ("official", "provisional"):
        problems.append(_problem("kind", _("性质"), _("请选择正式安排或暂定。")))
    obj = {year_text: {**parts, "source": form.get("source", ""), "provisional": _is_provisional()}}
    try:
        found = read_years(obj)
    except CalendarError as wrong:
        unread = {problem.field for problem in problems}
        raise CalendarError(
            problems=[*problems, *(p for p in wrong.problems if p.field not in unread)]
        ) from None
    if problems:
        raise CalendarError(problems=problems)
    return found[0]


def _elsewhere(key: str, words: str) -> str:
    if key == "off":
        return str(_("“%(words)s”里有上班的日期，请填到“调休上班日期”。", words=words))
    return str(_("“%(words)s”里有放假的日期，请填到“放假日期”。", words=words))


def _is_year(text: str) -> bool:
    is_number = text.isascii() and text.isdecimal() and len(text) == 4
    return is_number and FIRST_YEAR <= int(text) <= LAST_YEAR


def _is_provisional() -> int:
    return int(request.form.get("kind") == "provisional")


def _problem(key: str, label: str, sentence: str) -> Problem:
    return Problem(key, str(label), CalendarError.code, str(sentence))


def _fields(values: dict[str, Any]) -> tuple[tuple[Field, Any], ...]:
    return (
        (Field("year", _("年份"), "number", hint=_("四位数字，如 2027。")), values["year"]),
        (
            Field(
                "kind",
                _("性质"),
                "choice",
                hint=_("国务院办公厅通知公布前选暂定：到期日会注明“暂定”。"),
                choices=(("official", _("正式安排")), ("provisional", _("暂定"))),
            ),
            values["kind"],
        ),
        (
            Field(
                "off",
                _("放假日期"),
                "textarea",
                hint=_("照通知填写，一行一段，含连休的周末，如 10月1日至7日。"),
                max_length=_DAYS_TEXT_MAX,
            ),
            values["off"],
        ),
        (
            Field(
                "work",
                _("调休上班日期"),
                "textarea",
                required=False,
                hint=_("要上班的周六、周日，如 2月14日、2月28日。"),
                max_length=_DAYS_TEXT_MAX,
            ),
            values["work"],
        ),
        (
            Field("source", _("依据"), hint=_("发布机关、文件名称和文号。"), max_length=SOURCE_MAX),
            values["source"],
        ),
    )


def _form(values: dict[str, Any]) -> str:
    year, seen = values["year"], _seen(values)
    return render_template("county/calendar_edit.html", fields=_fields(values), year=year, seen=seen)


def _seen(values: dict[str, Any]) -> str:
    """Return how the calendar stood when the form was opened; once told of a newer one, as it stands now."""
    now = current_node().calendars.mark()
    return now if isinstance(g.get("failure"), NewerCalendar) else str(values.get(_SEEN, now))


def _filled(year: int) -> dict[str, Any]:
    known = {one.days.year: one.days for one in current_node().calendars.years()}.get(year)
    if known is None:
        return {"year": year, "kind": "", "off": "", "work": "", "source": ""}
    # Of a provisional year only the days are kept: the notice that replaces it has a name of its own.
    return {
        "year": year,
        "kind": "" if known.provisional else "official",
        "off": _off_text(known),
        "work": _work_text(known),
        "source": "" if known.provisional else known.source,
    }


def _listed(known: KnownYear) -> dict[str, Any]:
    """Return a year in short, for the list of years."""
    days = known.days
    return {
        "year": days.year,
        "provisional": days.provisional,
        "source": days.source,
        "working_days": days.working_days(),
        "off": [_short(run.first, run.last) for run in runs(days)],
        "work": [_short(day, day) for day in _worked(days)],
        "version": known.version,
        "published_at": known.published_at,
    }


def _off_text(days: YearDays) -> str:
    return written((run.first, run.last) for run in runs(days))


def _work_text(days: YearDays) -> str:
    return written((day, day) for day in _worked(days))


def _shown(days: YearDays) -> dict[str, Any]:
    """Return a year at length, to be compared with the notice word by word."""
    return {
        "year": days.year,
        "provisional": days.provisional,
        "source": days.source,
        "working_days": days.working_days(),
        "off": [_span(run.first, run.last, run.length) for run in runs(days)],
        "work": "、".join(_day(day) for day in _worked(days)),
    }


def _worked(days: YearDays) -> list[date]:
    return [date.fromisoformat(f"{days.year}-{text}") for text in days.work]


def _span(first: date, last: date, length: int) -> str:
    if length == 1:
        return _("%(day)s，1 天", day=_day(first))
    return _("%(first)s至%(last)s，共 %(n)s 天", first=_day(first), last=_day(last), n=length)


def _short(first: date, last: date) -> str:
    """Return a span as the notice writes it, in the language of the reader; fields take Chinese alone."""
    if first == last:
        return _("%(month)s月%(day)s日", month=first.month, day=first.day)
    if first.month == last.month:
        return _("%(month)s月%(day)s日至%(last)s日", month=first.month, day=first.day, last=last.day)
    return _("%(first)s至%(last)s", first=_short(first, first), last=_short(last, last))


def _day(day: date) -> str:
    return _(
        "%(month)s月%(day)s日（%(weekday)s）",
        month=day.month,
        day=day.day,
        weekday=_(_WEEKDAYS[day.weekday()]),
    )


def _next() -> int:
    """Return the first year without its official arrangement."""
    years = [known.days.year for known in current_node().calendars.years() if not known.days.provisional]
    return max(years, default=FIRST_YEAR) + 1


def _may_publish() -> bool:
    return Role.ADMIN in g.staff.roles
