"""The mutator: bytes that almost keep a format, from a seed and golden material, the same in every run.

A guided fuzzer needs a compiled module and a Python of its own making; this one is enough where parsers are
pure Python: it knows the four forms our formats are made of (bytes, varints, canonical JSON, typed text) and
keeps the frame around them whole where a target says so, so that most inputs come deep.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

BYTES_MAX = 100_000
_EDGES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0xFFFF, 2**31, 2**32 - 1, 2**53 - 1, 2**53, 2**62, 2**63 - 1, 2**64)
_WORDS = (
    "", "0", "-1", "00", "511921", "511921108203", "ab" * 16, "ab" * 32, "1-" + "ab" * 8, "é", "\ud800", "\0",
    "a|b", "hop", "end", "\u202e", "９", "²", "２０２６-０２-３０", "2026-02-30", "1e999", "a" * 5000,
    "../x", "%s",
)  # fmt: skip


def varint(value: int) -> bytes:
    """Return an integer in groups of seven bits, also where it is longer than any reader takes."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*out, value))


class Mutator:
    """Changes bytes and values; every choice is drawn from one generator."""

    def __init__(self, rng: Random, corpus: Sequence[bytes]) -> None:
        self.rng = rng
        self.corpus = corpus
        self._steps: tuple[Callable[[bytearray], None], ...] = (
            self._flip, self._set, self._splice, self._cut_out, self._repeat, self._truncate, self._insert,
            self._extreme, self._swap,
        )  # fmt: skip

    def seed(self) -> bytes:
        """Return one of the golden inputs."""
        return self.rng.choice(self.corpus)

    def bytes(self, data: bytes) -> bytes:
        """Return the bytes with one to four changes of any kind."""
        out = bytearray(data)
        for _ in range(self.rng.randint(1, 4)):
            self.rng.choice(self._steps)(out)
        return bytes(out[:BYTES_MAX])

    def text(self, data: bytes) -> bytes:
        """Return JSON with changed values in canonical form; changed bytes where it is none, or by chance."""
        if self.rng.random() < 0.15:
            return self.bytes(data)
        try:
            return self.canonical(self.value(json.loads(data)))
        except (ValueError, RecursionError):
            return self.bytes(data)

    def canonical(self, value: Any) -> bytes:
        """Return the canonical form, without any check of what the value holds."""
        said = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return said.encode("utf-8", "surrogatepass")

    def value(self, value: Any) -> Any:
        """Return a JSON value with one thing changed in it, somewhere."""
        if isinstance(value, dict) and value and self.rng.random() < 0.9:
            return self._dict(dict(value))
        if isinstance(value, list) and value and self.rng.random() < 0.8:
            return self._list(list(value))
        if isinstance(value, str) and self.rng.random() < 0.6:
            return self._string(value)
        if isinstance(value, int) and self.rng.random() < 0.5:
            return value + self.rng.choice((-1, 1, 2**40, -(2**40), 2**53))
        return self._any()

    def _dict(self, value: dict[str, Any]) -> dict[str, Any]:
        key = self.rng.choice(list(value))
        what = self.rng.random()
        if what < 0.1:
            del value[key]
        elif what < 0.15:
            value[self.rng.choice(_WORDS)] = value[key]
        else:
            value[key] = self.value(value[key])
        return value

    def _list(self, value: list[Any]) -> list[Any]:
        at = self.rng.randrange(len(value))
        what = self.rng.random()
        if what < 0.15:
            del value[at]
        elif what < 0.3:
            value.insert(at, value[at])
        elif what < 0.33:
            value = value * self.rng.choice((2, 100, 2000))
        else:
            value[at] = self.value(value[at])
        return value

    def _string(self, value: str) -> str:
        at = self.rng.randint(0, len(value))
        grown = value[:at] + self.rng.choice(_WORDS) + value[at:]
        return self.rng.choice((value[:at], value[at:], value + value, value.upper(), grown))

    def _any(self) -> Any:
        deep: Any = 0
        for _ in range(self.rng.choice((2, 31, 40))):
            deep = [deep] if self.rng.random() < 0.5 else {"a": deep}
        edge = self.rng.choice(_EDGES)
        return self.rng.choice(
            (edge, -edge, self.rng.choice(_WORDS), [], {}, deep, True, None, 1.5, [[]], {"": ""})
        )

    # --- changes of bytes
    def _at(self, out: bytearray) -> int:
        return self.rng.randint(0, len(out))

    def _flip(self, out: bytearray) -> None:
        if out:
            out[self.rng.randrange(len(out))] ^= 1 << self.rng.randrange(8)

    def _set(self, out: bytearray) -> None:
        if out:
            out[self.rng.randrange(len(out))] = self.rng.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF))

    def _splice(self, out: bytearray) -> None:
        other, at = self.seed(), self._at(out)
        begin = self.rng.randint(0, len(other))
        out[at : at + self.rng.randint(0, 200)] = other[begin : begin + self.rng.randint(0, 200)]

    def _cut_out(self, out: bytearray) -> None:
        at = self._at(out)
        del out[at : at + self.rng.randint(1, 40)]

    def _repeat(self, out: bytearray) -> None:
        at = self._at(out)
        run = bytes(out[at : at + self.rng.randint(1, 60)])
        out[at:at] = run * self.rng.choice((1, 2, 50))

    def _truncate(self, out: bytearray) -> None:
        del out[self._at(out) :]

    def _insert(self, out: bytearray) -> None:
        at = self._at(out)
        out[at:at] = self.rng.randbytes(self.rng.randint(1, 8))

    def _extreme(self, out: bytearray) -> None:
        at = self._at(out)
        edge = self.rng.choice(_EDGES)
        new = varint(edge) if self.rng.random() < 0.7 else edge.to_bytes(9, "big")[-self.rng.randint(1, 9) :]
        out[at : at + self.rng.choice((0, len(new)))] = new

    def _swap(self, out: bytearray) -> None:
        a, b, size = self._at(out), self._at(out), self.rng.randint(1, 16)
        first, second = bytes(out[a : a + size]), bytes(out[b : b + size])
        out[a : a + size], out[b : b + size] = second, first
