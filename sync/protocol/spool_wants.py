"""The part of the port `Spool` that says which acts a node lacks, and who is behind that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class SpoolWants(Protocol):
    """Acts wanted, each under everybody who is behind it: one of them alone hides nothing of the others."""

    def want(self, act: str, cause: str = "") -> None:
        """Remember that this node lacks an act it has heard of, or its body.

        `cause`: the author of what waits for it. Without one it is the act's own, if that is known here.
        """

    def unwant(self, acts: Iterable[str]) -> None:
        """They came, or nothing waits for them any more, whoever was behind that."""

    def wanted(self, acts: Iterable[str]) -> set[str]:
        """Return which of these acts are wanted."""

    def wants(self, limit: int) -> list[str]:
        """Return acts wanted, of each who is behind some in turn, the oldest first."""

    def wants_by_cause(self, limit: int) -> list[list[str]]:
        """Return up to `limit` acts wanted, by who is behind them; of each the oldest first.

        Each has the same room; what some leave is for the others.
        """
