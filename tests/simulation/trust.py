"""The judge of keys: what was signed by whom, which key was good for what, and what a thief has made.

7 epochs of a node have different numbers, and follow one another; 11 what is applied was signed by a key of
its author that is good at its place, or a person released it; 12 a roster never goes back, and holds nothing
that the top did not sign; 14 a destination's receipt is on the author's own chain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from sync.protocol import signed
from sync.protocol.acts.quarantine import RELEASED, STRUCK
from sync.protocol.core import TRUST_SORTS
from sync.protocol.entries import Entry, Revoked
from sync.protocol.frame import SIGNED_AS, Act, Frame, StreamId
from sync.protocol.receipts import END, Receipt
from sync.protocol.spool import EVIDENCE, GAP, PARKED, UNKNOWN_KEY, Held
from sync.protocol.streams import Epoch, read_epoch
from sync.protocol.verdicts import verdict_on
from tests.simulation.intended import Intended

if TYPE_CHECKING:
    from tests.simulation.oracle import Oracle
    from tests.simulation.site import Site

Cut = tuple[Mapping[str, int], frozenset[str]]


class Trust:
    """Every key, epoch and roster statement of one county, and the acts of whoever stole a key."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.by_top: set[bytes] = set()
        self.epochs: dict[StreamId, Epoch] = {}
        self.versions: dict[str, tuple[int, int]] = {}
        # By key id: where each of its streams is cut, and which acts beyond count, the last word behind. Put
        # back to before it revoked a key, the top may cut that elsewhere: both are its word.
        self.cuts: dict[str, list[Cut]] = {}
        # Whose keys the top is revoking just now: it goes by that before it has said all of it.
        self.being_said = ""
        self.places: dict[str, list[tuple[StreamId, int]]] = {}
        self.released: set[str] = set()
        # What a thief signed, and whose key was stolen.
        self.forged: dict[str, Intended] = {}
        self.stolen: set[str] = set()
        # Acts of a thief that the robbed node took for its own: by which of its keys it gave them places.
        self.in_good_faith: dict[str, set[str]] = {}

    # --- what a unit brought
    def committed(self, site: Site) -> None:
        """Look at the statements a unit brought, and at the roster after it."""
        for held in site.spool.news_held:
            if held.sort == signed.EPOCH:
                self._check_epoch(site, read_epoch(held.statement))
            elif held.sort in TRUST_SORTS and held.sort != signed.VOUCH:
                self._check_trust(site, held)
            elif held.sort == signed.SHELF:
                self._note_published_above(site, held)
        for row in site.spool.news_parked:
            if not row.reason:
                self.oracle.fail(26, site, f"act {row.id} waits and nothing says why")
        # The first head by a newer roster key stands above any number that the former one has signed.
        roster = site.peer.core.roster
        version = (roster._head_by, roster.version)
        if version < self.versions.get(site.address, (0, 0)):
            self.oracle.fail(12, site, f"the roster fell to {version}")
        self.versions[site.address] = version

    def put_back(self, site: Site) -> None:
        """An older copy of its disk is in place: its roster is an older one."""
        self.versions.pop(site.address, None)

    def _check_trust(self, site: Site, held: Held) -> None:
        if site is self._top():
            self.by_top.add(held.statement.payload)
        elif held.statement.payload not in self.by_top:
            self.oracle.fail(12, site, f"adopted a {held.sort} the top did not sign")

    def _note_published_above(self, site: Site, held: Held) -> None:
        """Who was put back publishes above both what it had published twice: the same text, signed anew."""
        documents = self.oracle.documents
        is_own = held.key.split("|")[0] == site.address and site.address in self.oracle.forgetful
        if is_own and held.content in documents.values():
            documents[held.statement.hash] = held.content

    def _top(self) -> Site:
        return next(iter(self.oracle.sites.values()))

    def _check_epoch(self, site: Site, record: Epoch) -> None:
        name = StreamId(record.src, record.id, "")
        if name in self.epochs:
            return
        may_lose = record.src in self.oracle.forgetful
        same = [e for e in self.epochs.values() if e.src == record.src and e.n == record.n]
        if same and not may_lose:
            self.oracle.fail(7, site, f"a second epoch {record.n} of {record.src}")
        prev = record.statement.fields()["prev"]
        if prev and not may_lose and all(e.statement.hash != prev for e in self.epochs.values()):
            self.oracle.fail(7, site, f"epoch {record.id} of {record.src} follows one that nobody knows")
        self.epochs[name] = record

    # --- frames
    def seen(self, site: Site, frame: Frame) -> None:
        """A frame is accepted for the first time anywhere: a key of its author must have signed it."""
        src, epoch, _ = frame.header.stream
        record = self.epochs.get(StreamId(src, epoch, ""))
        key = self.oracle.sites[src].keys.get(record.key_id) if record else None
        if key is None or not site.suite.verify(key.public, SIGNED_AS, frame.header_bytes, frame.signature):
            self.oracle.fail(11, site, f"accepted {frame.header.stream} {frame.header.seq} signed by nobody")
        self.places.setdefault(frame.act, []).append((frame.header.stream, frame.header.seq))
        if frame.act in self.forged and record is not None:
            self.in_good_faith.setdefault(frame.act, set()).add(record.key_id)

    def forge(self, frame: Frame) -> None:
        """A thief has signed a frame: whoever meets it will find it well signed."""
        place = (frame.header.stream, frame.header.seq)
        known = self.oracle.frames.setdefault(place, {})
        if frame.hash not in known:
            known[frame.hash] = frame
            self.places.setdefault(frame.act, []).append(place)

    def check_applied(self, site: Site, act: Act) -> None:
        """An act counts at a node: by the revocations known there it is within a cut, or released."""
        if not self.places.get(act.id):
            self.oracle.fail(11, site, f"{act.id} has no place at all")
        if act.author == self.being_said and site is self._top():
            self.revoked(site.peer.core.roster.entries[act.author])
        gone = site.peer.core.roster.revoked(act.author)
        if not gone or act.id in self.released:
            return
        if act.id in self.forged:
            # By a place the robbed node gave it in good faith with its next key it counts until it is struck.
            is_struck = verdict_on(site.peer.core, act.id) == STRUCK
            in_good_faith = self.in_good_faith.get(act.id, set()) - gone.keys()
            counts = in_good_faith or self._has_good_key(site, act) or self._is_within(act, gone)
            if is_struck or not counts:
                self.oracle.fail(11, site, f"{act.id} was forged, its key is revoked, and it counts")
        elif not (self._is_within(act, gone) or self._was_let_in(site, act)):
            self.oracle.fail(11, site, f"{act.id} lies past the cut of its key, and it counts")

    def _is_within(self, act: Act, gone: Mapping[str, Revoked]) -> bool:
        """Say whether an act has a place within a cut: a thief's too, where people took its key for lost."""
        for stream, seq in self.places.get(act.id, ()):
            record = self.epochs.get(StreamId(stream.src, stream.epoch, ""))
            if record is None:
                continue
            is_good = record.key_id not in gone and act.id not in self.forged
            cuts = self._cuts_for(record.key_id, gone.get(record.key_id))
            if is_good or any(act.id in ids or seq <= cut.get(str(stream), 0) for cut, ids in cuts):
                return True
        return False

    def _was_let_in(self, site: Site, act: Act) -> bool:
        """Say whether the top let an act count by itself, by a cut that it said before it was put back."""
        if verdict_on(site.peer.core, act.id) != RELEASED:
            return False
        by = [
            (place, self.epochs.get(StreamId(place[0].src, place[0].epoch, "")))
            for place in self.places[act.id]
        ]
        cuts = [(place, cut) for place, one in by if one for cut, _ in self.cuts.get(one.key_id, [])]
        return any(seq <= cut.get(str(stream), 0) for (stream, seq), cut in cuts)

    def _cuts_for(self, key_id: str, known: Revoked | None) -> Iterable[Cut]:
        """Return what the top said last of a key, and what a node knows of it if the top ever said that.

        What it never said is no cut, whatever a node makes of an entry.
        """
        said = self.cuts.get(key_id, [])
        return [one for one in said if one == said[-1] or (known and one == (known.cut, known.ids))]

    def _has_good_key(self, site: Site, act: Act) -> bool:
        """Say whether a thief's act has a place by a key that a node has no reason to doubt yet.

        Its author may have lost another key before: that one was revoked, and says nothing of this.
        """
        by = [self.epochs.get(StreamId(stream.src, stream.epoch, "")) for stream, _ in self.places[act.id]]
        roster = site.peer.core.roster
        return any(roster.good_key(act.author, one.key_id) is not None for one in by if one is not None)

    def take_for_own(self) -> None:
        """What nobody can tell from an author's own is its own: no frame of it by a revoked key is left.

        The robbed node took it for its own before anybody knew. Since then all who had the first frame were
        put back to before it came, and all that came back is the place by the next key.
        """
        oracle, top = self.oracle, self._top()
        for act, keys in self.in_good_faith.items():
            intended = self.forged.get(act)
            way = top.tree.up(intended.author) if intended else ()
            is_lost = bool(intended and keys - self.cuts.keys()) and oracle.forgetful.issuperset(way)
            rows = [oracle.sites[address].spool.act(act) for address in way]
            if not is_lost or any(row is None or row.state == PARKED for row in rows):
                continue
            if not any(self._shows(site, act) for site in oracle.sites.values()):
                oracle.acts[act] = self.forged.pop(act)

    def _shows(self, site: Site, act: str) -> bool:
        """Say whether a node has an act in a frame by a revoked key."""
        asides = [one.frame for why in (GAP, EVIDENCE, UNKNOWN_KEY) for one in site.spool.asides(why)]
        beside = [*asides, *site.spool.loose_frames(100_000)]
        streams = [one.header.stream for one in beside if one.act == act]
        streams += [stream for stream, _ in site.spool.places_of_act(act)]
        records = [self.epochs.get(StreamId(stream.src, stream.epoch, "")) for stream in streams]
        return any(record is None or record.key_id in self.cuts for record in records)

    def revoked(self, entry: Entry) -> None:
        """The top has revoked keys of an address."""
        for one in entry.revoked:
            said, made = self.cuts.get(one["key"], []), (dict(one["cut"]), frozenset(one["ids"]))
            self.cuts[one["key"]] = [*(other for other in said if other != made), made]

    # --- receipts
    def check_end(self, site: Site, receipt: Receipt) -> None:
        """A receipt of a destination is kept at the author: it speaks of the author's own chain."""
        stream = receipt.stream
        if receipt.kind != END or stream.src != site.address or site.address in self.oracle.forgetful:
            return
        if stream.dst in self.oracle.forgetful or stream.dst in self.stolen:
            return
        here = site.spool.stream(stream)
        known = site.spool.hash_at(here, receipt.upto) if here is not None else None
        if known is None or known.hex() != receipt.head:
            self.oracle.fail(14, site, f"the end of {stream} receipts what is not on the author's chain")
