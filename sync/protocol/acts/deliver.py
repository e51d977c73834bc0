"""Handing acts to the application: each until it was applied once, then never again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sync.protocol import canonical
from sync.protocol.acts import asked
from sync.protocol.acts.bodies import waits_for_body
from sync.protocol.acts.quarantine import (
    KINDS,
    RELEASED,
    STRUCK,
    STRUCK_OUT,
    ids_in,
    is_gone_by,
    is_past,
    note_cut_off,
    parked_row,
    take_verdict,
)
from sync.protocol.core import Core
from sync.protocol.errors import NotCanonical
from sync.protocol.frame import Act, act_of, is_act_id
from sync.protocol.shelf import ShelfDoc
from sync.protocol.spool import APPLIED, PARKED, ActRow

BRIEF = "sync.brief"
_KEYS_READ = 1_000_000


@dataclass(frozen=True, slots=True)
class Parked:
    """Why an act could not be applied yet, and what would change that.

    `waits_for` is `act:<id>`, `case:<case>`, `doc:<kind>/<key>/<version>`,
    `doc:<statement hash>`, `roster:<address>`, `version` (a kind this program
    does not know) or `person` (somebody must decide). An act and a document
    named by its hash are asked of the neighbours for as long as they are
    waited for and not here.
    """

    reason: str
    waits_for: str


@dataclass(slots=True)
class Applied:
    """What became of acts handed to the application: those parked, and what others may have waited for."""

    parked: dict[str, Parked] = field(default_factory=dict)
    woke: set[str] = field(default_factory=set)


class Application(Protocol):
    """What the acts are for. It is called within the unit of work that stores them."""

    def apply(self, acts: Sequence[Act]) -> Applied:
        """Apply acts in order; each is given until it was applied once, then never again."""

    def retract(self, acts: Sequence[str]) -> Mapping[str, Parked]:
        """Undo what applied acts have made, for their key is revoked; each may be given once more later.

        Returns:
            Other acts that cannot stand without these: they are parked, and given again when that changes.
        """

    def adopt(self, docs: Sequence[ShelfDoc]) -> set[str]:
        """Take documents into use, in any order of versions; return the wake keys of what they bring."""

    def disown(self, docs: Sequence[ShelfDoc]) -> None:
        """Use documents no more, for nobody speaks for their key; what is in force instead comes by `adopt`.

        Each may come once more later.
        """


def release(core: Core, rows: Iterable[ActRow]) -> list[Act]:
    """Mark parked acts applied and return them, to be handed over once more.

    One whose body has left by rule since stays parked until that is back; see `body_is_back`. And one past a
    cut waits for that from now on: it counted by what is here no more. Of a cut that was not gone by yet, as
    at the start of a new machine, `quarantine.settle_cuts` tells.
    """
    acts = []
    for row in rows:
        frame = core.spool.frame_of_act(row.id)
        if frame is not None and is_past(core, frame):
            if is_gone_by(core, core.roster.entries[row.author]):
                note_cut_off(core, frame)
                core.spool.set_act(parked_row(core, row))
        elif frame is not None and not frame.body:
            core.spool.set_act(row._replace(waits_for=waits_for_body(row)))
            core.spool.want(row.id)
        elif frame is not None:
            core.spool.set_act(row._replace(state=APPLIED, reason="", waits_for=""))
            acts.append(act_of(frame))
    return acts


def parked_under(core: Core, prefixes: Iterable[str]) -> list[ActRow]:
    """Return acts parked for keys that begin so, by position. No others are read."""
    keys = [key for prefix in prefixes for key in core.spool.parked_for(prefix, _KEYS_READ)]
    return core.spool.parked(keys) if keys else []


def body_is_back(core: Core, acts: Collection[str]) -> list[Act]:
    """Return those of these acts that could not be handed over once more before their bodies were back."""
    good = []
    for row in core.spool.parked({f"act:{act}" for act in acts}) if acts else ():
        frame = core.spool.frame_of_act(row.id) if row.id in acts else None
        if frame is None or not frame.body:
            continue
        if is_past(core, frame):
            core.spool.set_act(parked_row(core, row))
        else:
            good.append(row)
    return release(core, good)


def deliver(core: Core, acts: list[Act], application: Application) -> None:
    """Hand acts to the application, park what it cannot apply, and wake what waited for those it could.

    Bounded: every round applies at least one act that was parked before.
    """
    while acts:
        told, freed = _read_own_kinds(core, acts, application)
        out = _struck_meanwhile(core, acts, freed)
        told, freed = _once(_without(told, out), _without(freed, out))
        result = application.apply(told) if told else Applied()
        for act in told:
            parked = result.parked.get(act.id)
            if parked is not None:
                _park(core, act, parked)
        done = [act.id for act in acts if act.id not in result.parked and act.id not in out]
        # Keys without a newly applied act could go round for ever.
        acts = release(core, core.spool.parked({f"act:{act}" for act in done} | result.woke)) if done else []
        acts += freed


def _read_own_kinds(core: Core, acts: Sequence[Act], application: Application) -> tuple[list[Act], list[Act]]:
    """Read what is meant for the sync layer itself; return what is left, and acts that now count."""
    told: list[Act] = []
    freed: list[Act] = []
    for act in acts:
        if act.kind == BRIEF:
            _read_brief(core, act)
        elif act.kind in KINDS:
            freed += take_verdict(core, act, application)
            if act.kind == RELEASED and act.author == core.me == core.tree.top:
                # The top was put back. What it had got by its id counts where it is, and is named no more.
                asked.want_lacking(core, ids_in(act.content))
        else:
            told.append(act)
    return told, freed


def _struck_meanwhile(core: Core, acts: Sequence[Act], freed: Sequence[Act]) -> set[str]:
    """Return the acts that a verdict among those that came with them strikes: they are held back by now."""
    if all(act.kind != STRUCK for act in acts):
        return set()
    rows = [core.spool.act(act.id) for act in (*acts, *freed)]
    return {row.id for row in rows if row is not None and row.state == PARKED and row.reason == STRUCK_OUT}


def _without(acts: list[Act], out: set[str]) -> list[Act]:
    return [act for act in acts if act.id not in out] if out else acts


def _once(told: list[Act], freed: list[Act]) -> tuple[list[Act], list[Act]]:
    """Leave each act one turn: struck and let through again in one batch, it came and is given back too."""
    came = {act.id for act in told} if freed else set()
    return told, list({act.id: act for act in freed if act.id not in came}.values())


def _park(core: Core, act: Act, parked: Parked) -> None:
    row = core.spool.act(act.id)
    position = row.position if row else 0
    core.spool.set_act(
        ActRow(act.id, act.kind, act.author, PARKED, parked.reason, parked.waits_for, position)
    )
    core.found.came[act.id] = None
    if parked.waits_for.startswith("act:"):
        wanted = parked.waits_for[4:]
        if is_act_id(wanted) and not core.spool.known_acts([wanted]):
            core.spool.want(wanted, act.author)
    core.note(parked.reason, act.author, f"{act.kind} parked for {parked.waits_for.split(':')[0]}")


def _read_brief(core: Core, act: Act) -> None:
    """A brief from above names acts its reader should have; those it lacks are asked for by id."""
    if act.author == core.me:
        # It came back after a loss; what it names is for others.
        return
    ids = brief_ids(act.content) if core.tree.is_below(core.me, act.author) else []
    for missing in sorted(set(ids) - core.spool.known_acts(ids)):
        core.spool.want(missing, act.author)
    if not ids:
        core.note("S102", act.author, "brief")


def brief_ids(content: bytes) -> list[str]:
    """Return the act ids a brief names, none when it is malformed."""
    try:
        return [i for i in canonical.loads(content)["ids"] if is_act_id(i)]
    except (NotCanonical, KeyError, TypeError):
        return []


def wake(core: Core, keys: set[str], application: Application) -> None:
    """Hand over again what waited for these keys."""
    if keys:
        deliver(core, release(core, core.spool.parked(keys)), application)
