"""Fills records with things in order, as much as fits in each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from sync.protocol.records import PLAIN_BYTES_MAX, TEXT_BYTES_MAX, Item, pack_record

_T = TypeVar("_T")


def _weigh(item: Item) -> tuple[int, int]:
    return len(item.text) + 8, len(item.raw)


class Packer:
    """Fills records: as much as fits in each, in order.

    It guesses how far text will shrink from the records before, and halves a
    group that turns out too long. `fill` is how long a record should
    become; `packed` counts the things in the records
    yielded so far, `left_out` those too long for a
    record of their own: what was taken in is checked, so there should be none,
    and one that slipped through must not stop all others.
    """

    def __init__(self, dictionaries: Mapping[str, bytes], name: str) -> None:
        self._dictionary = dictionaries.get(name, b"")
        self._ratio = 0.3
        self.fill = PLAIN_BYTES_MAX - 200
        self.left_out = 0
        self.packed = 0

    def items(self, items: Sequence[Item]) -> Iterator[bytes]:
        """Yield record plaintexts that hold these items in order."""
        yield from self.groups(items, _weigh, list)

    def groups(
        self,
        things: Sequence[_T],
        weigh: Callable[[_T], tuple[int, int]],
        build: Callable[[Sequence[_T]], list[Item]],
    ) -> Iterator[bytes]:
        """Yield record plaintexts, each made by `build` from a run of `things`.

        Args:
            weigh: (text bytes, raw bytes) a thing will take, roughly.
        """
        start, text, raw = 0, 0, 0
        for at, thing in enumerate(things):
            more_text, more_raw = weigh(thing)
            full = (text + more_text) * self._ratio + raw + more_raw > self.fill
            if at > start and (full or text + more_text > TEXT_BYTES_MAX // 2):
                yield from self._fit(things[start:at], build)
                start, text, raw = at, 0, 0
            text, raw = text + more_text, raw + more_raw
        if start < len(things):
            yield from self._fit(things[start:], build)

    def _fit(self, group: Sequence[_T], build: Callable[[Sequence[_T]], list[Item]]) -> Iterator[bytes]:
        items = build(group)
        plain = pack_record(items, self._dictionary)
        if len(group) == 1 and len(plain) > PLAIN_BYTES_MAX:
            self.left_out += 1
            return
        if len(group) > 1 and len(plain) > min(PLAIN_BYTES_MAX, self.fill + self.fill // 4):
            middle = len(group) // 2
            yield from self._fit(group[:middle], build)
            yield from self._fit(group[middle:], build)
            return
        text = sum([len(i.text) for i in items])
        if text > 2000:
            raw = sum([len(i.raw) for i in items])
            self._ratio = 0.5 * self._ratio + 0.5 * max(0.05, (len(plain) - raw) / text)
        self.packed += len(group)
        yield plain
