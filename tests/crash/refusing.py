"""A disk that is full from one write on, for every write in turn, under intake, steps and exchanges.

Real nodes on a disk that takes so many writes and no more, of the database and of all other files; of the
first one refused it takes half. After each refusal there is room again: nothing may be half done, nothing
lost, and the same process must do the whole thing at the next try.
"""

from __future__ import annotations

import errno
from collections.abc import Callable

from common.people.rules.roles import Role
from common.store import audit
from common.store.database import DiskFault, DiskFull, run
from sync.adapters.checker import check
from sync.protocol.offer import Budget
from tests.crash.disk import Disk
from tests.crash.story import take
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes


class Refusing:
    """Three nodes on a disk that may be full.

    Args:
        each_of: so many of the first writes of a piece of work are each refused once.
        then_every: of those beyond, one of so many.
    """

    def __init__(self, three: ThreeNodes, disk: Disk, each_of: int = 10**9, then_every: int = 1) -> None:
        self.three = three
        self.disk = disk
        self.refusals = 0
        self._each_of = each_of
        self._then_every = then_every

    def until_done(self, work: Callable[[], object], good: Callable[[], object]) -> None:
        """Do some work with room for ever more writes, from none on, until no write was refused.

        After each try `good` looks at what there is; where it has changed, some of the work is done, and
        the next try begins with no room at all once more.
        """
        room, before, is_cut = 0, good(), True
        while True:
            self.disk.room = room
            try:
                work()
                is_cut = False
            except (DiskFull, DiskFault) as full:
                assert full.sentence
            except OSError as full:
                assert full.errno == errno.ENOSPC
            is_done = self.disk.room >= 0
            self.disk.room = None
            after = good()
            if is_done:
                return
            self.refusals += 1
            room = (
                0 if is_cut and after != before else room + (1 if room < self._each_of else self._then_every)
            )
            before, is_cut = after, True

    def sound(self) -> object:
        """Assert that the open node holds nothing half; return how much it holds."""
        node = self.three.node
        with node.unit():
            assert check(node.peer.core).problems == []
        acts = {row[0] for row in run("SELECT act FROM case_event").fetchall()}
        framed = {row[0] for row in run("SELECT act FROM sync_frame").fetchall()}
        rows = {row[0] for row in run('SELECT "case" FROM case_file').fetchall()}
        assert acts <= framed and audit.first_broken() is None
        for number in rows:
            assert not node.casework.case(number).invalid
        return (
            sorted(rows),
            sorted(acts),
            sorted(row[0] for row in run("SELECT hash FROM sync_blob").fetchall()),
        )


def whole_way(full: Refusing) -> list[str]:
    """Bring one case from the village's form to the county's acceptance and back, refusing on all its way.

    Returns the numbers given out; the case is the last.
    """
    three, numbers = full.three, list[str]()
    three.open(VILLAGE)
    full.until_done(lambda: numbers.append(three.file()), full.sound)
    known = {row[0] for row in run('SELECT "case" FROM case_file').fetchall()}
    assert known == set(numbers), "a case is there exactly if somebody was given its number"
    case = numbers[-1]
    carried(full, VILLAGE, TOWN)
    taken(full, TOWN, (case, "forward", Role.CHECKER))
    carried(full, TOWN, COUNTY)
    taken(full, COUNTY, (case, "accept", Role.CLERK))
    carried(full, COUNTY, TOWN)
    carried(full, TOWN, VILLAGE)
    chains = {tuple(three.open(address).casework.case(case).chain) for address in (VILLAGE, TOWN, COUNTY)}
    assert len(chains) == 1 and len(chains.pop()) == 3
    node = three.open(COUNTY)
    papers = [row[0] for row in run('SELECT hash FROM case_paper WHERE "case" = ?', (case,)).fetchall()]
    assert len(papers) == 2 and all(node.blobs.is_sound(paper) for paper in papers)
    return numbers


def carried(full: Refusing, source: str, target: str) -> None:
    """Make an exchange and take it in, each on a full disk until there is room."""
    three, made = full.three, list[bytes]()

    def make() -> None:
        made[:] = three.node.engine.make(target, Budget(10**6, papers_asked_only=0))[1]

    three.open(source)
    full.until_done(make, full.sound)
    three.open(target)
    before = full.refusals
    full.until_done(lambda: take(three.node, b"".join(made)), full.sound)
    assert full.refusals > before


def taken(full: Refusing, at: str, step: tuple[str, str, Role]) -> None:
    """Take a step of a case, once, though the disk is full at first."""
    three = full.three
    before = tuple(three.open(at).casework.case(step[0]).chain)

    def move() -> None:
        if tuple(three.node.casework.case(step[0]).chain) == before:
            three.move(*step)

    full.until_done(move, full.sound)
