"""Places as dated data: codes, names and successors of the county's divisions, read from a published list.

Pure: texts come in, values go out. Nothing here decides who is above whom in service (the roster does);
only the statistical code's own grouping is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from common.errors import LiandongError

# Digits of a trimmed code → the division's level (2 province, 2 prefecture, 2 county, 3 township, 3 village).
_LEVEL_BY_LENGTH = {2: "province", 4: "city", 6: "county", 9: "township", 12: "village"}
_PARENT_LENGTH = {12: 9, 9: 6, 6: 4, 4: 2}

# How the published list ends the name of a village's or community's committee → what people say, its kind.
_COMMITTEE_ENDINGS = (
    ("村民委员会", "村", "village"),
    ("社区居民委员会", "社区", "community"),
    ("居民委员会", "社区", "community"),
)
_TOWNSHIP_ENDINGS = (("街道", "subdistrict"), ("镇", "town"), ("乡", "township"))


class PlacesError(LiandongError):
    """A list of places cannot be read; the sentence names the first entry that is wrong."""

    code = "E311"
    status = 400
    sentence = "区划数据有误。"


@dataclass(frozen=True, slots=True)
class Place:
    """One division.

    `address` is its trimmed statistical code (`511921126200`), never reused. `name` is what people call it
    (青龙石村), `listed_name` what the list says (青龙石村民委员会). `kind` is its legal form: county,
    subdistrict, town, township, village or community. `valid_from` (YYYY-MM-DD) is the day from which the
    list vouches for the entry. `successor` is the address that took over from it, empty while it exists.
    """

    address: str
    name: str
    kind: str
    valid_from: str
    successor: str
    listed_name: str


def trim_code(code: str) -> str:
    """Return the address for a statistical code: its trailing zero groups (2-2-2-3-3 digits) cut off.

    Raises:
        PlacesError: `code` is not made of 2, 4, 6, 9 or 12 digits, or a zero group stands before another.
    """
    if not (code.isascii() and code.isdigit() and len(code) in _LEVEL_BY_LENGTH):
        raise PlacesError(f"区划代码“{code}”不是 2、4、6、9 或 12 位数字。", code=code)
    address = code
    while len(address) > 2 and not address[_PARENT_LENGTH[len(address)] :].strip("0"):
        address = address[: _PARENT_LENGTH[len(address)]]
    group_start = [0] + [length for length in sorted(_LEVEL_BY_LENGTH) if length < len(address)]
    group_end = [length for length in sorted(_LEVEL_BY_LENGTH) if length <= len(address)]
    if not all(address[start:end].strip("0") for start, end in zip(group_start, group_end, strict=True)):
        raise PlacesError(f"区划代码“{code}”中间有一段全为零。", code=code)
    return address


def level(address: str) -> str:
    """Return province, city, county, township or village, from the length of a trimmed address.

    Raises:
        PlacesError: no level has a code of this length.
    """
    if len(address) not in _LEVEL_BY_LENGTH:
        raise PlacesError(f"地址“{address}”的长度不对应任何层级。", address=address)
    return _LEVEL_BY_LENGTH[len(address)]


def load_places(text: str) -> dict[str, Place]:
    """Read a county's list of places (JSON, as in `common/places/data/`) into address → place, in code order.

    The list names its `source` (at least `list` and `valid_on`) and gives `places`, each with `code` (12
    digits, as published) and `name`; `valid_from`, `successor` and `kind` are added when the county changes
    something.

    Raises:
        PlacesError: the text is not such a list, a code comes twice, or what a place belongs to is missing.
    """
    listing = _parsed(text)
    valid_on = listing["source"]["valid_on"]
    places: dict[str, Place] = {}
    for entry in sorted(listing["places"], key=lambda entry: str(entry.get("code"))):
        place = _place_from(entry, valid_on)
        if place.address in places:
            raise PlacesError(f"区划代码“{entry['code']}”重复。", code=entry["code"])
        places[place.address] = place
    for address in places:
        above = address[: _PARENT_LENGTH[len(address)]]
        if len(above) >= 6 and above not in places:
            raise PlacesError(f"“{address}”的上级区划“{above}”不在名单中。", address=address)
    return places


def _parsed(text: str) -> dict[str, Any]:
    try:
        listing = json.loads(text)
        well_formed = isinstance(listing["source"]["valid_on"], str) and bool(listing["source"]["list"])
        well_formed = well_formed and all(isinstance(entry, dict) for entry in listing["places"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PlacesError("区划数据不是约定的格式。") from error
    if not well_formed:
        raise PlacesError("区划数据不是约定的格式。")
    return dict(listing)


def _place_from(entry: Mapping[str, Any], valid_on: str) -> Place:
    code, listed = entry.get("code"), entry.get("name")
    if not (isinstance(code, str) and isinstance(listed, str) and listed):
        raise PlacesError(f"区划条目缺少代码或名称：{entry!r}。")
    address = trim_code(code)
    name, kind = _called(listed, address)
    return Place(
        address=address,
        name=name,
        kind=str(entry.get("kind", kind)),
        valid_from=str(entry.get("valid_from", valid_on)),
        successor=trim_code(str(entry["successor"])) if entry.get("successor") else "",
        listed_name=listed,
    )


def _called(listed: str, address: str) -> tuple[str, str]:
    """Return what people call the place and its kind: the list writes 青龙石村民委员会 for 青龙石村."""
    if len(address) == 12:
        for ending, spoken, kind in _COMMITTEE_ENDINGS:
            if listed.endswith(ending):
                # 罗村村民委员会 is that of 罗村.
                return listed.removesuffix(ending).removesuffix(spoken) + spoken, kind
        return listed, "village"
    if len(address) == 9:
        return listed, next(
            (kind for ending, kind in _TOWNSHIP_ENDINGS if listed.endswith(ending)), "township"
        )
    return listed, level(address)


def full_name(places: Mapping[str, Place], address: str) -> str:
    """Return the name with those above it within the list: 通江县青峪镇青龙石村.

    Raises:
        PlacesError: the list has no such place.
    """
    if address not in places:
        raise PlacesError(f"区划名单中没有“{address}”。", address=address)
    names = [places[address].name]
    while len(address) > 2:
        address = address[: _PARENT_LENGTH[len(address)]]
        if address in places:
            names.append(places[address].name)
    return "".join(reversed(names))


def is_dissolved(places: Mapping[str, Place], address: str) -> bool:
    """Say whether the list knows a place that another has taken over from; nothing new begins there."""
    return address in places and bool(places[address].successor)


def today_of(places: Mapping[str, Place], address: str) -> str:
    """Return the address that stands for a place today: the last that took over from it, itself while it is.

    A list whose entries name each other in a ring tells of none.
    """
    seen = [address]
    while is_dissolved(places, seen[-1]):
        following = places[seen[-1]].successor
        if following in seen:
            return address
        seen.append(following)
    return seen[-1]


def named(places: Mapping[str, Place], name: str) -> tuple[Place, ...]:
    """Return every place with this spoken, listed or full name, in code order; places may share a name."""
    name = name.strip()
    return tuple(
        place
        for address, place in sorted(places.items())
        if name in (place.name, place.listed_name) or name == full_name(places, address)
    )


def within(places: Mapping[str, Place], address: str, wanted_level: str) -> tuple[Place, ...]:
    """Return the places of one level whose code lies within `address`, in code order, itself included."""
    return tuple(
        place
        for inner, place in sorted(places.items())
        if inner.startswith(address) and level(inner) == wanted_level
    )
