"""A document of this node's own comes back that it does not know: put back, it published the version anew."""

from __future__ import annotations

from sync.protocol.core import Core
from sync.protocol.documents import keep_former
from sync.protocol.errors import NotEnrolled
from sync.protocol.issue import put_on_shelf
from sync.protocol.shelf import Draft, ShelfDoc, read_doc
from sync.protocol.spool import Held


def is_twin(core: Core, held: Held | None, doc: ShelfDoc) -> bool:
    """Say whether this node has another document of its own in force under the same version."""
    if held is None or doc.author != core.me:
        return False
    return held.rank[0] == doc.version and held.statement.hash != doc.statement.hash


def publish_above(core: Core, held: Held, twin: ShelfDoc) -> list[ShelfDoc]:
    """Publish the document in force once more, above both; return what the application should hear of.

    Of two under one version nobody who holds the one would ever take the other.
    """
    keep_former(core, twin)
    mine = read_doc(held.statement, held.content)
    at = mine.statement.fields()["at"]
    try:
        made = put_on_shelf(core, Draft(mine.kind, mine.key, 0, "", mine.audience, mine.content, at))
    except NotEnrolled:
        return [twin]
    core.note("S128", core.me, f"{mine.kind} {mine.key} {mine.version} twice, published above")
    return [twin, made]
