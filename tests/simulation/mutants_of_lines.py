"""Rules of lines and programs, each broken on purpose: when to try, how much to send, what was not read."""

from __future__ import annotations

from collections.abc import Iterator

from sync.adapters.http_client import TooMuch
from sync.adapters.runner import Runner, Uplink
from sync.protocol import offer, peer
from sync.protocol.core import Core
from sync.protocol.offer import Plan
from sync.protocol.spool import Neighbour
from sync.protocol.streams import Stream
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
    """What something between refuses for its size is left out from then on; what comes after it goes on."""
    exchange, offers = Runner._exchange, offer.offers

    def exchange_once(runner: Runner, uplink: Uplink) -> int:
        try:
            return exchange(runner, uplink)
        except TooMuch:
            core = runner.engine.peer.core
            left_out = core.spool.__dict__.setdefault("left_out", {}).setdefault(uplink.address, {})
            left_out.update({s.id: s.upto for s in core.streams_with(uplink.address)})
            raise

    def offers_after(core: Core, neighbour: Neighbour, streams: list[Stream]) -> offer.Offer:
        found = offers(core, neighbour, streams)
        left_out = core.spool.__dict__.get("left_out", {}).get(neighbour.address, {})
        for stream, start in found.starts.items():
            found.starts[stream] = max(start, left_out.get(stream, 0))
        return found

    patch.setattr(Runner, "_exchange", exchange_once)
    everywhere(patch, offers, offers_after)


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
