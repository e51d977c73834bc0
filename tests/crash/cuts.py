"""Plays the story once, then takes the power away at one of its steps and looks at what is left."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from common.store.database import close_database
from tests.crash.aftermath import KEPT, Replay
from tests.crash.disk import SYNCED, TOLD, Disk, Step
from tests.crash.promises import broken
from tests.crash.story import play, send, take
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes

LINES = ((VILLAGE, TOWN), (TOWN, COUNTY))


@dataclass(slots=True)
class Played:
    """The story as the disk saw it: what was there before, every step, and what is there at the end."""

    before: Path
    log: list[Step] = field(default_factory=list)

    def replay(self) -> Replay:
        """Return a replay that stands at the beginning."""
        return Replay(self.before)


class Cut(NamedTuple):
    """One power cut: after so many steps, at which node, how much is lost, and by which draw."""

    after: int
    at: str
    way: str
    seed: int


def played(template: Path, folder: Path, act: Callable[[ThreeNodes, Disk], None] = play) -> Played:
    """Play the story (or `act`) on a copy of three enrolled nodes."""
    close_database()
    before, nodes = folder / "before", folder / "nodes"
    shutil.copytree(template, before)
    shutil.copytree(template, nodes)
    done = Played(before)
    with Disk(nodes) as disk:
        try:
            act(ThreeNodes(nodes), disk)
        finally:
            close_database()
    root, here = str(before), str(nodes)
    done.log = [_moved(step, here, root) for step in disk.log]
    return done


def _moved(step: Step, here: str, there: str) -> Step:
    data = step.data.replace(here, there) if isinstance(step.data, str) else step.data
    return step._replace(path=step.path.replace(here, there), data=data)


def moments(done: Played) -> list[tuple[int, str]]:
    """Return the moments just before and just after each sync, and after each thing said, with whose disk."""
    found: list[tuple[int, str]] = []
    at = VILLAGE
    for number, step in enumerate(done.log):
        if step.what == TOLD:
            found.append((number + 1, getattr(step.data, "at", at)))
            continue
        at = Path(step.path).relative_to(done.before).parts[0]
        if step.what == SYNCED:
            found += [(number, at), (number + 1, at)]
    return sorted(set(found))


def survived(done: Played, cuts: Iterable[Cut], folder: Path) -> Iterator[tuple[Cut, list[str]]]:
    """Yield for each cut, in order, what does not hold when the node is on again."""
    replay, position = done.replay(), 0
    for cut in sorted(cuts):
        while position < cut.after:
            replay.take(done.log[position])
            position += 1
        place = folder / "left"
        replay.build(place, cut.way, cut.seed, [cut.at + "/"])
        told = [step.data for step in done.log[: cut.after] if step.what == TOLD]
        try:
            yield cut, broken(ThreeNodes(place), cut.at, told)
        finally:
            close_database()
            shutil.rmtree(place)


def gone_on(done: Played, cut: Cut, folder: Path) -> list[str]:
    """Take the power of one node at a moment, let the others be, and go on until all is everywhere.

    Returns what is wrong at the end: a case of a slip that the county lacks, or that is not the same there.
    """
    replay = done.replay()
    for step in done.log[: cut.after]:
        replay.take(step)
    place = folder / "on"
    others = [address for address in (VILLAGE, TOWN, COUNTY) if address != cut.at]
    replay.build(place, cut.way, cut.seed, [cut.at + "/"])
    replay.build(place, KEPT, 0, [other + "/" for other in others])
    told = [step.data for step in done.log[: cut.after] if step.what == TOLD]
    three = ThreeNodes(place)
    try:
        for _ in range(4):
            for low, high in LINES:
                take_both(three, low, high)
        found = [f"{at}: {what}" for at in (VILLAGE, TOWN, COUNTY) for what in broken(three, at, told)]
        return found + _apart(three, told)
    finally:
        close_database()
        shutil.rmtree(place)


def take_both(three: ThreeNodes, low: str, high: str) -> None:
    """One exchange each way; nobody notes what is said."""
    nobody = Disk(three.folder)
    up = send(three.open(low), nobody, high)
    node = three.open(high)
    take(node, up)
    down = send(node, nobody, low)
    take(three.open(low), down)


def _apart(three: ThreeNodes, told: Iterable[object]) -> list[str]:
    numbers = {number for one in told if (number := getattr(one, "number", ""))}
    chains: dict[str, set[tuple[str, ...]]] = {number: set() for number in numbers}
    for address in (VILLAGE, TOWN, COUNTY):
        node = three.open(address)
        for number in numbers:
            chains[number].add(tuple(node.casework.case(number).chain))
            if node.casework.case(number).invalid or node.casework.case(number).forks:
                chains[number].add(("invalid",))
    return [f"{number} differs from node to node" for number, chain in chains.items() if len(chain) != 1]
