"""deploy.sh, its help, the lock files and the CI script agree with each other."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT

DEPLOY = (ROOT / "deploy.sh").read_text(encoding="utf-8")
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))


def pins(path: Path) -> set[tuple[str, str]]:
    """(name, version) for every package that a list or lock file names; extras are left out."""
    pattern = re.compile(r"^([a-z0-9-]+)(?:\[\w+\])?==([\w.]+)", re.MULTILINE)
    return set(pattern.findall(path.read_text(encoding="utf-8")))


def deploy(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([ROOT / "deploy.sh", *arguments], capture_output=True, text=True, check=False)


def test_help_names_every_command_and_no_other():
    commands = set(re.findall(r"^    (\w+)(?: \| -h \| --help)?\)", DEPLOY, re.MULTILINE))
    answer = deploy("help")
    assert answer.returncode == 0 and answer.stderr == ""
    assert set(re.findall(r"^  \./deploy\.sh (\w+)", answer.stdout, re.MULTILINE)) == commands
    assert {"demo", "test", "check", "bench", "simulate", "help"} <= commands


@pytest.mark.parametrize(
    ("word", "meant"),
    [("dance", "demo"), ("demoo", "demo"), ("sets", "setup"), ("simulat", "simulate"), ("xyz", "")],
)
def test_an_unknown_command_is_refused_shortly_with_the_nearest_one(word: str, meant: str):
    answer = deploy(word)
    assert (answer.returncode, answer.stdout) == (1, "")
    *_, what, help_line = answer.stderr.splitlines()
    assert len(answer.stderr.splitlines()) == 2 and what.endswith(f"unknown command: {word}")
    assert "./deploy.sh help" in help_line and ("did you mean" in help_line) == bool(meant)
    assert f"./deploy.sh {meant}" in help_line


def test_ci_runs_the_test_command_of_the_readme_alone():
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith("#")]
    assert commands == ["set -eu", 'cd "$(dirname "$0")/.."', "exec ./deploy.sh test"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_locked_package_has_one_version_and_hashes(lock: Path):
    entries = re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip())
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9-]+==[\w.]+( ; .+?)? \\\n", entry), entry.splitlines()[0]
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry.splitlines()[0]


def test_all_locks_agree_on_a_package_they_share():
    """A county installs several of them into one environment."""
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, version in pins(lock):
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_lock_holds_what_its_list_asks_for(lock: Path):
    wanted = pins(lock.with_suffix(".in"))
    assert wanted and wanted <= pins(lock)
