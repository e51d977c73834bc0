"""Residents without end, each with an errand of their own, and somebody at a village who takes them in."""

from __future__ import annotations

import hashlib
import io
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

from common.node.demo.album import Album
from common.node.demo.browser import NoAnswer
from common.node.demo.clerk import Clerk
from common.node.demo.docket import Docket, Entry
from common.node.demo.errands import Ending, Errand, Picture, plan
from common.node.demo_data.people import fill, resident_for
from common.node.demo_data.photos import HEIGHT, WIDTH, photograph

# No more are taken in while so many wait at the desks, as at any counter.
OPEN_MAX = 12
_LOOK_AGAIN_S = 0.3
_SIZE, WHOLE = (96, 72), (WIDTH, HEIGHT)


class QuickAlbum(Album):
    """Photographs of one size, each with bytes of its own, made at once: to draw is not what is tried."""

    def __init__(self, folder: Path, size: tuple[int, int] = _SIZE) -> None:
        super().__init__(folder)
        self._size = size
        self._plain = b""

    def begin(self, pictures: Sequence[Picture]) -> None:
        """Prepare nothing: each is made when it is asked for."""

    def content(self, picture: Picture) -> bytes:
        """Return a photograph."""
        # Of several who ask at once the first draws it, for all.
        with self._lock:
            self._plain = self._plain or _of_size(photograph(picture.shows, picture.person, 1), self._size)
        mark = b"%s %d" % (picture.file.encode(), picture.seed)
        # A comment makes it another file without making it another picture.
        return self._plain[:2] + b"\xff\xfe" + (len(mark) + 2).to_bytes(2, "big") + mark + self._plain[2:]

    def hash_of(self, picture: Picture) -> str:
        """Return its SHA-256 in hex."""
        return hashlib.sha256(self.content(picture)).hexdigest()


def _of_size(photo: bytes, size: tuple[int, int]) -> bytes:
    from PIL import Image

    if size == WHOLE:
        return photo
    file = io.BytesIO()
    Image.open(io.BytesIO(photo)).resize(size).save(file, "JPEG", quality=30)
    return file.getvalue()


def errands(village: str) -> Iterator[Errand]:
    """Yield errands for ever: those of the demonstration that come to an end, each of another person."""
    usual = [e for e in plan([village], []) if e.decision != "settle" and e.ending is Ending.HANDED_OVER]
    seen: set[str] = set()
    number = 0
    while True:
        for errand in usual:
            number += 1
            person = resident_for(errand.item, 100_000 + number, village)
            if person.id_number in seen:
                continue
            seen.add(person.id_number)
            form = fill(errand.item, person, Random(f"soak/{number}"))
            papers = {
                name: tuple((key, replace(p, file=f"{key}-{number}.jpg")) for key, p in getattr(errand, name))
                for name in ("given", "later")
            }
            yield replace(errand, no=number, person=person, form=form, **papers)


class Counter(threading.Thread):
    """Takes residents in, one after another, until told to stop; when the site is down, waits and looks."""

    def __init__(self, clerk: Clerk, docket: Docket, source: Iterator[Errand]) -> None:
        super().__init__(daemon=True)
        self.trouble: BaseException | None = None
        self._clerk, self._docket, self._source = clerk, docket, source
        self._is_closing = threading.Event()

    def close(self) -> None:
        """Take nobody in any more after whoever stands there."""
        self._is_closing.set()

    def run(self) -> None:
        """Work."""
        try:
            while not self._is_closing.is_set():
                if sum(not entry.is_done for entry in self._docket.entries) >= OPEN_MAX:
                    self._is_closing.wait(_LOOK_AGAIN_S)
                    continue
                entry = Entry(next(self._source))
                self._docket.entries.append(entry)
                take_in(self._clerk, self._docket, entry)
        except Exception as trouble:
            self.trouble = trouble


def take_in(clerk: Clerk, docket: Docket, entry: Entry) -> None:
    """Take one resident in, whatever happens to the site meanwhile: the number on the slip is what counts."""
    errand = entry.errand
    begun = False
    while not entry.number:
        try:
            if begun:
                # The power went: was it taken in? If not, the draft is where it was.
                entry.number = clerk.look_up(errand) or clerk.go_on(errand)
            else:
                begun = True
                entry.number = clerk.take_in(errand)
        except NoAnswer:
            time.sleep(_LOOK_AGAIN_S)
    entry.papers += [(key, clerk.album.hash_of(picture)) for key, picture in errand.given]
    docket.filed(entry)
