"""What only the top does when a key is lost or stolen: cut it off, and decide on what lies past the cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sync.protocol import signed
from sync.protocol.acts import asked, proofs, proven, quarantine
from sync.protocol.acts.asked import WITHIN
from sync.protocol.acts.deliver import Application, deliver
from sync.protocol.acts.placed_again import prove_places
from sync.protocol.acts.quarantine import RELEASED
from sync.protocol.entries import Entry
from sync.protocol.errors import BadRoster
from sync.protocol.frame import Evidence, Frame, StreamId
from sync.protocol.own.issue import plain_body, submit
from sync.protocol.own.reissue import destinations
from sync.protocol.paging import pages_after
from sync.protocol.receipts import DISAGREES, END, read_receipt
from sync.protocol.trust import registrar
from sync.protocol.trust.entry_room import cut_short, shorten
from sync.protocol.trust.pointing import point_out
from sync.protocol.verdicts import Decided, by_turn, verdict_on

if TYPE_CHECKING:
    from sync.protocol.core import Core
    from sync.protocol.signing import KeyPair

LOST, STOLEN = "lost", "stolen"
REASONS = (LOST, STOLEN)
# A key that was never the address's own, though its parent gave its word for it; see `vouched.refuse`.
NOT_OURS = "not_ours"
# So many ids of a key at most, fewer where its entry would not fit one record; older acts are released by
# acts of their own.
IDS_IN_ENTRY = 1_000
# What the sync layer does by itself has no clock evidence of its own.
NO_BOOT = "00000000"


class Mark(NamedTuple):
    """A receipt on a stream as the top holds it: who signed, how far, when by the signer's clock (UTC ms).

    `is_off`: its head is not on the chain here: it speaks of another branch.
    """

    signer: str
    upto: int
    at: int
    is_off: bool = False


class Said(NamedTuple):
    """Acts decided on together: which, and why; `to`: who alone hears it, for all others have heard it."""

    ids: Sequence[str]
    reason: str
    to: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A stream: how far the top knows it, by its copy or by the dst's word, and the receipts on it.

    `is_seen`: the top holds a copy; else it cannot see what the acts say and goes by the dst's word.
    """

    stream: StreamId
    upto: int
    marks: tuple[Mark, ...]
    is_seen: bool = True


def lines_of(core: Core, address: str) -> list[Line]:
    """Return every stream an address ever wrote that the top knows of, with the receipts on it."""
    marks: dict[StreamId, list[Mark]] = {}
    ends: dict[StreamId, int] = {}
    for held in core.spool.all_held(signed.RECEIPT):
        if held.key.split("|")[0] != address:
            continue
        receipt = read_receipt(held.statement)
        mark = Mark(receipt.signer, receipt.upto, receipt.at, held.content == DISAGREES)
        marks.setdefault(receipt.stream, []).append(mark)
        if receipt.kind == END:
            ends[receipt.stream] = receipt.upto
    upto = {s.id: s.upto for s in core.streams() if s.id.src == address}
    found = {**ends, **upto}
    return [
        Line(
            stream,
            found.get(stream, 0),
            tuple(sorted(marks.get(stream, []), key=lambda m: -m.upto)),
            stream in upto,
        )
        for stream in sorted({*found, *marks})
    ]


@dataclass(frozen=True, slots=True)
class Revocation:
    """What is to be revoked: keys of an address (none named: all it has), why, and where it is cut.

    A stream that `cut` does not name is cut where the top knows it to; of more streams than an entry has room
    for, those that came last are cut at 0.
    """

    address: str
    reason: str
    keys: tuple[str, ...] = ()
    cut: Mapping[StreamId, int] = field(default_factory=dict)


def revoke(core: Core, application: Application, wanted: Revocation, now: Evidence) -> Entry:
    """Revoke keys of an address, and go by it here at once; return the new entry.

    Raises:
        BadRoster: no such address, no key of it that is not revoked, or this node is not the top.
    """
    roster_key, entry = roster_key_of(core), core.roster.entries.get(wanted.address)
    good = {key.id for key in entry.good_keys} if entry else set()
    keys = sorted(good & set(wanted.keys) if wanted.keys else good)
    if entry is None or not keys or wanted.reason not in REASONS:
        raise BadRoster(f"nothing to revoke of {wanted.address}")
    if wanted.address == core.me:
        raise BadRoster("the top revokes its own key by rotation and a new appointment")
    fields = registrar.fields_of(entry)
    fields["keys"] = [
        {**k, "until": k["until"] or now.wall} if k["id"] in keys else k for k in fields["keys"]
    ]
    cuts, why = _cuts(core, wanted, keys), {"reason": wanted.reason, "since": now.wall}
    new: list[dict[str, Any]] = [{"key": k, "cut": cuts[k], "ids": [], **why} for k in keys]
    cut_short(entry, fields, new)
    ids = _within(core, {one["key"]: one["cut"] for one in new})
    fields["revoked"] += [{**one, "ids": ids[one["key"]][-IDS_IN_ENTRY:]} for one in new]
    older = [act for key in keys for act in ids[key][:-IDS_IN_ENTRY]] + shorten(entry, fields)
    made = registrar.enter(core, roster_key, fields, now.wall)
    freed = quarantine.settle_cuts(core, application)
    deliver(core, freed + prove_places(core, [wanted.address]), application)
    if older:
        decide(core, application, RELEASED, Said(older, WITHIN), now)
    return made


