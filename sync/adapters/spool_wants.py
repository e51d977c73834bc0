"""The acts a node lacks, as rows: one for each who is behind that."""

from __future__ import annotations

from collections.abc import Iterable

from sync.adapters.spool_frames import SqlFrames
from sync.protocol.wants import one_by_one, shares

_WANT = """INSERT INTO sync_wanted (no, act, cause)
    SELECT COALESCE(MAX(no), 0) + 1, CAST(? AS TEXT), CAST(? AS TEXT) FROM sync_wanted WHERE 1 = 1
    ON CONFLICT (act, cause) DO NOTHING"""
# From one cause to the next by the index: a great many wants of one are not gone through.
_CAUSES = """WITH RECURSIVE one (cause) AS (
    SELECT MIN(cause) FROM sync_wanted
    UNION ALL SELECT (SELECT MIN(w.cause) FROM sync_wanted w WHERE w.cause > one.cause) FROM one
    WHERE one.cause IS NOT NULL)
    SELECT cause FROM one WHERE cause IS NOT NULL
    ORDER BY (SELECT MIN(w.no) FROM sync_wanted w WHERE w.cause = one.cause)"""
_OF_CAUSE = "SELECT act FROM sync_wanted WHERE cause = ? ORDER BY no LIMIT ?"


class SqlWants(SqlFrames):
    """The part of the spool that says which acts are wanted."""

    def want(self, act: str, cause: str = "") -> None:
        """Remember that this node lacks an act it has heard of, or its body.

        `cause`: the author of what waits for it. Without one it is the act's own, if that is known here.
        """
        known = None if cause else self._one("SELECT author FROM sync_act WHERE id = ?", (act,))
        self._write(_WANT, (act, known[0] if known else cause))

    def unwant(self, acts: Iterable[str]) -> None:
        """They came, or nothing waits for them any more, whoever was behind that."""
        self._write_all("DELETE FROM sync_wanted WHERE act = ?", [(act,) for act in acts])

    def wanted(self, acts: Iterable[str]) -> set[str]:
        """Return which of these acts are wanted."""
        return {row[0] for row in self._among("SELECT act FROM sync_wanted WHERE act IN {}", set(acts))}

    def wants(self, limit: int) -> list[str]:
        """Return acts wanted, of each who is behind some in turn, the oldest first."""
        return one_by_one(self.wants_by_cause(limit))

    def wants_by_cause(self, limit: int) -> list[list[str]]:
        """Return up to `limit` acts wanted, by who is behind them; of each the oldest first.

        Each has the same room; what some leave is for the others.
        """
        return shares([row[0] for row in self._read(_CAUSES)], self._of_cause, limit)

    def _of_cause(self, cause: str, limit: int) -> list[str]:
        return [row[0] for row in self._read(_OF_CAUSE, (cause, limit))]
