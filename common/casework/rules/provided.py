"""What the item of a case provides for, so that nobody is charged, and no clock stopped, beside it. Pure.

What is unknown, its item not being here, is left to whoever has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.casework.errors import NoFeeInItem, NoProcedureInItem
from common.casework.rules.words import Action
from common.catalogue.rules.item import ServiceItem

# The organ, or who is affected, may ask for a hearing whatever the item says (行政许可法 46, 47).
HEARING = "hearing"


def has_fees(item: ServiceItem | None) -> bool:
    """Say whether anything may be charged: only what the item publishes (行政许可法 58, 59)."""
    return item is None or bool(item.fees)


def has_procedures(item: ServiceItem | None) -> bool:
    """Say whether the item names procedures whose time does not count (行政许可法 45)."""
    return item is None or bool(item.special)


def check_provided(item: ServiceItem | None, action: Action, data: Mapping[str, Any]) -> None:
    """Check that the item provides for a step; what the step carries is checked elsewhere.

    Raises:
        NoFeeInItem: a fee is asked for, and the item has none.
        NoProcedureInItem: a special procedure other than a hearing begins, and the item has none.
    """
    if action is Action.ASK_FEE and not has_fees(item):
        raise NoFeeInItem()
    special = data.get("special")
    kind = special.get("kind") if isinstance(special, Mapping) else None
    if action is Action.BEGIN_SPECIAL and not has_procedures(item) and kind != HEARING:
        raise NoProcedureInItem()
