"""Reads all sites' records side by side, and waits until what was done has come everywhere."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from common.node.demo.check import Proof, Tally, check
from common.node.demo.county import NodeProcess, run_module
from common.node.demo.docket import Docket
from common.node.demo.network import Network
from common.node.demo.show import Show

PATIENCE_S = 60.0
_LEDGER = "common.node.demo.ledger"


def ledgers(network: Network) -> dict[str, Any]:
    """Return what `ledger` reads at every site, in a process of its own that is none of theirs."""
    folders = [str(node.folder) for node in network.nodes.values()]
    found = json.loads(run_module(_LEDGER, *folders))
    return dict(zip(network.nodes, found, strict=True))


def verified(network: Network, show: Show) -> dict[str, Any]:
    """Return what the verb `verify` says at every site, and print it as it comes."""
    return _everywhere(network, partial(_verify, network, show))


def _verify(network: Network, show: Show, node: NodeProcess) -> Any:
    # The verb ends with 1 when something is unsound; what it found then is on its output all the same.
    said = run_module(node.package, "verify", "--data", str(node.folder), "--json", good=(0, 1))
    found = json.loads(said)
    words = f"报文 {found['frames']} 份、材料 {found['papers']} 份，问题 {len(found['problems'])} 处"
    show.act(network.sites[node.address].name, "核对", (words,))
    return found


def _everywhere(network: Network, ask: Callable[[NodeProcess], Any]) -> dict[str, Any]:
    answers = network.side_by_side([partial(ask, node) for node in network.nodes.values()])
    return dict(zip(network.nodes, answers, strict=True))


def prove(network: Network, docket: Docket, show: Show) -> Proof:
    """Check everything against the records; what is still on its way gets time to arrive."""
    limit = time.monotonic() + PATIENCE_S
    signed = verified(network, show)
    while True:
        found = check(docket, ledgers(network), signed, network.top)
        if found.is_sound or time.monotonic() > limit:
            return found
        show.say(f"  还有内容在路上，稍后再核对：{'；'.join(f.name for f in found.findings if f.wrong)}")
        time.sleep(1.0)
        signed = verified(network, show)


def result_line(tally: Tally, seconds: float) -> str:
    """Return the one JSON line of the result."""
    figures: Mapping[str, Any] = {**asdict(tally), "seconds": round(seconds, 1)}
    return json.dumps(figures)
