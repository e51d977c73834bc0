"""Characters of a notice that a computer's fonts may not have: rare characters of names are real. Pure."""

from __future__ import annotations

# What every Chinese font has is what GBK holds; names such as 䶮 lie beyond it.
_COMMON = "gbk"
_SHOWN_MAX = 20


def rare_characters(text: str) -> tuple[str, ...]:
    """Return the characters beyond GBK, each once, in code order, at most twenty."""
    rare = {character for character in text if ord(character) > 0x7F and not _is_common(character)}
    return tuple(sorted(rare)[:_SHOWN_MAX])


def _is_common(character: str) -> bool:
    try:
        character.encode(_COMMON)
    except UnicodeEncodeError:
        return False
    return True
