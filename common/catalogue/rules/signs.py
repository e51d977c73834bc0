"""Signs that come along when text is pasted, and what may not stand in anything that people read. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

# Signs that break or reorder text on the screen, so that a reader sees something else than what is signed.
_MISLEADING = frozenset("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Signs without width that come along when text is pasted; nobody types them on purpose.
WITHOUT_WIDTH = dict.fromkeys((0x200B, 0x2060, 0xFEFF))
# What nobody sees, either, and may stand in what other programs have signed: two names would look the same.
# Not here are signs that choose how one is written: of rare Chinese ones, and of Mongolian.
UNSEEN = WITHOUT_WIDTH | dict.fromkeys(
    (
        *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0, 0xE0001),
        *(*range(0x200C, 0x2010), *range(0x2061, 0x2065), *range(0x206A, 0x2070), *range(0xFFF9, 0xFFFC)),
        *(*range(0x1BCA0, 0x1BCA4), *range(0x1D173, 0x1D17B), *range(0xE0020, 0xE0080)),
    )
)
# Signs of direction that telephones and spreadsheets put round a number, too; in a text they mislead.
ROUND_NUMBERS = UNSEEN | dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_LINES = "\n\r\t"
# What lies deeper cannot be signed, and is refused for that.
_DEPTH_MAX = 32


def is_storable(sign: str) -> bool:
    """Tell whether a sign can be stored, signed and shown; rare ones this Python cannot name are taken."""
    point = ord(sign)
    is_noncharacter = point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF
    return not is_noncharacter and sign not in _MISLEADING and unicodedata.category(sign) not in ("Cc", "Cs")


def seen(text: str) -> str:
    """Return a text as people see it: without what has no width, turns its direction or is no sign at all."""
    return "".join(sign for sign in text.translate(UNSEEN) if sign == "\n" or is_storable(sign))


def unseen(value: Any, path: str = "", depth: int = 0) -> Iterator[str]:
    """Yield the path of every text within that holds a sign which nobody sees, or which cannot be stored."""
    if isinstance(value, str):
        if not all(
            sign in _LINES or (is_storable(sign) and ord(sign) not in WITHOUT_WIDTH) for sign in value
        ):
            yield path
    elif depth > _DEPTH_MAX:
        return
    elif isinstance(value, list):
        for place, entry in enumerate(value):
            yield from unseen(entry, f"{path}[{place}]", depth + 1)
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield from unseen(str(key), path)
            yield from unseen(entry, f"{path}.{key}" if path else str(key), depth + 1)
