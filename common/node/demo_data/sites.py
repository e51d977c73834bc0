"""The seven sites of the demonstration: the county, two of its townships and two villages of each.

Codes and names are those of the list in `common/places/data/511921.json` (a test compares them).
"""

from __future__ import annotations

from dataclasses import dataclass

COUNTY = "511921"


@dataclass(frozen=True, slots=True)
class Site:
    """One node of the demonstration: address, name and the address it enrols under (empty at the county)."""

    address: str
    name: str
    parent: str


# fmt: off
SITES = (
    Site("511921",       "通江县",   ""),
    Site("511921108",    "沙溪镇",   "511921"),
    Site("511921126",    "青峪镇",   "511921"),
    Site("511921108203", "龙转坪村", "511921108"),
    Site("511921108209", "王坪村",   "511921108"),
    Site("511921126200", "青龙石村", "511921126"),
    Site("511921126204", "鹿角坪村", "511921126"),
)
# fmt: on

TOWNSHIPS = tuple(site for site in SITES if site.parent == COUNTY)
VILLAGES = tuple(site for site in SITES if len(site.address) == 12)


def spoken_name(address: str) -> str:
    """Return 通江县青峪镇青龙石村 for a site's address, or the address itself if it is none."""
    by_address = {site.address: site for site in SITES}
    names: list[str] = []
    current = address
    while current in by_address:
        names.append(by_address[current].name)
        current = by_address[current].parent
    return "".join(reversed(names)) or address
