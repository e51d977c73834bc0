"""What the county decided on steps that a revoked key signed past its cut: put into a package, and read.

A step released counts like any other; one struck out is told of, also where the case has lost it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from common.archive.findings import Ruling, reason_in_words
from common.archive.revoked import is_cut, is_revoked, is_within_by_number
from common.archive.rules.layout import body_name, verdict_names
from common.casework.rules.shape import KINDS
from common.days import local_minute
from sync.protocol import canonical, verdicts
from sync.protocol.acts.quarantine import STRUCK_OUT, quarantined
from sync.protocol.core import Core
from sync.protocol.errors import SyncError
from sync.protocol.frame import PLAIN, Frame
from sync.protocol.roster import Roster
from sync.protocol.verdicts import RELEASED, STRUCK, VERDICT


# --- for who packs
def put_verdicts(core: Core, case: str, frames: Sequence[Frame], parts: dict[str, bytes]) -> list[Frame]:
    """Put in what the county decided on acts of a case; return the frames that say it.

    Decided on are acts past a cut that were released, and those struck out, which the case has lost. Of what
    is not here whole any more nothing is put in.
    """
    past = {frame.act for frame in frames if _is_past(core, frame)}
    said = []
    for act in sorted(past | set(_struck(core, case))):
        held = core.spool.held(VERDICT, act)
        by = held.content.decode() if held else ""
        frame = next((one for one in frames_of(core, by) if one.body), None) if by else None
        if frame is not None:
            header, signature = verdict_names(act)
            parts[header], parts[signature] = frame.header_bytes, frame.signature
            parts[body_name(frame.header.body_hash.hex())] = frame.body
            said.append(frame)
    return said


def frames_of(core: Core, act: str) -> list[Frame]:
    """Return the frames of an act, one for each place it has here; none when it is not here."""
    found: list[Frame] = []
    for stream, seq in sorted(core.spool.places_of_act(act)):
        found += [placed.frame for placed in core.spool.frames_after({stream: seq - 1}, 0, 1)]
    # Without a place it came by itself, as one that this node had asked for.
    loose = None if found else core.spool.frame_of_act(act)
    return found if loose is None else [loose]


def _is_past(core: Core, frame: Frame) -> bool:
    stream = frame.header.stream
    record = core.epoch(stream.src, stream.epoch)
    return record is not None and is_cut(core.roster, record.key_id, frame)


def _struck(core: Core, case: str) -> Iterator[str]:
    for row in quarantined(core):
        if row.reason != STRUCK_OUT or row.kind not in KINDS:
            continue
        frame = core.spool.frame_of_act(row.id)
        if frame is not None and _case_in(frame) == case:
            yield row.id


def _case_in(frame: Frame) -> str:
    try:
        body = canonical.loads(frame.content) if frame.header.enc == PLAIN and frame.body else {}
    except SyncError:
        return ""
    return str(body.get("case", "")) if type(body) is dict else ""


# --- for who reads
def top_of(roster: Roster) -> str:
    """Return the address that the appointment puts above all.

    A roster slice may lack entries, so here the shortest address in it is nobody.
    """
    return str(roster.appointment.fields()["top"]) if roster.appointment else ""


def county_of(roster: Roster) -> str:
    """Return the same, "" where the roster has no entry of it."""
    top = top_of(roster)
    return top if top in roster.entries else ""


# Which decision on its act a verdict is; whether it is the last of those without a number, and strikes.
Rank = tuple[int, bool, bool]
Standing = tuple[Rank, Ruling]


class KnownHere(Protocol):
    """What the node knows at which a package is checked."""

    def ruling_on(self, act: str) -> Standing | None:
        """Return what the county's verdict on an act is here."""
        ...

    def has_another(self, frame: Frame) -> bool:
        """Say whether another frame stands at this one's place."""
        ...


class Rulings:
    """The verdicts in a package, and those that the node knows at which it is checked.

    `frames` are those that say them, for the chains, `released` what counts by them of the frames asked for.
    """

    def __init__(self, known: KnownHere | None = None) -> None:
        self._known = known
        self.frames: list[Frame] = []
        self.released: list[Ruling] = []
        self._about: list[str] = []
        self._standing: dict[str, Standing] = {}

    def take(self, stem: str, frame: Frame, county: str) -> str:
        """Take in a frame, rightly signed, as the verdict on the act its part is called by.

        Return what is wrong with it, or "".
        """
        header, act = frame.header, stem.rpartition("/")[2]
        if not county or header.stream.src != county:
            return f"{stem} 不是县级的决定"
        ids, reason, turn = verdicts.read_body(frame.content)
        if header.kind not in (RELEASED, STRUCK) or header.enc != PLAIN or act not in ids:
            return f"{stem} 不是对这份报文放行或剔除的决定"
        self.frames.append(frame)
        self._about.append(act)
        is_struck = header.kind == STRUCK
        for one in ids:
            # As a node has it: the later decision counts, of two of one number the one that strikes. Those of
            # no number counted as they came: the last to come is the one whose part has the act's name.
            is_last = turn == verdicts.UNCOUNTED and one == act
            known, rank = self._standing.get(one), (turn, is_last, is_struck)
            if known is None or known[0] < rank:
                self._standing[one] = (rank, Ruling(one, is_struck, header.clock.wall, reason))
        return ""

    def fault_of(self, stem: str, roster: Roster, key_id: str, frame: Frame) -> str:
        """Return why a frame by this key does not count, "" where it does."""
        ruling = self._on(frame.act)
        if ruling is not None and ruling.is_struck and is_revoked(roster, frame.header.stream.src):
            when, why = local_minute(ruling.at), reason_in_words(ruling)
            return f"{stem} 已由县级于{when}剔除，原因：{why}"
        if not is_cut(roster, key_id, frame):
            # A thief signs any header: by its number alone it counts where that place is not another frame's.
            is_false = self._known and is_within_by_number(roster, key_id, frame)
            if is_false and self._known and self._known.has_another(frame):
                return f"{stem} 由已作废的密钥签名，它的位置上本站所存的是另一份报文"
            return ""
        if ruling is None or ruling.is_struck:
            return f"{stem} 由已作废的密钥签名，且不在认可的范围内"
        self.released += [] if ruling in self.released else [ruling]
        return ""

    def _on(self, act: str) -> Ruling | None:
        said = (self._standing.get(act), self._known.ruling_on(act) if self._known else None)
        standing = max((one for one in said if one), key=lambda one: one[0], default=None)
        return standing[1] if standing else None

    def elsewhere(self, here: Iterable[str]) -> list[Ruling]:
        """Return the strikes on acts that are not among those `here`."""
        known = set(here)
        gone = [self._on(act) for act in self._about if act not in known]
        return [one for one in gone if one is not None and one.is_struck]
