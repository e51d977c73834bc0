"""Rules of the sync layer, each broken on purpose: a simulation that misses one of these proves nothing.

Each mutant is a function that breaks one rule for as long as its `patch` lives: the `monkeypatch` of a test,
or that of `mutation`, since the command runs without the tools of the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sync.protocol import documents, offer, peer, state_out, witness
from sync.protocol.acts import audience, deliver, quarantine
from sync.protocol.core import Core
from sync.protocol.errors import UnknownVersion
from sync.protocol.frame import Frame
from sync.protocol.incoming import forks, intake
from sync.protocol.items import Piece
from sync.protocol.offer import Budget, Plan
from sync.protocol.own import deltas, reissue, rollback
from sync.protocol.receipts import Receipt
from sync.protocol.signing import KeyPair, Suite
from sync.protocol.spool import ActRow, Neighbour, Part
from sync.protocol.stock import blobs, eviction, ticks
from tests.simulation.mutants_of_lines import (
    due_by_the_wall_clock,
    papers_before_cases,
    papers_wait_for_cases,
    too_much_is_passed_over,
    unread_never_looked_at_again,
)
from tests.simulation.patching import Mutant, Patch, everywhere
from tests.simulation.site import Site
from tests.simulation.stores import WatchedSpool


def receipt_over_a_gap(patch: Patch) -> None:
    """A node receipts one place more than it holds."""
    honest = state_out.make_receipt

    def make(fields: Receipt, key: KeyPair, suite: Suite) -> Receipt:
        return honest(replace(fields, upto=fields.upto + 1), key, suite)

    everywhere(patch, honest, make)


def papers_receipted_unseen(patch: Patch) -> None:
    """A node receipts the papers of whatever frames it has."""
    honest = state_out.make_receipt

    def make(fields: Receipt, key: KeyPair, suite: Suite) -> Receipt:
        return honest(replace(fields, papers=fields.upto), key, suite)

    everywhere(patch, honest, make)


def paper_counted_early(patch: Patch) -> None:
    """A paper counts as held from its first piece on, before it is whole and its hash was seen."""

    def take(core: Core, piece: Piece) -> bool:
        wanted = core.spool.missing_blob(piece.blob)
        if wanted is None or not core.means.blobs.append(piece.blob, piece.offset, piece.data):
            return False
        core.spool.put_blob(wanted)
        blobs.settle(core, piece.blob)
        return True

    everywhere(patch, blobs.take_piece, take)


def finished_paper_forgotten(patch: Patch) -> None:
    """A paper whose file was finished when the power went, and its row not, is never counted."""
    honest = blobs.take_piece

    def take(core: Core, piece: Piece) -> bool:
        return not core.means.blobs.has(piece.blob) and honest(core, piece)

    everywhere(patch, honest, take)
    everywhere(patch, blobs.take_if_whole, lambda core, blob: False)


def dedupe_forgotten(patch: Patch) -> None:
    """What was applied is remembered only until the next power cut."""
    known, add, start = WatchedSpool.known_acts, WatchedSpool.add_acts, Site.start

    def known_acts(spool: Any, acts: Sequence[str]) -> set[str]:
        return known(spool, acts) & spool.__dict__.setdefault("since_boot", set())

    def add_acts(spool: Any, rows: Sequence[ActRow]) -> None:
        spool.__dict__.setdefault("since_boot", set()).update(row.id for row in rows)
        fresh = [row for row in rows if row.id not in spool._acts]
        add(spool, fresh)

    def start_anew(site: Site) -> None:
        site.spool.__dict__["since_boot"] = set()
        start(site)

    patch.setattr(WatchedSpool, "known_acts", known_acts)
    patch.setattr(WatchedSpool, "add_acts", add_acts)
    patch.setattr(Site, "start", start_anew)


def export_moves_the_cursor(patch: Patch) -> None:
    """What was written for a neighbour counts as arrived there."""
    honest = offer.plan

    def plan(core: Core, address: str, budget: Budget, now: Any) -> Plan:
        decided = honest(core, address, budget, now)
        told = [s for s in core.streams() if core.tree.holds(s.id.src, s.id.dst, address)]
        sent = {s.id: Part(s.base, s.upto, s.head) for s in told if s.upto}
        core.spool.put_vector(address, sent, [])
        return decided

    everywhere(patch, honest, plan)


def commit_not_on_disk(patch: Patch) -> None:
    """A commit returns before the disk has it: the power takes the last unit of the spool back."""
    end, start = WatchedSpool.end, Site.start

    def end_lying(spool: Any) -> None:
        spool.__dict__["unsynced"] = list(spool._log)
        end(spool)

    def start_without(site: Site) -> None:
        for inverse, given in reversed(site.spool.__dict__.pop("unsynced", []) if site.life else []):
            inverse(*given)
        start(site)

    patch.setattr(WatchedSpool, "end", end_lying)
    patch.setattr(Site, "start", start_without)


def relay_rewrites(patch: Patch) -> None:
    """A relay writes the clear text of a frame anew instead of keeping its bytes."""
    honest = intake.Batch.place

    def place(batch: intake.Batch, stream: Any, frame: Frame) -> None:
        honest(batch, stream, frame._replace(body=frame.body.replace(b'"note":', b'"note": ')))

    patch.setattr(intake.Batch, "place", place)


def parked_never_woken(patch: Patch) -> None:
    """An act that waited is not looked at again when what it waited for has come."""

    def release(core: Core, rows: Any) -> list[Any]:
        return []

    everywhere(patch, deliver.release, release)


def briefs_not_served(patch: Patch) -> None:
    """A node off the line of an act never gets it, though a brief named it."""
    everywhere(patch, audience.is_pointed_to, lambda core, address, briefs: False)


def loose_papers_forgotten(patch: Patch) -> None:
    """Papers of acts that came loose are not missed, so nobody asks for them."""
    patch.setattr(WatchedSpool, "add_loose_gaps", lambda spool, act, missing: None)


def old_documents_not_given(patch: Patch) -> None:
    """Of a document only the version in force is ever given to anybody."""
    everywhere(patch, documents.docs_to_send, lambda core, neighbour, bytes_max: [])


def bases_never_missed(patch: Patch) -> None:
    """Differences are sent to who acknowledged nothing, and who cannot use one says nothing of it."""

    def difference(core: Any, neighbour: Any, held: Any) -> Any:
        held = held._replace(rank=(held.rank[0], min(held.rank[1], 1), 0))
        return original(core, replace(neighbour, acked_stamp=1), held)

    original = deltas.difference
    everywhere(patch, deltas.difference, difference)
    everywhere(patch, deltas.word_for, lambda neighbour: deltas.DELTA)


def programs_never_agree(patch: Patch) -> None:
    """A node writes with its own dictionary whatever the other reads, and is refused without a word."""

    honest = offer._dictionary

    def dictionary(core: Core, neighbour: Neighbour, budget: Budget) -> str:
        return core.means.dictionary if budget.is_answered else honest(core, neighbour, budget)

    def refuse(peer_: peer.Peer, address: str) -> None:
        raise UnknownVersion(address)

    everywhere(patch, honest, dictionary)
    patch.setattr(peer.Peer, "_write_plainly", refuse)


def tick_of_any_destination(patch: Patch) -> None:
    """An act to several destinations is shown complete as soon as one of them has it."""

    def tick_of(spool: Any, tree: Any, act: str) -> ticks.Tick:
        found = [ticks._tick_at(spool, tree, *place) for place in spool.places_of_act(act)]
        return max(found, key=lambda tick: tick.stage)

    everywhere(patch, ticks.tick_of, tick_of)


def any_tick_tells_of_the_top(patch: Patch) -> None:
    """Of an act that a node keeps in other streams alone, the end of those is shown as the top's."""
    honest = ticks._of_all

    def of_all(tree: Any, found: Any) -> ticks.Tick:
        return replace(honest(tree, found), tells_of_top=True)

    everywhere(patch, honest, of_all)


