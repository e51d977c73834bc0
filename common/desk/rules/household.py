"""Who lives in one household, by what earlier cases say; and which papers may be handed in again. Pure.

Nothing here is taken over by itself: it is offered, and used only when the person agrees (MISSION C16).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# A door: 12号, 3-2-501, 5栋2单元. A group or village alone is many households.
_DOOR = re.compile(r"\d+\s*[号室栋幢]|\d+[-－]\d+")
_BLANKS = re.compile(r"\s+")
# Papers on which others stand beside the one who handed them in, by their names in the lists.
_OF_OTHERS = re.compile(
    "配偶|双方|婚|家庭|成员|子女|儿童|父母|收养|监护|照料人|亲属|代办|委托|相邻|户口簿(?!（首页和本人页）)"
)
# What is written anew for every case, so an old one says nothing; and what a hand-over leaves behind.
ONCE_ONLY = frozenset(
    {"application", "pledge", "letter_of_authority", "authorisation", "signature", "result"}
)


@dataclass(frozen=True, slots=True)
class Person:
    """An applicant of an earlier case, as that case says. `at` is when it was filed, UTC milliseconds."""

    name: str
    id_type: str
    id_number: str
    phone: str
    address: str
    item_name: str
    at: int
    case: str = ""


@dataclass(frozen=True, slots=True)
class EarlierPaper:
    """A paper handed in with an earlier case here."""

    key: str
    name: str
    hash: str
    size: int
    type: str
    pages: int
    case: str
    item_name: str
    at: int


def is_one_door(address: str) -> bool:
    """Say whether an address is exact enough to be one household's."""
    return _DOOR.search(address) is not None


def same_door(one: str, other: str) -> bool:
    """Say whether two addresses are the same household's."""
    return is_one_door(one) and _BLANKS.sub("", one) == _BLANKS.sub("", other)


def household_of(person: Person, others: Iterable[Person]) -> list[Person]:
    """Return those of `others` (the newest first) who live with a person, each once, the newest word kept."""
    found: dict[str, Person] = {}
    for other in others:
        if other.id_number != person.id_number and same_door(person.address, other.address):
            found.setdefault(other.id_number, other)
    return list(found.values())


def is_of_others(name: str) -> bool:
    """Say whether others, too, stand on a paper of this name: a spouse, a child, who keeps house together.

    They were not asked, so such a paper is not offered again: it is asked for anew.
    """
    return _OF_OTHERS.search(name) is not None


def offered_for(key: str, name: str, papers: Sequence[EarlierPaper]) -> list[EarlierPaper]:
    """Return the earlier papers that may stand for one paper of an item's list, the newest first."""
    return [
        paper for paper in papers if paper.key not in ONCE_ONLY and (paper.key == key or paper.name == name)
    ]
