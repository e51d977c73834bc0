"""A fake outbox that keeps what was announced, as the sync layer would carry it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.casework.rules.event import CaseEvent
from sync.protocol import canonical
from sync.protocol.frame import Act, BlobRef
from tests.casework.build import NOON, act_id


class FakeOutbox:
    """Held to the same promise as the real one: canonical bytes, an id that depends on all of them."""

    def __init__(self, me: str) -> None:
        self.me = me
        self.acts: list[Act] = []
        self.to: list[tuple[str, ...]] = []

    def announce(
        self, kind: str, body: Mapping[str, Any], to: Sequence[str], blobs: Sequence[BlobRef] = ()
    ) -> str:
        content = canonical.dumps({**body, "to": list(to)})
        own_id = act_id(self.me, kind, content, len(self.acts))
        act = Act(own_id, kind, self.me, content, tuple(blobs), "", NOON)
        self.acts.append(act)
        self.to.append(tuple(to))
        return act.id

    def bodies(self) -> list[tuple[str, dict[str, Any]]]:
        """Return kind and body of everything announced."""
        return [(act.kind, canonical.loads(act.content)) for act in self.acts]

    def events(self) -> list[CaseEvent]:
        """Return everything announced as the fold takes it."""
        return [
            CaseEvent(a.id, a.kind, a.author, canonical.loads(a.content), tuple(b.hash for b in a.blobs))
            for a in self.acts
        ]
