"""The county's list of revoked seals goes down over the line, too: as a document on the shelf.

It is signed twice, by the county's node and inside by the root of its seals, which is what counts here: a
stick and the line bring the same list. Whoever has no seals lets it pass; a node that was put back gets it
with the first contact. A node of a former program keeps the document and passes it on.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from common.catalogue.adoption import Adopter, Unusable
from common.errors import LiandongError
from common.node.watches.staffing import Shelf
from common.seal.errors import BadSealFile, ListNotKept, NotAtThisTier, OldList, SealKeysDamaged
from common.store import audit
from sync.protocol import canonical, signed
from sync.protocol.errors import NotCanonical, NotEnrolled
from sync.protocol.shelf import CONTENT_BYTES_MAX, ShelfDoc, read_doc

if TYPE_CHECKING:
    from pathlib import Path

    from common.node.heart import Heart

KIND, KEY, _FIELD = "seal.revoked", "list", "crl"
_ROOT, _LIST = "root.cer", "seals.crl"


class SealNews:
    """The list on its way down. `folder` is the node's folder of seals, which few nodes have."""

    def __init__(self, folder: Path, heart: Heart, me: str) -> None:
        self._folder = folder
        self._heart = heart
        self._me = me

    def tell(self) -> int:
        """Publish the list that is in force here, at the top; 1 if it was, 0 where there is nothing new.

        One too long for a document goes by stick alone. Call it in the unit of work.
        """
        if self._heart.tree().top != self._me or not (self._folder / _LIST).exists():
            return 0
        try:
            content = canonical.dumps({_FIELD: self._list_file().decode("ascii")})
        except (LiandongError, OSError):
            # What is damaged stops the sealing, and `doctor` tells; it must not stop the node.
            return 0
        held = self._heart.spool.held(signed.SHELF, f"{self._me}|{KIND}|{KEY}")
        is_told = held is not None and held.content == content
        if is_told or len(content) > CONTENT_BYTES_MAX or not self._may_speak():
            return 0
        Shelf(self._heart, self._me).publish(KIND, KEY, content)
        return 1

    def _may_speak(self) -> bool:
        """Say whether the key of this node is here; the first start with it tells, others must go on."""
        try:
            self._heart.peer.core.own_key()
        except NotEnrolled:
            return False
        return True

    def adopt(self, docs: Iterable[ShelfDoc]) -> set[str]:
        """Take a list of the top into the folder of seals, where there is one; see `Adopter.adopt`."""
        note = self._heart.peer.core.note
        return Adopter(KIND, self._heart.tree, note, NotAtThisTier.code, self._take).adopt(docs)

    def adopt_held(self) -> None:
        """Take the list on the shelf: it came before there was a folder of seals. In a unit of work."""
        held = self._heart.spool.held(signed.SHELF, f"{self._heart.tree().top}|{KIND}|{KEY}")
        if held is not None:
            self.adopt([read_doc(held.statement, held.content)])

    def _take(self, doc: ShelfDoc) -> None:
        if not (self._folder / _ROOT).exists():
            return
        # Loaded here: a village does not carry certificates about.
        from common.seal.keys import SealKeys

        keys = SealKeys(self._folder)
        try:
            if keys.register.take(_content(doc.content), keys.root()):
                number = keys.register.list(keys.root()).number
                now = self._heart.clocks.clock.now_ms()
                audit.record("node", "seal.list_installed", doc.author, {"list": number}, now)
        except (BadSealFile, OldList, SealKeysDamaged) as problem:
            raise Unusable(problem.code, str(problem)) from None
        except OSError as problem:
            # The exchange goes on; the next start tries again.
            raise Unusable(ListNotKept.code, f"errno {problem.errno}") from None

    def _list_file(self) -> bytes:
        from common.seal.keys import SealKeys

        keys = SealKeys(self._folder)
        return keys.register.list_file(keys.root())


def _content(document: bytes) -> bytes:
    try:
        fields = canonical.loads(document)
    except NotCanonical as problem:
        raise BadSealFile(why="不是作废名单") from problem
    text = fields.get(_FIELD) if type(fields) is dict else None
    if type(text) is not str:
        raise BadSealFile(why="不是作废名单")
    return text.encode()
