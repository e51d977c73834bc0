"""A real database with two members of staff, and a source of bytes that repeats."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from common.clock import Moment
from common.people.rules.roles import Role
from common.people.rules.sessions import SignInLimits
from common.people.rules.staff import NewStaff
from common.people.service import People
from common.store.database import close_database, open_database, unit_of_work
from tests.desk.three import ThreeNodes, copy_of
from tests.tables import lay_tables

NOW = 1_767_225_600_000
MINUTE = 60_000
BOOT = "00000001"


def moment(after_ms: int = 0, wall_ms: int = NOW, boot: str = BOOT) -> Moment:
    """Return a reading of the clocks `after_ms` of running time after the tests began."""
    return Moment(wall_ms, boot, 1_000_000 + after_ms)


LIMITS = SignInLimits(idle_ms=30 * MINUTE, absolute_ms=600 * MINUTE, attempts=3, pause_ms=15 * MINUTE)
PASSWORD = "Qing-yu2026"


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    """The accounts of a node: `zhou`, agent and clerk, and `admin`."""
    path = tmp_path / "node.sqlite"
    lay_tables(path, "0002_store", "0003_people", "0010_people", "0021_preferences")
    open_database(path)
    made = People(Random(1).randbytes, LIMITS)
    both = frozenset({Role.CLERK, Role.AGENT})
    ready = [
        made.ready(NewStaff("zhou", "周建国", both, "青峪镇便民服务中心", PASSWORD)),
        made.ready(NewStaff("boss", "李桂兰", frozenset({Role.ADMIN}), "", PASSWORD)),
    ]
    with unit_of_work():
        for person in ready:
            made.add_staff(person, "admin", NOW)
    yield made
    close_database()


@pytest.fixture
def three(enrolled: Path, tmp_path: Path) -> Iterator[ThreeNodes]:
    """Three nodes that belong to this test alone."""
    yield copy_of(enrolled, tmp_path / "nodes")
    close_database()
