"""Acts of a revoked key that lie past its cut: kept and passed on, but not applied until a person decides.

From the moment the roster tells, such an act is *parked* at every node that has it, and what was made of it
is taken back. A person at the top releases it or strikes it out by its id; both are signed acts of the top.
Nothing is ever lost: what is struck out stays where it is kept, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sync.protocol import verdicts
from sync.protocol.acts import asked, later, proven
from sync.protocol.acts.cuts import (
    NO_KEY,
    counts_by_id,
    cut_of,
    goes_by_no_more,
    is_only_vouched,
    loose_of,
    may_be_unknown,
    streams_of,
    waits_for_key,
    waits_for_word,
    ways_of,
)
from sync.protocol.acts.forgotten import forget_word, mark_of
from sync.protocol.acts.unnamed import retract
from sync.protocol.entries import Entry
from sync.protocol.frame import Act, Frame, StreamId, act_of
from sync.protocol.memos import note_down
from sync.protocol.paging import pages_after
from sync.protocol.sealed import can_read
from sync.protocol.spool import APPLIED, OWN, PARKED, ActRow
from sync.protocol.verdicts import Decided, verdict_on

if TYPE_CHECKING:
    from sync.protocol.acts.deliver import Application
    from sync.protocol.core import Core
    from sync.protocol.streams import Stream

HELD, RELEASED, STRUCK = "sync.held", verdicts.RELEASED, verdicts.STRUCK
# Acts the sync layer reads itself; the application never gets them.
KINDS = (HELD, RELEASED, STRUCK)
PAST, WITHIN = asked.PAST, asked.WITHIN
PAST_CUT, STRUCK_OUT = "S129", "S130"
IDS_MAX, verdict_body, ids_in = verdicts.IDS_MAX, verdicts.verdict_body, verdicts.ids_in
SETTLED = "cut settled"
_SETTLED_AS = 3  # Goes up when more is made of a revocation: what was made of one before is done anew.


# --- what lies past a cut
def is_past(core: Core, frame: Frame) -> bool:
    """Say whether an act held here counts nowhere yet: past the cut in every stream, and not released.

    One that has no place here counts by what its header claims only where that is proven; see `proven`.
    """
    if not core.roster.revoked(frame.header.stream.src):
        return False
    if verdict_on(core, frame.act) == STRUCK:
        return True
    if counts_by_id(core, frame.header.stream.src, frame.act):
        return False
    # A place that a township alone has vouched for lets nothing through that lies past a cut elsewhere.
    known = [place for place in core.spool.places_of_act(frame.act) if not is_only_vouched(core, place[0])]
    # At the top a chain may have led to another place of it before one came that lies past a cut.
    places = [*known, *proven.led_to(core, frame.act)] if known else proven.places(core, frame)
    for stream, seq in places or [(frame.header.stream, frame.header.seq)]:
        cut = cut_of(core, stream)
        if cut is None or (places and seq <= cut.cut.get(str(stream), 0)):
            return False
    return True


def waits_for(src: str) -> str:
    """Return what an act of `src` past a cut waits for."""
    return f"cut:{src}"


def parked_row(core: Core, row: ActRow) -> ActRow:
    """Return the row of an act that is past its cut."""
    reason = STRUCK_OUT if verdict_on(core, row.id) == STRUCK else PAST_CUT
    return row._replace(state=PARKED, reason=reason, waits_for=waits_for(row.author))


def note_cut_off(core: Core, frame: Frame) -> None:
    """Remember to tell the top of an act past a cut that may not be on its way there.

    The top itself remembers what came loose: more of its stream may prove its place.
    """
    if may_be_unknown(core, frame):
        core.found.cut_off[frame.act] = PAST


def quarantined(core: Core, src: str = "") -> list[ActRow]:
    """Return the acts held back here, of one author or of all, those struck out too, oldest first."""
    gone = [src] if src else [one.address for one in core.roster.entries.values() if one.revoked]
    rows = core.spool.parked([waits_for(one) for one in gone]) if gone else []
    return [row for row in rows if row.reason in (PAST_CUT, STRUCK_OUT)]


def note_within(core: Core, frame: Frame) -> None:
    """What counts has a place in a cut stream only now that the top cannot see: named as by `_tell_within`.

    By whatever frame it is known: a chain may lead through any of its places to what lies below.
    """
    here = frame.header.stream, frame.header.seq
    for stream, seq in core.spool.places_of_act(frame.act) or [here]:
        cut = cut_of(core, stream) if stream.dst == core.me else None
        is_near = cut is not None and seq > cut.cut.get(str(stream), 0) - IDS_MAX
        if is_near and not core.tree.holds(stream.src, stream.dst, core.tree.top):
            core.found.cut_off.setdefault(frame.act, WITHIN)


# --- when the roster tells
def settle_cuts(core: Core, application: Application) -> list[Act]:
    """Go by the revocations the roster names that were not gone by yet; return acts that now count.

    What was applied and lies past a cut is taken back and parked. Where streams go by here no more, for
    somebody else was relieved or moved, what is held back of them is named to the top.
    """
    freed, revoked = list[Act](), {at: one for at, one in core.roster.entries.items() if one.revoked}
    for address, own in streams_of(core, revoked).items():
        entry = revoked[address]
        done, mark, ways = core.spool.held(SETTLED, address), mark_of(entry), ways_of(core, address, own)
        if done is not None and done.content.endswith(ways) and is_gone_by(core, entry):
            continue
        is_known = done is not None and done.rank[1:] == (_SETTLED_AS, mark)
        # At every renaming else: all that is held back would be named to the top once more.
        is_named = is_known and done is not None and done.rank[0] > 0 and done.content.endswith(ways)
        named = {row.id for row in quarantined(core, address)} if is_named else set[str]()
        starts = _starts(core, own)
        if not is_named:
            _tell_within(core, starts)
        _take_back(core, address, application, named, starts)
        if not is_known:
            # Nor is what the next key has said since to be forgotten.
            forget_word(core, entry)
            _name_anew(core, address)
        freed += give_back(core, core.spool.parked([waits_for(address)]))
        name = bytes.fromhex(entry.statement.hash)
        note_down(core, SETTLED, address, name + ways, (entry.version, _SETTLED_AS, mark))
        core.found.settled[address] = None
    return freed


def is_gone_by(core: Core, entry: Entry) -> bool:
    """Say whether what an entry revokes was gone by here; if not, `settle_cuts` is to come."""
    done, name = core.spool.held(SETTLED, entry.address), bytes.fromhex(entry.statement.hash)
    rank = (entry.version, _SETTLED_AS)
    return done is not None and done.rank[:2] == rank and done.content.startswith(name)


def _name_anew(core: Core, address: str) -> None:
    """The top forgets what a revoked key has named. This node's next key names what counts of others, too."""
    for other in sorted({*core.roster.entries} - {address}) if address == core.me else ():
        settle_anew(core, other)


