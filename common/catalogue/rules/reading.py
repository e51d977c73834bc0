"""Reads one decoded JSON object part by part and collects every problem instead of stopping at the first.

Pure. After a problem each method returns a harmless value of the promised type, so that reading goes on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_KEY_SHAPE = re.compile(r"[a-z][a-z0-9_]{0,49}")


class Reader:
    """A view of one object at one path; the readers of its parts share its list of problems."""

    def __init__(self, obj: object, path: str, problems: list[str] | None = None) -> None:
        self.problems: list[str] = [] if problems is None else problems
        self._path = path
        self._seen: set[str] = set()
        self._object: Mapping[str, Any] = {}
        if isinstance(obj, dict) and all(isinstance(key, str) for key in obj):
            self._object = obj
        else:
            self.problem("", "应为对象")

    def problem(self, key: str, what: str) -> None:
        """Add one problem with the part `key` of this object."""
        self.problems.append(f"{self._joined(key) or '整体'}：{what}")

    def has(self, key: str) -> bool:
        """Tell whether the object has this key."""
        return key in self._object

    def text(self, key: str, *, shortest: int = 1, longest: int) -> str:
        """Return a string of `shortest`…`longest` characters without blanks at either end."""
        value = self._value(key)
        if not isinstance(value, str):
            self.problem(key, "应为文字")
            return ""
        if value != value.strip() or not shortest <= len(value) <= longest:
            self.problem(key, f"应为 {shortest} 至 {longest} 个字，首尾无空白")
        return value

    def key(self, key: str) -> str:
        """Return an identifier: a lower-case letter, then ≤ 49 lower-case letters, digits or underscores."""
        value = self._value(key)
        if not (isinstance(value, str) and _KEY_SHAPE.fullmatch(value)):
            self.problem(key, "应为小写字母开头的标识符")
            return ""
        return value

    def number(self, key: str, *, lowest: int = 0, highest: int = 2**53) -> int:
        """Return an integer of `lowest`…`highest`."""
        value = self._value(key)
        if type(value) is not int or not lowest <= value <= highest:
            self.problem(key, f"应为 {lowest} 至 {highest} 的整数")
            return lowest
        return value

    def optional_number(self, key: str) -> int | None:
        """Return an integer within ±2^53, or None when the key is absent."""
        return self.number(key, lowest=-(2**53)) if self.has(key) else None

    def flag(self, key: str) -> bool:
        """Return 1 as True and 0 as False (signed data knows no booleans)."""
        return self.number(key, highest=1) == 1

    def one_of(self, key: str, allowed: Sequence[str]) -> str:
        """Return one of the allowed words."""
        value = self._value(key)
        if not (isinstance(value, str) and value in allowed):
            self.problem(key, f"应为其中之一：{'、'.join(word or '（空）' for word in allowed)}")
            return ""
        return value

    def texts(self, key: str, *, fewest: int = 0, allowed: Sequence[str] = ()) -> tuple[str, ...]:
        """Return a list of at least `fewest` non-empty strings, each one of `allowed` when that is given.

        No string may have blanks at either end.
        """
        value = self._value(key)
        if not isinstance(value, list) or len(value) < fewest:
            self.problem(key, f"应为至少 {fewest} 项的列表")
            return ()
        words = [word for word in value if isinstance(word, str) and word and word == word.strip()]
        if len(words) < len(value) or (allowed and not set(words) <= set(allowed)):
            self.problem(key, "列表中有不允许的内容")
            return ()
        return tuple(words)

    def part(self, key: str) -> Reader:
        """Return a reader of the object under `key`."""
        return Reader(self._value(key), self._joined(key), self.problems)

    def parts(self, key: str, *, fewest: int = 0) -> list[Reader]:
        """Return one reader for each object of the list under `key`."""
        value = self._value(key)
        if not isinstance(value, list) or len(value) < fewest:
            self.problem(key, f"应为至少 {fewest} 项的列表")
            return []
        path = self._joined(key)
        return [Reader(part, f"{path}[{place}]", self.problems) for place, part in enumerate(value)]

    def anything(self, key: str) -> dict[str, Any]:
        """Return the object under `key` as it came, or an empty one when the key is absent."""
        if not self.has(key):
            return {}
        value = self._value(key)
        if not isinstance(value, dict):
            self.problem(key, "应为对象")
            return {}
        return value

    def no_other_keys(self) -> None:
        """Add a problem for every key that nothing has asked for."""
        for key in sorted(set(self._object) - self._seen):
            self.problem(key, "不认识的字段")

    def no_repeats(self, key: str, words: Sequence[str]) -> None:
        """Add a problem for each word that comes twice."""
        for word in sorted({word for word in words if words.count(word) > 1}):
            self.problem(key, f"“{word}”重复")

    def _value(self, key: str) -> object:
        self._seen.add(key)
        return self._object.get(key)

    def _joined(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path and key else self._path or key
