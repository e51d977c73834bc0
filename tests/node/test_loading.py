"""While a command loads, nothing is searched for cycles; afterwards it is, whatever happened."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from common.node.loading import unsearched


def test_the_search_for_cycles_goes_on_afterwards() -> None:
    frozen = gc.get_freeze_count()
    try:
        with unsearched():
            assert not gc.isenabled()
        assert gc.isenabled() and gc.get_freeze_count() > frozen
        with pytest.raises(ImportError), unsearched():
            raise ImportError
        assert gc.isenabled()
    finally:
        gc.unfreeze()


def test_a_command_is_loaded_in_that_way() -> None:
    code = (
        "import gc, sys\nfrom common.node import cli, start\n"
        "cli.main = lambda profile: print(profile.tier, gc.isenabled(), gc.get_freeze_count() > 9_000)\n"
        "sys.argv = ['village_node', 'status']\nstart.start('village_node')"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "village True True\n"
