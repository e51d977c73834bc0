"""Who lives in one household, by what earlier cases say; and which papers may be handed in again. Pure.

Nothing here is taken over by itself: it is offered, and used only when the person agrees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# A door: 12号, 3-2-501, 5栋2单元. A group or village alone is many households.
_DOOR = re.compile(r"\d+\s*[号室栋幢]|\d+[-－]\d+")
_BLANKS = re.compile(r"\s+")
# Papers that are one person's own; on any other, whatever it is called, somebody may stand who was not asked.
OWN_KEYS = frozenset(
    {
        "id_card", "photo", "bank_card", "disability_certificate", "education", "graduate", "qualification",
        "exam", "mandarin", "old_licence", "unemployment_record",
    }
)  # fmt: skip
# A paper of these keys may still be of others, by its name or by how the list says it is handed in; a
# photograph of the day says nothing on any other.
_OF_OTHERS = re.compile(
    "双方|配偶|夫妻|合影|家里|家庭|全家|户口簿|成员|子女|儿童|父母|监护|照料人|亲属|继承|代办|委托|经办人|法定代表人|负责人"
    "|当日"
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
    """A paper handed in with an earlier case here, under the list whose document has the hash `item_doc`."""

    key: str
    name: str
    hash: str
    size: int
    type: str
    pages: int
    case: str
    item_name: str
    at: int
    item: str
    version: int
    item_doc: str = ""


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


def is_own(key: str, name: str, note: str) -> bool:
    """Say whether on a paper of an item's list nobody stands but the one who handed it in.

    Others were not asked, so only such a paper is offered again; whatever is not surely one's own is not.

    Args:
        note: how the list says it is handed in.
    """
    return key in OWN_KEYS and _OF_OTHERS.search(f"{name} {note}") is None


def offered_for(key: str, name: str, papers: Sequence[EarlierPaper]) -> list[EarlierPaper]:
    """Return the earlier papers that may stand for one paper of an item's list, the newest first."""
    return [paper for paper in papers if paper.key == key or paper.name == name]
