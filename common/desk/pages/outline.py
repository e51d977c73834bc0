"""How far a case is, as the head of its page and the page of its progress tell it."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from common.casework.lists import CasePage
from common.casework.rules.labels import label
from common.casework.rules.timed import alarm_on, due_now, pause_now
from common.casework.rules.waiting import Work, is_handed_over, waits_for
from common.days import local_date
from common.desk.pages import shown
from common.desk.rules.lights import Limit
from common.web.ports import current_node


@dataclass(frozen=True, slots=True)
class Outline:
    """How far a case is: nothing of it is about a person."""

    number: str
    item_name: str
    state: str
    state_light: str
    tick: str
    limit_words: str
    limit_light: str


def outline_of(page: CasePage) -> Outline:
    """Return how far a case is, as the head of its page tells it."""
    state = page.state
    _work, limit = work_and_limit(page)
    return Outline(
        number=state.case,
        item_name=state.item_name,
        state=label(state.state),
        state_light=shown.state_light(state.state),
        tick="DECIDED" if page.is_decided else shown.event_tick(page.tick),
        limit_words=_("时限暂停") if pause_now(state) else shown.light_words(limit),
        limit_light="warn" if pause_now(state) else limit.light.value,
    )


def work_and_limit(page: CasePage) -> tuple[Work, Limit]:
    """Return what a case waits for and by when that should be done."""
    state = page.state
    # The ten days to hand a result over end when it is handed over.
    work = Work.NOTHING if is_handed_over(state) else waits_for(state)[0]
    return work, shown.limit_now(work.value, (state.filed_at, page.changed_at), _due(page))


def _due(page: CasePage) -> str:
    """Return the signed day the case is late by, before acceptance the last day for the one notice."""
    calendar = current_node().casework.ctx.calendar()
    return due_now(page.state) or alarm_on(page.state, local_date(page.counted_from), calendar)
