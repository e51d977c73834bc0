"""What `doctor` finds, one thing at a time."""

from __future__ import annotations

from dataclasses import dataclass

GOOD, WARN, BAD = "good", "warn", "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: GOOD, WARN or BAD, and a sentence that says what to do."""

    light: str
    subject: str
    sentence: str
