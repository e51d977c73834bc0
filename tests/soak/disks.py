"""Every power cut, full disk and rotten row of the stories in `tests.crash`; its tests take a sample."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from typing import Any

from common.store.database import close_database
from tests.crash.aftermath import WAYS
from tests.crash.cuts import Cut, gone_on, moments, played, survived
from tests.crash.disk import Disk
from tests.crash.refusing import Refusing, by_pages, whole_way
from tests.crash.rot import lived_in, looked_at, rots, wrong
from tests.desk.three import ThreeNodes, found_network

# So seldom the whole network goes on after a cut, which takes much longer than to look at the node.
GOES_ON_EVERY = 40


def torn(folder: Path, draws: int, seed: int) -> tuple[dict[str, Any], int]:
    """Cut the power before and after every sync, in every way, so many draws of each; return the figures."""
    began, template = time.monotonic(), _founded(folder)
    story = played(template, folder)
    seeds = range(seed, seed + draws)
    cuts = [Cut(after, at, way, one) for after, at in moments(story) for way in WAYS for one in seeds]
    wrong = [(cut, what) for cut, found in survived(story, cuts, folder) for what in found]
    on = cuts[:: GOES_ON_EVERY * draws]
    wrong += [(cut, what) for cut in on for what in gone_on(story, cut, folder)]
    for cut, what in wrong:
        print(f"{cut}: {what}", file=sys.stderr)
    row = {"moments": len(moments(story)), "cuts": len(cuts), "gone_on": len(on), "wrong": len(wrong)}
    return {**row, "seconds": round(time.monotonic() - began, 1)}, int(bool(wrong))


def full(folder: Path, step: int, seed: int) -> tuple[dict[str, Any], int]:
    """Refuse every write, or every `step`th, on a case's way through three tiers; return the figures.

    Raises:
        AssertionError: something was half done or lost; it says what.
    """
    began, template = time.monotonic(), _founded(folder)
    nodes = folder / "nodes"
    shutil.copytree(template, nodes)
    with Disk(nodes) as disk:
        refusing = Refusing(ThreeNodes(nodes), disk, each_of=1, then_every=step)
        try:
            by_pages(refusing)
            whole_way(refusing)
        finally:
            close_database()
    return {"refused": refusing.refusals, "seconds": round(time.monotonic() - began, 1)}, 0


def rot(folder: Path, step: int, seed: int) -> tuple[dict[str, Any], int]:
    """Make every value, or every `step`th, of a township's tables each wrong one; return the figures."""
    began, template = time.monotonic(), _founded(folder)
    lived_in(ThreeNodes(template))
    sane = looked_at(template, folder / "nodes", None)
    assert sane is not None
    looked, bad = 0, 0
    for one in list(rots(template))[seed % step :: step]:
        found = looked_at(template, folder / "nodes", one)
        looked += int(found is not None)
        for what in wrong(found, sane) if found is not None else ():
            bad += 1
            print(f"{one}: {what}", file=sys.stderr)
    close_database()
    return {"rotten": looked, "wrong": bad, "seconds": round(time.monotonic() - began, 1)}, int(bool(bad))


def _founded(folder: Path) -> Path:
    template = folder / "enrolled"
    template.mkdir(parents=True)
    found_network(template)
    return template
