"""What a package says where bodies are gone: no more than what can still be read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from common.archive.verify import check_package
from common.config import read_config
from common.node.assembly import build_node
from common.node.cli import main
from common.store.database import close_database
from sync.protocol import canonical
from sync.protocol.signing import KeyPair
from tests.archive.conftest import Packed
from tests.archive.parts import SCRIPT, SUITE, listed_again, parts_of, put_together
from tests.desk.three import COUNTY, PROFILES


@pytest.fixture(scope="module")
def key(packed: Packed) -> KeyPair:
    close_database()
    pair = next(iter(build_node(read_config(packed.nodes / COUNTY, {}), PROFILES[COUNTY]).keys.values()))
    close_database()
    return pair


def without_a_body(packed: Packed, stem: str) -> tuple[dict[str, bytes], str]:
    """Return the parts without the body of a frame, and its hash."""
    parts = parts_of(packed.data)
    body = str(canonical.loads(parts[f"{stem}.json"])["body"][0])
    return {name: data for name, data in parts.items() if name != f"bodies/{body}.bin"}, body


def test_where_a_body_is_gone_the_end_is_said_to_be_the_packers_word(
    packed: Packed, tmp_path: Path, key: KeyPair, capsys: Any
) -> None:
    """A packer says the case was approved that was closed, and that a body left by rule."""
    rest, body = without_a_body(packed, "frames/0001")
    path = tmp_path / "purged.zip"
    path.write_bytes(put_together(listed_again(rest, key, purged=[body], state="REFUSED")))
    found = check_package(path, packed.root, SUITE)
    assert (found.problems, found.purged, found.retold) == ([], 1, 0)
    assert "story" not in found.parts, "it was not looked at"
    capsys.readouterr()
    assert main(PROFILES[COUNTY], ["verify-package", str(path), "--root", packed.root]) == 0
    told = capsys.readouterr().out
    assert "办到哪一步只是打包站点写的" in told and "办理经过相符" not in told
    assert main(PROFILES[COUNTY], ["verify-package", str(packed.path), "--root", packed.root]) == 0
    assert "办理经过相符" in capsys.readouterr().out


def test_where_a_body_is_gone_an_act_left_out_is_still_missed(
    packed: Packed, tmp_path: Path, key: KeyPair
) -> None:
    rest, body = without_a_body(packed, "frames/0001")
    acts = canonical.loads(rest["manifest.json"])["acts"]
    gone = {f"frames/0004{end}" for end in (".json", ".sig")}
    left = {name: data for name, data in rest.items() if name not in gone}
    left.pop(f"bodies/{canonical.loads(rest['frames/0004.json'])['body'][0]}.bin")
    path = tmp_path / "short.zip"
    shorter = [act for act in acts if act != acts[3]]
    path.write_bytes(put_together(listed_again(left, key, purged=[body], acts=shorter)))
    assert any(acts[3] in problem for problem in check_package(path, packed.root, SUITE).problems)


def test_the_script_says_that_the_state_is_the_packers_word(
    packed: Packed, tmp_path: Path, key: KeyPair
) -> None:
    """It knows no flow table: whatever end a packer names, signatures fit."""
    path = tmp_path / "claimed.zip"
    path.write_bytes(put_together(listed_again(parts_of(packed.data), key, state="REFUSED")))
    run = [sys.executable, str(SCRIPT), str(path), packed.root]
    done = subprocess.run(run, capture_output=True, encoding="utf-8", check=True)
    (line,) = [line for line in done.stdout.splitlines() if "REFUSED" in line]
    assert "打包站点写的 / as the packer says" in line
