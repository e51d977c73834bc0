"""The end of a run: faults off and lines up, all that was entered must be where it belongs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from common.casework.rules.case import fold
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.shape import BRIEF
from sync.protocol import signed
from sync.protocol.acts.audience import may_have_paper
from sync.protocol.found import DOUBT
from sync.protocol.frame import Frame, StreamId
from sync.protocol.incoming.doubts import agreed
from sync.protocol.receipts import END, read_receipt
from sync.protocol.spool import GAP, PARKED, UNKNOWN_KEY, Part
from sync.protocol.streams import Stream
from tests.simulation.begun import is_begun_in_vain, waits_at_mark
from tests.simulation.elsewhere import is_for_others, leads_to_others
from tests.simulation.intended import event_of
from tests.simulation.shelves import documents_missing, not_on_the_shelf

if TYPE_CHECKING:
    from tests.simulation.site import Site
    from tests.simulation.world import County


def unfinished(county: County) -> list[str]:
    """Return what still keeps the county from rest; nothing when all is well."""
    found: list[str] = []
    for site in county.sites.values():
        found += _unsettled(site)
        found += _unreceipted(county, site)
        found += _vectors_apart(county, site)
        found += _still_offered(county, site)
    if not found:
        county.oracle.trust.take_for_own()
        found += not_on_the_shelf(county)
        found += _copies_apart(county)
        found += _acts_missing(county)
        found += _cases_apart(county)
        found += documents_missing(county)
        found += county.disks.unmended()
        found += _forged_counts(county)
    return found


def _unsettled(site: Site) -> Iterator[str]:
    spool = site.spool
    parked, wanted = spool.parked(), spool.wants(100)
    fallen = site.oracle.fallen() if parked or wanted else set()
    for row in parked:
        # What passed while a village stood here may wait for what never did: it stands elsewhere now.
        if row.id not in fallen and not is_for_others(site, row.id) and not leads_to_others(site, row):
            yield f"{site.address} parked {row.id} {row.kind} {row.reason} for {row.waits_for}"
    for act in wanted:
        if act not in fallen and not is_for_others(site, act):
            yield f"{site.address} wants {act}"
    lost = site.oracle.lost_papers
    for stream_id in spool.gap_streams():
        stream = spool.stream(stream_id)
        # Whom a village has left gets no more of it; what it has a part in is looked at with the cases.
        is_mine = site.tree.holds(stream_id.src, stream_id.dst, site.address)
        if is_mine and stream is not None and any(b not in lost for _, b in spool.gaps(stream, 1_000)):
            yield f"{site.address} lacks papers of {stream_id}"
    top = next(iter(site.oracle.sites.values())).peer.core
    for act, blob in spool.loose_gaps(100):
        # Not where it came while somebody stood below who has left since.
        if blob not in lost and may_have_paper(top, site.address, blob):
            yield f"{site.address} lacks paper {blob[:12]} of {act}, which it holds loose"
    for why in (GAP, UNKNOWN_KEY):
        left = [aside.frame for aside in spool.asides(why) if not _has_new_place(site, aside.frame)]
        # What a thief put behind a gap that nobody can fill waits for ever, within its author's room.
        left = [frame for frame in left if frame.act not in site.oracle.trust.forged]
        left = [frame for frame in left if not _went_by(site, frame)]
        if left:
            yield f"{site.address} keeps {len(left)} frames aside: {why}"
    for held in spool.all_held(DOUBT):
        src, _, dst = held.key.split("|")
        # To who stands on the way no more comes no word of the destination that would end it.
        if site.tree.holds(src, dst, site.address):
            yield f"{site.address} is in doubt of {held.key}"


def _has_new_place(site: Site, frame: Frame) -> bool:
    """Say whether a frame waits for places that nobody has now, while its act came in a later epoch.

    Or for the record of an epoch that all have forgotten: bytes of before brought the frame without it.
    """
    src, epoch, _ = frame.header.stream
    sites = site.oracle.sites
    is_over = src in site.oracle.forgetful and sites[src].peer.core.identity.epoch != epoch
    is_lost = all(one.peer.core.epoch(src, epoch) is None for one in sites.values())
    return is_over and (is_lost or site.spool.act(frame.act) is not None)


def _went_by(site: Site, frame: Frame) -> bool:
    """Say whether a frame waits in a stream of which no more comes here: who it goes to has moved away.

    Then its act has come by another way, or is for others now.
    """
    stream = frame.header.stream
    if site.tree.holds(stream.src, stream.dst, site.address):
        return False
    return site.spool.act(frame.act) is not None or is_for_others(site, frame.act)


def _unreceipted(county: County, site: Site) -> Iterator[str]:
    """Every stream is end-receipted, papers and all, at its author."""
    for stream in site.spool.streams():
        if stream.id.src != site.address or stream.id.dst == site.address:
            continue
        held = site.spool.held(signed.RECEIPT, f"{stream.id}|{stream.id.dst}|{END}")
        receipt = read_receipt(held.statement) if held else None
        lost = site.oracle.lost_papers
        papers = stream.upto
        if lost and receipt is not None and any(blob in lost for blob in receipt.missing):
            papers = receipt.papers
        if receipt is None or receipt.upto < stream.upto or receipt.papers < papers:
            got = (receipt.upto, receipt.papers) if receipt else "nothing"
            yield f"{site.address} has {got} receipted of {stream.id} {stream.upto}"


def _vectors_apart(county: County, site: Site) -> Iterator[str]:
    """What a node believes its parent holds is what the parent holds, and the other way round."""
    for one, other in lines(county, site):
        shared = one.tree.holds
        believed = {
            stream: part
            for stream, part in one.spool.vector(other.address).items()
            if shared(stream.src, stream.dst, one.address)
        }
        held = [s for s in other.spool.streams() if s.upto and shared(s.id.src, s.id.dst, one.address)]
        actual = {s.id: _told(other, s) for s in held if s.id in believed or not _is_untold(one, other, s.id)}
        if believed != actual:
            yield f"{one.address} has a wrong vector of {other.address}"


def _told(site: Site, stream: Stream) -> Part:
    """Return what a node tells of its copy: of one that goes by it no more, as far as it is in no doubt.

    That was another's branch, and its author shows the true one to whom it goes by now alone.
    """
    if site.tree.holds(stream.id.src, stream.id.dst, site.address):
        return Part(stream.base, stream.upto, stream.head)
    return agreed(site.peer.core, stream)


def _is_untold(one: Site, other: Site, stream: StreamId) -> bool:
    """Say whether a node need not tell of its copy of what goes by it no more, as it need not know by whom.

    A village stood below it once, and the township that writes to that was relieved: it concerns others. It
    does as long as it knows that the village has left it.
    """
    src, _, dst = stream
    return not one.tree.holds(src, dst, other.address) and not other.tree.holds(src, dst, one.address)


def _still_offered(county: County, site: Site) -> Iterator[str]:
    """Nobody is offered anything without end: on a thin line nothing else would ever go."""
    for one, other in lines(county, site):
        if one.peer.waits_for(other.address):
            yield f"{one.address} offers {other.address} things without end"


def lines(county: County, site: Site) -> Iterator[tuple[Site, Site]]:
    if site.uplinks:
        parent = county.sites[site.uplinks[0]]
        yield site, parent
        yield parent, site


def _copies_apart(county: County) -> Iterator[str]:
    """Every node on the way of a stream holds the same of it."""
    tree = county.sites[county.addresses[0]].tree
    heads: dict[StreamId, dict[str, tuple[int, bytes]]] = {}
    for address, site in county.sites.items():
        for stream in site.spool.streams():
            if stream.upto:
                heads.setdefault(stream.id, {})[address] = (stream.upto, stream.head)
    for stream_id, found in heads.items():
        way = {*tree.path(stream_id.src, stream_id.dst)}
        # Who a village has left keeps what it had, and gets no more of it.
        found = {address: head for address, head in found.items() if address in way}
        is_whole = set(found) == way and len(set(found.values())) == 1
        passes = is_whole or is_begun_in_vain(county, stream_id, found)
        if not (passes or waits_at_mark(county, stream_id, found)):
            yield f"copies of {stream_id} differ: {sorted((a, upto) for a, (upto, _) in found.items())}"


def _acts_missing(county: County) -> Iterator[str]:
    oracle = county.oracle
    tree = county.sites[county.addresses[0]].tree
    fallen = oracle.fallen()
    for act, intended in oracle.acts.items():
        if act in fallen:
            continue
        nodes = {node for target in intended.to for node in tree.path(intended.author, target)}
        for node in sorted(nodes):
            site = county.sites[node]
            row = site.spool.act(act)
            if row is None and county.purging.may_lack(node, act, intended):
                continue
            if row is None:
                yield f"{node} does not have {act}"
                continue
            told = node != intended.author and intended.kind != BRIEF
            if row.state == PARKED or (told and (node, act) not in oracle.applied):
                yield f"{node} did not apply {act}"
            for blob in intended.blobs:
                if blob.hash not in oracle.lost_papers:
                    oracle.check_paper(site, blob.hash)


def _forged_counts(county: County) -> Iterator[str]:
    """Nothing a thief has made counts anywhere once its key is revoked and people have looked at it."""
    trust = county.oracle.trust
    for site in county.sites.values() if trust.forged else ():
        for case, known in site.book.cases.items():
            for event in known.events:
                if event.id in trust.forged:
                    yield f"{site.address} counts {event.id} in {case}, which a thief has made"


def _cases_apart(county: County) -> Iterator[str]:
    """Every node with a part in a case folds it to the oracle's own fold, and holds all its papers."""
    events: dict[str, list[CaseEvent]] = {}
    fallen = county.oracle.fallen()
    for act, intended in county.oracle.acts.items():
        if intended.kind != BRIEF and act not in fallen:
            event = event_of(act, intended)
            events.setdefault(event.body["case"], []).append(event)
    tree = county.sites[county.addresses[0]].tree
    for case, made in events.items():
        truth = _truth(county, case, (tree.top, made))
        plain = _plain(truth)
        if truth.invalid or truth.forks or case not in county.oracle.numbers:
            yield f"{case} has {truth.invalid} {truth.forks}"
        for node in sorted({at for party in truth.parties.values() for at in tree.up(party)}):
            here = county.sites[node].book.cases.get(case)
            if county.purging.may_lack_case(node, case, made):
                continue
            if here is None or _plain(here.state) != plain:
                yield f"{node} folds {case} to {here.state.state if here else 'nothing'}, not {truth.state}"
            for blob in {blob for event in made for blob in event.blobs} - county.oracle.lost_papers:
                county.oracle.check_paper(county.sites[node], blob)


def _truth(county: County, case: str, of: tuple[str, list[CaseEvent]]) -> CaseState:
    """Fold a case, given apex and events; only once while nothing is added: it is asked until all rests."""
    known = county.oracle.folded.get(case)
    if known is None or known[0] != of:
        known = county.oracle.folded[case] = (of, fold(of[1], apex=of[0]))
    return known[1]


def _plain(state: CaseState) -> object:
    return state, sorted(state.reports), state.chain
