"""A service item as flat text, as its form shows it and sends it back. Pure.

Keys are paths: `name`, `route.checker`, `papers.0.name`. Lists of words stand one a line. What is typed is
turned back into the object as it is meant, right or wrong: `parse_item` says what is wrong with it. Parts
this page does not show (`format`, `version`, `more`) are left to the caller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from common.catalogue.rules.reading import joined
from common.catalogue.rules.schema import ITEM, Part

Typed = dict[str, str]

HIDDEN = ("format", "version", "more")
_NUMBER = re.compile(r"-?[0-9]{1,15}")
_PLACE = re.compile(r"\[([0-9]+)\]")
_WORDS = ("codes", "texts")


def typed_of(parts: Mapping[str, Any], table: Sequence[Part] = ITEM, path: str = "") -> Typed:
    """Return the text of every value in `parts`, by path; what is left out has none."""
    typed: Typed = {}
    for part in table:
        key, value = joined(path, part.key), parts.get(part.key)
        if value is None or (not path and part.key in HIDDEN):
            continue
        if part.kind == "object":
            typed |= typed_of(value, part.parts, key)
        elif part.kind == "objects":
            for place, entry in enumerate(value):
                typed |= typed_of(entry, part.parts, f"{key}.{place}")
        else:
            typed[key] = "\n".join(value) if part.kind in _WORDS else str(value)
    return typed


def object_of(typed: Mapping[str, str], table: Sequence[Part] = ITEM, path: str = "") -> dict[str, Any]:
    """Return the object that was typed; an optional part left empty is left out."""
    found: dict[str, Any] = {}
    for part in table:
        key = joined(path, part.key)
        if not path and part.key in HIDDEN:
            continue
        value = _value(typed, part, key)
        if part.optional and value in ("", [], {}):
            continue
        found[part.key] = value
    if not path:
        _count_conditions(found.get("fields", []))
    return found


def _count_conditions(fields: Sequence[dict[str, Any]]) -> None:
    """Make the value a condition waits for a number where the field it looks at asks for one."""
    counted = {spec["key"] for spec in fields if spec["kind"] == "number"}
    for spec in fields:
        condition = spec.get("show_if", {})
        if condition.get("field") in counted and _NUMBER.fullmatch(condition["equals"]):
            condition["equals"] = int(condition["equals"])


def _value(typed: Mapping[str, str], part: Part, key: str) -> Any:
    if part.kind == "object":
        inner = object_of(typed, part.parts, key)
        is_empty = part.optional and not any(typed.get(joined(key, p.key), "").strip() for p in part.parts)
        return {} if is_empty else inner
    if part.kind == "objects":
        return [object_of(typed, part.parts, f"{key}.{place}") for place in places(typed, key)]
    text = typed.get(key, "").replace("\r\n", "\n").strip()
    if part.kind in _WORDS:
        return [line.strip() for line in text.split("\n") if line.strip()]
    # What is no number stays as typed; reading then says so.
    return int(text) if part.kind in ("number", "flag") and _NUMBER.fullmatch(text) else text


def places(typed: Iterable[str], key: str) -> list[int]:
    """Return the numbers of the entries typed under a list, in order."""
    begins = f"{key}."
    numbers = {found[len(begins) :].partition(".")[0] for found in typed if found.startswith(begins)}
    return sorted(int(number) for number in numbers if number.isdecimal() and len(number) < 4)


def with_entry(typed: Mapping[str, str], part: Part, key: str) -> Typed:
    """Return what was typed with one empty entry more at the end of a list."""
    place = max(places(typed, key), default=-1) + 1
    return {**typed, **dict.fromkeys((f"{key}.{place}.{inner.key}" for inner in part.parts), "")}


def without_entry(typed: Mapping[str, str], key: str, place: int) -> Typed:
    """Return what was typed without one entry of a list."""
    return {name: text for name, text in typed.items() if not name.startswith(f"{key}.{place}.")}


def moved_up(typed: Mapping[str, str], key: str, place: int) -> Typed:
    """Return what was typed with an entry before the one it followed; the first one stays."""
    numbers = places(typed, key)
    if place not in numbers[1:]:
        return dict(typed)
    before = numbers[numbers.index(place) - 1]
    ways = {f"{key}.{place}.": f"{key}.{before}.", f"{key}.{before}.": f"{key}.{place}."}
    return {_renamed(name, ways): text for name, text in typed.items()}


def _renamed(name: str, ways: Mapping[str, str]) -> str:
    for begins, instead in ways.items():
        if name.startswith(begins):
            return instead + name[len(begins) :]
    return name


def renumbered(typed: Mapping[str, str], table: Sequence[Part] = ITEM) -> Typed:
    """Return what was typed with the entries of each list numbered 0, 1, 2 …, as faults count them."""
    ways: dict[str, str] = {}
    for part in table:
        if part.kind == "objects":
            for now, place in enumerate(places(typed, part.key)):
                ways[f"{part.key}.{place}."] = f"{part.key}.{now}."
    return {_renamed(name, ways): text for name, text in typed.items()}


def key_of(path: str) -> str:
    """Return the form's key for the path of a fault: `papers[0].name` → `papers.0.name`."""
    return _PLACE.sub(r".\1", path)


def path_words(path: str, table: Sequence[Part] = ITEM) -> str:
    """Return a path in words: `papers[0].name` → 申请材料第 1 项·材料名称."""
    step, _, rest = path.partition(".")
    name, _, place = step.partition("[")
    part = next((part for part in table if part.key == name), None)
    if part is None:
        return path
    words = f"{part.label}第 {int(place[:-1]) + 1} 项" if place else part.label
    return f"{words}·{path_words(rest, part.parts)}" if rest else words
