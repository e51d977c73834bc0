"""Doctor tells an encrypted volume from a plain one by what the kernel lists, through LVM and the like."""

from __future__ import annotations

import os
from pathlib import Path

from common.node.checks.findings import GOOD, WARN
from common.node.checks.volumes import at_rest


def test_an_encrypted_volume_is_found_through_what_lies_on_it(tmp_path: Path) -> None:
    number = os.stat(tmp_path).st_dev
    devices = tmp_path / "block"
    mine = devices / f"{os.major(number)}:{os.minor(number)}"
    assert at_rest(tmp_path, devices).light == WARN
    (mine / "slaves").mkdir(parents=True)
    (mine / "dm").mkdir()
    (mine / "dm" / "uuid").write_text("LVM-abc")
    below = devices / "253:1"
    (below / "dm").mkdir(parents=True)
    (mine / "slaves" / "dm-1").symlink_to(below)
    # A ring, as no kernel makes it, ends the search all the same.
    (below / "slaves").mkdir()
    (below / "slaves" / "dm-0").symlink_to(mine)
    (below / "dm" / "uuid").write_text("mpath-1")
    assert at_rest(tmp_path, devices).light == WARN
    (below / "dm" / "uuid").write_text("CRYPT-LUKS2-0123456789abcdef-liandong")
    assert at_rest(tmp_path, devices).light == GOOD
