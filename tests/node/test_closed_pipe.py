"""A command whose reader has gone (`| head`) ends without a word: nothing is wrong with node or file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from common.arguments import CUT, while_read

REPOSITORY = Path(__file__).parents[2]


def _unread(words: list[str], merged: int) -> tuple[int, str]:
    """Run a command whose output nobody reads; return its exit code and what it said on standard error.

    `merged` 1 sends standard error down the same pipe, as `2>&1 |` does.
    """
    reader, writer = os.pipe()
    os.close(reader)
    try:
        error = writer if merged else subprocess.PIPE
        ended = subprocess.run(
            [sys.executable, "-m", *words],
            stdout=writer,
            stderr=error,
            text=True,
            timeout=120,
            cwd=REPOSITORY,
        )
    finally:
        os.close(writer)
    return ended.returncode, ended.stderr or ""


@pytest.mark.parametrize("merged", [0, 1])
@pytest.mark.parametrize(
    "words",
    [["audit", "heads"], ["status", "--json"], ["doctor"], ["verify"], ["trust", "roster"], ["items"]],
)
def test_a_verb_ends_without_a_word(
    founded_alone: Path, tmp_path: Path, words: list[str], merged: int
) -> None:
    shutil.copytree(founded_alone, tmp_path / "county")
    told = _unread(["county_node", *words, "--data", str(tmp_path / "county")], merged)
    assert told == (CUT, "")


@pytest.mark.parametrize(
    "words", [["county_node", "--help"], ["village_node", "init", "-h"], ["common.install", "-h"]]
)
def test_help_does_so_too(words: list[str]) -> None:
    """Of a long one the library forgets by itself that it could not be written."""
    code, said = _unread(words, 0)
    assert code in (0, CUT) and not said


def test_a_refusal_that_nobody_reads_ends_without_a_word(tmp_path: Path) -> None:
    assert _unread(["county_node", "status", "--data", str(tmp_path)], 1) == (CUT, "")


def test_another_pipe_that_broke_is_not_kept_silent() -> None:
    """A program that was to be given something, a line: its own sentence is told of it, or it is a bug."""

    def run() -> int:
        raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(BrokenPipeError):
        while_read(run)
