"""However many nodes call on thin lines, people's pages keep threads of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.config import NodeConfig
from common.node.assembly import node_seats


@pytest.mark.parametrize(
    "threads, asked, seats", [(8, 5, 5), (8, 50, 6), (4, 5, 2), (3, 9, 1), (3, 1, 1), (40, 30, 30)]
)
def test_two_threads_at_least_are_left_to_people(threads, asked, seats):
    config = NodeConfig(data_dir=Path(), threads=threads, node_requests_at_once=asked)
    assert node_seats(config) == seats < threads


def test_as_shipped_a_thin_village_holds_up_neither_people_nor_all_other_villages():
    config = NodeConfig(data_dir=Path())
    assert 4 <= node_seats(config) <= config.threads - 2
