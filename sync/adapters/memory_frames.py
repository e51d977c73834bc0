"""Streams, frames and acts in memory, every write with its inverse. It never looks at time or chance."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import chain, islice
from operator import attrgetter

from sync.adapters.memory_asides import MemoryAsides
from sync.adapters.memory_undo import PlaceTaken
from sync.protocol.frame import Frame, StreamId
from sync.protocol.spool import PARKED, ActRow, Placed
from sync.protocol.streams import Stream
from sync.protocol.wants import shares


class _Lane:
    """The frames of one stream, ascending by seq and so by position."""

    __slots__ = ("placed", "positions", "seqs")

    def __init__(self) -> None:
        self.seqs: list[int] = []
        self.positions: list[int] = []
        self.placed: list[Placed] = []

    def at(self, seq: int) -> Placed | None:
        index = bisect_left(self.seqs, seq)
        return self.placed[index] if index < len(self.seqs) and self.seqs[index] == seq else None

    def add(self, placed: Placed) -> None:
        seq = placed.frame.header.seq
        index = len(self.seqs)
        if index and seq <= self.seqs[-1]:
            index = bisect_left(self.seqs, seq)
            if self.seqs[index] == seq:
                raise PlaceTaken(f"{placed.frame.header.stream} {seq}")
        self.seqs.insert(index, seq)
        self.positions.insert(index, placed.position)
        self.placed.insert(index, placed)

    def remove(self, seq: int) -> None:
        index = bisect_left(self.seqs, seq)
        del self.seqs[index], self.positions[index], self.placed[index]

    def replace(self, placed: Placed) -> None:
        self.placed[bisect_left(self.seqs, placed.frame.header.seq)] = placed

    def after(self, seq: int, position: int, limit: int) -> list[Placed]:
        at = max(bisect_right(self.seqs, seq), bisect_right(self.positions, position))
        return self.placed[at : at + limit]


def _whole(placed: Placed, frame: Frame) -> Placed:
    wraps = frame.wraps or placed.frame.wraps
    return placed._replace(frame=placed.frame._replace(body=frame.body, wraps=wraps))


_fields = attrgetter(*(one.name for one in fields(Stream)))


def _copy(stream: Stream) -> Stream:
    return Stream(*_fields(stream))


class MemoryFrames(MemoryAsides):
    """The part of a memory spool that holds streams, frames and acts."""

    def __init__(self) -> None:
        super().__init__()
        self._streams: dict[StreamId, Stream] = {}
        self._lanes: dict[StreamId, _Lane] = {}
        self._count = 0
        self._places: dict[str, list[Placed]] = {}
        self._loose: dict[str, list[Placed]] = {}
        self._acts: dict[str, ActRow] = {}
        self._parked: dict[str, dict[str, ActRow]] = {}

    def stream(self, stream: StreamId) -> Stream | None:
        """Return this node's copy of a stream; changes count only after `put_stream`."""
        known = self._streams.get(stream)
        return _copy(known) if known else None

    def streams(self) -> list[Stream]:
        """Return all streams, in the order they were first put."""
        return [Stream(*_fields(stream)) for stream in self._streams.values()]

    def put_stream(self, stream: Stream) -> None:
        """Keep it (`no` is given at the first time)."""
        known = self._streams.get(stream.id)
        if known is None:
            self._count += 1
            stream.no = self._count
            self._set(self._lanes, stream.id, _Lane())
        else:
            stream.no = known.no
        self._set(self._streams, stream.id, _copy(stream))

    def add_frames(self, frames: Sequence[Placed]) -> None:
        """Keep frames at their places, in streams already put.

        Raises:
            PlaceTaken: a place is taken; the unit must fail.
            LookupError: the stream was never put.
        """
        for placed in frames:
            lane = self._lanes.get(placed.frame.header.stream)
            if lane is None:
                raise LookupError(str(placed.frame.header.stream))
            lane.add(placed)
            self._later(lane.remove, placed.frame.header.seq)
            self._name_papers(placed.frame)
            places = self._places.setdefault(placed.frame.act, [])
            places.append(placed)
            self._later(places.pop)

    def add_loose(self, placed: Placed, most: int = 1) -> None:
        """Keep a frame that has no place in a stream here, once; of an act in one stream at most so many."""
        frame, known = placed.frame, self._loose.get(placed.frame.act, [])
        same = [one for one in known if one.frame.header.stream == frame.header.stream]
        if len(same) < most and not self.is_loose(frame):
            self._set(self._loose, frame.act, [*known, placed])
            self._name_papers(frame)

    def is_loose(self, frame: Frame) -> bool:
        """Say whether this very frame is kept beside the streams, with its body or without."""
        return frame.hash in [one.frame.hash for one in self._loose.get(frame.act, [])]

    def loose_frames(self, limit: int, author: str = "") -> Iterator[Frame]:
        """Yield up to `limit` frames that have no place here, of one author or of all, the newest first."""
        newest = (one.frame for one in sorted(chain.from_iterable(self._loose.values()), reverse=True))
        return islice((f for f in newest if author in ("", f.header.stream.src)), limit)

    def drop_frames(self, stream: Stream, after: int) -> list[Placed]:
        """Take the frames above a place out of a stream; return them by seq."""
        lane = self._lanes.get(stream.id) or _Lane()
        dropped = lane.after(after, 0, len(lane.seqs))
        for placed in reversed(dropped):
            places = self._places[placed.frame.act]
            at = places.index(placed)
            self._later(places.insert, at, placed)
            del places[at]
            self._later(lane.add, placed)
            lane.remove(placed.frame.header.seq)
        return dropped

    def drop_bodies(self, acts: Sequence[str]) -> int:
        """Empty the bodies of these acts wherever they stand; return how many bytes they had in all."""
        size = 0
        for act in acts:
            places = self._places.get(act, [])
            for at, placed in enumerate(places):
                size += len(placed.frame.body)
                self._put_at(places, at, placed._replace(frame=placed.frame._replace(body=b"")))
            if loose := self._loose.get(act):
                size += sum(len(one.frame.body) for one in loose)
                self._set(self._loose, act, [p._replace(frame=p.frame._replace(body=b"")) for p in loose])
        return size

    def restore_body(self, frame: Frame) -> int:
        """Put a body, and wraps if it has any, back where frames of its act lack it; return into how many."""
        places, loose = self._places.get(frame.act, []), self._loose.get(frame.act, [])
        bare = [at for at, placed in enumerate(places) if not placed.frame.body]
        for at in bare:
            self._put_at(places, at, _whole(places[at], frame))
        lacking = sum(not one.frame.body for one in loose)
        if lacking:
            self._set(
                self._loose, frame.act, [one if one.frame.body else _whole(one, frame) for one in loose]
            )
        return len(bare) + lacking

    def _put_at(self, places: list[Placed], at: int, placed: Placed) -> None:
        lane = self._lanes[placed.frame.header.stream]
        self._later(self._put_back, places, at, places[at])
        places[at] = placed
        lane.replace(placed)

    def _put_back(self, places: list[Placed], at: int, placed: Placed) -> None:
        places[at] = placed
        self._lanes[placed.frame.header.stream].replace(placed)

    def hash_at(self, stream: Stream, seq: int) -> bytes | None:
        """Return the header hash at a place, the base's or root's included; None when not held."""
        if seq == stream.base:
            return stream.base_head
        lane = self._lanes.get(stream.id)
        placed = lane.at(seq) if lane else None
        return placed.frame.hash if placed else None

    def frames_after(self, starts: Mapping[StreamId, int], after: int, limit: int) -> list[Placed]:
        """Return up to `limit` frames, by position: above `after`, and above the start of each stream."""
        found: list[Placed] = []
        runs = 0
        for stream, start in starts.items():
            lane = self._lanes.get(stream)
            run = lane.after(start, after, limit) if lane else []
            if run:
                runs += 1
                found += run
        if runs > 1:
            # Positions differ, so tuples are compared by them alone; the sort merges runs that are in order.
            found.sort()
        return found[:limit]

    def frame_of_act(self, act: str) -> Frame | None:
        """Return a frame that carries the act: placed or loose, the first to come; with its body if any."""
        found = [*self._places.get(act, ()), *self._loose.get(act, ())]
        return min(found, key=lambda p: (not p.frame.body, p.position)).frame if found else None

    def places_of_act(self, act: str) -> list[tuple[StreamId, int]]:
        """Return every place the act has in a stream here, in the order they came."""
        return [(p.frame.header.stream, p.frame.header.seq) for p in self._places.get(act, ())]

    def places_of_acts(self, acts: Iterable[str]) -> dict[str, list[tuple[StreamId, int]]]:
        """Return the same of many acts at once; an act without a place is not among them."""
        return {act: places for act in acts if (places := self.places_of_act(act))}

    def known_acts(self, acts: Iterable[str]) -> set[str]:
        """Return which of these acts this node already has."""
        return {act for act in acts if act in self._acts}

    def add_acts(self, rows: Sequence[ActRow]) -> None:
        """Keep acts not known before.

        Raises:
            PlaceTaken: one of them is known; the unit must fail.
        """
        for row in rows:
            if row.id in self._acts:
                raise PlaceTaken(row.id)
            self._put_act(row)

    def act(self, act: str) -> ActRow | None:
        """Return what became of an act here."""
        return self._acts.get(act)

    def set_act(self, row: ActRow) -> None:
        """Replace the row of a known act.

        Raises:
            LookupError: it is not known.
        """
        old = self._acts.get(row.id)
        if old is None:
            raise LookupError(row.id)
        if old.state == PARKED:
            self._drop(self._parked[old.waits_for], row.id)
        self._put_act(row)

    def _put_act(self, row: ActRow) -> None:
        self._set(self._acts, row.id, row)
        if row.state == PARKED:
            self._set(self._parked.setdefault(row.waits_for, {}), row.id, row)

    def parked(self, waits_for: Iterable[str] | None = None) -> list[ActRow]:
        """Return parked acts, all or those that wait for one of the given keys, by position."""
        keys = self._parked if waits_for is None else set(waits_for)
        found = [row for key in keys for row in self._parked.get(key, {}).values()]
        return sorted(found, key=lambda row: (row.position, row.id))

    def parked_for(self, prefix: str, limit: int) -> list[str]:
        """Return keys beginning so that parked acts wait for, each once, that of the oldest act first."""
        oldest = [
            (min(row.position for row in rows.values()), key)
            for key, rows in self._parked.items()
            if rows and key.startswith(prefix)
        ]
        return [key for _, key in sorted(oldest)[:limit]]

    def parked_for_by_author(self, prefix: str, limit: int) -> list[list[str]]:
        """Return some such keys by whose acts wait; each has the same room, and what others leave."""
        oldest: dict[tuple[str, str], int] = {}
        for key, rows in self._parked.items():
            for row in rows.values() if key.startswith(prefix) else ():
                oldest[row.author, key] = min(row.position, oldest.get((row.author, key), row.position))
        found: dict[str, list[str]] = {}
        for _, key, author in sorted((position, key, author) for (author, key), position in oldest.items()):
            found.setdefault(author, []).append(key)
        return shares(list(found), lambda author, most: found[author][:most], limit)
