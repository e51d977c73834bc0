"""The spool in memory, for simulations and tests: the same promises as on disk, taken back by an undo log.

It holds what was committed; a simulated crash is an exception inside the unit.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from operator import attrgetter

from sync.adapters.memory_blobs import MemoryBlobs
from sync.adapters.memory_undo import PlaceTaken
from sync.adapters.memory_wants import MemoryWants
from sync.protocol.frame import BlobRef, StreamId
from sync.protocol.spool import Held, Identity, Neighbour, Part, Placed
from sync.protocol.streams import Stream

__all__ = ["MemoryBlobs", "MemorySpool", "PlaceTaken"]


class _Sort:
    """The statements of one sort, also in the order of their stamps."""

    __slots__ = ("by_key", "by_stamp")

    def __init__(self) -> None:
        self.by_key: dict[str, Held] = {}
        self.by_stamp: list[tuple[int, str]] = []

    def put(self, key: str, held: Held | None) -> Held | None:
        """Keep `held` under the key, or nothing when None; return what was there."""
        old = self.by_key.pop(key, None)
        if old is not None:
            self.by_stamp.remove((old.stamp, key))
        if held is not None:
            self.by_key[key] = held
            insort(self.by_stamp, (held.stamp, key))
        return old


_fields = attrgetter(*(one.name for one in fields(Neighbour)))
_lasting = attrgetter("address", "instance", "fingerprint", "incarnation", "epoch")


def _copy(neighbour: Neighbour) -> Neighbour:
    copied = Neighbour(*_fields(neighbour))
    copied.sent = dict(copied.sent)
    return copied


def _same(i: Identity, now: Identity | None = None) -> Identity:
    at = now or i
    return Identity(i.address, i.instance, i.fingerprint, i.incarnation, i.epoch, at.stamp, at.position)


class MemorySpool(MemoryWants):
    """Dicts and sorted lists behind the port `Spool`, for one thread."""

    def __init__(self) -> None:
        super().__init__()
        self._identity: Identity | None = None
        self._live: Identity | None = None
        self._sorts: dict[str, _Sort] = {}
        self._gaps: dict[StreamId, list[tuple[int, str]]] = {}
        self._missing: dict[str, BlobRef] = {}
        self._missed: dict[str, tuple[tuple[StreamId, int], ...]] = {}
        self._loose_gaps: dict[tuple[str, str], int] = {}
        self._loose_counted = 0
        self._blobs: dict[str, BlobRef] = {}
        self._neighbours: dict[str, Neighbour] = {}
        self._vectors: dict[str, dict[StreamId, Part]] = {}

    # --- the unit of work
    def begin(self) -> None:
        """Open the unit: from here every write can be taken back."""
        if self._open:
            raise RuntimeError("a unit inside a unit")
        self._open = True
        self._live = None

    def end(self) -> None:
        """Commit: what was written stands, the identity's stamp and position as they are now."""
        kept, live = self._identity, self._live
        if kept and live and (kept.stamp, kept.position) != (live.stamp, live.position):
            self._identity = _same(kept, live)
        self._log.clear()
        self._open, self._live = False, None

    def rollback(self) -> None:
        """Take back every write since `begin`."""
        self._undo_to(0)
        self._open, self._live = False, None

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Everything written inside stands after it, or on any exception nothing does."""
        self.begin()
        try:
            yield
            self.end()
        except BaseException:
            self.rollback()
            raise

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Inside the open unit, undo only this block when it raises.

        The identity's stamp and position stay where they rose to.
        """
        mark = len(self._log)
        try:
            yield
        except BaseException:
            self._undo_to(mark)
            raise

    # --- the node itself
    def identity(self) -> Identity | None:
        """Return this node's identity, or None before `init`; in a unit always the same object."""
        if self._live is not None:
            return self._live
        known = _same(self._identity) if self._identity else None
        if self._open:
            self._live = known
        return known

    def put_identity(self, identity: Identity) -> None:
        """Keep it; `stamp` and `position` are written at the end of the unit as they then stand."""
        kept = self._identity
        if kept is None or _lasting(kept) != _lasting(identity):
            self._later(setattr, self, "_identity", kept)
            self._identity = _same(identity)
        self._live = identity

    # --- statements
    def put_held(self, held: Held) -> None:
        """Keep a statement under (sort, key), replacing the one there."""
        sort = self._sorts.setdefault(held.sort, _Sort())
        self._later(sort.put, held.key, sort.by_key.get(held.key))
        sort.put(held.key, held)

    def held(self, sort: str, key: str) -> Held | None:
        """Return the statement kept under (sort, key)."""
        known = self._sorts.get(sort)
        return known.by_key.get(key) if known else None

    def drop_held(self, sort: str, key: str) -> None:
        """Forget it."""
        known = self._sorts.get(sort)
        if known and key in known.by_key:
            self._later(known.put, key, known.by_key[key])
            known.put(key, None)

    def all_held(self, sort: str, after_stamp: int = 0) -> list[Held]:
        """Return the statements of a sort whose stamp is above `after_stamp`, by stamp."""
        known = self._sorts.get(sort)
        if known is None or not known.by_stamp or known.by_stamp[-1][0] <= after_stamp:
            return []
        start = bisect_left(known.by_stamp, (after_stamp + 1, ""))
        return [known.by_key[key] for _, key in known.by_stamp[start:]]

    # --- papers
    def add_gaps(self, stream: Stream, missing: Sequence[tuple[int, BlobRef]]) -> None:
        """Remember that the frames at these places name papers not held here."""
        lane = self._gaps.setdefault(stream.id, [])
        for seq, blob in missing:
            if (seq, blob.hash) in lane:
                continue
            self._later(lane.remove, (seq, blob.hash))
            insort(lane, (seq, blob.hash))
            self._announce(blob)
            self._set(self._missed, blob.hash, (*self._missed.get(blob.hash, ()), (stream.id, seq)))

    def _announce(self, blob: BlobRef) -> None:
        known = self._missing.get(blob.hash)
        if known is None or known.size < blob.size:
            self._set(self._missing, blob.hash, blob)

    def drop_frames(self, stream: Stream, after: int) -> list[Placed]:
        """Take the frames above a place out of a stream, and their gaps; return them by seq."""
        lane = self._gaps.get(stream.id, [])
        for seq, blob in [gap for gap in lane if gap[0] > after]:
            self._later(insort, lane, (seq, blob))
            lane.remove((seq, blob))
            left = tuple(place for place in self._missed[blob] if place != (stream.id, seq))
            if left:
                self._set(self._missed, blob, left)
            else:
                self._drop(self._missed, blob)
                if not any(missed == blob for _, missed in self._loose_gaps):
                    self._drop(self._missing, blob)
        return super().drop_frames(stream, after)

    def add_loose_gaps(self, act: str, missing: Sequence[BlobRef]) -> None:
        """Remember that an act held loose names papers not held here."""
        for blob in missing:
            if (act, blob.hash) not in self._loose_gaps:
                self._loose_counted += 1
                self._set(self._loose_gaps, (act, blob.hash), self._loose_counted)
                self._announce(blob)

    def loose_gaps(self, limit: int) -> list[tuple[str, str]]:
        """Return up to `limit` (act, hash) of papers that loose acts miss, oldest first."""
        return sorted(self._loose_gaps, key=self._loose_gaps.__getitem__)[:limit]

    def gaps(self, stream: Stream, limit: int) -> list[tuple[int, str]]:
        """Return up to `limit` (seq, hash) of missing papers of a stream, by seq."""
        return self._gaps.get(stream.id, [])[:limit]

    def gap_streams(self) -> list[StreamId]:
        """Return the streams that miss papers, in the order they were first put."""
        return sorted((s for s, lane in self._gaps.items() if lane), key=lambda s: self._streams[s].no)

    def close_gap(self, blob: str) -> list[StreamId]:
        """The paper is held now: forget every gap it made; return the streams it was missing in."""
        missed = self._missed.get(blob, ())
        for stream, seq in missed:
            self._later(insort, self._gaps[stream], (seq, blob))
            self._gaps[stream].remove((seq, blob))
        for gap in [gap for gap in self._loose_gaps if gap[1] == blob]:
            self._drop(self._loose_gaps, gap)
        self._drop(self._missed, blob)
        self._drop(self._missing, blob)
        return sorted({stream for stream, _ in missed}, key=lambda s: self._streams[s].no)

    def missing_blob(self, blob: str) -> BlobRef | None:
        """Return a paper missing here under the largest size announced, or None when nothing misses it."""
        return self._missing.get(blob)

    def have_blobs(self, blobs: Iterable[str]) -> set[str]:
        """Return which of these papers are held here whole."""
        return {blob for blob in blobs if blob in self._blobs}

    def put_blob(self, blob: BlobRef) -> None:
        """Remember that a paper is held here whole."""
        self._set(self._blobs, blob.hash, blob)

    def drop_blob(self, blob: str) -> None:
        """The paper is not held here any more."""
        self._drop(self._blobs, blob)

    def blob(self, blob: str) -> BlobRef | None:
        """Return a held paper's reference."""
        return self._blobs.get(blob)

    # --- neighbours
    def neighbour(self, address: str) -> Neighbour | None:
        """Return what is known of the exchange with a node; changes count only after `put_neighbour`."""
        known = self._neighbours.get(address)
        return _copy(known) if known else None

    def neighbours(self) -> list[Neighbour]:
        """Return all of them, by address."""
        return [_copy(n) for _, n in sorted(self._neighbours.items())]

    def put_neighbour(self, neighbour: Neighbour) -> None:
        """Keep it."""
        self._set(self._neighbours, neighbour.address, _copy(neighbour))

    def vector(self, address: str) -> dict[StreamId, Part]:
        """Return the newest vector a neighbour sent us."""
        return dict(self._vectors.get(address, ()))

    def put_vector(self, address: str, parts: Mapping[StreamId, Part], replace: Sequence[StreamId]) -> None:
        """Keep parts; `replace` names streams of the old vector to forget first."""
        fresh = self.vector(address)
        for stream in replace:
            fresh.pop(stream, None)
        fresh.update(parts)
        self._set(self._vectors, address, fresh)
