"""What one demand or report asks for on a form: its fields, and what stands in them at first. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.catalogue.rules.item import FieldSpec


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields of one demand or report, and the values that stand in them at first (key → text)."""

    fields: tuple[FieldSpec, ...]
    values: Mapping[str, str] = field(default_factory=dict)


def field_of(key: str, label: str, kind: str = "text", **more: Any) -> FieldSpec:
    """Return one field; it must be filled in, and is a line of text, where nothing else is said."""
    return FieldSpec(
        key=key,
        label=label,
        kind=kind,
        required=more.get("required", True),
        choices=tuple(more.get("choices", ())),
        minimum=more.get("minimum"),
        maximum=None,
        max_length=more.get("max_length", 200),
        hint=more.get("hint", ""),
        show_if=more.get("show_if"),
    )
