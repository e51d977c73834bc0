"""The name of a result where an item gives one of several: the person who decides says which. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from common.catalogue.rules.item import FieldSpec, ServiceItem

_OR = re.compile("或者|或")


def choices_of(item: ServiceItem | None) -> tuple[str, ...]:
    """Return the names among which the decision chooses, () where the item gives one thing only."""
    names = tuple(filter(None, (part.strip() for part in _OR.split(item.result_name)))) if item else ()
    return names if len(names) > 1 else ()


def with_choice(specs: Sequence[FieldSpec], item: ServiceItem | None) -> tuple[FieldSpec, ...]:
    """Return the fields of a result; its name is a choice that must be made where there are several."""
    choices = choices_of(item)
    if not choices:
        return tuple(specs)
    return tuple(_chosen(spec, choices) if spec.key == "result_name" else spec for spec in specs)


def _chosen(spec: FieldSpec, choices: tuple[str, ...]) -> FieldSpec:
    return replace(spec, kind="choice", required=True, choices=choices, hint="")
