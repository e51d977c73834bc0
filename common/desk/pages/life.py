"""What a case's page tells of its whole life: limits, receipts, opinions, links, the seven steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from flask import g, url_for
from flask_babel import gettext as _

from common.casework import likely
from common.casework.errors import CaseNotFound, OriginSilent
from common.casework.lists import CasePage, TimelineEntry
from common.casework.rules.clocks.remedies import told_by
from common.casework.rules.clocks.steps import step_limit
from common.casework.rules.deadlines import Calendar
from common.casework.rules.event import CaseState
from common.casework.rules.flow import TAKE_OVERS
from common.casework.rules.left_to_do import NOTES, ON_DEMAND, left_to_do
from common.casework.rules.timed import is_licence, last_answer_day
from common.casework.rules.waiting import papers_are_here, waits_for
from common.casework.rules.words import Party, State
from common.casework.unsure import may_have_gone_on
from common.days import local_date
from common.desk.pages import dossier, shown
from common.desk.pages.outline import work_and_limit
from common.desk.pages.parked import waiting_in
from common.desk.rules import life, limits, offers
from common.desk.rules.limits import LimitLine
from common.desk.rules.opinions import OpinionLine, opinion_lines
from common.desk.rules.remedy_lines import service_lines
from common.desk.rules.seven import Mark, seven_steps
from common.notices.rules.speaking import REMEDIES
from common.web.ports import current_node

Pair = tuple[str, str]
# The parts of a report that name a letter by its number.
_POSTED = ("receiver", "letter", "tried", "letter_day", "letter_void")
_NOT_ALL_BACK = (
    "本站是从备份恢复的，恢复以前办过的步骤还没有全部取回，本件可能已经往下办了。请先等取齐（见“线路和U盘”）："
    "现在再办，取回的步骤就会作废。"
)


class TakingOver(NamedTuple):
    """Where the top takes a case over, and why, in words; `tone` is how the notice looks, as its class."""

    href: str
    told: str
    tone: str


@dataclass(frozen=True, slots=True)
class Life:
    """What the template gets; `standing` and `deemed` stand at the top of the page, "" when there is none;
    `waiting` tells of what is here and not in the case yet, `taking_over` leads to where the top takes the
    case over, for who may do so, and says why."""

    standing: str
    waiting: list[str]
    barred: list[str]
    deemed: str
    taking_over: TakingOver | None
    green: str
    limits: list[LimitLine]
    notes: list[str]
    receipts: list[Pair]
    opinions: list[OpinionLine]
    others: list[Pair]
    corrections: list[dict[str, str]]
    links: list[dict[str, Any]]
    steps: list[Pair]


def life_of(page: CasePage) -> Life:
    """Return all of it for one case."""
    state, today = page.state, local_date(g.now_ms)
    calendar = current_node().casework.ctx.calendar()
    return Life(
        standing=life.standing_words(state),
        waiting=waiting_in(state.case, g.now_ms),
        barred=_barred(state, today.isoformat()),
        deemed=_deemed(state),
        taking_over=way_to_take_over(state),
        green=state.facts.green,
        limits=[
            *limits.limit_lines(state, today, calendar),
            *_work_line(page, today),
            *_step_line(page, today),
        ],
        notes=life.limit_notes(state, dossier.item_of(state)),
        receipts=life.receipt_lines(state),
        opinions=opinion_lines(state, today),
        others=[*life.other_lines(state), _collected_at(state), *_of_service(state, calendar)],
        corrections=life.corrections(
            state, {entry.act: entry.note for entry in page.timeline}, dossier.spoken(state)
        ),
        links=_links(state),
        steps=_steps(page),
    )


def _work_line(page: CasePage, today: date) -> list[LimitLine]:
    """Return what the head of the page counts to, under its name."""
    work, limit = work_and_limit(page)
    return limits.work_line(work, limit.day, today, current_node().casework.ctx.calendar())


def _step_line(page: CasePage, today: date) -> list[LimitLine]:
    """Return the limit of the step in which a case stands, told where that step is done alone."""
    node, state = current_node(), page.state
    if waits_for(state)[1] != node.me:
        return []
    calendar = node.casework.ctx.calendar()
    due = step_limit(state, dossier.item_of(state), local_date(page.step_at), calendar)
    return limits.step_line(due, today, calendar)


def _barred(state: CaseState, today: str) -> list[str]:
    """Return why usual steps are not offered; said where they are taken."""
    node = current_node()
    if state.holder != node.me:
        return []
    is_asked = state.state is State.SUPPLEMENT
    last = last_answer_day(state, node.casework.ctx.calendar()).isoformat() if is_asked else ""
    found = list(offers.barred(state, today, last))
    if may_have_gone_on(node.casework.ctx, state):
        found.insert(0, str(_(_NOT_ALL_BACK)))
    is_over = is_asked and today > last and not papers_are_here(state)
    if is_over and node.casework.waits_for_origin(state.case):
        found.append(str(_(OriginSilent.sentence)))
    return found


def _deemed(state: CaseState) -> str:
    """Return that the acceptor's silence counts as acceptance; said at its own node and at the top alone."""
    node = current_node()
    if node.me not in (state.apex, state.parties[Party.ACCEPTOR]):
        return ""
    since = node.casework.deemed_since(state.case, g.now_ms)
    if since is None:
        return ""
    day = since.isoformat()
    if is_licence(dossier.item_of(state)):
        said = _(
            "受理部门五个工作日内没有答复：依照行政许可法第三十二条，自 %(day)s 起视为受理，期限从这一天算。",
            day=day,
        )
    else:
        said = _(
            "受理部门五个工作日内没有答复：参照行政许可法第三十二条，自 %(day)s 起视为受理，期限从这一天算。",
            day=day,
        )
    return str(said)


