"""catalogue_update_bytes: one changed item, county → township → village, everything above TCP, both ways.

Three real nodes on loopback with a quiet line. Counted on each hop is the one
exchange, HTTP and all, that brings the new version; the next one, which
acknowledges it, is counted too, beside one that has nothing to say.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from bench.county import NodeProcess, make
from common.config import read_config
from common.node.assembly import build_node
from common.node.demo.relay import Relay
from common.node.node import Node
from county_node.profile import PROFILE

WAIT_S = 90.0
_SILENCE_S = 0.6
_QUIET_RUN = 3
_DIGITS = 8
_SETTINGS = {"LIANDONG_SYNC_INTERVAL_S": "4", "LIANDONG_SYNC_RETRY_BASE_MS": "300"}
HOPS = ("county-township", "township-village")
Change = Callable[[dict[str, Any]], None]


def _phone(item: dict[str, Any]) -> None:
    item["contact"]["consult_phone"] = "0827-7210386（示例）"


def _paper(item: dict[str, Any]) -> None:
    own = {"key": "guardian_consent", "name": "监护人同意书", "how": "监护人当面签名，写明与申请人的关系"}
    item["papers"].append({**item["papers"][-1], **own, "standard": "写明日期，签名清楚"})


def _limit(item: dict[str, Any]) -> None:
    item["promised"]["days"] -= 1


# fmt: off
CHANGES: tuple[tuple[str, str, Change], ...] = (
    # item                kind of change    made by
    ("DEMO-511921-0503", "a phone number", _phone),
    ("DEMO-511921-0502", "a paper added",  _paper),
    ("DEMO-511921-0501", "a limit changed", _limit),
)
# fmt: on


class Exchange(NamedTuple):
    """What one exchange cost, and how many versions of documents the node below held after it."""

    bytes: int
    versions: int


class Hop:
    """One line with a relay in it, and the node below it; an exchange is what goes between two silences."""

    def __init__(self, relay: Relay, below: NodeProcess) -> None:
        self._relay = relay
        self._database = sqlite3.connect(f"file:{below.folder / 'node.sqlite3'}?mode=ro", uri=True)
        self._counted = self._seen = 0
        self._still_since = time.monotonic()
        self.exchanges: list[Exchange] = []

    def look(self) -> None:
        """Note an exchange when one is over; to be called many times a second."""
        now, total = time.monotonic(), self._relay.bytes_up + self._relay.bytes_down
        if total != self._seen:
            self._seen, self._still_since = total, now
        elif total > self._counted and now - self._still_since > _SILENCE_S:
            versions = self._database.execute("SELECT count(*) FROM sync_doc").fetchone()[0]
            self.exchanges.append(Exchange(total - self._counted, int(versions)))
            self._counted = total

    @property
    def is_quiet(self) -> bool:
        """Say whether the last exchanges had nothing to say: they cost the same but for a few digits."""
        costs = [one.bytes for one in self.exchanges[-_QUIET_RUN:]]
        return len(costs) == _QUIET_RUN and max(costs) - min(costs) <= _DIGITS

    def carried(self) -> tuple[int, int, int] | None:
        """Return the bytes of the exchange before one that brought a document, of it, and of the next."""
        for before, it, after in zip(self.exchanges, self.exchanges[1:], self.exchanges[2:], strict=False):
            if it.versions > before.versions:
                return before.bytes, it.bytes, after.bytes
        return None


def update_at(folder: Path, code: str, change: Change) -> None:
    """Publish a changed item at the county in `folder`, from beside its process."""
    node: Node = build_node(read_config(folder, {}), PROFILE)
    with node.unit():
        held = node.catalogue.item(code)
        found = node.catalogue.content_of(code, held.version) if held else None
        if found is None:
            raise RuntimeError(f"no item {code}")
        item = json.loads(json.dumps(found))
        change(item)
        node.catalogue.publish(item, node.clock.now_ms())


def measure(runs: int) -> list[dict[str, object]]:
    """Return medians over three items and kinds of change, whatever `runs` says: each is a run."""
    folder = Path(tempfile.mkdtemp(prefix="liandong-bench-"))
    relays = (Relay(0), Relay(0))
    village, town, county = make(folder, relays[1].port, relays[0].port)
    relays[0].target_port, relays[1].target_port = county.port, town.port
    try:
        for relay in relays:
            relay.up()
        for site in (county, town, village):
            site.start(**_SETTINGS)
        hops = (Hop(relays[0], town), Hop(relays[1], village))
        return _metrics([_once(county, hops, change) for change in CHANGES])
    finally:
        for relay in relays:
            relay.down()
        for site in (village, town, county):
            site.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _once(
    county: NodeProcess, hops: tuple[Hop, Hop], change: tuple[str, str, Change]
) -> list[tuple[int, int, int]]:
    """Publish one change; return for each hop the bytes of a quiet exchange, the carrying one, the next."""
    code, kind, made = change
    for hop in hops:
        hop.exchanges.clear()
    _watch(hops, lambda hop: hop.is_quiet)
    for hop in hops:
        del hop.exchanges[:-1]
    update_at(county.folder, code, made)
    _watch(hops, lambda hop: hop.carried() is not None)
    done = [found for hop in hops if (found := hop.carried())]
    print(f"{code}, {kind}: (quiet, carrying, next) a hop: {done}", file=sys.stderr)
    return done


def _watch(hops: tuple[Hop, Hop], is_done: Callable[[Hop], bool]) -> None:
    limit = time.monotonic() + WAIT_S
    while not all(is_done(hop) for hop in hops):
        if time.monotonic() > limit:
            raise RuntimeError("the lines did not do what was waited for")
        for hop in hops:
            hop.look()
        time.sleep(0.02)


def _metrics(runs: list[list[tuple[int, int, int]]]) -> list[dict[str, object]]:
    metrics: list[dict[str, object]] = []
    for place, hop in reversed(list(enumerate(HOPS))):
        quiet, carrying, after = (
            round(statistics.median(run[place][column] for run in runs)) for column in range(3)
        )
        told = {"unit": "B", "hop": hop, "quiet": quiet, "next": after}
        name = "catalogue_update_bytes" if place else "catalogue_update_bytes_to_township"
        metrics.append({"metric": name, "value": carrying, **told})
    return metrics
