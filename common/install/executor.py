"""Carries a plan out. Programs get argument lists, files are written whole, no link is followed."""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from common.install.errors import InTheWay, StepFailed
from common.install.rules.settings import with_settings
from common.install.rules.steps import (
    Allocate,
    Copy,
    Folder,
    Own,
    Put,
    Rename,
    Run,
    Say,
    Set,
    Step,
)
from sync.durable import read_plain

_ALONE = 0o600
# As shells say it.
_NOT_ALLOWED, _NOT_FOUND = 126, 127
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Hands(Protocol):
    """What reaches beyond files: programs, and who owns what."""

    def run(self, words: Sequence[str], user: str) -> int:
        """Run a program for a person to watch; return its exit code."""
        ...

    def ask(self, words: Sequence[str], user: str) -> int:
        """Run a program in silence; return its exit code."""
        ...

    def give(self, path: Path, owner: str) -> None:
        """Give a file or folder (no link's target) to a user."""
        ...


class Person(NamedTuple):
    """A system user as the kernel knows it."""

    uid: int
    gid: int


class RealHands:
    """The machine's own. Programs begin in the program's folder."""

    def __init__(self, program: Path) -> None:
        self._program = program

    def run(self, words: Sequence[str], user: str) -> int:
        """See `Hands`."""
        return self._call(words, user, None)

    def ask(self, words: Sequence[str], user: str) -> int:
        """See `Hands`."""
        return self._call(words, user, subprocess.DEVNULL)

    def give(self, path: Path, owner: str) -> None:
        """See `Hands`."""
        person = _person(owner)
        os.chown(path, person.uid, person.gid, follow_symlinks=False)

    def _call(self, words: Sequence[str], user: str, out: int | None) -> int:
        try:
            if not user:
                return subprocess.run(
                    words, cwd=self._program, stdout=out, stderr=out, check=False
                ).returncode
            person = _person(user)
            return subprocess.run(
                words,
                cwd=self._program,
                stdout=out,
                stderr=out,
                check=False,
                user=person.uid,
                group=person.gid,
                extra_groups=(),
                umask=0o077,
                env={"PATH": _PATH, "LANG": "C.UTF-8"},
            ).returncode
        except FileNotFoundError:
            return _NOT_FOUND
        except PermissionError:
            # As when the environment was made with an interpreter that root alone can reach.
            return _NOT_ALLOWED


def _person(name: str) -> Person:
    found = pwd.getpwnam(name)
    return Person(found.pw_uid, found.pw_gid)


class Executor:
    """Does one step after the other and says so.

    Args:
        root: what stands for `/`; all paths of a plan are below it.
        say: what a person is told goes here.
    """

    def __init__(self, root: Path, hands: Hands, say: Callable[[str], None]) -> None:
        self._root = root
        self._hands = hands
        self._say = say
        self._draft: Allocate | None = None

    def carry_out(self, steps: Sequence[Step]) -> None:
        """Do all steps, in their order.

        Raises:
            StepFailed, InTheWay, OSError: one could not be done; those before it are, and no half-made
                volume is left.
        """
        try:
            for step in steps:
                self._do(step)
        except BaseException:
            self._clear()
            raise

    def _do(self, step: Step) -> None:
        if isinstance(step, Run):
            self._run(step)
        elif isinstance(step, Put):
            self._put(step.path, step.text.encode(), step.mode, step.owner)
        elif isinstance(step, Set):
            path = self._at(step.path)
            before = read_plain(path).decode() if path.exists() else ""
            self._put(step.path, with_settings(before, step.values).encode(), _ALONE, step.owner)
        elif isinstance(step, Copy):
            self._put(step.path, read_plain(self._at(step.source)), step.mode, step.owner)
        elif isinstance(step, Say):
            self._say(step.sentence)
        else:
            self._do_with_files(step)

    def _do_with_files(self, step: Folder | Own | Allocate | Rename) -> None:
        path = self._at(step.path)
        if isinstance(step, Folder):
            path.mkdir(parents=True, exist_ok=True)
            self._hands.give(path, step.owner)
            _set_mode(path, step.mode)
        elif isinstance(step, Own):
            _set_mode(path, _ALONE)
            self._hands.give(path, step.owner)
        elif isinstance(step, Allocate):
            self._allocate(step)
        else:
            if os.path.lexists(path):
                raise InTheWay(path=step.path)
            os.rename(self._at(step.source), path)
            _make_durable(path.parent)
            self._draft = None

    def _run(self, step: Run) -> None:
        if step.unless and self._hands.ask(step.unless, step.user) == 0:
            return
        self._say(f"· {step.why} …")
        code = self._hands.run(step.words, step.user)
        if code not in step.accept:
            raise StepFailed(why=step.why, words=shlex.join(step.words), exit=code)

    def _put(self, name: str, content: bytes, mode: int, owner: str) -> None:
        path = self._at(name)
        if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
            _set_mode(path, mode)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.new")
        draft.unlink(missing_ok=True)
        # Made anew under a name nobody can have put a link at, and seen by nobody before it has its owner.
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, _ALONE)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
            file.flush()
            os.fsync(file.fileno())
        if owner:
            self._hands.give(draft, owner)
        os.replace(draft, path)
        _make_durable(path.parent)
        self._say(f"· 已写 {name}")

    def _allocate(self, step: Allocate) -> None:
        path = self._at(step.path)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _ALONE)
        except FileExistsError as problem:
            raise InTheWay(path=step.path) from problem
        self._draft = step
        try:
            os.posix_fallocate(handle, 0, step.bytes)
            os.fsync(handle)
        finally:
            os.close(handle)

    def _clear(self) -> None:
        """Take away a volume that this run began and did not finish."""
        if self._draft is None:
            return
        self._hands.ask(("cryptsetup", "close", self._draft.mapper), "")
        with suppress(OSError):
            self._at(self._draft.path).unlink(missing_ok=True)
        self._draft = None

    def _at(self, path: str) -> Path:
        return self._root / path.lstrip("/")


def _set_mode(path: Path, mode: int) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.fchmod(handle, mode)
    finally:
        os.close(handle)


def _make_durable(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def found_tools(names: Sequence[str]) -> frozenset[str]:
    """Return which of these programs the machine has."""
    return frozenset(name for name in names if shutil.which(name, path=_PATH))
