"""Taking in the records of one exchange, each alone: what cannot be taken is noted, the rest stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sync.protocol import signed
from sync.protocol.acts.deliver import Application, deliver, wake
from sync.protocol.acts.placed_again import spared
from sync.protocol.acts.quarantine import settle_cuts
from sync.protocol.acts.unnamed import settle_unnamed
from sync.protocol.core import TRUST_SORTS, Core
from sync.protocol.disowned import still_here
from sync.protocol.errors import BadBlob, BadFrame, BadReceipt, BadRecord, NotCanonical, TooLarge
from sync.protocol.exchange import Head, Opener
from sync.protocol.frame import Act, Frame
from sync.protocol.frame_items import decode_frames
from sync.protocol.incoming.beside import keep_displaced, take_loose
from sync.protocol.incoming.forks import settle_forks, take_evidence
from sync.protocol.incoming.intake import retry_unknown, take_frames
from sync.protocol.incoming.left import settle_left, settle_pointed_out
from sync.protocol.incoming.rebase import settle_bases, take_base, undo_bases
from sync.protocol.items import decode_piece, decode_statement
from sync.protocol.own.deltas import decode_delta
from sync.protocol.own.reissue import meet_addressees, reissue
from sync.protocol.own.rollback import leave_revoked_key, settle_rollback
from sync.protocol.records import (
    BASE,
    DOC_DELTA,
    EVIDENCE,
    FRAMES,
    LOOSE,
    PIECE,
    STATE_END,
    STATEMENT,
    Item,
    unpack_record,
)
from sync.protocol.stock.blobs import take_piece
from sync.protocol.stock.loose import owe_left_behind, pass_on
from sync.protocol.trust.answering import settle_held
from sync.protocol.trust.crowds import close_crowds
from sync.protocol.trust.far_entries import ask_anew
from sync.protocol.trust.reentry import meet_entry, settle_entries, sign_again
from sync.protocol.trust.registrar import confirm_rotated, confirm_vouched
from sync.protocol.trust.state import acknowledge, finish_state, take_delta, take_statement
from sync.protocol.trust.state_in import StateIn, gather
from sync.protocol.trust.unbelieved import ask_for_all
from sync.protocol.trust.unsigned import ask_top, drop_unsigned, is_by_former_key
from sync.protocol.trust.untold import settle_words

# So many acts of one exchange that nobody has asked for yet are remembered until it ends.
EARLY_MAX = 256


@dataclass(slots=True)
class Incoming:
    """One exchange on its way in.

    `frames` came, `fresh` of them, and acts beside the streams, were new here; `pieces` of papers
    helped; `refused` records or items were bad. `is_again`: it, or one after it, was taken whole before.
    `former`: how many entries by former roster keys it told.
    """

    head: Head
    opener: Opener
    state: StateIn
    dictionary: bytes
    is_again: int = 0
    frames: int = 0
    fresh: int = 0
    pieces: int = 0
    refused: int = 0
    former: int = 0
    # Acts that were asked for when the first frame of them came: others may come in further records.
    asked: set[str] = field(default_factory=set)
    # Acts that nobody had asked for when they came.
    early: list[Frame] = field(default_factory=list)
    # Evidence that goes on beyond our copy of its stream: it comes before the frames it disagrees with.
    ahead: list[Frame] = field(default_factory=list)


class Absorber:
    """One call's work on one exchange, within one unit."""

    def __init__(self, core: Core, incoming: Incoming, application: Application, now_ms: int) -> None:
        self.core = core
        self.incoming = incoming
        self.application = application
        self.now_ms = now_ms
        self._frames: list[Frame] = []

    def take(self, plains: Sequence[bytes]) -> None:
        """Take in record plaintexts in order; a bad item ends its own record, never another.

        Frames of neighbouring records are placed and applied together.
        """
        self.core.found.giver, self.core.found.is_again = self.incoming.head.sender, self.incoming.is_again
        for plain in plains:
            try:
                for item in unpack_record(plain, self.incoming.dictionary):
                    if self._frames and item.kind != FRAMES:
                        self._place()
                    self._take_item(item)
            except (BadRecord, BadFrame, TooLarge, BadBlob, BadReceipt, NotCanonical) as problem:
                self.incoming.refused += 1
                self.core.note(problem.code, self.incoming.head.sender, problem.detail)
        self._place()
        self._take_what_came_early()
        self._take_evidence_again()
        self._use_what_is_new()
        incoming = self.incoming
        if incoming.opener.finished or incoming.frames or incoming.pieces:
            acknowledge(self.core, incoming.state)

    def _place(self) -> None:
        if not self._frames:
            return
        frames, self._frames = self._frames, []
        before = self.core.identity.position
        acts = take_frames(self.core, frames, self.now_ms)
        self.incoming.frames += len(frames)
        self.incoming.fresh += self.core.identity.position - before
        self._deliver(acts)

    def _deliver(self, acts: list[Act]) -> None:
        lost, self.core.found.lost = self.core.found.lost, []
        acts = acts + keep_displaced(self.core, lost)
        # What is done in answer must not be signed into an epoch that this node has just found to be behind.
        settle_rollback(self.core, self.now_ms)
        deliver(self.core, acts, self.application)

    def _take_item(self, item: Item) -> None:
        """Take one item in; kinds of a later version are passed over."""
        if item.kind == FRAMES:
            self._frames += decode_frames(item)
        elif item.kind == PIECE:
            self.incoming.pieces += take_piece(self.core, decode_piece(item))
        elif item.kind in (STATEMENT, BASE):
            self._take_signed(item)
        elif item.kind == DOC_DELTA:
            take_delta(self.core, self.incoming.state, decode_delta(item))
        elif item.kind == LOOSE:
            self._take_loose(decode_frames(item))
        elif item.kind == EVIDENCE:
            self._take_evidence(decode_frames(item))
        elif item.kind == STATE_END:
            self._end_state()
        else:
            gather(self.incoming.state, item)

    def _end_state(self) -> None:
        """Use what the sender has said of itself, once: all of it is here."""
        if self.incoming.state.complete:
            return
        self._use_what_is_new()
        finish_state(self.core, self.incoming.state, self.now_ms)
        # Who tells entries by a former key has not signed again; what is damaged may have told of all.
        if not (self.incoming.former or self.incoming.refused):
            drop_unsigned(self.core, self.incoming.state, self.application)

    def _take_evidence(self, frames: list[Frame]) -> None:
        ahead = self.incoming.ahead
        ahead += [frame for frame in frames if self._is_ahead(frame)][: EARLY_MAX - len(ahead)]
        self._deliver(take_evidence(self.core, frames, self.now_ms))
        self._pass_on_unasked()

    def _take_evidence_again(self) -> None:
        """What disagreed with nothing when it came may disagree with the frames that came behind it."""
        incoming = self.incoming
        if incoming.ahead and incoming.frames:
            self._deliver(take_evidence(self.core, incoming.ahead, self.now_ms))
            incoming.ahead = [frame for frame in incoming.ahead if self._is_ahead(frame)]

    def _is_ahead(self, frame: Frame) -> bool:
        """Say whether another's evidence stands beyond the end of our copy of its stream."""
        header = frame.header
        stream = self.core.stream(header.stream)
        return header.stream.src != self.core.me and (stream is None or header.seq > stream.upto)

    def _take_loose(self, frames: list[Frame]) -> None:
        core, early = self.core, self.incoming.early
        wanted = core.spool.wanted([frame.act for frame in frames])
        self.incoming.asked |= wanted
        asked = self.incoming.asked
        early += [frame for frame in frames if frame.act not in asked][: EARLY_MAX - len(early)]
        before = core.identity.position
        acts = take_loose(core, frames, asked)
        # More of what was asked for may wait behind it.
        self.incoming.fresh += core.identity.position - before
        self._deliver(acts)
        self._pass_on_unasked()

    def _pass_on_unasked(self) -> None:
        unasked, self.core.found.unasked = self.core.found.unasked, []
        pass_on(self.core, unasked, self.incoming.head.sender)

    def _take_what_came_early(self) -> None:
        """Acts come before the frames of an exchange: what these wait for may have been passed over."""
        core, incoming = self.core, self.incoming
        while incoming.early:
            wanted = core.spool.wanted([frame.act for frame in incoming.early])
            now = [frame for frame in incoming.early if frame.act in wanted]
            if not now:
                return
            incoming.early = [frame for frame in incoming.early if frame.act not in wanted]
            self._deliver(take_loose(core, now))

    def _take_signed(self, item: Item) -> None:
        decoded = decode_statement(item)
        if decoded is None:
            return
        statement, content = decoded
        if item.kind == BASE and statement.sort == signed.RECEIPT:
            self._deliver(take_base(self.core, statement, self.incoming.head.sender, self.now_ms))
        elif item.kind == STATEMENT and not meet_entry(self.core, statement):
            if self.core.found.entries and statement.sort not in TRUST_SORTS:
                # What comes behind the entries may be by a key that only one of a lost time names.
                settle_entries(self.core, self.now_ms)
            take_statement(self.core, self.incoming.state, statement, content)
            self.incoming.former += is_by_former_key(self.core, statement)

    def _use_what_is_new(self) -> None:
        """Draw what follows from what came, in an order in which each step rests on those before it."""
        # In the unit that keeps them: after a crash nobody would remember that they were new.
        state, core = self.incoming.state, self.core
        # Before trust is looked at: what the top signs above two entries is new to it.
        settle_entries(core, self.now_ms)
        if core.trust_is_new:
            # Before the steps: what they sign or find out makes it new again, and is gone by the next time.
            core.trust_is_new = False
            self._use_new_trust()
        if state.docs:
            # By the trust of now: of those that came some are set aside, and others in force again.
            docs, state.docs = still_here(core, state.docs), []
            wake(core, self.application.adopt(docs), self.application)
        # After frames whose key was unknown: these may go on from a base that was put by, or be a branch.
        self._deliver(settle_bases(core, self.now_ms) + settle_forks(core, self.now_ms))
        # After all that came was handed over: what is parked behind it in a unit it never sees.
        settle_pointed_out(core)
        # Own acts get places last, in streams as they stand by now.
        reissue(core)
        # Behind them in those streams: a word to the top, or from it, on what any step before has found.
        if core.found.cut_off or core.found.held_told or core.found.settled or core.found.met:
            settle_held(core, self.application, self.now_ms)

    def _use_new_trust(self) -> None:
        """Go by what the roster, vouches and epochs say by now."""
        core, now_ms = self.core, self.now_ms
        if core.means.roster_key is not None:
            sign_again(core, core.means.roster_key, now_ms)
            # In either order: no key is gone over to from one that nobody had entered when its record came.
            confirm_vouched(core, core.means.roster_key, now_ms)
            confirm_rotated(core, core.means.roster_key, now_ms)
            close_crowds(core, core.means.roster_key, now_ms)
        # Before what is delivered is answered: by the key in use that would count nowhere.
        leave_revoked_key(core, now_ms)
        # Before what waited for a key is tried again: that may rest on what the same news cuts off.
        self._deliver(settle_cuts(core, self.application) + spared(core))
        # Of who has a cut, these have taken back what keys that the roster has lost signed, too.
        self.incoming.state.docs += settle_unnamed(core, self.application)
        ask_top(core)
        # Trust is new at each start: what a program before this one began is put by, for `settle_bases`.
        undo_bases(core)
        settle_words(core)
        ask_anew(core)
        ask_for_all(core)
        # What was looked up before these epochs came is dropped: what comes beyond a gap below goes by them.
        owe_left_behind(core)
        # For `reissue`, once the rest is done.
        meet_addressees(core)
        # What is let in by now goes by all this.
        self._deliver(retry_unknown(core, now_ms))
        # Last: what was let go or in by any of these may wait for what comes another way since somebody left.
        self._deliver(settle_left(core))