def _cuts(core: Core, wanted: Revocation, keys: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return where the streams of each key are cut, those first that were here first.

    Of a stream that is not held here the head is kept that its destination has signed so far.
    """
    cuts: dict[str, dict[str, int]] = {key: {} for key in keys}
    held = {stream.id: stream.no for stream in core.streams()}
    for line in sorted(lines_of(core, wanted.address), key=lambda line: held.get(line.stream, len(held) + 1)):
        record = core.epoch(line.stream.src, line.stream.epoch)
        if record is None or record.key_id not in cuts:
            continue
        place = min(line.upto, wanted.cut.get(line.stream, line.upto))
        if place:
            cuts[record.key_id][str(line.stream)] = place
        if line.stream not in held:
            proven.keep_head(core, line.stream)
    return cuts


def _within(core: Core, cuts: Mapping[str, Mapping[str, int]]) -> dict[str, list[str]]:
    """Return of each key the acts within these cuts that are elsewhere too, in the order they came."""
    ids: dict[str, dict[str, None]] = {key: {} for key in cuts}
    named = [(name, key, upto) for key, cut in cuts.items() for name, upto in cut.items()]
    places = {StreamId(*name.split("|")): (key, upto) for name, key, upto in named}
    here = [core.stream(stream) for stream in places]
    starts = {stream.id: stream.base for stream in here if stream is not None}
    core.flush_streams()
    for page in pages_after(core.spool, starts):
        for _, frame in page:
            key, upto = places[frame.header.stream]
            if frame.header.seq <= upto and _is_elsewhere(core, frame):
                ids[key][frame.act] = None
    return {key: list(acts) for key, acts in ids.items()}


def _is_elsewhere(core: Core, frame: Frame) -> bool:
    """Say whether an act may be where this frame's stream is not: it has other places, or was pointed out."""
    return len(destinations(frame)) > 1 or bool(core.spool.briefs_of_act(frame.act))


# --- deciding
def decide(core: Core, application: Application, kind: str, said: Said, now: Evidence) -> list[str]:
    """Release or strike out acts by id, with a reason; return the ids of the acts that say so.

    They go to every node that may have them, unless that is said. Raises as `issue.submit`.
    """
    made = []
    for turn, some in by_turn(core, kind, said.ids, said.reason):
        # Each by itself: who is passed on the way may be cut off until the one behind it has moved away.
        to = tuple(said.to or sorted(who_has(core, some))) or (core.me,)
        body = plain_body(core, (kind, quarantine.verdict_body(some, said.reason, to, turn)))
        made.append(submit(core, body, to, (), now))
        proofs.ask_on(core, some)
        asked.told(core, some)
        again = [act for act in some if verdict_on(core, act)]
        decided = Decided(kind, turn, made[-1])
        deliver(core, quarantine.go_by(core, decided, some, application), application)
        if kind == RELEASED:
            # What a person has thought again about was asked for no more.
            asked.want_lacking(core, again)
            if not said.to:
                point_out(core, some, now)
    proofs.rest(core)
    return made


def who_has(
    core: Core, ids: Sequence[str], by_act: Mapping[str, Sequence[asked.Open]] | None = None
) -> set[str]:
    """Return where acts may be: below their authors, at their `to`, with who was pointed to them or asked.

    And where their authors stood before: what passed there is held back there too, and on no way to the top.
    """
    frames = [frame for frame in map(core.spool.frame_of_act, ids) if frame is not None]
    authors = {frame.header.stream.src for frame in frames}
    found = {dst for frame in frames for dst in destinations(frame) if dst in core.tree}
    found |= {dst for act in ids for _, dst in core.spool.briefs_of_act(act) if dst in core.tree}
    found |= {who for who in asked.askers_of(core, ids, by_act) if who in core.tree}
    entries = [core.roster.entries[author] for author in authors if author in core.roster.entries]
    found |= {former for entry in entries for former in entry.left if former in core.tree}
    for address in core.tree.addresses():
        if any(address.startswith(author) or core.tree.is_below(address, author) for author in authors):
            found.add(address)
    return found - {core.me}


def roster_key_of(core: Core) -> KeyPair:
    """Return the key that signs the roster.

    Raises:
        BadRoster: this node is not the top.
    """
    if core.means.roster_key is None:
        raise BadRoster("only the top changes the roster")
    return core.means.roster_key
