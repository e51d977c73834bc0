"""Reads a decoded JSON object along a table of parts and collects every fault, not only the first.

Pure. Where something is wrong a harmless value of the promised type stands in its place, so that what the
parts say of each other can still be checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from common.catalogue.rules.schema import Part

# Of a key that is in no table.
UNKNOWN = "不认识的字段"
_KEY_SHAPE = re.compile(r"[a-z][a-z0-9_]{0,49}")
_DATE_SHAPE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Fault(NamedTuple):
    """One thing wrong: the path of the part (`papers[0].name`, empty: the whole), and why in Chinese."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path or '整体'}：{self.reason}"


class _Wrong(Exception):
    """Inside this module only: a value cannot stand here."""


def read(obj: object, parts: Sequence[Part], path: str = "") -> tuple[dict[str, Any], list[Fault]]:
    """Return what stands under the keys of `parts`, and everything wrong with it.

    Optional parts that were left out are left out of the result as well.
    """
    if not isinstance(obj, dict) or not all(isinstance(key, str) for key in obj):
        return {part.key: _harmless(part) for part in parts if not part.optional}, [Fault(path, "应为对象")]
    clean: dict[str, Any] = {}
    faults: list[Fault] = []
    for part in parts:
        if part.key in obj:
            clean[part.key], wrong = _read_part(obj[part.key], part, joined(path, part.key))
            faults += wrong
        elif not part.optional:
            clean[part.key] = _harmless(part)
            faults.append(Fault(joined(path, part.key), "没有填写"))
    known = {part.key for part in parts}
    faults += [Fault(joined(path, key), UNKNOWN) for key in sorted(set(obj) - known)]
    return clean, faults


def joined(path: str, key: str) -> str:
    """Return the path of a key of the object at `path`."""
    return f"{path}.{key}" if path and key else path or key


def _read_part(value: object, part: Part, path: str) -> tuple[Any, list[Fault]]:
    if part.kind == "object":
        return read(value, part.parts, path)
    if part.kind == "objects":
        return _read_objects(value, part, path)
    try:
        return _READERS[part.kind](value, part), []
    except _Wrong as wrong:
        return _harmless(part), [Fault(path, str(wrong))]


def _read_objects(value: object, part: Part, path: str) -> tuple[list[Any], list[Fault]]:
    if not isinstance(value, list) or not part.least <= len(value) <= part.most:
        return [], [Fault(path, _count_words(part))]
    read_all = [read(entry, part.parts, f"{path}[{place}]") for place, entry in enumerate(value)]
    faults = [fault for _clean, wrong in read_all for fault in wrong]
    if part.unique:
        names = [clean[part.unique] for clean, _wrong in read_all if clean[part.unique]]
        faults += [Fault(path, f"“{name}”重复") for name in _repeated(names)]
    return [clean for clean, _wrong in read_all], faults


def _count_words(part: Part) -> str:
    if part.most < 2**53:
        return f"应为 {part.least} 至 {part.most} 项的列表"
    return f"应为至少 {part.least} 项的列表"


def _repeated(words: Sequence[str]) -> list[str]:
    return sorted({word for word in words if words.count(word) > 1})


def _harmless(part: Part) -> Any:
    if part.kind == "object":
        return {inner.key: _harmless(inner) for inner in part.parts if not inner.optional}
    if part.kind in ("number", "flag"):
        return max(part.least, 0) if part.kind == "number" else 0
    return {"anything": {}}.get(part.kind, [] if part.kind in ("codes", "texts", "objects") else "")


def _text(value: object, part: Part) -> str:
    if not isinstance(value, str):
        raise _Wrong("应为文字")
    if value != value.strip() or not part.least <= len(value) <= part.most:
        raise _Wrong(f"应为 {part.least} 至 {part.most} 个字，首尾无空白")
    if part.kind == "text" and "\n" in value:
        raise _Wrong("只能写一行")
    return value


def _key(value: object, _: Part) -> str:
    if not (isinstance(value, str) and _KEY_SHAPE.fullmatch(value)):
        raise _Wrong("应为小写字母开头的标识符")
    return value


def _number(value: object, part: Part) -> int:
    if type(value) is not int or not part.least <= value <= part.most:
        raise _Wrong(f"应为 {part.least} 至 {part.most} 的整数")
    return value


def _flag(value: object, _: Part) -> int:
    if type(value) is not int or value not in (0, 1):
        raise _Wrong("应为 1（是）或 0（否）")
    return value


def _code(value: object, part: Part) -> str:
    if not (isinstance(value, str) and value in part.choices):
        raise _Wrong(f"应为其中之一：{_spelt(part.choices)}")
    return value


def _spelt(choices: Mapping[str, str]) -> str:
    return "、".join(code or "（空）" for code in choices)


def _codes(value: object, part: Part) -> list[str]:
    words = _texts(value, part)
    if not set(words) <= set(part.choices):
        raise _Wrong(f"只能有：{_spelt(part.choices)}")
    return words


def _texts(value: object, part: Part) -> list[str]:
    if not isinstance(value, list) or not part.least <= len(value) <= part.most:
        raise _Wrong(_count_words(part))
    words = [word for word in value if isinstance(word, str) and word and word == word.strip()]
    if len(words) < len(value) or any(len(word) > 1000 for word in words):
        raise _Wrong("列表中有空的、太长的或不是文字的内容")
    if repeated := _repeated(words):
        raise _Wrong(f"“{'”“'.join(repeated)}”重复")
    return words


def _date(value: object, _: Part) -> str:
    if isinstance(value, str) and _DATE_SHAPE.fullmatch(value):
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            raise _Wrong("没有这一天") from None
    raise _Wrong("应为日期，例如 2026-03-05")


def _scalar(value: object, _: Part) -> str | int:
    if type(value) is int or (isinstance(value, str) and 0 < len(value) <= 200):
        return value
    raise _Wrong("应为文字或整数")


def _anything(value: object, _: Part) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Wrong("应为对象")
    return value


_READERS: Mapping[str, Callable[[object, Part], Any]] = {
    "text": _text,
    "long": _text,
    "key": _key,
    "number": _number,
    "flag": _flag,
    "code": _code,
    "codes": _codes,
    "texts": _texts,
    "date": _date,
    "scalar": _scalar,
    "anything": _anything,
}
