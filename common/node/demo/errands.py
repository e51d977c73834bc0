"""What residents come for in the demonstration: who asks for which item, with which papers, and how it ends.

The same list every time. It is the demonstration's own account of what was done, against which the nodes'
records are held afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random

from common.catalogue.rules.item import ServiceItem, parse_item
from common.catalogue.service import shipped_items
from common.node.demo_data.people import Resident, fill, resident, resident_for

ITEM_WORDS = 14


class Ending(StrEnum):
    """How far a case is brought: to the resident's hands, or left for visitors at some desk."""

    HANDED_OVER = "handed_over"
    TO_HAND_OVER = "to_hand_over"
    TO_APPROVE = "to_approve"
    TO_ACCEPT = "to_accept"
    TO_CHECK = "to_check"


@dataclass(frozen=True, slots=True)
class Picture:
    """A photograph to be made: the file it goes to, what it shows, of whom."""

    file: str
    shows: str
    person: Resident
    seed: int


@dataclass(frozen=True, slots=True)
class Errand:
    """One case as planned.

    `given` and `later` are papers (key, picture) handed in at filing and after being asked for; `asked_by` is
    the step by which they are asked for ("" = nothing is missing), `decision` the step that gives the answer.
    """

    no: int
    site: str
    item: ServiceItem
    person: Resident
    form: Mapping[str, str]
    given: tuple[tuple[str, Picture], ...]
    later: tuple[tuple[str, Picture], ...]
    asked_by: str
    decision: str
    ending: Ending

    @property
    def item_words(self) -> str:
        """The item's name, short enough for a line of a terminal."""
        name = self.item.name
        return name if len(name) <= ITEM_WORDS else name[: ITEM_WORDS - 1] + "…"


@dataclass(frozen=True, slots=True)
class _Wish:
    """A row of the plan: which resident of the village, for which item, what goes differently."""

    person: str
    item: str
    missing: str = ""
    asked_by: str = ""
    decision: str = "approve"
    ending: Ending = Ending.HANDED_OVER


_OLD, _WELFARE, _DISABLED = "DEMO-511921-0503", "DEMO-511921-0504", "DEMO-511921-0502"
_DESTITUTE, _HOUSE, _RELIEF = "DEMO-511921-0701", "DEMO-511921-0101", "DEMO-511921-0501"
_ALIVE, _INSURED, _FELLING = "DEMO-511921-2001", "DEMO-511921-2002", "DEMO-511921-0102"
# fmt: off
_AT_A_VILLAGE = (
    _Wish("A", _OLD),
    _Wish("A", _WELFARE, "pledge", "send_back"),
    _Wish("B", _ALIVE, decision="settle"),
    _Wish("B", _DESTITUTE, "household_register", "ask_papers"),
    _Wish("C", _HOUSE),
    _Wish("C", _RELIEF, "hardship_proof", "ask_papers"),
    _Wish("D", _DISABLED),
    _Wish("D", _RELIEF, decision="refuse"),
    _Wish("E", _OLD, ending=Ending.TO_HAND_OVER),
    _Wish("E", _WELFARE, decision="not_accept"),
)
# One more at each village, so that visitors find something at every desk.
_ONE_MORE = (
    _Wish("F", _HOUSE, ending=Ending.TO_ACCEPT),
    _Wish("F", _DISABLED, ending=Ending.TO_APPROVE),
    _Wish("F", _WELFARE, ending=Ending.TO_CHECK),
    _Wish("F", _OLD, decision="return"),
)
_AT_A_HALL = (
    _Wish("A", _INSURED, decision="settle"),
    _Wish("B", _FELLING),
)
# Printed on one sheet with the application, so that one photograph shows both.
_ON_THE_SAME_SHEET = {"pledge", "authorisation", "replanting_pledge"}
# The same for every case of a person: photographed once.
_OWN_PAPERS = ("id_card", "household_register")
# fmt: on


def plan(villages: Sequence[str], halls: Sequence[str]) -> list[Errand]:
    """Return all errands of the day, in the order in which people come."""
    items = {item.code: item for item in map(parse_item, shipped_items())}
    found: list[Errand] = []
    for place, village in enumerate(villages):
        wishes = (*_AT_A_VILLAGE, _ONE_MORE[place % len(_ONE_MORE)])
        found += _errands(village, village, wishes, items)
    for hall in halls:
        home = next(village for village in villages if village.startswith(hall))
        found += _errands(hall, home, _AT_A_HALL, items)
    return [replace(errand, no=no) for no, errand in enumerate(found)]


def _errands(
    site: str, home: str, wishes: Sequence[_Wish], items: Mapping[str, ServiceItem]
) -> Iterator[Errand]:
    people: dict[str, Resident] = {}
    for place, wish in enumerate(wishes):
        item = items[wish.item]
        person = people.setdefault(wish.person, _person(wish, wishes, items, (site, home)))
        rng = Random(f"errand/{site}/{place}")
        papers = tuple(_papers(item, person, f"{site}-{place}", wish.missing))
        yield Errand(
            no=0,
            site=site,
            item=item,
            person=person,
            form=fill(item, person, rng),
            given=tuple((key, picture) for key, picture in papers if key != wish.missing),
            later=tuple((key, picture) for key, picture in papers if key == wish.missing),
            asked_by=wish.asked_by,
            decision=wish.decision,
            ending=wish.ending,
        )


def _person(
    wish: _Wish, wishes: Sequence[_Wish], items: Mapping[str, ServiceItem], places: tuple[str, str]
) -> Resident:
    """Return a resident whose age suits the pickiest of what they come for."""
    site, home = places
    seed = ord(wish.person) * 1_000 + int(site[-3:]) + len(site)
    wanted = [items[other.item] for other in wishes if other.person == wish.person]
    for item in wanted:
        person = resident_for(item, seed, home)
        if person != resident(seed, home):
            return person
    return resident(seed, home)


def _papers(item: ServiceItem, person: Resident, case: str, missing: str) -> Iterator[tuple[str, Picture]]:
    sheet = next((paper for paper in item.papers if paper.key == "application"), None)
    for paper in item.papers:
        if not paper.required:
            continue
        is_on_sheet = paper.key in _ON_THE_SAME_SHEET and paper.key != missing
        shown = sheet if sheet and is_on_sheet else paper
        owner = person.id_number if shown.key in _OWN_PAPERS else case
        file = f"{shown.key}-{owner}.jpg"
        yield paper.key, Picture(file, shown.name, person, len(owner))
