"""A document of this node's own comes back that it does not know: put back, it published the version anew.

Or a key of this node has signed it that is revoked. Nobody takes that any more, but who had it before keeps
it in force until a newer version comes: so the next one is published above it.
"""

from __future__ import annotations

from sync.protocol.core import Core
from sync.protocol.documents import keep_former
from sync.protocol.errors import BadRoster, NotEnrolled
from sync.protocol.own.issue import put_on_shelf, take_version, was_believed
from sync.protocol.rotation import gone_key, is_key_gone
from sync.protocol.shelf import Draft, ShelfDoc, read_doc
from sync.protocol.spool import Held
from sync.protocol.twins import note_passed_over, note_twin

# Noted of what this node signed once more, above another that others hold under that number. It need not have
# been put back for that: its former key may have been revoked.
SIGNED_ABOVE = "S136"


def meet_twin(core: Core, held: Held, twin: ShelfDoc) -> list[ShelfDoc]:
    """Another text of the version in force here has come; return what the application should hear of."""
    if twin.author == core.me:
        return publish_above(core, held, twin)
    note_twin(core, held, twin)
    return [twin]


def publish_above(core: Core, held: Held, twin: ShelfDoc) -> list[ShelfDoc]:
    """Publish the document in force once more, above both; return what the application should hear of.

    Of two under one version nobody who holds the one would ever take the other.
    """
    keep_former(core, twin)
    return [twin, *_publish_again(core, held, twin.version)]


def pass_over(core: Core, held: Held | None, doc: ShelfDoc) -> list[ShelfDoc]:
    """Pass over a document that was signed by a key that is gone; return what the application should hear of.

    One of this node's own says which version others may have in force: what is published comes above it, and
    what is in force here is published once more if it does not stand above it yet. Not where a key that is
    gone has signed that too: the machine signs nothing anew that a thief may have written. Of another's its
    author is told.
    """
    core.note(BadRoster.code, doc.author, "document of a revoked key")
    key = gone_key(core, doc.author, doc.statement.key_id)
    if key is None or not was_believed(core, doc) or not doc.statement.signed_by(key, core.suite):
        return []
    if doc.author != core.me:
        note_passed_over(core, held, doc)
        return []
    take_version(core, held, doc)
    if held is None or held.rank[0] > doc.version or is_key_gone(core, core.me, held.statement.key_id):
        return []
    return _publish_again(core, held, doc.version)


def _publish_again(core: Core, held: Held, version: int) -> list[ShelfDoc]:
    mine = read_doc(held.statement, held.content)
    at = mine.statement.fields()["at"]
    try:
        made = put_on_shelf(core, Draft(mine.kind, mine.key, 0, "", mine.audience, mine.content, at))
    except NotEnrolled:
        return []
    core.note(SIGNED_ABOVE, core.me, f"{mine.kind} {mine.key} {version} twice, published above")
    return [made]