def witness_not_read(patch: Patch) -> None:
    """A node starts in an older database as if nothing had happened."""
    everywhere(patch, witness.behind, lambda core, word: "")


def no_new_epoch(patch: Patch) -> None:
    """A node that was put back goes on in the epoch it was in."""

    def begin_anew(core: Core, reason: str, now_ms: int, word: Any = None) -> None:
        core.note("S128", core.me, reason)
        rollback.take_higher_incarnation(core, word.incarnation if word else 0)

    everywhere(patch, rollback.begin_anew, begin_anew)


def branch_never_left(patch: Patch) -> None:
    """A node on the way keeps its own copy of a stream whatever the destination says."""
    everywhere(patch, forks._switch, lambda core, stream, said, now_ms: [])


def places_not_given_again(patch: Patch) -> None:
    """An own act that lost its place is known again and stays without one."""
    everywhere(patch, reissue.reissue, lambda core: core.found.fetched.clear())


def cut_not_heeded(patch: Patch) -> None:
    """What a revoked key signed counts as before, also past its cut."""
    everywhere(patch, quarantine.is_past, lambda core, frame: False)


def papers_leave_early(patch: Patch) -> None:
    """A paper may leave as soon as its act is on its way."""
    everywhere(patch, eviction._is_at_its_end, lambda core, act, before_ms: True)


# Each with the seed that shows it in a small county, and the invariants that may be the first to break.
MUTANTS: dict[Mutant, tuple[int, tuple[int, ...]]] = {
    receipt_over_a_gap: (1, (3, 6)),
    papers_receipted_unseen: (1, (15,)),
    paper_counted_early: (1, (15,)),
    finished_paper_forgotten: (1, (100,)),
    dedupe_forgotten: (1, (2,)),
    export_moves_the_cursor: (1, (20,)),
    commit_not_on_disk: (6, (1, 3, 8, 12)),
    relay_rewrites: (1, (2, 10)),
    parked_never_woken: (1, (100,)),
    briefs_not_served: (1, (100,)),
    loose_papers_forgotten: (1, (15,)),
    old_documents_not_given: (5, (100,)),
    bases_never_missed: (4, (100,)),
    programs_never_agree: (4, (100,)),
    tick_of_any_destination: (6, (15,)),
    any_tick_tells_of_the_top: (6, (15,)),
    witness_not_read: (7, (8,)),
    no_new_epoch: (8, (9, 19, 100)),
    branch_never_left: (8, (100,)),
    places_not_given_again: (18, (100,)),
    cut_not_heeded: (6, (11,)),
    papers_leave_early: (6, (4, 15, 100)),
    due_by_the_wall_clock: (2, (27,)),
    too_much_is_passed_over: (6, (100,)),
    papers_wait_for_cases: (2, (23,)),
    papers_before_cases: (2, (22,)),
    unread_never_looked_at_again: (6, (25,)),
}
