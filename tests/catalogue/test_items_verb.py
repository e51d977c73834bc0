"""The verb `items`: the items in force at a node of any tier, for programs and for people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import county_node.profile
import town_node.profile
import village_node.profile
from common.catalogue.service import shipped_items
from common.node.cli import main
from common.node.profile import TierProfile
from common.store.database import close_database

COUNTY = county_node.profile.PROFILE
PROFILES = (COUNTY, town_node.profile.PROFILE, village_node.profile.PROFILE)
KEYS = ["code", "name", "kind", "intake_levels", "decided_at", "version"]


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.tier)
def test_without_a_node_the_items_of_the_program_are_listed(
    profile: TierProfile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(profile, ["items", "--json", "--data", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    rows = json.loads(shown.out)
    assert [row["code"] for row in rows] == [obj["code"] for obj in shipped_items()]
    assert all(list(row) == KEYS for row in rows)
    assert "没有站点" in shown.err and list(tmp_path.iterdir()) == []


def test_a_node_lists_what_is_in_force_at_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "county")
    assert main(COUNTY, ["init", "--address", "511921", "--data", folder]) == 0
    capsys.readouterr()
    assert main(COUNTY, ["items", "--json", "--data", folder]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == len(shipped_items())
    homestead = next(row for row in rows if row["code"] == "DEMO-511921-0101")
    assert homestead == {
        "code": "DEMO-511921-0101",
        "name": "农村村民住宅用地（宅基地）审批",
        "kind": "promised",
        "intake_levels": ["village", "township"],
        "decided_at": "township",
        "version": 1,
    }
    assert main(COUNTY, ["items", "--data", folder]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"共 {len(rows)} 项" and len(lines) == len(rows) + 1
    assert "承诺件  农村村民住宅用地（宅基地）审批  村、乡镇收件 乡镇决定" in lines[0]
    close_database()
