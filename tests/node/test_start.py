"""A command that is stopped, while it loads or later, says in a line what that means for what it did."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from common.node.cli import main
from common.store.database import close_database
from tests.desk.three import COUNTY, PROFILES

REPOSITORY = Path(__file__).parents[2]
# Found before the library of this name: it stops whoever loads it, as somebody at the keyboard does. What a
# shell began in the background would pass that signal over.
STOPPED_AT = (
    "import os, signal, time\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "os.kill(os.getpid(), signal.SIGINT)\n"
    "time.sleep(30)\n"
)
STOPPED_AT_ITS_WORK = """\
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
def stopped(event, about):
    if event == "open" and str(about[0]) == "{given}":
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(30)
sys.addaudithook(stopped)
"""


@pytest.mark.parametrize(
    ("words", "library"),
    [
        (["village_node", "status"], "peewee"),
        (["county_node", "enrol", "issue"], "cryptography"),
        (["town_node", "serve"], "gunicorn"),
    ],
)
def test_a_command_stopped_while_it_loads_says_that_nothing_was_changed(
    tmp_path: Path, words: list[str], library: str
) -> None:
    (tmp_path / f"{library}.py").write_text(STOPPED_AT)
    data = tmp_path / "data"
    ended = subprocess.run(
        [sys.executable, "-m", *words, "--data", str(data)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert (ended.returncode, ended.stdout) == (130, "")
    assert ended.stderr == "已停止，什么也没有改动。\n" and not data.exists()


@pytest.mark.parametrize(
    "words", [["enrol", "answer", "--in"], ["calendar", "publish"], ["bundle", "import"]]
)
def test_a_command_stopped_at_its_work_says_so_without_a_traceback(tmp_path: Path, words: list[str]) -> None:
    """Method: it is stopped when it opens the file that it was given, and so past all loading."""
    data, given = tmp_path / "data", tmp_path / "given"
    assert main(PROFILES[COUNTY], ["init", "--address", COUNTY, "--data", str(data)]) == 0
    close_database()
    given.write_bytes(b"{}")
    (tmp_path / "sitecustomize.py").write_text(STOPPED_AT_ITS_WORK.format(given=str(given)))
    more = ["--out", str(tmp_path / "out")] if words[0] == "enrol" else []
    ended = subprocess.run(
        [sys.executable, "-m", "county_node", *words, str(given), *more, "--data", str(data)],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert (ended.returncode, ended.stdout) == (130, "")
    assert ended.stderr == "已停止：做完的算数，没做完的那一步没有改动，可以再执行一次。\n"
    assert not (tmp_path / "out").exists()
