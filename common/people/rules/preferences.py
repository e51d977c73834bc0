"""How a person likes pages. Pure."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("zh_CN", "en")


@dataclass(frozen=True, slots=True)
class Preferences:
    """Size of letters, language (one of LANGUAGES) and whether pages may make sounds."""

    is_large: int = 0
    language: str = LANGUAGES[0]
    has_sounds: int = 0


def read_preferences(large_print: str, language: str, sounds: str) -> Preferences:
    """Return what somebody chose in a form; whatever it does not offer counts as not chosen."""
    return Preferences(
        int(large_print == "1"), language if language in LANGUAGES else LANGUAGES[0], int(sounds == "1")
    )
