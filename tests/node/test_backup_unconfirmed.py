"""A machine that came in the place of one the county had not heard of yet can be checked and backed up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.node.backups import backup
from common.node.verbs.figures import verify
from common.store.database import close_database
from tests.desk.test_roster_keys import replace_machine
from tests.desk.three import SUBSISTENCE, TOWN, VILLAGE, ThreeNodes, copy_of


@pytest.fixture
def three(enrolled: Path, tmp_path: Path) -> Iterator[ThreeNodes]:
    yield copy_of(enrolled, tmp_path / "nodes")
    close_database()


def test_what_an_unconfirmed_machine_signed_is_not_missed_on_the_next(
    three: ThreeNodes, tmp_path: Path
) -> None:
    """Its frames are not taken in before the roster says that its key was ours."""
    replace_machine(three)
    three.file(SUBSISTENCE)
    three.carry(VILLAGE, TOWN)
    replace_machine(three)
    for _ in range(3):
        three.carry(VILLAGE, TOWN)
        three.carry(TOWN, VILLAGE)
    assert backup.back_up(three.node, tmp_path / "kept").address == VILLAGE
    assert verify(three.node)["problems"] == []
