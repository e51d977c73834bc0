"""What a node names to the top of what is held back there, and how the top answers who has named it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from sync.protocol.acts import asked, later, proofs, quarantine
from sync.protocol.acts.asked import LATER, PAST, WITHIN
from sync.protocol.acts.deliver import Application, deliver
from sync.protocol.acts.placed_again import prove_places
from sync.protocol.acts.quarantine import HELD, IDS_MAX, RELEASED, STRUCK
from sync.protocol.acts.struck import verdict_said
from sync.protocol.frame import Evidence
from sync.protocol.incoming.beside import take_wanted
from sync.protocol.own.issue import plain_body, submit
from sync.protocol.own.reissue import destinations
from sync.protocol.trust import review
from sync.protocol.trust.revocation import NO_BOOT, Said, decide, who_has
from sync.protocol.verdicts import MET, VERDICT, verdict_on
from sync.protocol.wants import one_by_one

if TYPE_CHECKING:
    from sync.protocol.core import Core


def settle_held(core: Core, application: Application, now_ms: int) -> None:
    """Name to the top what is held back here and not on its way there, and what a revoked key signed unseen.

    At the top, answer who did.
    """
    now = Evidence(now_ms, NO_BOOT, 0)
    told, core.found.cut_off = core.found.cut_off, {}
    settled, core.found.settled = core.found.settled, {}
    if core.me == core.tree.top:
        deliver(core, prove_places(core, _authors(core, told)), application)
        named = _take_asked(core)
        deliver(core, take_wanted(core), application)
        # What is decided on only now is said to all who may have it, askers too.
        decided = [act for act in named if verdict_on(core, act)]
        deciding = _good_here(core, sorted({*named} - {*decided}))
        if deciding:
            decide(core, application, RELEASED, Said(deciding, WITHIN), now)
        _say_again(core, application, now)
        _say_to_the_rest(core, application, now)
        _say_to_askers(core, application, decided, now)
        return
    if core.me in settled:
        later.forget_gone(core)
        settled = {one.address: None for one in core.roster.entries.values() if one.revoked}
    unseen = {one: review.unseen(core, [one]) for one in sorted(settled)}
    by_reason = {
        PAST: later.in_turn(core, PAST, _held_back(core, told, settled)),
        # One more than the top keeps, so that it tells.
        WITHIN: _within(core, told)[: asked.KEPT * asked.OPEN_MAX + 1],
        LATER: later.in_turn(core, LATER, unseen),
    }
    for reason, acts in by_reason.items():
        for at in range(0, len(acts), IDS_MAX):
            content = quarantine.verdict_body(acts[at : at + IDS_MAX], reason, (core.tree.top,))
            submit(core, plain_body(core, (HELD, content)), (core.tree.top,), (), now)


def _within(core: Core, told: Mapping[str, str]) -> list[str]:
    """Return what counts and the top cannot see, of each author in turn: no word makes room for more."""
    found: dict[str, list[str]] = {}
    for act in [act for act, why in told.items() if why == WITHIN]:
        row = core.spool.act(act)
        if row is not None:
            found.setdefault(row.author, []).append(act)
    return one_by_one(list(found.values()))


def _held_back(core: Core, told: Mapping[str, str], settled: Collection[str]) -> dict[str, list[str]]:
    """Return by author what is held back and to be named: of those settled all that was left out before.

    What this unit has found of others of whom something was left out waits with that.
    """
    waiting = set(later.waiting(core, PAST))
    anew = waiting.intersection(settled) if core.me not in settled else set(settled)
    found = {author: review.unnamed(core, author) for author in sorted(anew)}
    for act in [act for act, why in told.items() if why == PAST]:
        row = core.spool.act(act)
        if row is not None and row.author not in waiting | anew:
            found.setdefault(row.author, []).append(act)
    return found


def _say_again(core: Core, application: Application, now: Evidence) -> None:
    """The top was put back and had said the opposite of what it said since: all hear what stands, people too.

    The two may have gone to different nodes, and a program of before makes of them what came last.
    """
    met, core.found.met = core.found.met, {}
    _say(core, application, met, now)
    for author in sorted(_authors(core, met)):
        core.note(MET, author, f"{len(met)} acts")


def _say(core: Core, application: Application, acts: Iterable[str], now: Evidence) -> None:
    """Say of acts what was said before: all who may have them hear it."""
    for (kind, reason), some in _by_word(core, acts).items():
        decide(core, application, kind, Said(some, reason), now)


def _say_to_askers(core: Core, application: Application, acts: Iterable[str], now: Evidence) -> None:
    """Say of acts what was said before to who waits for it, and to no others: anybody may ask very often."""
    waiting = {row.act for row in asked.open_at(core) if row.reason == PAST}
    for (kind, reason), some in _by_word(core, [act for act in acts if act in waiting]).items():
        to = asked.askers_now(core, some)
        if to:
            decide(core, application, kind, Said(some, reason, to), now)
        else:
            # Nobody in the tree waits for it any more.
            asked.told(core, some)


def _say_to_the_rest(core: Core, application: Application, now: Evidence) -> None:
    """The top was put back and its own word came back: it may be the one it repeated to an asker alone."""
    back, core.found.said = core.found.said, {}
    rest: dict[tuple[str, ...], list[str]] = {}
    by_act = asked.by_act(core) if back else {}
    for act, said in back.items():
        held, kind = core.spool.held(VERDICT, act), verdict_on(core, act)
        by = {*said, held.content.decode()} if held is not None else set[str]()
        frames = [f for one in by if (f := core.spool.frame_of_act(one)) and f.header.kind == kind]
        heard = {dst for frame in frames for dst in destinations(frame)}
        to = tuple(sorted(who_has(core, [act], by_act) - heard)) if frames else ()
        if to:
            rest.setdefault(to, []).append(act)
    for to, acts in rest.items():
        for (kind, reason), some in _by_word(core, acts).items():
            decide(core, application, kind, Said(some, reason, to), now)


def _by_word(core: Core, acts: Iterable[str]) -> dict[tuple[str, str], list[str]]:
    said: dict[tuple[str, str], list[str]] = {}
    for act in acts:
        said.setdefault((verdict_on(core, act), verdict_said(core, act).reason), []).append(act)
    return said


def _take_asked(core: Core) -> list[str]:
    """Remember who named what in this unit, want what is lacking; return acts somebody waits to hear of."""
    core.found.held_told, named = {}, core.found.held_told
    asked.remember(core, named)
    again = {act for act, *_ in named}
    # Put back, the top has questions once more to which its own answer came back too.
    waiting = [row for row in asked.open_at(core) if row.reason == PAST and row.act not in again]
    answered = [row for row in waiting if asked.is_told(core, row)]
    proofs.ask_on(core, [row.act for row in answered])
    asked.put_away(core, answered)
    asked.end_wants(core, [row.act for row in answered if verdict_on(core, row.act) == STRUCK])
    proofs.fetch(core)
    return asked.acts_of(core)


def _authors(core: Core, acts: Iterable[str]) -> set[str]:
    rows = [core.spool.act(act) for act in acts]
    return {row.author for row in rows if row is not None}


def _good_here(core: Core, ids: Sequence[str]) -> list[str]:
    """Return those of these acts that count by what is here."""
    known = core.spool.known_acts(ids)
    frames = (frame for frame in map(core.spool.frame_of_act, sorted(known)) if frame is not None)
    cut = (frame for frame in frames if core.roster.revoked(frame.header.stream.src))
    return [frame.act for frame in cut if not quarantine.is_past(core, frame)]