def _starts(core: Core, streams: Iterable[Stream]) -> dict[StreamId, int]:
    """Return those of an author's streams that are cut → behind which number what is past the cut begins."""
    cuts = [(one, cut_of(core, one.id)) for one in streams]
    starts = {one.id: max(one.base, cut.cut.get(str(one.id), 0)) for one, cut in cuts if cut is not None}
    core.flush_streams()
    return starts


def _take_back(
    core: Core, src: str, application: Application, named: set[str], starts: Mapping[StreamId, int]
) -> None:
    _park_all(core, (frame for frame in loose_of(core, src) if is_past(core, frame)), application, named)
    _park_all(core, _struck_before(core, src), application, named)
    for page in pages_after(core.spool, starts):
        _park_all(core, [one.frame for one in page if is_past(core, one.frame)], application, named)


def _struck_before(core: Core, src: str) -> list[Frame]:
    """Return the acts here of an author that were struck out: the verdict may have come before the cut."""
    struck = map(core.spool.act, verdicts.acts_under(core, STRUCK))
    rows = [row for row in struck if row is not None and row.author == src]
    found = [core.spool.frame_of_act(row.id) for row in rows if row.reason not in (PAST_CUT, STRUCK_OUT)]
    return [frame for frame in found if frame is not None]


def _tell_within(core: Core, starts: Mapping[StreamId, int]) -> None:
    """Name to the top what counts and it cannot see, above the cut too: the head it knows may stand there."""
    unseen = [s for s in starts if s.dst == core.me and not core.tree.holds(s.src, s.dst, core.tree.top)]
    for page in pages_after(core.spool, {s: max(0, starts[s] - IDS_MAX) for s in unseen if starts[s]}):
        good = [one.frame.act for one in page if not is_past(core, one.frame)]
        core.found.cut_off = dict.fromkeys(good, WITHIN) | core.found.cut_off


