"""The judge outside all nodes: it knows what was entered and promised, and checks every commit.

Numbers are those of the invariants the simulation keeps: 1 nothing accepted is ever absent; 2 applied at most
once, as entered; 3 a receipt implies durability; 5 one place, one hash; 6 contiguous, no gap under a receipt;
8 nothing is signed in an older database that the witness tells of; 9 no two cases share a number; 10 relayed
bytes are the author's bytes; 15 complete only with all papers; 19 a bundle twice is a bundle once; 20
exporting moves no cursor; 21 receipts make no receipts. And two of its own: 0 a node failed where it should
have refused; 100 the county did not come to rest. What only a node had that was put back may be lost.
All of them, those too that stand elsewhere: docs/proofs-of-sync.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from common.casework.rules.shape import FILED
from sync.protocol import canonical, signed
from sync.protocol.acts.deliver import Applied
from sync.protocol.frame import Act, BlobRef, Frame, StreamId
from sync.protocol.receipts import Receipt, read_receipt
from sync.protocol.spool import Held, Placed
from tests.simulation.intended import Intended, Violation
from tests.simulation.losses import Losses
from tests.simulation.shown import check_shown
from tests.simulation.trust import Trust

CRITICAL = 2

if TYPE_CHECKING:
    from common.casework.rules.event import CaseEvent, CaseState
    from tests.simulation.site import Site


class Oracle(Losses):
    """Everything that was ever entered, accepted and promised in one county."""

    def __init__(self) -> None:
        self.sites: dict[str, Site] = {}
        self.acts: dict[str, Intended] = {}
        self.made_in: dict[str, list[str]] = defaultdict(list)
        self.frames: dict[tuple[StreamId, int], dict[bytes, Frame]] = {}
        # Nodes that were put back from a copy, acts, papers and documents that only they had.
        self.forgetful: set[str] = set()
        self.at_risk: set[str] = set()
        self.lost_papers: set[str] = set()
        self.lost_documents: set[str] = set()
        self.papers: dict[str, bytes] = {}
        self.documents: dict[str, bytes] = {}
        self.numbers: set[str] = set()
        self.applied: set[tuple[str, str]] = set()
        # Acts taken back at a node since their key was revoked: it may be given them once more, its own too.
        self.undone: set[tuple[str, str]] = set()
        # The acts that the top ever had, put back since or not.
        self.at_top: set[str] = set()
        self.hops = 0
        self.trust = Trust(self)
        # Papers that rotted where they lay, and those that left a node by rule, as (address, hash).
        self.rotted: set[tuple[str, str]] = set()
        self.evicted: set[tuple[str, str]] = set()
        self._upto: dict[str, dict[StreamId, int]] = defaultdict(dict)
        self._promised: dict[str, dict[StreamId, tuple[int, int, int]]] = {}
        self._incarnations: dict[str, int] = {}
        self._proved: dict[str, dict[StreamId, int]] = defaultdict(dict)
        self._receipts: set[bytes] = set()
        self._pending: list[tuple[str, Intended]] = []
        # Acts applied in the open unit, and ids of those taken back in it, in their order.
        self._given: list[Act | str] = []
        # What acts made of cases, at whichever node first, with the state it was made of.
        self.made_of: dict[tuple[int | str, str], tuple[CaseState | None, CaseState]] = {}
        # What each case was last folded to, of which apex and events.
        self.folded: dict[str, tuple[tuple[str, list[CaseEvent]], CaseState]] = {}

    def fail(self, invariant: int, site: Site, text: str) -> None:
        """Say that an invariant does not hold.

        Raises:
            Violation: always.
        """
        raise Violation(invariant, site.address, text)

    # --- told within a unit
    def begin(self) -> None:
        """A unit opens: what was told in one that failed is forgotten."""
        self._pending, self._given = [], []

    def paper(self, name: str, content: bytes) -> None:
        """Remember the content of a paper a clerk scanned."""
        self.papers[name] = content

    def intended(
        self, site: Site, act: str, draft: tuple[str, bytes, tuple[BlobRef, ...], tuple[str, ...]]
    ) -> None:
        """Somebody announced an act; it counts when its unit commits."""
        kind, content, blobs, to = draft
        self._pending.append((act, Intended(site.address, kind, content, blobs, to)))

    def given(self, site: Site, acts: Sequence[Act], result: Applied) -> None:
        """The application of a node was handed acts; those not parked are applied when the unit commits."""
        for act in acts:
            known = self.acts.get(act.id) or self.trust.forged.get(act.id)
            is_undone = (site.address, act.id) in self.undone or act.id in self._given
            is_back = act.author == site.address and (site.address in self.forgetful or is_undone)
            if known is None or (act.author == site.address and not is_back):
                self.fail(2, site, f"act {act.id} was given to apply, but nobody else meant it")
            if (act.author, act.kind, act.content, act.blobs) != known[:4]:
                self.fail(2, site, f"act {act.id} differs from what was entered")
            if act.id not in result.parked:
                self.trust.check_applied(site, act)
                self._given.append(act)

    def taken_back(self, site: Site, acts: Sequence[str]) -> None:
        """A node undoes acts: they may be applied there once more, if its unit commits."""
        self._given += acts
        for _ in acts:
            site.county.faults.count("act_taken_back")

    # --- told at a commit
    def committed(self, site: Site) -> None:
        """A unit of a node has committed: check all it brought."""
        self.trust.committed(site)
        fresh = {act for act, _ in self._pending}
        for act, intended in self._pending:
            self.keep(site, act, intended)
            if intended.kind == FILED:
                if site.disk == CRITICAL:
                    self.fail(18, site, f"took {act} in though its disk is nearly full")
                self._new_number(site, canonical.loads(intended.content)["case"])
        for act in self._given:
            self._count_applied(site, act)
        for news in site.spool.news:
            if isinstance(news, Placed):
                if site.address == site.county.addresses[0]:
                    self.at_top.add(news.frame.act)
                self._check_frame(site, news.frame, news.position)
                self._count_own(site, news, fresh)
            else:
                self._check_drop(site, *news)
        for held in site.spool.news_held:
            if held.sort == signed.RECEIPT:
                self.check_receipt(site, held)
        self._count_incarnation(site)

    def _count_applied(self, site: Site, act: Act | str) -> None:
        if isinstance(act, str):
            self.applied.discard((site.address, act))
            self.undone.add((site.address, act))
        elif (site.address, act.id) in self.applied:
            self.fail(2, site, f"act {act.id} ({act.kind}) was applied a second time")
        else:
            self.applied.add((site.address, act.id))

    def _new_number(self, site: Site, number: str) -> None:
        if number in self.numbers:
            self.fail(9, site, f"case number {number} a second time")
        self.numbers.add(number)

    def _count_own(self, site: Site, news: Placed, fresh: set[str]) -> None:
        stream = news.frame.header.stream
        if stream.src == site.address and news.position >= 0 and news.frame.act not in fresh:
            is_now = stream.epoch == site.peer.core.identity.epoch
            site.county.faults.count("place_given_again" if is_now else "own_act_fetched")

    def _count_incarnation(self, site: Site) -> None:
        now, before = site.peer.core.identity.incarnation, self._incarnations.get(site.address, 1)
        if now > before:
            site.county.faults.count("incarnation_raised")
        self._incarnations[site.address] = now

    def _check_frame(self, site: Site, frame: Frame, position: int) -> None:
        stream, seq = frame.header.stream, frame.header.seq
        known = self.frames.setdefault((stream, seq), {})
        truth = known.get(frame.hash)
        if truth is None:
            if stream.src != site.address:
                self.fail(3, site, f"holds {stream} {seq}, which its author does not have")
            if known and stream.src not in self.forgetful:
                self.fail(5, site, f"another frame at {stream} {seq}")
            known[frame.hash] = frame
            self.trust.seen(site, frame)
        elif (truth.header_bytes, truth.signature) != (frame.header_bytes, frame.signature) or (
            frame.body != truth.body and not site.county.purging.may_be_bare(site.address, frame)
        ):
            self.fail(10, site, f"other bytes at {stream} {seq}")
        if position < 0:
            return
        if stream.src != site.address:
            self.hops += 1
        before = max(self._upto[site.address].get(stream, 0), self._base(site, stream))
        if seq != before + 1:
            self.fail(6, site, f"{stream} {seq} accepted after {before}")
        self._upto[site.address][stream] = seq

    def _check_drop(self, site: Site, stream: StreamId, after: int) -> None:
        """A node leaves its branch: only where an author was put back, and never at the destination."""
        if stream.src not in self.forgetful or stream.dst == site.address:
            self.fail(5, site, f"left its branch of {stream} after {after}")
        self._upto[site.address][stream] = after
        proved = self._proved[site.address]
        proved[stream] = min(after, proved.get(stream, 0))
        incarnation, upto, papers = self._promised.get(site.address, {}).get(stream, (0, 0, 0))
        if upto:
            self._promised[site.address][stream] = (incarnation, min(upto, after), min(papers, after))

    # --- receipts
    def check_receipt(self, site: Site, held: Held) -> None:
        """A receipt was signed or arrived: its signer must hold what it says, now and after any power cut."""
        if held.statement.payload in self._receipts:
            return
        self._receipts.add(held.statement.payload)
        receipt = read_receipt(held.statement)
        signer = self.sites[receipt.signer]
        if signer.address in self.trust.stolen:
            return
        self.trust.check_end(site, receipt)
        if signer is not site and signer.address in self.forgetful:
            # It may speak of what its signer has lost since; the signer's own word is checked as it is made.
            return
        promised = self._promised.setdefault(receipt.signer, {})
        incarnation, upto, papers = promised.get(receipt.stream, (0, 0, 0))
        if incarnation < receipt.incarnation and signer.address in self.forgetful:
            upto, papers = 0, 0
        if signer is site and (receipt.upto < upto or receipt.papers < papers):
            self.fail(6, site, f"receipt on {receipt.stream} fell from {upto}, {papers}")
        self._check_held(signer, receipt.stream, receipt.upto, receipt)
        self._check_papers(signer, receipt.stream, receipt.papers)
        promised[receipt.stream] = (
            receipt.incarnation,
            max(upto, receipt.upto),
            max(papers, receipt.papers),
        )

    def _check_held(self, signer: Site, stream: StreamId, upto: int, receipt: Receipt | None) -> None:
        here = signer.spool.stream(stream)
        if here is None or here.upto < upto:
            self.fail(3, signer, f"promised {stream} up to {upto}, holds {here.upto if here else 0}")
        if max(self._upto[signer.address].get(stream, 0), here.base) < upto:
            self.fail(6, signer, f"promised {stream} up to {upto} over a gap")
        if receipt is not None and bytes.fromhex(receipt.head) != signer.spool.hash_at(here, upto):
            self.fail(3, signer, f"promised another head at {stream} {upto}")

    def _base(self, site: Site, stream: StreamId) -> int:
        here = site.spool.stream(stream)
        return here.base if here is not None else 0

    def _frames_of(self, site: Site, stream: StreamId, after: int, upto: int) -> Iterator[Frame]:
        start = max(after, self._base(site, stream))
        held = site.spool.frames_after({stream: start}, 0, upto - start) if upto > start else []
        for seq, placed in zip_longest(range(start + 1, upto + 1), held):
            if placed is None or placed.frame.hash not in self.frames[(stream, seq)]:
                self.fail(3, site, f"does not hold {stream} {seq}")
            yield placed.frame

    def _check_papers(self, signer: Site, stream: StreamId, papers: int) -> None:
        proved, apart = self._proved[signer.address].get(stream, 0), dict(signer.spool.loose_gaps(10_000))
        for frame in self._frames_of(signer, stream, proved, papers):
            # One whose body had left by rule before it came asks for no paper; back by its act, beside.
            for blob in frame.header.blobs if frame.body and frame.act not in apart else ():
                self.check_paper(signer, blob.hash)
        self._proved[signer.address][stream] = max(papers, proved)

    def check_paper(self, site: Site, blob: str) -> None:
        """A node is said to hold a paper: it must, with the bytes that were scanned."""
        is_away = (site.address, blob) in self.rotted or (site.address, blob) in self.evicted
        # A machine that came with an empty disk fetches the papers of before when somebody asks for them.
        is_away = is_away or site.address in site.county.purging.replaced
        if not is_away and site.blobs.content(blob) != self.papers[blob]:
            self.fail(15, site, f"paper {blob[:12]} is said to be held and is not")

    def after_power_cut(self, site: Site) -> None:
        """A node is on again: all it entered and all it promised must still be there."""
        for stream, (_, upto, papers) in self._promised.get(site.address, {}).items():
            self._check_held(site, stream, upto, None)
            for frame in self._frames_of(site, stream, 0, papers):
                for blob in frame.header.blobs if frame.body else ():
                    self.check_paper(site, blob.hash)
        for stream, upto in self._upto[site.address].items():
            here = site.spool.stream(stream)
            if here is None or here.upto != upto or site.spool.hash_at(here, upto) != here.head:
                self.fail(1 if stream.src == site.address else 3, site, f"{stream} is not as committed")

    def check_tick(self, site: Site, act: str) -> None:
        """What people are shown of an act must be true."""
        check_shown(self, site, act)
