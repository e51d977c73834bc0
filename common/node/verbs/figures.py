"""What `status` and `verify` find, in figures; `told` has the words."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from common.casework import derived, waits_ended
from common.casework.derived import Days
from common.casework.put_off import put_off
from common.casework.shown import Shown
from common.desk.pages.line_back import PUT_BACK, fetching
from common.desk.pages.line_speed import knows_no_way_up
from common.node import trail_mark
from common.node.keyring.keyless import is_keyless
from common.node.node import Node
from common.node.verbs.act_words import act_line
from common.node.watches import lost_papers
from common.store import audit
from common.store.sorts import OddValues, odd_columns, told_if_odd
from sync.protocol.acts.quarantine import STRUCK_OUT
from sync.protocol.checker import Checked, check
from sync.protocol.incoming.left import LEFT
from sync.protocol.spool import EVIDENCE, GAP, UNKNOWN_KEY
from sync.protocol.trust.refusal import barred

_ODD = "value of another sort"
_NOTES_READ = 1
_GAPS_READ = 10_000
_FORKS_TOLD = 50
# So long it is told that all is back that a node had sent which was put back.
_BACK_TOLD_MS = 7 * 86_400_000


def status(node: Node) -> dict[str, Any]:
    """Return the state of the node in figures."""
    with node.heart.reading():
        identity = node.spool.identity()
        streams = node.peer.core.streams()
        parked = [row for row in node.spool.parked() if row.reason not in (LEFT, STRUCK_OUT)]
        ended = waits_ended.ended(parked)
        neighbours = {n.address: n.contact_at for n in node.spool.neighbours()}
        waiting = {a: node.peer.waits_for(a) for a in neighbours}
        gaps = [*node.spool.loose_gaps(_GAPS_READ), *(g for s in streams for g in node.spool.gaps(s, 1000))]
        aside = sum(count for why in (GAP, UNKNOWN_KEY) for _src, count, _since in node.aside(why))
        refused = barred(node.peer.core)
    left = node.keeping.totals()
    return {
        "put_back": _put_back(node),
        "twins": [address for address, _at in node.twins(node.clock.now_ms())],
        "refused": refused.reason if refused else "",
        "refused_since": refused.since if refused else 0,
        "purged": left.bodies,
        "purged_on": left.day,
        "address": node.me,
        "site": node.site_name(),
        "tier": node.profile.tier,
        "enrolled": int(node.has_joined()),
        "keyless": int(is_keyless(node)),
        "no_way_up": int(node.has_joined() and knows_no_way_up(node)),
        "epoch": identity.epoch if identity else "",
        "frames": sum(s.upto - s.base for s in streams),
        "streams": len(streams),
        "parked": len(parked) - len(ended),
        "aside": aside,
        "standing": node.standing_here(),
        # Those that never came, and those that were lost here and are fetched back.
        "papers_missing": len({paper for _of, paper in gaps}),
        "last_contact": neighbours,
        "waiting": waiting,
        "disk": int(node.disk.state()),
        "database_bytes": node.config.path("node.sqlite3").stat().st_size,
    }


def _put_back(node: Node) -> dict[str, Any]:
    found = fetching(node, node.notes(_NOTES_READ, PUT_BACK))
    if found is None or (found.is_all and node.clock.now_ms() - found.at > _BACK_TOLD_MS):
        return {}
    return {**found._asdict(), "is_all": int(found.is_all)}


def is_fetching(node: Node) -> bool:
    """Say whether this node was put back from an older copy, and not all it had sent is back."""
    found = fetching(node, node.notes(_NOTES_READ, PUT_BACK))
    return found is not None and not found.is_all


def verify(node: Node) -> dict[str, Any]:
    """Check every signature, chain and paper, what is shown of cases, and the trails; ask for lost papers.

    Raises:
        OddValues: some can be read by nothing here, and the check came to one of them.
    """
    odd = [f"{_ODD}: {column}" for column in odd_columns()]
    with told_if_odd(), node.heart.reading():
        shown = Shown(node.peer.core)
        checked = check(node.peer.core, shown.look)
        differing = shown.compare()
        days = Days(node.me, node.casework.ctx.calendar(), node.calendars.mark())
        differing += derived.differing(days, shown.cases)
        differing += put_off(node.casework.ctx, node.peer.core, node.clock.now_ms())
        broken = audit.first_broken()
        seen = node.views.problems()
        forks = _forks(node)
    problems = [*odd, *checked.problems, *differing, *seen]
    if broken is not None:
        problems.append(f"audit trail broken at {broken}")
    problems += [f"{name}: {upto or trail_mark.FILE}" for name, upto in trail_mark.cut_off(node)]
    asked = lost_papers.ask_back(node, checked.lost)
    return {**asdict(checked), "problems": problems, "asked": asked, "forks": forks}


def _forks(node: Node) -> list[dict[str, Any]]:
    """Return what lost its place to another act: where, what it is, whether it has another place here."""
    frames = [aside.frame for aside in node.spool.asides(EVIDENCE)[:_FORKS_TOLD]]
    return [
        {
            "stream": str(frame.header.stream),
            "seq": frame.header.seq,
            "act": frame.act,
            "by": node.place_name(frame.header.stream.src),
            "what": act_line(frame),
            "placed": int(bool(node.spool.places_of_act(frame.act))),
        }
        for frame in frames
    ]


def unread(odd: OddValues) -> dict[str, Any]:
    """Return what is found where values keep the check from its end: those, and nothing else."""
    problems = [f"{_ODD}: {column}" for column in odd.columns]
    return {**asdict(Checked()), "problems": problems, "asked": [], "unread": 1}
