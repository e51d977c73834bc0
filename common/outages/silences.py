"""How long nodes below were not heard: noted by the node above them itself, told to those further up.

A silence says nothing of why: the node may have been off, its line down, or the way between. What the node
tells of itself when it is back stands beside it. It begins with the last word of the node and ends with the
next one, by exchange or by stick alike.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.outages import records
from common.outages.rules import (
    DAY_MS,
    LONG_MS,
    RHYTHM_DAYS,
    ROWS_AT_ONCE,
    SILENT,
    Outage,
    Tally,
    as_believed,
    as_silences,
    is_ahead,
    is_usual,
    silence_of,
    tally,
    unusual,
)
from common.outages.service import KEPT, SPAN_DAYS
from common.store.database import require_unit
from common.store.outbox import Teller

SILENCES = "node.silences"
_SHOWN = 4
_BEGUN, _ALL = 1, 2


@dataclass(frozen=True, slots=True)
class Quiet:
    """Of a node below: its newest silences longer than usual, what those of the last days (`SPAN_DAYS`) come
    to, and since when one lasts (0: none does).
    """

    newest: tuple[Outage, ...]
    tally: Tally
    since: int
    is_usual: bool


class Silences(Teller):
    """The silences of nodes below, as this node and those between noted them."""

    def lasting(self) -> dict[str, int]:
        """Return the nodes whose silence this node has noted and that last, with their last word (UTC ms)."""
        return records.lasting_silences(self._me)

    def begin(self, node: str, last_word_at: int) -> None:
        """Note that a node below is silent since its last word; a second time adds nothing."""
        require_unit()
        if node not in self.lasting():
            records.put_silence(node, self._me, Outage(SILENT, last_word_at, 0), KEPT)

    def end(self, node: str, next_word_at: int) -> Outage | None:
        """Note that a node below was heard again; return its silence, None when it had none."""
        require_unit()
        began = self.lasting().get(node, 0)
        if not began:
            return None
        found = silence_of(began, next_word_at)
        doubt = found.is_doubtful or int(records.is_doubted(node, self._me, began))
        found = found._replace(began_at=began, ended_at=max(1, found.ended_at), is_doubtful=doubt)
        records.put_silence(node, self._me, found, KEPT)
        if not self._is_worth_telling(node, found):
            records.let_untold(node, self._me, began)
        return found

    def begin_anew(self) -> None:
        """Doubt what lasts: a copy put back cannot tell who was heard since it was made."""
        require_unit()
        records.doubt_lasting(self._me)

    def is_time_to_tell(self, now_ms: int) -> bool:
        """Say whether there is something that `report` would tell. It only reads."""
        return self._is_told_upward() and any(self._due(now_ms))

    def report(self, now_ms: int) -> list[str]:
        """Tell the nodes above of silences longer than usual and than an hour; return act ids, at most one.

        A silence is told when it has lasted an hour, and again when it is over.
        """
        require_unit()
        if not self._is_told_upward():
            return []
        due = self._due(now_ms)[:ROWS_AT_ONCE]
        for node, one in due:
            told = _ALL if one.ended_at else _BEGUN
            records.set_silence_told(node, self._me, one.began_at, told)
        return [self._tell(SILENCES, as_silences(due))] if due else []

    def told_lasting(self) -> dict[tuple[str, str], int]:
        """Return (node, the node above it that noted it) → since when it is silent, of all that is known."""
        return records.all_lasting()

    def ends(self, told_by: str, node: str, one: Outage) -> bool:
        """Say whether what a node tells is the end of a silence that it told of before. It only reads."""
        return bool(one.ended_at) and records.is_lasting(node, told_by, one.began_at)

    def take(self, told_by: str, told: list[tuple[str, Outage]], heard_at: int) -> None:
        """Store what a node below noted of those below it; what is known to be over stays so.

        What lies ahead of the clock here is stored as doubtful: it hides nothing that comes later.
        """
        require_unit()
        for node, one in told:
            records.put_silence(node, told_by, as_believed(one, heard_at), KEPT)

    def quiet_of(self, node: str, noted_by: str, now_ms: int) -> Quiet:
        """Return what another node, or this one, noted of the silences of a node below it."""
        begin = now_ms - SPAN_DAYS * DAY_MS
        known = records.silences(node, noted_by, begin - RHYTHM_DAYS * DAY_MS)
        # By a clock that ran ahead: what began then would hide all that came since.
        known = [
            one for one in known if not (one.is_doubtful and (is_ahead(one, now_ms) or not one.ended_at))
        ]
        last = next((one for one in reversed(known) if not one.is_doubtful), None)
        since = last.began_at if last is not None and not last.ended_at else 0
        over = [_until(one, now_ms) for one in known]
        lasting = over[known.index(last)] if last is not None and since else None
        # Another told of nothing but what it found unusual, and it alone knows what is usual there.
        shown = unusual(over) if noted_by == self._me else over
        newest = [one._replace(ended_at=0) if one is lasting else one for one in shown[-_SHOWN:]]
        span = tally(shown, begin, now_ms)
        return Quiet(tuple(reversed(newest)), span, since, lasting is not None and lasting not in shown)

    def _is_told_upward(self) -> bool:
        tree = self._tree()
        return self._me in tree and tree.top not in ("", self._me)

    def _due(self, now_ms: int) -> list[tuple[str, Outage]]:
        return [
            (node, one)
            for node, one, told in records.silences_to_tell(self._me)
            if told or self._is_worth_telling(node, _until(one, now_ms))
        ]

    def _is_worth_telling(self, node: str, one: Outage) -> bool:
        if one.lasted_ms < LONG_MS and not one.is_doubtful:
            return False
        since = one.began_at - (RHYTHM_DAYS + 1) * DAY_MS
        past = [other for other in records.silences(node, self._me, since) if other.began_at < one.began_at]
        return not is_usual(one, past)


def _until(one: Outage, now_ms: int) -> Outage:
    """Return a silence as over; one that lasts ends now, or as long ago as it began by a clock set back."""
    return one if one.ended_at else one._replace(ended_at=max(one.began_at, now_ms))
