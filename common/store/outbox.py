"""The one way from a service to the sync layer: an act is announced in the unit that made it.

Never sends anything itself. After a crash the act and the rows it speaks of are both there or both not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from common.store.database import require_unit
from sync.protocol import canonical

if TYPE_CHECKING:
    from sync.protocol.address import Tree
    from sync.protocol.frame import BlobRef

# The tree of divisions as the roster has it now; it changes, so it is asked for, never kept.
TreeSource: TypeAlias = "Callable[[], Tree]"


class Submitter(Protocol):
    """What the sync peer offers: sign `content` and give it a place in the stream to each of `to`."""

    def submit(self, kind: str, content: bytes, to: Sequence[str], blobs: Sequence[BlobRef]) -> str:
        """Return the id of the act, 32 hex characters."""
        ...


class Outbox:
    """Announces what services did to the nodes that must know."""

    def __init__(self, peer: Submitter) -> None:
        self._peer = peer

    def announce(
        self, kind: str, body: Mapping[str, Any], to: Sequence[str], blobs: Sequence[BlobRef] = ()
    ) -> str:
        """Sign one act and queue it for every address in `to`; return its id (32 hex characters).

        The body goes out as canonical JSON, with `to` in it: each reader can see who else was told.

        Raises:
            UnitMisuse: no unit of work is open.
            sync.protocol.errors.SyncError: the body holds what canonical JSON refuses; nothing was queued.
        """
        require_unit()
        content = canonical.dumps({**body, "to": list(to)})
        return self._peer.submit(kind, content, to, blobs)


class Teller:
    """A service that tells the node at the top, and all between, of what happens here.

    Args:
        me: this node's address.
        tree: who is above whom, now.
        outbox: the way to other nodes.
    """

    def __init__(self, me: str, tree: TreeSource, outbox: Outbox) -> None:
        self._me = me
        self._tree = tree
        self._outbox = outbox

    def _tell(self, kind: str, body: Mapping[str, Any]) -> str:
        """Announce an act to the top; return its id. Raises as `Outbox.announce`."""
        return self._outbox.announce(kind, body, [self._tree().top])
