"""What acts and documents are for at a node: kinds handed to the capability that knows them."""

from __future__ import annotations

from collections.abc import Sequence

from common.calendar.service import Calendars
from common.casework import messages as case_messages
from common.casework import taking_back
from common.casework.context import CaseContext
from common.catalogue.service import Catalogue
from common.node.seal_news import SealNews
from common.node.watches.staffing import Staffing
from sync.protocol.acts.deliver import Applied, Parked
from sync.protocol.frame import Act
from sync.protocol.shelf import ShelfDoc

CASE = "case."
ITEM = "catalogue.item"


class NodeApplication:
    """Applies acts by the first part of their kind; what no capability knows waits for a newer program."""

    def __init__(
        self,
        cases: CaseContext,
        catalogue: Catalogue,
        calendars: Calendars,
        staffing: Staffing,
        seals: SealNews,
    ) -> None:
        self._cases = cases
        self._catalogue = catalogue
        self._calendars = calendars
        self._staffing = staffing
        self.seals = seals

    def apply(self, acts: Sequence[Act]) -> Applied:
        """Apply acts in order, inside the unit that stores them."""
        of_cases = [act for act in acts if act.kind.startswith(CASE) and not act.enc]
        now = self._staffing.now_ms()
        result = case_messages.apply(self._cases, of_cases, now) if of_cases else Applied()
        known = {act.id for act in of_cases}
        others = [act for act in acts if act.id not in known]
        result.parked.update(self._staffing.apply(others).parked)
        return result

    def retract(self, acts: Sequence[str]) -> dict[str, Parked]:
        """Undo what applied acts have made; return the acts that cannot stand without them."""
        return taking_back.retract(self._cases, acts)

    def adopt(self, docs: Sequence[ShelfDoc]) -> set[str]:
        """Take published documents into use; return what acts may have waited for."""
        woke = self._catalogue.adopt([doc for doc in docs if doc.kind == ITEM])
        woke |= self._calendars.adopt(docs) | self._staffing.adopt(docs)
        return woke | self.seals.adopt(docs)

    def disown(self, docs: Sequence[ShelfDoc]) -> None:
        """Use documents no more. A list of revoked seals counts by their own root, whoever brought it."""
        self._catalogue.disown(docs)
        self._calendars.disown(docs)
        self._staffing.disown(docs)
