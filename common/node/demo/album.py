"""Photographs of the demonstration's papers, made by two helpers beside the set-up, in one folder."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from common.node.demo.county import ROOT
from common.node.demo.errands import Picture
from common.node.demo_data.people import Resident
from common.node.demo_data.photos import photograph

PAINTERS = 2
WAIT_S = 120.0


class Album:
    """The folder of photographs; each can be taken out as soon as it is finished."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._painters: list[subprocess.Popen[bytes]] = []
        self._hashes: dict[str, str] = {}
        self._lock = threading.Lock()
        self._is_closed = False

    def begin(self, pictures: Sequence[Picture]) -> None:
        """Let the photographs be made, those needed first first."""
        self.folder.mkdir(parents=True, exist_ok=True)
        wanted = list({picture.file: picture for picture in pictures}.values())
        for painter in range(PAINTERS):
            order = self.folder / f"order-{painter}.json"
            order.write_text(json.dumps([asdict(picture) for picture in wanted[painter::PAINTERS]]))
            self._hire([sys.executable, "-m", "common.node.demo.album", str(order)])

    def _hire(self, command: Sequence[str]) -> None:
        with self._lock:
            if not self._is_closed:
                self._painters.append(
                    subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)
                )

    def content(self, picture: Picture) -> bytes:
        """Return a photograph, waiting until it is finished.

        Raises:
            RuntimeError: it does not come.
        """
        path = self.folder / picture.file
        limit = time.monotonic() + WAIT_S
        while not path.exists():
            if time.monotonic() > limit or any(painter.poll() for painter in self._painters):
                raise RuntimeError(f"no photograph {picture.file}")
            time.sleep(0.05)
        return path.read_bytes()

    def hash_of(self, picture: Picture) -> str:
        """Return the SHA-256 of a finished photograph, in hex."""
        if picture.file not in self._hashes:
            self._hashes[picture.file] = hashlib.sha256(self.content(picture)).hexdigest()
        return self._hashes[picture.file]

    def stop(self) -> None:
        """End the helpers; none is begun any more."""
        with self._lock:
            self._is_closed = True
            for painter in self._painters:
                painter.kill()
                painter.wait(10)


def make(pictures: Iterable[Picture], folder: Path) -> None:
    """Make photographs; one appears under its name when it is whole."""
    for picture in pictures:
        draft = folder / f".{picture.file}"
        draft.write_bytes(photograph(picture.shows, picture.person, picture.seed))
        os.replace(draft, folder / picture.file)


def main() -> None:
    """Make the photographs of one order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("order", type=Path)
    order: Path = parser.parse_args().order
    entries = json.loads(order.read_text())
    make((Picture(**{**e, "person": Resident(**e["person"])}) for e in entries), order.parent)


if __name__ == "__main__":
    main()
