"""The table of threats in SECURITY.md: each has a defence, and tests that show it, which exist."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.architecture.source_tree import ROOT, assert_none

_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
_SUBJECTS = (
    "Routes", "Sessions", "Passwords", "Forms", "Headers", "Templates", "Uploads", "Paths", "Busy", "TLS",
    "Enrolment", "Sticks", "Keys", "Roster", "Copies", "Packages", "Secrets", "Logs", "Practice",
)  # fmt: skip


def rows(text: str) -> list[list[str]]:
    """The rows of all tables with three columns, without heads, each behind the subject of its heading."""
    found, subject = [], ""
    for line in text.splitlines():
        subject = heading[1] if (heading := re.match(r"#+ (\w+)", line)) else subject
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if len(cells) == 3 and cells[0] not in ("", "Threat") and not set(cells[0]) <= set("-: "):
            found.append([subject, *cells])
    return found


def faults(text: str) -> Iterator[str]:
    """What is wrong with a table: a row without a test, a test that is nowhere, a subject left out."""
    found = rows(text)
    for subject, threat, defence, shown in found:
        named = _TEST.findall(shown)
        if not (threat and defence and named):
            yield f"{subject}: {threat} has no defence or no test"
        if len(named) != shown.count("::"):
            yield f"{subject}: {shown} is not read as tests"
        for path, name in named:
            file = ROOT / path
            if not file.is_file() or f"def {name}(" not in file.read_text(encoding="utf-8"):
                yield f"{subject}: {path}::{name} is not there"
    yield from (f"nothing is said of {one}" for one in _SUBJECTS if one not in {row[0] for row in found})


def test_every_threat_has_a_defence_and_tests_that_are_there():
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert_none(faults(text))
    assert len(rows(text)) >= 30
    assert "## Not defended" in text


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("| lines forged | escaped | |", "no test"),
        ("| lines forged | | `tests/node/test_logs.py::test_x` |", "no defence"),
        ("| lines forged | escaped | `tests/node/test_logs.py::test_never_written` |", "is not there"),
        ("| lines forged | escaped | tests/node/test_logs.py::test_x |", "not read as tests"),
    ],
)
def test_a_row_that_shows_nothing_is_noticed(row, fault):
    found = list(faults("### Logs: who writes what\n" + row))
    assert any(line.startswith("Logs: ") and fault in line for line in found)
    assert any("nothing is said of TLS" in line for line in found)
