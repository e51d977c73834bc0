"""Case numbers: `511921108203-A17-K7QMX`, unique without asking anyone, and safe against a wrong stroke.

Pure. Address of the node that filed, letters of its epoch with its own counter, then four random signs and a
check character. A node put back from an old copy counts in a new epoch, and the random part keeps even two
copies of one node apart, so no two slips ever share a number.
"""

from __future__ import annotations

import re
from functools import lru_cache

from sync.protocol import address as divisions

# Crockford's base 32: no I, L, O, U, so that nobody misreads a slip.
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {sign: value for value, sign in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
_SHAPE = re.compile(r"([0-9]{2,12})-([A-Z]{1,4})([1-9][0-9]{0,9})-([0-9A-HJKMNP-TV-Z]{4})([0-9A-Z])")
_FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―－−_", "-"))
_MISREAD = str.maketrans("OIL", "011")
RANDOM_BITS = 20

# A county has a few hundred addresses, and every event names the same ones again.
is_address = lru_cache(maxsize=4096)(divisions.is_address)


def epoch_letters(n: int) -> str:
    """Return the letters of the n-th epoch: 1 A, 26 Z, 27 AA, 28 AB.

    Raises:
        ValueError: n is below 1.
    """
    if n < 1:
        raise ValueError("epochs are counted from 1")
    letters = ""
    while n:
        n, rest = divmod(n - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def make(address: str, epoch_n: int, counter: int, random20bits: int) -> str:
    """Return the number of a new case.

    Args:
        address: trimmed address of the node that files.
        epoch_n: number of the node's epoch, from 1.
        counter: rises with every case of this node, from 1.
        random20bits: an unforeseeable integer below 2**20.

    Raises:
        ValueError: an argument is out of range.
    """
    if not is_address(address) or counter < 1 or not 0 <= random20bits < 1 << RANDOM_BITS:
        raise ValueError("not the parts of a case number")
    chance = "".join([_SIGNS[random20bits >> shift & 31] for shift in (15, 10, 5, 0)])
    text = f"{address}-{epoch_letters(epoch_n)}{counter}-{chance}"
    return text + _check_character(text)


def check(text: str) -> bool:
    """Say whether `text` is a well-formed case number with the right check character."""
    found = _SHAPE.fullmatch(text)
    return found is not None and is_address(found[1]) and _check_character(text[:-1]) == found[5]


def origin_of(text: str) -> str:
    """Return the address of the node that made a number which passed `check`."""
    return text.partition("-")[0]


def letters_of(text: str) -> str:
    """Return the letters of the epoch in which a number that passed `check` was made."""
    return text.split("-")[1].rstrip("0123456789")


def normalise(typed: str) -> str:
    """Return what was typed or scanned in the form `check` wants: half-width, upper case, no blanks.

    O, I and L in the random part are read as 0 and 1. The result need not be a valid number.
    """
    text = "".join(typed.translate(_DASHES).translate(_FULL_WIDTH).split()).upper()
    head, dash, tail = text.rpartition("-")
    return head + dash + tail[:4].translate(_MISREAD) + tail[4:]


def _check_character(text: str) -> str:
    # ISO/IEC 7064, MOD 37,36: the hybrid system for letters and digits with one check character of the same.
    product = 36
    for sign in text:
        if sign == "-":
            continue
        total = (product + _VALUES[sign]) % 36 or 36
        product = total * 2 % 37
    return "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(37 - product) % 36]
