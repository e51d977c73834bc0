"""What is done with a case that has ended: now and then its decision is put right, and handed over so."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from common.casework.rules.event import CaseState
from common.casework.rules.flow import actions_from
from common.casework.rules.waiting import Work, waits_for
from common.casework.rules.words import Action, Report, Role

if TYPE_CHECKING:
    from tests.simulation.clerks import Desk

# In so many counties decisions are put right after the end, at so many looks at an ended case.
CORRECTING, CORRECTED = 0.2, 0.01
LINE = {"field": "form.note", "label": "说明", "new": "更正", "old": "略"}


class Afterwards:
    """The work of one desk on cases that have ended; drawn apart from all else."""

    def __init__(self, desk: Desk) -> None:
        seed, me = desk.county.seed, desk.site.address
        self.desk, self.me = desk, me
        self.rng = Random(f"{seed}/ended/{me}")
        self.corrects = Random(f"{seed}/ended").random() < CORRECTING

    def look(self, state: CaseState) -> bool:
        """Look at one such case; say whether anything was done."""
        work, where = waits_for(state)
        if work is Work.HAND_OUT:
            return where == self.me and self.desk.report(state, Report.HANDED_OVER)
        action = Action.CORRECT_DECISION
        is_mine = state.holder == self.me and action in actions_from(state.state, state.holding)
        if not (self.corrects and is_mine) or self.rng.random() > CORRECTED:
            return False
        with self.desk.site.unit():
            self.desk.move(state, action, Role.APPROVER, correction=[LINE])
        self.desk.county.faults.count("corrected_after_the_end")
        return True
