"""The log of views of one node, and what it knows of the logs of nodes below.

Rows are only ever added. What happened to one afterwards shows in the chain, in the digests kept here, and in
those the nodes above hold: whoever rewrites the log must rewrite theirs, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from common.days import local_day
from common.errors import NotAllowed, NotFound
from common.journal import records
from common.journal.rules import (
    ROWS_AT_ONCE,
    START,
    Digest,
    Fields,
    View,
    What,
    as_fields,
    chained,
    digests_of,
    head_after,
    rows_fields,
)
from common.store import audit
from common.store.database import require_unit
from common.store.outbox import Teller
from sync.protocol.address import is_address

VIEWS = "people.views"
WANTED = "people.views_wanted"
ROWS = "people.views_rows"
# What does not fit at a digest from below.
GAP, REWRITTEN = "gap", "rewritten"

_DIGESTS_CHECKED = 1_000
DIGESTS_SHOWN = 62
LATEST = records.LATEST
_ROWS_SENT_MAX = 5_000


class NoSuchDigest(NotFound):
    """The node below has told of no such day."""

    code = "E250"
    sentence = "没有这一天的查阅摘要。"


class NotADesk(NotAllowed):
    """Only the log of a node below can be asked for."""

    code = "E251"
    sentence = "只能调取下级站点的查阅记录。"


@dataclass(frozen=True, slots=True)
class DayBelow:
    """A day's digest from below; `fault` is empty, GAP or REWRITTEN; `views` is empty until they came.

    `is_former` says that the log has begun again since, on another machine perhaps: rows of such a day, if
    they did not come before, cannot be had any more. `is_elsewhere`: it was told by a former computer.
    """

    digest: Digest
    fault: str
    views: tuple[View, ...]
    is_former: bool = False
    is_elsewhere: bool = False


class ViewLog(Teller):
    """The log of views of one node."""

    # --- this node
    def record(self, login: str, seen: tuple[What, str, Fields], now_ms: int) -> None:
        """Add one view to the log: kind of page, case number or other name of the object, class of data."""
        require_unit()
        pos, before = records.last()
        what, name, fields = seen
        view = View(pos + 1, max(0, now_ms), login, what.value, name[:64], fields.value)
        records.add(view, chained(before, view))

    @staticmethod
    def head() -> tuple[int, str]:
        """Return position and chain hash of the newest row, (0, START) when there is none."""
        return records.last()

    @staticmethod
    def chain_at(pos: int) -> str:
        """Return the chain's hash at a position, START at 0, "" where no such row is."""
        return records.chain_at(pos) or ("" if pos else START)

    def newest(self, limit: int, before: int = records.LATEST) -> list[View]:
        """Return the newest views at this node, of those before a position."""
        return records.newest(limit, before)

    def of(self, name: str, limit: int) -> list[View]:
        """Return who looked at a case at this node, the newest first."""
        return records.of_objects([name], limit)

    def of_any(self, names: Sequence[str], limit: int, before: int = records.LATEST) -> list[View]:
        """Return who looked at one of several objects at this node, the newest first, before a position."""
        return records.of_objects(names, limit, before)

    def report(self, now_ms: int) -> list[str]:
        """Close the days that are over: keep a digest of each, tell the nodes above; return the act ids.

        A node that has not joined a network yet closes none: the first digest told begins with the first row.
        """
        require_unit()
        tree = self._tree()
        if self._me not in tree:
            return []
        told = records.digests("", 1)
        upto = told[0][0].upto if told else 0
        acts = []
        is_below = tree.top not in ("", self._me)
        # A list first: the table of digests is written while the log is read.
        for digest in list(digests_of(records.after(upto), local_day(now_ms))):
            records.add_digest("", digest, "")
            if is_below:
                acts.append(self._tell(VIEWS, as_fields(digest)))
        return acts

    def problems(self) -> list[str]:
        """Walk the whole log; return what was taken out, put in or changed, empty when nothing was."""
        found = []
        expected, before = 1, START
        for view, chain in records.after(0):
            if view.pos != expected or chain != chained(before, view):
                found.append(f"view log broken at {view.pos}")
                break
            expected, before = view.pos + 1, chain
        for digest, _ in records.digests("", _DIGESTS_CHECKED):
            if records.chain_at(digest.upto) != digest.head:
                found.append(f"view log differs from the digest of {digest.day}")
        return found

    def answer_demand(self, first: int, upto: int) -> list[str]:
        """Send the rows of a day that a node above asked for; return the act ids.

        None of a day this log has told nobody of: on a new machine, or where a copy was put back, other rows
        stand at those places by now, and whoever compares them would say that the log was rewritten. Never
        more than a few thousand at once, whatever was asked for.
        """
        require_unit()
        if not records.has_digest("", first, upto):
            return []
        views = records.between(first, min(upto, first + _ROWS_SENT_MAX - 1))
        parts = [views[at : at + ROWS_AT_ONCE] for at in range(0, len(views), ROWS_AT_ONCE)]
        return [self._tell(ROWS, rows_fields(part)) for part in parts]

    # --- nodes below
    def take_digest(self, node: str, digest: Digest) -> None:
        """Store a digest of a node below; one that does not follow the last is marked as a gap."""
        require_unit()
        newest = records.digests(node, 1)
        follows = newest[0][0].upto + 1 if newest else 1
        records.add_digest(node, digest, "" if digest.first == follows else GAP)

    def retired(self) -> list[str]:
        """Return nodes below that are out of the tree and told of their views while they were in it."""
        tree = self._tree()
        return [node for node in records.tellers() if node not in tree and tree.is_below(node, self._me)]

    def days_below(self, node: str, skip: int = 0) -> list[DayBelow]:
        """Return the newest days of a node below but the first `skip`, with the rows that have come.

        One more than pages show, so that they know of it.
        """
        told = records.digests(node, _DIGESTS_CHECKED)
        present, found = {digest for digest, _ in _present(node)}, []
        newer = [digest.first == 1 for digest, _ in told]
        for place, (digest, fault) in enumerate(told[skip : skip + DIGESTS_SHOWN + 1], skip):
            rows, is_former = tuple(records.below(node, digest.first, digest.upto)), digest not in present
            own = rows if fault == REWRITTEN else _its_own(digest, rows)
            # Of a log that is no more they are all there or of no use: the rest does not come.
            is_shown = not is_former or len(own) == digest.count
            is_elsewhere = any(newer[:place])
            found.append(DayBelow(digest, fault, own if is_shown else (), is_former, is_elsewhere))
        return found

    def demand(self, node: str, upto: int, by: str, now_ms: int) -> str:
        """Ask a node below for the rows of the day that ends at position `upto`; return the act's id.

        Never all of a busy day come at once: asked again, from the first that is not here on.

        Raises:
            NotADesk: the node is not below this one.
            NoSuchDigest: it has told of no such day, or its log has begun again since.
        """
        require_unit()
        if not is_address(node) or not self._tree().is_below(node, self._me):
            raise NotADesk()
        found = next((one for one, _ in _present(node) if one.upto == upto), None)
        if found is None:
            raise NoSuchDigest()
        here = {view.pos for view in _its_own(found, tuple(records.below(node, found.first, found.upto)))}
        lacking = (pos for pos in range(found.first, found.upto) if pos not in here)
        # With all of them here they are asked for anew: somebody wants to compare them once more.
        first = found.first if len(here) == found.count else next(lacking, found.upto)
        audit.record(by, "people.views_wanted", node, {"first": first, "upto": found.upto}, now_ms)
        return self._outbox.announce(WANTED, {"node": node, "first": first, "upto": found.upto}, [node])

    def take_rows(self, node: str, views: list[View]) -> None:
        """Store rows of a node below, and compare each day that is whole with what was told of it."""
        require_unit()
        records.put_below(node, views)
        # What another machine told before, of the same positions, these rows say nothing about.
        known = _present(node)
        heads = {digest.upto: digest.head for digest, _ in known} | {0: START}
        touched = [pair for pair in known if pair[0].first <= views[-1].pos and pair[0].upto >= views[0].pos]
        for digest, fault in touched:
            own = _its_own(digest, tuple(records.below(node, digest.first, digest.upto)))
            before, is_strange = heads.get(digest.first - 1), _has_strange(digest, views)
            if fault != GAP and (is_strange or (len(own) == digest.count and before is not None)):
                is_same = not is_strange and head_after(before or START, own) == digest.head
                records.set_fault(node, digest, "" if is_same else REWRITTEN)


