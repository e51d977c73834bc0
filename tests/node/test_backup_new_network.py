"""A county may found another network, years after: whose backup was proven to be its own is not suspected."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.node.backups import backup, backup_origin
from common.node.checks import doctor
from common.node.checks.findings import GOOD
from common.store.database import close_database
from tests.node.test_backup import county, opened, run

__all__ = ("county",)


@pytest.mark.parametrize("is_new_computer", [False, True])
def test_a_node_put_back_from_its_own_backup_may_join_another_network_later(
    county: Path, tmp_path: Path, is_new_computer: bool
) -> None:
    """Its administrators were told for ever to stop using it."""
    node, kept = opened(county), tmp_path / "kept"
    root = node.fingerprint()
    backup.back_up(node, kept)
    close_database()
    data, words = (tmp_path / "new", ("--root", root)) if is_new_computer else (county, ())
    assert run(data, "restore", str(kept), "--yes", *words) == 0
    node = opened(data)
    with node.unit():
        node.peer.core.identity.fingerprint = "ab" * 32
    assert backup_origin.doubt(node) == ""
    (said,) = [one for one in doctor.examine(node) if one.subject == "恢复来源"]
    assert said.light == GOOD
