"""The date that the program knows itself to be younger than is raised by hand: a test says when it is old.

A clock that shows less is told to be wrong; too old a date lets one pass that lost its battery a year ago.
"""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime

from common.clock import BUILT_MS
from tests.architecture.source_tree import ROOT

DAY_MS = 86_400_000
DAYS_MAX = 90
_DATED = re.compile(r"^## .* – ([0-9]{4}-[0-9]{2}-[0-9]{2})$", re.MULTILINE)


def newest_ms() -> int:
    """Return when the tree was last changed, by its history, else by the newest release that has a date.

    0 where neither says: an unpacked tree of before the first release.
    """
    asked = ["git", "log", "-1", "--format=%ct"]
    try:
        told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        told = ""
    if told:
        return int(told) * 1000
    return max(dates((ROOT / "CHANGELOG.md").read_text("utf-8")), default=0)


def dates(changelog: str) -> list[int]:
    """Return the dates of the releases in a changelog, UTC milliseconds."""
    found = (datetime.fromisoformat(day).replace(tzinfo=UTC) for day in _DATED.findall(changelog))
    return [int(day.timestamp()) * 1000 for day in found]


def is_old(built_ms: int, newest: int) -> bool:
    """Say whether a build date is too old beside the newest change."""
    return newest - built_ms > DAYS_MAX * DAY_MS


def test_the_build_date_is_not_old() -> None:
    assert not is_old(BUILT_MS, newest_ms()), f"BUILT_MS in common/clock.py: over {DAYS_MAX} days, raise it"


def test_an_old_date_is_seen_and_a_changelog_is_read() -> None:
    (newest,) = dates("# Changelog\n\n## 0.2.0 – 2027-03-01\n\n## 0.1.0 – unreleased\n")
    assert newest == 1_803_859_200_000
    assert is_old(newest - 91 * DAY_MS, newest) and not is_old(newest - 90 * DAY_MS, newest)
