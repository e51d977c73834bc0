"""The lists of divisions that come with the program, and whether a code is on them."""

from __future__ import annotations

from enum import Enum, auto
from importlib import resources

from common.places.rules import Place, load_places

_COUNTY_DIGITS = 6
_PROVINCE_DIGITS = 2
# GB/T 2260; what begins otherwise is no code of any division, whatever lists there are.
_REGIONS = {
    "1": "12345",
    "2": "123",
    "3": "1234567",
    "4": "123456",
    "5": "01234",
    "6": "12345",
    "7": "1",
    "8": "12",
}
_PROVINCES = frozenset(region + own for region, owns in _REGIONS.items() for own in owns)


class Listing(Enum):
    """What the program can say of a code: on its list, not on it, or no list of that county."""

    LISTED = auto()
    UNLISTED = auto()
    NO_LIST = auto()


def read_places(address: str) -> dict[str, Place]:
    """Return the divisions of the county an address lies in; empty when this program has no list of it."""
    file = resources.files("common.places").joinpath(f"data/{address[:_COUNTY_DIGITS]}.json")
    return load_places(file.read_text(encoding="utf-8")) if file.is_file() else {}


def listing_of(address: str) -> Listing:
    """Tell whether a trimmed address is that of a division; a list may be older than a new village."""
    if address[:_PROVINCE_DIGITS] not in _PROVINCES:
        return Listing.UNLISTED
    places = read_places(address)
    if not places:
        return Listing.NO_LIST
    return Listing.LISTED if address in places else Listing.UNLISTED
