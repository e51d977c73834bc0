"""The way into a node's program. `serve` goes by the short way, so that gunicorn's master stays small."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from common.node.loading import unsearched

# As a shell has it of a command that was interrupted.
STOPPED = 130
_NOT_BEGUN = "已停止，什么也没有改动。"
_BROKEN_OFF = "已停止：做完的算数，没做完的那一步没有改动，可以再执行一次。"
_SERVE = "serve"
_SEAL = ["seal", "serve"]
_DATA = "--data"
_PRACTICE = "--practice"
# The C library would keep a heap for each thread, and in each what a busy moment left free: 2 MB a village.
# It reads this once, when a process begins.
_ARENAS = "MALLOC_ARENA_MAX"


def start(package: str) -> int:
    """Run the command line of a node package (`village_node` …) and return its exit code.

    `serve --data FOLDER` (and `--practice` behind it) loads neither pages nor
    protocol here: the master only watches, the worker it forks loads the node.
    A village saves about 9 MB by that. `seal serve --data FOLDER` loads the seals alone.
    Whoever stops it while it still loads is told so in a line: nothing was begun. Later, too, a line says
    what that means: each unit of work and each file is written whole or not at all.
    """
    said = _NOT_BEGUN
    try:
        run = _loaded(package, sys.argv[1:])
        said = _BROKEN_OFF
        return run()
    except KeyboardInterrupt:
        print(said, file=sys.stderr)
        return STOPPED


def _loaded(package: str, words: list[str]) -> Callable[[], int]:
    """Load what these words need, and return what runs them."""
    if words[:1] == [_SERVE] and words[1:2] == [_DATA] and words[3:] in ([], [_PRACTICE]) and len(words) > 2:
        _begin_with_one_heap(os.environ)
        from common.node.serve import serve_package

        return lambda: serve_package(Path(words[2]), package, os.environ, len(words) - 3)
    if words[:2] == _SEAL and words[2:3] == [_DATA] and len(words) == 4:
        from common.node.seal_process import serve_seals

        return lambda: serve_seals(Path(words[3]), os.environ)
    with unsearched():
        from common.node.cli import main

        profile = importlib.import_module(f"{package}.profile").PROFILE
    return lambda: main(profile)


def _begin_with_one_heap(environment: Mapping[str, str]) -> None:
    """Begin this process anew with one heap for all its threads, unless somebody has set how many it has."""
    if _ARENAS not in environment and sys.executable:
        os.execve(sys.executable, sys.orig_argv, {**environment, _ARENAS: "1"})