def _park_all(core: Core, frames: Iterable[Frame], application: Application, named: set[str]) -> None:
    undo, over = list[str](), list[str]()
    for frame in frames:
        row = core.spool.act(frame.act)
        over += asked.waited_for(row) if row is not None else []
        # One whose body is gone by rule could not be given back: it has stood for months at its end.
        if row is None or not frame.body:
            continue
        if row.state in (APPLIED, OWN):
            undo.append(row.id)
        # Also one that has lost its place since: the stream in which it was on its way does not bring it now.
        is_loose = row.reason == PAST_CUT and not core.spool.places_of_act(row.id)
        is_loose = is_loose or goes_by_no_more(core, frame.header.stream)
        if (is_loose and row.id not in named) or row.waits_for != waits_for(row.author):
            note_cut_off(core, frame)
        core.spool.set_act(parked_row(core, row))
    asked.end_wants(core, over)
    retract(core, undo, application)


def give_back(core: Core, rows: Iterable[ActRow]) -> list[Act]:
    """Give back what counts now; own acts among it are handed to the application like anybody else's."""
    acts = []
    for row in rows:
        frame = core.spool.frame_of_act(row.id)
        if frame is None:
            continue
        if is_past(core, frame):
            core.spool.set_act(parked_row(core, row))
            continue
        if waits_for_word(core, row.author, row.id):
            core.spool.set_act(row._replace(reason=NO_KEY, waits_for=waits_for_key(row.author)))
            continue
        if not frame.body:
            # It fell with others after its body had left by rule; it counts as soon as that is back.
            core.spool.set_act(row._replace(reason=PAST_CUT))
            core.spool.want(row.id)
            continue
        is_own = row.author == core.me
        if is_own:
            # Where another branch has its places it gets new ones, now that it counts.
            core.found.fetched[row.id] = None
        core.spool.set_act(row._replace(state=OWN if is_own else APPLIED, reason="", waits_for=""))
        if can_read(frame, core.means.keys):
            acts.append(act_of(frame))
    return acts


def settle_anew(core: Core, src: str) -> None:
    """A chain of an author has changed here: what its revocation means is settled anew at the next chance."""
    if core.roster.revoked(src):
        if (done := core.spool.held(SETTLED, src)) is not None:
            core.spool.put_held(done._replace(rank=(0, *done.rank[1:])))
        core.trust_is_new = True


# --- what the top decides
def take_verdict(core: Core, act: Act, application: Application) -> list[Act]:
    """Go by a verdict of the top; return acts that now count. Anybody else's word is passed over, noted.

    At the top, what a node below holds back is remembered for the end of the batch; others pass that on.
    So is an own verdict that comes back and says otherwise than the one that stands here.
    """
    ids, reason, turn = verdicts.read_body(act.content)
    if act.kind == HELD:
        if core.me == core.tree.top:
            asked.note_named(core, act, ids, reason)
        elif act.author == core.me:
            later.named_before(core, act, ids, reason)
        return []
    if act.author != core.tree.top or not ids:
        core.note("S102", act.author, act.kind)
        return []
    if act.author == core.me:
        core.found.cut_off |= dict.fromkeys(ids, "")
        for one in ids:
            if one in core.found.said or not verdict_on(core, one):
                core.found.said.setdefault(one, []).append(act.id)
        core.found.met |= dict.fromkeys(one for one in ids if verdicts.is_opposed(core, one, act.kind))
    return go_by(core, Decided(act.kind, turn, act.id), ids, application)


def go_by(core: Core, decided: Decided, ids: Sequence[str], application: Application) -> list[Act]:
    """Remember a verdict on acts here or to come, unless another stands; return those that now count."""
    rows = []
    for one in ids:
        if not verdicts.take_down(core, one, decided):
            continue
        row, frame = core.spool.act(one), core.spool.frame_of_act(one)
        # Only what a revoked key signed can be struck out: no word of the top undoes anybody's good acts.
        if row is None or frame is None or not core.roster.revoked(row.author):
            continue
        # What waits for something else is parked anew too: it would be handed over as soon as that comes.
        if decided.kind == STRUCK and row.reason not in (PAST_CUT, STRUCK_OUT):
            _park_all(core, [frame] if is_past(core, frame) else [], application, set())
        elif row.reason in (PAST_CUT, STRUCK_OUT, NO_KEY):
            rows.append(row)
            if not later.is_named(core, one):
                # There was no room for it, and it is held back no more: a chain may lead through it.
                note_within(core, frame)
    core.found.settled |= dict.fromkeys(later.to_name_again(core, decided.kind, ids))
    if decided.kind == STRUCK and core.me == core.tree.top:
        asked.struck_out(core, [one for one in ids if verdict_on(core, one) == STRUCK])
    return give_back(core, rows)
