"""At the top: a revoked key with more streams outside its cut than anybody shall carry along is closed.

From then on nobody tells of these streams or offers them (see `untold`), so their number costs nothing. What
stands in them is held back as before. Nodes name it to the top as they do what is on no way there: so many
acts as the top keeps open of a node, the oldest first. What counts all the same is pointed out.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sync.protocol.acts.cuts import cut_of
from sync.protocol.frame import Evidence
from sync.protocol.own.rollback import settle_rollback
from sync.protocol.trust import registrar
from sync.protocol.trust.pointing import point_out
from sync.protocol.trust.revocation import NO_BOOT
from sync.protocol.verdicts import RELEASED, acts_under

if TYPE_CHECKING:
    from sync.protocol.core import Core
    from sync.protocol.signing import KeyPair

# No honest node has so many streams by keys that were revoked: epochs times destinations, all without a cut.
STREAMS_MAX = 1_000


def close_crowds(core: Core, roster_key: KeyPair, now_ms: int) -> None:
    """Say in the entry of whoever has more streams past every cut than that that they are closed."""
    entries = core.roster.entries
    open_ones = {a for a, one in entries.items() if any(not cut.closed for cut in one.cuts.values())}
    count: Counter[str] = Counter()
    for stream in (one.id for one in core.streams() if one.id.src in open_ones):
        cut = cut_of(core, stream)
        count[stream.src] += cut is not None and str(stream) not in cut.cut
    crowds = {one for one, number in count.items() if number > STREAMS_MAX}
    # Where one key's are closed those of all are. The top may have lost that crowd since, and told nobody yet
    # what counts by a key revoked later.
    for address in sorted(crowds | {a for a in open_ones if any(c.closed for c in entries[a].cuts.values())}):
        fields = registrar.fields_of(entries[address])
        fields["revoked"] = [{**one, "closed": 1} for one in fields["revoked"]]
        registrar.enter(core, roster_key, fields, now_ms)
        # Nothing is signed into an epoch that this node has just found to be behind.
        settle_rollback(core, now_ms)
        within = [act for cut in core.roster.entries[address].cuts.values() for act in sorted(cut.ids)]
        acts = [act for act in acts_under(core, RELEASED) if _is_by(core, act, address)]
        point_out(core, [*within, *acts], Evidence(now_ms, NO_BOOT, 0))


def _is_by(core: Core, act: str, address: str) -> bool:
    row = core.spool.act(act)
    return row is not None and row.author == address
