"""First letters of the pinyin of Chinese words, so that 高龄津贴 is found by typing gljt.

Pure and small on purpose: the 3,755 common characters of GB 2312 stand in the order of their pinyin, so the
place of a character gives its letter. A character with several readings has the one it was sorted by.
"""

from __future__ import annotations

from bisect import bisect_right

# The first code of each letter among the common characters of GB 2312 (0xB0A1…0xD7F9); no word begins with
# I, U or V.
# fmt: off
_FIRST = (
    (0xB0A1, "a"), (0xB0C5, "b"), (0xB2C1, "c"), (0xB4EE, "d"), (0xB6EA, "e"), (0xB7A2, "f"), (0xB8C1, "g"),
    (0xB9FE, "h"), (0xBBF7, "j"), (0xBFA6, "k"), (0xC0AC, "l"), (0xC2E8, "m"), (0xC4C3, "n"), (0xC5B6, "o"),
    (0xC5BE, "p"), (0xC6DA, "q"), (0xC8BB, "r"), (0xC8F6, "s"), (0xCBFA, "t"), (0xCDDA, "w"), (0xCEF4, "x"),
    (0xD1B9, "y"), (0xD4D1, "z"),
)
# fmt: on
_CODES = tuple(code for code, _ in _FIRST)
_LAST = 0xD7F9


def initials(text: str) -> str:
    """Return the letters, in lower case: those of common Chinese characters, and what is ASCII as it is.

    Any other sign is left out.
    """
    return "".join(_initial(sign) for sign in text)


def _initial(sign: str) -> str:
    if sign.isascii():
        return sign.lower() if sign.isalnum() else ""
    try:
        code = int.from_bytes(sign.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return ""
    if not _CODES[0] <= code <= _LAST:
        return ""
    return _FIRST[bisect_right(_CODES, code) - 1][1]
