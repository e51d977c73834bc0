"""A service item (事项): what may be asked for, on which basis, with which papers and fields, by which route.

Pure: `parse_item` reads one JSON object (a file under `common/catalogue/data/items/`, or a document of the
shelf) into frozen values. The schema stands in `schema.ITEM`: integers and strings only, so that it can be
signed as it stands (yes/no is 1/0, what is not set is left out). Items without `format` are in format 1 and
are read as well, for they lie signed on the shelves of nodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.catalogue.rules.building import DEFAULT_MAX_LENGTH, as_second, build
from common.catalogue.rules.checks import LEVELS, check_first, check_item, check_published
from common.catalogue.rules.codes import TYPE_NAMES
from common.catalogue.rules.reading import UNKNOWN, Fault, read
from common.catalogue.rules.schema import FIRST, ITEM
from common.catalogue.rules.service_item import ServiceItem
from common.catalogue.rules.signs import unseen
from common.catalogue.rules.values import Basis, FieldSpec, PaperSpec, Route, ShowIf
from common.errors import LiandongError

__all__ = (
    "DEFAULT_MAX_LENGTH",
    "FORMAT",
    "LEVELS",
    "TYPE_NAMES",
    "Basis",
    "CatalogueError",
    "Fault",
    "FieldSpec",
    "PaperSpec",
    "Route",
    "ServiceItem",
    "ShowIf",
    "parse_item",
    "read_stored",
    "second_parts",
)

FORMAT = 2
UNSEEN = "含有看不见的或不能显示的字符，从网页或文档粘贴的请删去重新输入"


# What a check at one part looks at in others.
_LOOKS_AT = {
    "promised.days": ("kind", "statutory."),
    "tolerance_days": ("papers", "promised."),
    "route.competent": ("kind",),
    "joint": ("kind",),
    "special": ("kind",),
}


class CatalogueError(LiandongError):
    """A service item cannot be read; `faults` lists everything wrong, `problems` the same in words."""

    code = "E301"
    status = 400
    sentence = "事项数据有误。"

    def __init__(self, faults: Sequence[Fault], file: str = "") -> None:
        before = f"{file}：" if file else ""
        self.faults = list(faults)
        self.problems = [f"{before}{fault}" for fault in faults]
        super().__init__(
            f"事项数据有 {len(faults)} 处问题：{'；'.join(self.problems)}。", count=len(self.problems)
        )


def parse_item(obj: object, file: str = "") -> ServiceItem:
    """Read one item.

    Args:
        obj: the decoded JSON object.
        file: the name of the file it came from; the problems then begin with it.

    Raises:
        CatalogueError: anything is missing, misspelt, of the wrong type or against the rules; every fault is
            listed with its path and reason.
    """
    item, faults = _read(obj)
    told = [fault.path for fault in faults]
    faults += [Fault(path, UNSEEN) for path in unseen(obj) if path not in told]
    faults += [fault for fault in check_published(item) if not _is_told(fault, told)]
    if faults:
        raise CatalogueError(faults, file)
    return item


def read_stored(obj: object) -> ServiceItem:
    """Read one item that was published, by this program, an earlier or a later one.

    A key this program does not know is passed over: a later one may have added it, and the item has to go on.
    Nor is asked what only new versions have to keep to.

    Raises:
        CatalogueError: anything else is wrong with it; every fault is listed.
    """
    item, faults = _read(obj)
    faults = [fault for fault in faults if fault.reason != UNKNOWN]
    if faults:
        raise CatalogueError(faults)
    return item


def _read(obj: object) -> tuple[ServiceItem, list[Fault]]:
    is_first = isinstance(obj, dict) and "format" not in obj
    parts, faults = read(obj, FIRST if is_first else ITEM)
    item = build(as_second(parts) if is_first else parts)
    told = [fault.path for fault in faults if fault.reason != UNKNOWN]
    between = check_first(item) if is_first else check_item(item)
    return item, faults + [fault for fault in between if not _is_told(fault, told)]


def second_parts(obj: Mapping[str, Any]) -> dict[str, Any]:
    """Return a readable item's parts in format 2, whichever format it is in, for its form and comparison."""
    parts, _faults = read(obj, ITEM if "format" in obj else FIRST)
    return parts if "format" in obj else as_second(parts)


def _is_told(fault: Fault, told: Sequence[str]) -> bool:
    """Say whether what a check looked at has a fault already; parts are then not blamed for each other."""
    inside = fault.path.rpartition(".")[0]
    looked_at = (fault.path, *([f"{inside}."] if inside else []), *_LOOKS_AT.get(fault.path, ()))
    return any(path.startswith(looked_at) for path in told)
