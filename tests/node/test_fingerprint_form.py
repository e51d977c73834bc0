"""The fingerprint of a network has one form wherever people compare it: sheets, console, root keys."""

from __future__ import annotations

import pytest

from common.desk.pages.nodes import grouped
from common.node.cli import main
from common.node.keyring.ceremony import Paper
from common.store.database import close_database
from sync.protocol.trust import registrar
from tests.desk.three import COUNTY, PROFILES, TOWN, ThreeNodes
from tests.sync.made import SUITE, key_pair


def test_a_code_given_out_on_the_console_comes_with_the_fingerprint_as_joining_shows_it(
    three: ThreeNodes, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = grouped(three.open(COUNTY).fingerprint())
    close_database()
    words = ["enrol", "issue", "--address", TOWN, "--data", str(three.folder / COUNTY)]
    assert main(PROFILES[COUNTY], words) == 0
    assert f"网络指纹 {whole}  上级 {COUNTY}" in capsys.readouterr().err


def test_a_keeper_of_a_root_key_compares_it_as_the_sheets_have_it() -> None:
    root = registrar.make_root("ab" * 8, "试验县", (key_pair("root"),), SUITE)
    said = Paper(root, registrar.appoint(root, COUNTY, key_pair("roster").public, (), SUITE)).said()
    assert said["网络指纹"] == grouped(root.hash)
