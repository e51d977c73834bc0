"""The kinds of step a plan is made of. A step says what is to be; done twice it changes nothing more."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """Run a program.

    Attributes:
        why: told to the person.
        words: program and arguments; no shell reads them.
        user: the system user it runs as, "" for root.
        unless: a program that ends with 0 when the step is done already; run as the same user, in silence.
        accept: exit codes that are no failure.
    """

    why: str
    words: tuple[str, ...]
    user: str = ""
    unless: tuple[str, ...] = ()
    accept: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Put:
    """Write a whole file; what was there is replaced at once or not at all."""

    path: str
    text: str
    mode: int = 0o644
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Set:
    """Give settings in `node.toml` these values and leave all others as they are."""

    path: str
    values: tuple[tuple[str, str], ...]
    owner: str


@dataclass(frozen=True, slots=True)
class Copy:
    """Copy a file, whole or not at all."""

    source: str
    path: str
    mode: int
    owner: str


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with this mode and owner; its contents are not touched."""

    path: str
    mode: int
    owner: str


@dataclass(frozen=True, slots=True)
class Own:
    """Give a file to a user, for that user alone."""

    path: str
    owner: str


@dataclass(frozen=True, slots=True)
class Allocate:
    """Make a new file of this size with its room on the disk; refused when anything is there.

    Until it is renamed, a failure of any step removes it again, after the mapping `mapper` was closed.
    """

    path: str
    bytes: int
    mapper: str


@dataclass(frozen=True, slots=True)
class Rename:
    """Give a file its name; refused when anything has that name."""

    source: str
    path: str


@dataclass(frozen=True, slots=True)
class Say:
    """Tell the person something; a plan says `planned` in its place, where nothing has been done yet."""

    sentence: str
    planned: str = ""


Step = Run | Put | Set | Copy | Folder | Own | Allocate | Rename | Say
