"""What people type for addresses, numbers, codes and keys, in the one form that is read. Pure.

An input method for Chinese gives letters, digits and dashes their full width without being asked; papers and
chats put blanks and other dashes between groups. None of that is meant.
"""

from __future__ import annotations

from unicodedata import normalize

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ー", "-"))


def plain(typed: str) -> str:
    """Return what was typed half-width, without blanks, each dash the same; capitals and small ones stay."""
    return "".join(normalize("NFKC", typed).translate(_DASHES).split())


def signs(typed: str) -> str:
    """Return the letters and digits alone of what was typed, half-width, in capitals."""
    return "".join(sign for sign in plain(typed) if sign.isalnum()).upper()
