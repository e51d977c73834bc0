"""Cases and papers over a bad line: each arrives, once, whole, within a time that the line can do."""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from common.node.demo.accounts import accounts_of
from common.node.demo.album import Album
from common.node.demo.clerk import Clerk
from common.node.demo.county import NodeProcess, SiteTrouble, run_module
from common.node.demo.docket import Docket, Entry
from common.node.demo.errands import Ending
from common.node.demo.network import Network
from common.node.demo.proof import prove
from common.node.demo.show import Show
from common.people.rules.roles import Role
from common.store.database import driver
from tests.soak.kills import COUNTY, VILLAGE, figures, three_sites
from tests.soak.residents import errands, take_in
from tests.soak.thin_line import BITS_PER_S, RESET_SHARE, ThinLine

# Beyond what the bytes alone take: waits after resets, round trips, a busy machine.
TIMES_MAX, MORE_S = 4, 60.0
_LOOK_S = 0.1


def bad_line(network: Network, breaks: Any) -> ThinLine:
    """Put a bad line in the place of the village's; return it."""
    usual = network.lines[VILLAGE]
    usual.down()
    line = ThinLine(usual, breaks)
    line.up()
    network.lines[VILLAGE] = line
    return line


def file_at_village(network: Network, album: Album, docket: Docket, cases: int) -> list[Entry]:
    """Take in so many cases that then wait at the township, each with its first two papers; return them."""
    waiting = [
        replace(errand, ending=Ending.TO_CHECK, given=errand.given[:2], later=(), asked_by="")
        for errand in islice(errands(VILLAGE), cases)
    ]
    entries = [Entry(errand) for errand in waiting]
    account = next(one for one in accounts_of(VILLAGE) if Role.AGENT in one.roles)
    clerk = Clerk(network.nodes[VILLAGE], account, album)
    clerk.sign_in()
    for entry in entries:
        docket.entries.append(entry)
        take_in(clerk, docket, entry)
    return entries


def await_all(node: NodeProcess, entries: Sequence[Entry], within_s: float) -> float:
    """Return after how many seconds a site had all of these cases with all their papers.

    Raises:
        SiteTrouble: it has not in time.
    """
    began = time.monotonic()
    wanted = {entry.number for entry in entries}
    papers = {name for entry in entries for _, name in entry.papers}
    while time.monotonic() - began < within_s:
        if wanted <= _column(node, 'SELECT "case" FROM case_file') and papers <= _column(
            node, "SELECT hash FROM sync_blob"
        ):
            return time.monotonic() - began
        time.sleep(_LOOK_S)
    raise SiteTrouble(f"not all of {len(wanted)} cases came in {within_s:.0f} s")


def _column(node: NodeProcess, sql: str) -> set[str]:
    reader = driver.connect(f"file:{node.folder}/node.sqlite3?mode=ro", uri=True)
    try:
        return {row[0] for row in reader.execute(sql)}
    finally:
        reader.close()


def wrong_at(node: NodeProcess, entries: Sequence[Entry]) -> list[str]:
    """Return which of these cases a site has not, not once, or not whole."""
    found = json.loads(run_module("common.node.demo.ledger", str(node.folder)))[0]
    whole, wrong = set(found["whole"]), list(found["unlike"])
    for entry in entries:
        case = found["cases"].get(entry.number)
        acts = [word for _, word, *_ in case["acts"].values()] if case else []
        if acts.count("file") != 1 or len(acts) != 1:
            wrong.append(f"{entry.number} has the acts {acts}")
        wrong += [f"{entry.number} lacks {key}" for key, name in entry.papers if name not in whole]
    return wrong


def size_of(album: Album, entries: Sequence[Entry]) -> int:
    """Return how many bytes of papers these cases have."""
    known: dict[str, int] = {}
    for entry in entries:
        for _, picture in entry.errand.given:
            content = album.content(picture)
            known[hashlib.sha256(content).hexdigest()] = len(content)
    return sum(known.values())


def soak(folder: Path, cases: int, seed: int) -> tuple[dict[str, Any], int]:
    """Run it; return the figures, and 1 when anything was wrong."""
    began, rng, docket = time.monotonic(), Random(f"line/{seed}"), Docket(())
    with three_sites(folder) as network:
        line = bad_line(network, lambda _: rng.random() < RESET_SHARE)
        entries = file_at_village(network, network.album, docket, cases)
        size = size_of(network.album, entries)
        alone_s = size * 8 / BITS_PER_S
        took = await_all(network.nodes[COUNTY], entries, TIMES_MAX * alone_s + MORE_S)
        proof = prove(network, docket, Show(io.StringIO()))
        row = {
            "exchanges": line.exchanges,
            "resets": line.resets,
            "paper_bytes": size,
            "bytes_up": line.bytes_up,
            "papers_alone_s": round(alone_s, 1),
            "last_at_county_s": round(took, 1),
            **figures({}, proof, time.monotonic() - began),
        }
    del row["kills"]
    return row, int(not proof.is_sound)
