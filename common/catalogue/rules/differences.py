"""What one version of an item says otherwise than another, part by part, in words. Pure.

Entries of lists that have a key (papers, fields, joint departments) are compared by it, others by place.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from common.catalogue.rules.schema import ITEM, Part

_PASSED_OVER = ("format", "version")
_YES_NO = ("否", "是")
_SEPARATOR = " · "


class Difference(NamedTuple):
    """One part that differs: where, what it said before and says now (empty: it was or is not there)."""

    where: str
    before: str
    after: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return what differs between two items given as parts of format 2."""
    return list(_of_parts(before, after, ITEM, ()))


def _of_parts(
    before: Mapping[str, Any], after: Mapping[str, Any], table: Sequence[Part], way: tuple[str, ...]
) -> Iterator[Difference]:
    for part in table:
        if not way and part.key in _PASSED_OVER:
            continue
        here = (*way, part.label)
        old, new = before.get(part.key), after.get(part.key)
        if part.kind == "object":
            yield from _of_parts(old or {}, new or {}, part.parts, here)
        elif part.kind == "objects":
            yield from _of_lists(old or [], new or [], part, here)
        elif part.kind in ("codes", "texts"):
            yield from _of_words(old or [], new or [], part, here)
        elif (said := _said(old, part)) != (says := _said(new, part)):
            yield Difference(_SEPARATOR.join(here), said, says)


def _of_lists(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], part: Part, way: tuple[str, ...]
) -> Iterator[Difference]:
    old, new = _by_key(before, part), _by_key(after, part)
    for key in [*new, *(key for key in old if key not in new)]:
        where = (*way[:-1], f"{way[-1]}“{key}”")
        if key in old and key in new:
            yield from _of_parts(old[key], new[key], part.parts, where)
        elif key in new:
            yield Difference(_SEPARATOR.join(where), "", _entry_words(new[key], part))
        else:
            yield Difference(_SEPARATOR.join(where), _entry_words(old[key], part), "")
    kept_before, kept_after = [key for key in old if key in new], [key for key in new if key in old]
    if kept_before != kept_after:
        yield Difference(_SEPARATOR.join((*way, "次序")), "、".join(kept_before), "、".join(kept_after))


def _by_key(entries: Sequence[Mapping[str, Any]], part: Part) -> dict[str, Mapping[str, Any]]:
    if part.unique:
        return {str(entry.get(part.unique, "")): entry for entry in entries}
    return {f"第 {place} 项": entry for place, entry in enumerate(entries, 1)}


def _of_words(
    before: Sequence[str], after: Sequence[str], part: Part, way: tuple[str, ...]
) -> Iterator[Difference]:
    gone = [_word(word, part) for word in before if word not in after]
    new = [_word(word, part) for word in after if word not in before]
    if gone or new:
        yield Difference(_SEPARATOR.join(way), "\n".join(gone), "\n".join(new))
    elif list(before) != list(after):
        names = ("\n".join(_word(word, part) for word in words) for words in (before, after))
        yield Difference(_SEPARATOR.join((*way, "次序")), *names)


def _entry_words(entry: Mapping[str, Any], part: Part) -> str:
    said = ((inner, entry.get(inner.key)) for inner in part.parts)
    return "\n".join(f"{inner.label}：{words}" for inner, value in said if (words := _said(value, inner)))


def _said(value: Any, part: Part) -> str:
    if value is None or value == {}:
        return ""
    if part.kind == "flag":
        return _YES_NO[value == 1]
    if part.kind in ("codes", "texts"):
        return "、".join(_word(word, part) for word in value)
    if part.kind in ("object", "objects", "anything"):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return _word(str(value), part)


def _word(word: str, part: Part) -> str:
    return part.choices.get(word, word) if part.choices else word
