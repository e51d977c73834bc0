"""A disk that is full from one write on, for every write in turn, under intake, steps and exchanges.

Real nodes on a disk that takes so many writes and no more, of the database and of all other files; of the
first one refused it takes half. After each refusal there is room again: nothing may be half done, nothing
lost, and the same process must do the whole thing at the next try.
"""

from __future__ import annotations

import errno
import io
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from flask.testing import FlaskClient

from common.node.demo_data.people import fill, resident_for
from common.people.rules.roles import Role
from common.store import audit
from common.store.database import DiskFault, DiskFull, run
from sync.protocol.checker import check
from sync.protocol.offer import Budget
from tests.crash.disk import Disk
from tests.crash.story import take
from tests.desk.three import COUNTY, JPEG, OLD_AGE, TOWN, VILLAGE, ThreeNodes, token_on


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
            room = 0 if is_cut and after != before else room + self.step(room)
            before, is_cut = after, True

    def step(self, room: int) -> int:
        """Return how much more room the next try gets."""
        return 1 if room < self._each_of else self._then_every

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


def by_pages(full: Refusing) -> str:
    """Take a case in through the pages of filing, the disk full under each form sent; return its number.

    A form that found no room is answered with words that say so, what was typed before is kept, and the same
    form is taken in once there is room.
    """
    client = full.three.client(VILLAGE, "agent")
    item = full.three.node.catalogue.item(OLD_AGE)
    assert item is not None
    person = resident_for(item, 1, VILLAGE)
    here = _sent(full, client, "/file/begin", {"item": item.code}).rpartition("/")[0]
    _sent(full, client, f"{here}/applicant", {**person.as_applicant(), "place": VILLAGE})
    _sent(full, client, f"{here}/form", fill(item, person, Random(1)))
    papers = {f"paper-{spec.key}": JPEG + spec.key.encode() for spec in item.papers if spec.required}
    _sent(full, client, f"{here}/papers", papers)
    slip = _sent(full, client, f"{here}/check", {})
    assert "/file/slip/" in slip, slip
    return slip.rpartition("/")[2]


def _sent(full: Refusing, client: FlaskClient, path: str, form: Mapping[str, Any]) -> str:
    """Send a form until it is taken in, with room for ever more writes; return where it leads."""
    room = 0
    while True:
        secret, files = token_on(client.get("/line").text), {}
        for name, value in form.items():
            files[name] = (io.BytesIO(value), "photo.jpg") if isinstance(value, bytes) else value
        full.disk.room = room
        answer = client.post(path, data={**files, "csrf_token": secret}, content_type="multipart/form-data")
        is_refused, full.disk.room = full.disk.room < 0, None
        full.sound()
        if answer.status_code == 303:
            return answer.location
        assert is_refused and answer.status_code == 503 and "磁盘已满" in answer.text, answer.text
        full.refusals += 1
        room += full.step(room)


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
        made[:] = three.node.engine.make(target, Budget(10**6, is_answered=False))[1]

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
