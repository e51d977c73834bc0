"""Reads all sites' records side by side, and waits until what was done has come everywhere."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

from common.node.demo.check import Finding, Tally, check
from common.node.demo.county import NodeProcess, run_module
from common.node.demo.docket import Docket
from common.node.demo.network import AT_ONCE, Network

PATIENCE_S = 60.0
_LEDGER = "common.node.demo.ledger"


def ledgers(network: Network) -> dict[str, Any]:
    """Return what `ledger` reads at every site, each in a process of its own."""
    return _everywhere(network, lambda node: json.loads(run_module(_LEDGER, "--data", str(node.folder))))


def verified(network: Network) -> dict[str, Any]:
    """Return what the verb `verify` says at every site."""
    return _everywhere(network, _verify)


def _verify(node: NodeProcess) -> Any:
    # The verb ends with 1 when something is unsound; what it found then is on its output all the same.
    return json.loads(run_module(node.package, "verify", "--data", str(node.folder), "--json", good=(0, 1)))


def _everywhere(network: Network, ask: Any) -> dict[str, Any]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = {address: pool.submit(ask, node) for address, node in network.nodes.items()}
        return {address: future.result() for address, future in asked.items()}


def prove(network: Network, docket: Docket) -> tuple[Tally, list[Finding]]:
    """Check everything against the records; what is still on its way gets time to arrive."""
    signed = verified(network)
    limit = time.monotonic() + PATIENCE_S
    while True:
        tally, findings = check(docket, ledgers(network), signed, network.top)
        if not any(finding.wrong for finding in findings) or time.monotonic() > limit:
            return tally, findings
        time.sleep(1.0)
        signed = verified(network)


def result_line(tally: Tally, seconds: float) -> str:
    """Return the one JSON line of the result."""
    figures: Mapping[str, Any] = {**asdict(tally), "seconds": round(seconds, 1)}
    return json.dumps(figures)
