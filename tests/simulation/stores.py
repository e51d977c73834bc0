"""What a simulated node keeps, on a disk that fails, lies and rots: its spool and its papers, in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sync.adapters.memory_blobs import MemoryBlobs
from sync.adapters.memory_spool import MemorySpool
from sync.protocol import signed
from sync.protocol.frame import BlobRef, StreamId
from sync.protocol.spool import PARKED, ActRow, Held, Identity, Neighbour, Placed
from sync.protocol.streams import Stream
from tests.simulation.faults import DiskFault

if TYPE_CHECKING:
    from tests.simulation.site import Site

# So many units may be lost by a disk that said they were written.
UNSYNCED_MAX = 3
WRITES_BEFORE_FULL = 9


class Drop(NamedTuple):
    """A stream lost its places above one."""

    stream: StreamId
    after: int


class WatchedSpool(MemorySpool):
    """The memory spool, which remembers what the open unit brought, for the oracle."""

    def __init__(self) -> None:
        super().__init__()
        self.news: list[Placed | Drop] = []
        self.news_held: list[Held] = []
        self.news_parked: list[ActRow] = []
        # What would undo the unit that ended last, and the identity before it.
        self.done: tuple[list[Any], Identity | None] = ([], None)
        self._before: Identity | None = None
        self._writes_left = 0

    @property
    def is_open(self) -> bool:
        """Say whether a unit is open."""
        return self._open

    def begin(self) -> None:
        """Open the unit."""
        super().begin()
        self.news, self.news_held, self.news_parked = [], [], []
        self._before = self._identity

    def end(self) -> None:
        """Commit, and remember how to undo it for as long as a lying disk might.

        Raises:
            DiskFault: the disk is full; nothing is committed.
        """
        if self._writes_left:
            self._writes_left = 1
            self._write()
        done, self._log = self._log, []
        super().end()
        self.done = (done, self._before)

    def rollback(self) -> None:
        """Take back every write since `begin`."""
        super().rollback()
        self._writes_left = 0

    def fill_up(self, writes: int) -> None:
        """Let the disk be full at so many writes from now, at latest when the unit ends."""
        self._writes_left = writes

    def take_back(self, done: tuple[list[Any], Identity | None]) -> None:
        """Undo a unit that had ended: the disk had only said that it was written."""
        for inverse, given in reversed(done[0]):
            inverse(*given)
        self._identity, self._live = done[1], None

    def papers(self) -> list[str]:
        """Return the papers that should be here whole."""
        return list(self._blobs)

    def _write(self) -> None:
        if self._writes_left:
            self._writes_left -= 1
            if not self._writes_left:
                raise DiskFault("", "full")

    def put_stream(self, stream: Stream) -> None:
        """Keep a stream's row."""
        self._write()
        super().put_stream(stream)

    def add_frames(self, frames: Sequence[Placed]) -> None:
        """Keep frames at their places."""
        self._write()
        super().add_frames(frames)
        self.news += frames

    def add_loose(self, placed: Placed, most: int = 1) -> None:
        """Keep a frame that has no place here."""
        self._write()
        super().add_loose(placed, most)
        self.news.append(placed._replace(position=-1))

    def drop_frames(self, stream: Stream, after: int) -> list[Placed]:
        """Take frames out of a stream."""
        self.news.append(Drop(stream.id, after))
        return super().drop_frames(stream, after)

    def add_acts(self, rows: Sequence[ActRow]) -> None:
        """Keep acts."""
        self._write()
        super().add_acts(rows)

    def _put_act(self, row: ActRow) -> None:
        super()._put_act(row)
        if row.state == PARKED:
            self.news_parked.append(row)

    def put_held(self, held: Held) -> None:
        """Keep a statement."""
        self._write()
        super().put_held(held)
        if held.sort in signed.SORTS:
            self.news_held.append(held)

    def put_neighbour(self, neighbour: Neighbour) -> None:
        """Keep what is known of a neighbour."""
        self._write()
        super().put_neighbour(neighbour)


class BrittleBlobs(MemoryBlobs):
    """Papers in memory; power and disk may fail between any two steps of storing or reading one."""

    def __init__(self, site: Site) -> None:
        super().__init__()
        self._site = site

    def _disk(self, kind: str) -> None:
        site = self._site
        if site.county.faults.strikes(kind):
            site.county.trace("disk", site.address, kind)
            raise DiskFault(site.address, kind)

    def append(self, blob: str, offset: int, data: bytes) -> bool:
        """Add bytes; they are not durable before `flush`."""
        self._disk("disk_full_piece")
        added = super().append(blob, offset, data)
        if added:
            self._site.point("power_piece_appended")
        return added

    def finish(self, blob: str, size: int) -> bool:
        """Keep a whole paper under its hash."""
        good = super().finish(blob, size)
        if good:
            self._site.point("power_paper_finished")
        return good

    def read(self, blob: str, offset: int, length: int) -> bytes:
        """Return bytes of a whole paper."""
        self._disk("disk_read_error")
        data = super().read(blob, offset, length)
        self._site.papers_read += len(data)
        return data

    def put(self, chunks: Iterator[bytes], media_type: str) -> BlobRef:
        """Keep a new paper."""
        self._disk("disk_full_paper")
        return super().put(chunks, media_type)

    # --- for the oracle and the faults
    def content(self, blob: str) -> bytes | None:
        """Return a paper as it lies on the disk, None when it is not here."""
        return self._whole.get(blob)

    def names(self) -> list[str]:
        """Return the papers that are here whole."""
        return list(self._whole)

    def durable(self, blob: str) -> int:
        """Return how many bytes of an unfinished paper a power cut would leave."""
        part = self._parts.get(blob)
        return part.durable if part else 0

    def rot(self, blob: str) -> None:
        """Turn one bit of a paper; whoever looked at it before has to look again."""
        whole = self._whole[blob]
        self._whole[blob] = bytes((whole[0] ^ 1,)) + whole[1:]
        self._sound.discard(blob)


def lose_unsynced(site: Site) -> None:
    """The disk had lied about the last units: after the power cut they are not there."""
    count = 1 + site.rng.randrange(UNSYNCED_MAX)
    for _ in range(min(count, len(site.unsynced))):
        spool, book = site.unsynced.pop()
        site.book.take_back(book)
        site.spool.take_back(spool)
    site.unsynced.clear()


def no_units() -> deque[tuple[Any, Any]]:
    """Return an empty record of the last units of a node."""
    return deque(maxlen=UNSYNCED_MAX)
