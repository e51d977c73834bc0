"""By what a case is searched: what was typed, and the terms kept for each case. Pure.

A person is found by name from its start, by the letters of its pinyin, by the whole number or its last four.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from unicodedata import normalize

from common.casework.rules import number as numbers
from common.catalogue.rules.initials import readings

# Written with the terms of all cases; another one makes a node write them anew at its next start.
VERSION = "1"
# Letters beyond this add nothing to who is meant; the names of units are long.
LETTERS_MAX = 12
# One letter stands for a tenth of all people.
LETTERS_MIN = 2
_LETTERS = re.compile(rf"[A-Za-z]{{{LETTERS_MIN},}}")
_ID_END = re.compile(r"[0-9]{3}[0-9X]")
_ID_WHOLE = re.compile(r"[0-9A-Z()/-]{6,40}")


class Kind(Enum):
    """What was typed into a search."""

    NOTHING = auto()
    NUMBER = auto()
    ID_NUMBER = auto()
    ID_END = auto()
    LETTERS = auto()
    NAME = auto()


def plain_of(typed: str) -> str:
    """Return what was typed half-width, in capitals and without blanks; no letter is read as a digit."""
    return "".join(normalize("NFKC", typed).split()).upper()


def name_key(name: str) -> str:
    """Return a name without what is written now this way, now that: blanks, points, width, capitals."""
    return "".join(sign for sign in normalize("NFKC", name) if sign.isalnum()).casefold()


def kind_of(typed: str) -> Kind:
    """Tell what somebody means who typed this."""
    plain = plain_of(typed)
    if not plain:
        return Kind.NOTHING
    if numbers.check(numbers.normalise(typed)):
        return Kind.NUMBER
    if _ID_END.fullmatch(plain):
        return Kind.ID_END
    if _LETTERS.fullmatch(plain):
        return Kind.LETTERS
    if _ID_WHOLE.fullmatch(plain) and any(sign.isdigit() for sign in plain):
        return Kind.ID_NUMBER
    return Kind.NAME


def terms_of(applicant: str, id_number: str) -> frozenset[str]:
    """Return the terms kept for a case: the letters of the name in each reading, the end of the number.

    Letters are lower case, an end of a number begins with a digit, so neither is taken for the other.
    """
    found = {letters[:LETTERS_MAX] for letters in readings(applicant) if len(letters) >= LETTERS_MIN}
    end = id_number[-4:].upper()
    return frozenset(found | ({end} if _ID_END.fullmatch(end) else set()))
