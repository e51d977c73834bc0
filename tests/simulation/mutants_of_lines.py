"""Rules of lines and programs, each broken on purpose: when to try, how much to send, what was not read."""

from __future__ import annotations

from collections.abc import Iterator

from sync.adapters.http_client import TooMuch
from sync.adapters.runner import Runner, Uplink
from sync.protocol import going, offer, peer
from sync.protocol.core import Core
from sync.protocol.offer import Plan
from sync.protocol.spool import Neighbour
from tests.simulation.patching import Patch, everywhere


def due_by_the_wall_clock(patch: Patch) -> None:
    """The loop waits until the wall clock shows a time."""

    def arm(runner: Runner, pause_ms: int) -> None:
        runner.state.next_try_at = runner.engine.world.evidence().wall + pause_ms

    def left_ms(runner: Runner) -> int:
        return runner.state.next_try_at - runner.engine.world.evidence().wall

    patch.setattr(Runner, "arm", arm)
    patch.setattr(Runner, "left_ms", left_ms)


def too_much_is_passed_over(patch: Patch) -> None:
    """Papers that something between refuses for their size are left out from then on; others go on."""
    exchange, asked = Runner._exchange, going.papers_asked

    def exchange_once(runner: Runner, uplink: Uplink) -> int:
        try:
            return exchange(runner, uplink)
        except TooMuch:
            core = runner.engine.peer.core
            left_out = core.spool.__dict__.setdefault("left_out", set())
            left_out.update(blob for blob, _, _ in asked(core, core.neighbour(uplink.address)))
            raise

    def asked_but(core: Core, neighbour: Neighbour) -> list[tuple[str, int, int]]:
        left_out = core.spool.__dict__.get("left_out", ())
        return [one for one in asked(core, neighbour) if one[0] not in left_out]

    patch.setattr(Runner, "_exchange", exchange_once)
    everywhere(patch, asked, asked_but)


def papers_wait_for_cases(patch: Patch) -> None:
    """No paper goes beside a frame."""
    honest = offer._plains

    def plains(core: Core, plan: Plan) -> Iterator[bytes]:
        papers, plan.papers = plan.papers, [] if plan.starts else plan.papers
        yield from honest(core, plan)
        plan.papers = papers

    patch.setattr(offer, "_plains", plains)


def papers_before_cases(patch: Patch) -> None:
    """No frame goes beside a paper."""
    honest = offer._plains

    def plains(core: Core, plan: Plan) -> Iterator[bytes]:
        starts, plan.starts = plan.starts, {} if plan.papers else plan.starts
        yield from honest(core, plan)
        plan.starts = starts

    patch.setattr(offer, "_plains", plains)


def unread_never_looked_at_again(patch: Patch) -> None:
    """What an older program could not read stays unread when a newer one starts."""
    patch.setattr(peer.Peer, "wake", lambda peer_, keys, application: None)
