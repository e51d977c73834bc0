"""docs/proofs-of-sync.md: every invariant has a check, every fault fires somewhere, and all of them exist."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.architecture.source_tree import ROOT, assert_none
from tests.simulation.faults import KINDS, PLANNED
from tests.simulation.mutation import BY_NAME

PAGE = ROOT / "docs/proofs-of-sync.md"
INVARIANTS = range(1, 28)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
_COUNTER = re.compile(r"`([a-z_]+)`")


def rows(text: str, columns: int) -> list[list[str]]:
    """The rows of the tables with so many columns, without heads."""
    tables = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("|")]
    lines = [[cell.strip() for cell in line] for line in tables]
    found = [line for line in lines if len(line) == columns and not set(line[0]) <= set("-")]
    return [line for line in found if line[0] not in ("no.", "what goes wrong")]


def missing_tests(text: str) -> Iterator[str]:
    """Tests that the page names and that are nowhere."""
    for path, name in _TEST.findall(text):
        file = ROOT / path
        if not file.is_file() or f"def {name}(" not in file.read_text("utf-8"):
            yield f"{path}::{name} is not there"


def unchecked(text: str, sources: str) -> Iterator[str]:
    """Invariants the page does not name, or names without any check that exists."""
    found = {row[0]: row for row in rows(text, 4)}
    yield from (f"{number} is not named" for number in map(str, INVARIANTS) if number not in found)
    for number, row in found.items():
        if not row[2] and not _TEST.search(row[3]):
            yield f"{number} is checked nowhere"
        if row[2] and not re.search(rf"\bfail\(\s*{number}\b|\bfail\(\d+ if .* else {number}\b", sources):
            yield f"the judge knows no invariant {number}"


def uncounted(text: str) -> Iterator[str]:
    """Counters the page does not name, and names that are no counters."""
    named = {name for row in rows(text, 2) for name in _COUNTER.findall(row[1])}
    counters = {*KINDS, *PLANNED}
    yield from (f"{name} is a fault the page does not name" for name in sorted(counters - named))
    yield from (f"{name} is no counter" for name in sorted(named - counters))


def test_every_invariant_and_every_fault_has_its_check():
    text = PAGE.read_text("utf-8")
    sources = "".join(path.read_text("utf-8") for path in (ROOT / "tests/simulation").glob("*.py"))
    assert_none(missing_tests(text))
    assert_none(unchecked(text, sources))
    assert_none(uncounted(text))


def test_every_broken_rule_the_page_tells_of_is_a_mutant():
    section = PAGE.read_text("utf-8").partition("## Broken rules")[2]
    named = set(_COUNTER.findall(section))
    assert len(named) > 9 and named <= BY_NAME.keys(), named - BY_NAME.keys()


@pytest.mark.parametrize(
    ("row", "check", "fault"),
    [
        ("| 3 | a | | |", unchecked, "3 is checked nowhere"),
        ("| 99 | a | judge | |", unchecked, "knows no invariant 99"),
        ("| a | `line_never` |", uncounted, "line_never is no counter"),
        ("| a | `tests/sync/test_x.py::test_y` |", missing_tests, "is not there"),
    ],
)
def test_a_row_that_shows_nothing_is_noticed(row, check, fault):
    given = (row, "") if check is unchecked else (row,)
    assert any(fault in line for line in check(*given))