def _present(node: str) -> list[tuple[Digest, str]]:
    """Return the digests of a node below, the newest first, back to where its log began as it is now.

    A machine that was replaced counts its rows from one again. One put back from a copy goes on from the end
    of the copy: what was told after that is no more, the days before it are.
    """
    found: list[tuple[Digest, str]] = []
    rest = records.digests(node, _DIGESTS_CHECKED)
    while rest:
        ends = found[-1][0].first - 1 if found else rest[0][0].upto
        # After two copies several days may end before this one begins: the one just before it is of its log.
        place = next((place for place, (one, _) in enumerate(rest) if one.upto == ends), -1)
        if place < 0:
            place = next((place for place, (one, _) in enumerate(rest) if one.upto < ends), -1)
        if place < 0:
            break
        found.append(rest[place])
        rest = rest[place + 1 :]
    return found


def _its_own(digest: Digest, rows: tuple[View, ...]) -> tuple[View, ...]:
    """Return the rows at the places of a day that are of that day, and not of another log's."""
    return tuple(view for view in rows if local_day(view.at) == digest.day)


def _has_strange(digest: Digest, views: Iterable[View]) -> bool:
    """Say whether rows that were sent for a day are of another one: in a log that was told so none is."""
    mine = (view for view in views if digest.first <= view.pos <= digest.upto)
    return any(local_day(view.at) != digest.day for view in mine)
