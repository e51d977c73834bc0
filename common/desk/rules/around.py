"""What the fields of a step are filled with. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from common.casework.rules.event import CaseState
from common.catalogue.rules.item import ServiceItem


@dataclass(frozen=True, slots=True)
class Around:
    """What fields are filled with: the case, its item (None: not here), form, departments, places, today."""

    state: CaseState
    item: ServiceItem | None
    form: Mapping[str, str | int] = field(default_factory=dict)
    departments: Sequence[str] = ()
    places: Mapping[str, str] = field(default_factory=dict)
    today: str = ""
