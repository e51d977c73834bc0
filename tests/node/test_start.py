"""A command that is stopped while it still loads says so in a line; nothing was begun."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
# Found before the library of this name: it stops whoever loads it, as somebody at the keyboard does. What a
# shell began in the background would pass that signal over.
STOPPED_AT = (
    "import os, signal, time\n"
    "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "os.kill(os.getpid(), signal.SIGINT)\n"
    "time.sleep(30)\n"
)


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
