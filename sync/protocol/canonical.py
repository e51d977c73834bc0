"""Canonical JSON: the one byte form of everything signed. It never carries floats, booleans or null."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn

from sync.protocol.errors import NotCanonical

INTEGER_MAX = 2**53 - 1
# Deeper than anything signed needs; far from where a reader of JSON runs out of stack.
DEPTH_MAX = 32


def _writer() -> Callable[[Any], str]:
    """Return what writes a value; `JSONEncoder` makes its quick half anew for each, a third of the time."""
    slow = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return slow.encode
    # Nothing that is written holds itself: what `_check` and the reader let through is not so deep.
    quick = make(None, slow.default, json.encoder.encode_basestring, None, ":", ",", True, False, True)
    return lambda value: "".join(quick(value, 0))


_encode = _writer()


def dumps(value: Any) -> bytes:
    """Return the canonical UTF-8 bytes of `value` (dicts, lists, integers, strings).

    Raises:
        NotCanonical: a float, boolean, null, over-large integer or non-string key is inside.
    """
    _check(value)
    try:
        return _encode(value).encode()
    except UnicodeEncodeError:
        raise NotCanonical("lone surrogate") from None


def loads(data: bytes) -> Any:
    """Return the value whose canonical form is exactly `data`.

    Raises:
        NotCanonical: not JSON, or any byte differs from the canonical form
            (spacing, key order, duplicate keys, escapes, floats, booleans, null).
    """
    try:
        # What stands after the value shows as soon as it is written again.
        value, _ = _decode(data.decode())
        if _encode(value).encode() != data:
            raise NotCanonical("bytes differ from canonical form")
        # The three words are rare in real bodies, and so is deep nesting: the walk is made only for those.
        is_odd = b"true" in data or b"false" in data or b"null" in data
        if is_odd or data.count(b"[") + data.count(b"{") > DEPTH_MAX:
            _check(value)
    except (ValueError, RecursionError):
        raise NotCanonical("not JSON") from None
    return value


def _bounded(text: str) -> int:
    if len(text) < 16:
        return int(text)
    value = int(text) if len(text) < 18 else INTEGER_MAX + 1
    if not -INTEGER_MAX <= value <= INTEGER_MAX:
        raise NotCanonical("integer out of range")
    return value


def _no_float(text: str) -> NoReturn:
    raise NotCanonical(f"number {text[:20]}")


def _check(value: Any, depth: int = 0) -> None:
    kind = type(value)
    if depth > DEPTH_MAX:
        raise NotCanonical("nested too deep")
    if kind is str:
        return
    if kind is int:
        if -INTEGER_MAX <= value <= INTEGER_MAX:
            return
        raise NotCanonical("integer out of range")
    # Text needs no look of its own, unless it lies too deep.
    plain = str if depth < DEPTH_MAX else None
    if kind is dict:
        for key, inner in value.items():
            if type(key) is not str:
                raise NotCanonical("key is not text")
            if type(inner) is not plain:
                _check(inner, depth + 1)
        return
    if kind is list or kind is tuple:
        for inner in value:
            if type(inner) is not plain:
                _check(inner, depth + 1)
        return
    raise NotCanonical(f"{kind.__name__} is not allowed")


_decode = json.JSONDecoder(parse_float=_no_float, parse_int=_bounded, parse_constant=_no_float).raw_decode
