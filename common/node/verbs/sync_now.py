"""The verb `sync now`: exchange at once with the nodes above, until nothing moves any more."""

from __future__ import annotations

from typing import Any

from common.node.keyring.keyless import not_enrolled
from common.node.node import Node
from common.node.profile import COUNTY
from common.node.refusals import CallsNobody, NoWayUp
from common.node.verbs.figures import is_fetching
from sync.adapters.runner import Runner

_ROUNDS_MAX, _QUIET = 50, 2


def sync_now(node: Node) -> dict[str, Any]:
    """Exchange with the nodes above until nothing moves, at most 50 times; return how it went, what is left.

    Who learns from an answer that it is an older copy, or joined with another key, asks for what it lacks
    with the next exchange: so one in which nothing moves is not the last while more is waited for, two are.
    With whom it goes wrong is asked no more, and the next above at once: whoever types this waits for it.

    Raises:
        CallsNobody, NotEnrolledYet, NoWayUp: there is nobody above, no key to speak with, or no address.
    """
    if node.profile.tier == COUNTY:
        raise CallsNobody
    if not node.has_joined():
        raise not_enrolled(node)
    if node.runner is None or not node.runner.uplinks():
        raise NoWayUp
    state, rounds, quiet, failed = node.runner.state, 0, 0, list[dict[str, str]]()
    while rounds < _ROUNDS_MAX and quiet < _QUIET:
        pause_ms = node.runner.step({one["to"] for one in failed})
        rounds += 1
        if state.failures:
            quiet = 0
            failed.append({"to": state.uplink, "code": state.last_code, "sentence": state.last_sentence})
            if not _may_pass(node.runner, {one["to"] for one in failed}):
                break
            continue
        quiet = quiet + 1 if pause_ms > 0 else 0
        if quiet and not (is_fetching(node) or _waits(node, state.uplink)):
            break
    is_well = state.failures == 0
    return {
        "rounds": rounds,
        "ok": int(is_well),
        "with": state.uplink if is_well else "",
        "failed": failed,
        "code": state.last_code if is_well else failed[0]["code"],
        "sentence": state.last_sentence if is_well else failed[0]["sentence"],
        "fetching": int(is_fetching(node)),
        "left": int(is_well and quiet == 0),
    }


def _may_pass(runner: Runner, failed: set[str]) -> bool:
    """Say whether another is asked now: of many who turn away from a busy node at once the next is full."""
    return not runner.state.is_busy and any(one.address not in failed for one in runner.ways.open())


def _waits(node: Node, address: str) -> int:
    with node.heart.reading():
        return node.peer.waits_for(address)