def way_to_take_over(state: CaseState) -> TakingOver | None:
    """Return where the top takes a case over, None where this person may not or there is no cause."""
    node = current_node()
    posts = shown.my_posts()
    is_heads = any(post.value in posts for rule in TAKE_OVERS for post in rule.roles)
    if state.apex != node.me or not is_heads or not node.casework.causes_to_take_over(state.case, g.now_ms):
        return None
    left = left_to_do(state)
    told = _("持有站点没有办理，县级可以接管。")
    is_asked_for = bool(left) and left[0] in ON_DEMAND
    if left:
        # Of what somebody may come for all is said; else the first alone, which is to be done now.
        words = "；".join(str(_(NOTES[one])) for one in (left if is_asked_for else left[:1]))
        told = _("持有站点已停用，%(left)s：县级可以接管。", left=words)
    tone = "" if is_asked_for else "warn"
    return TakingOver(url_for("take_over.choose", holder=state.holder, case=state.case), str(told), tone)


def _of_service(state: CaseState, calendar: Calendar) -> list[Pair]:
    """Return the days of service and of what runs from it, by what the papers tell of remedies."""
    # Another version may tell of them in other words than stand on the papers.
    item = current_node().catalogue.version(state.item, state.item_version, state.item_doc)
    return service_lines(state, told_by((item.remedies if item else "") or REMEDIES), calendar)


def _collected_at(state: CaseState) -> Pair:
    place = state.facts.collect_at
    is_elsewhere = place and place != state.parties[Party.HAND_OVER]
    return (_("改到这里领取"), shown.place_words(place) if is_elsewhere else "")


def _links(state: CaseState) -> list[dict[str, Any]]:
    """Return the cases this one is linked with, both ways; one that is not here has no address."""
    found = []
    before = state.facts.linked
    if before:
        number = str(before.get("case", ""))
        found.append(
            {"words": _("原办件"), "number": number, "why": before.get("why", ""), "href": _href(number)}
        )
    for line in likely.coming_after(state.case, state.applicant["id_number"]):
        href = url_for("cases.show", number=line.case)
        found.append({"words": _("后来的新件"), "number": line.case, "why": line.state_label, "href": href})
    return found


def _href(number: str) -> str:
    try:
        current_node().casework.case(number)
    except CaseNotFound:
        return ""
    return url_for("cases.show", number=number)


def _steps(page: CasePage) -> list[Pair]:
    """Return the seven steps with their days; of a case without an agent, those that happened."""
    marks = [_mark(entry) for entry in page.timeline if entry.standing in ("stands", "open", "answered")]
    found = seven_steps(marks)
    if not page.state.facts.authority:
        found = {name: day for name, day in found.items() if day}
    return [(name, day or _("还没有")) for name, day in found.items()]


def _mark(entry: TimelineEntry) -> Mark:
    data = entry.data
    return Mark(
        entry.word,
        entry.author,
        entry.at,
        _text_of(data, "accepted_on"),
        _text_of(data, "received_on"),
        _served_on(data),
        bool(data.get("authority")),
        next((number for part in _POSTED if (number := _part_of(data, part, "tracking"))), ""),
        _text_of(data, "served_on"),
    )


def _served_on(data: Mapping[str, Any]) -> str:
    """Return the day of service that a report or step signs, "" for none."""
    said = _text_of(data, "delivered_on") or _text_of(data, "served_on")
    return said or _part_of(data, "letter", "on") or _part_of(data, "letter_day", "on")


def _part_of(data: Mapping[str, Any], part: str, key: str) -> str:
    found = data.get(part)
    return _text_of(found, key) if isinstance(found, Mapping) else ""


def _text_of(data: Mapping[str, Any], key: str) -> str:
    text = data.get(key, "")
    return text if type(text) is str else ""
