"""The county of `tools.Life` on real databases."""

from __future__ import annotations

import pytest

from tests.casework.life.tools import Life
from tests.casework.nodes import Network


@pytest.fixture
def life(network: Network) -> Life:
    """Six nodes that share items of every sort and one clock."""
    return Life(network)
