"""What a killed process left half-written goes at the next start; what is whole, young or not ours stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from common.clock import FixedClock
from common.notices import jobs
from common.notices.shelf import FOLDER, PdfShelf

NAME = f"{'ab' * 16}-{'cd' * 8}"
HOUR_MS = 3_600_000
NOW = 1_772_500_000_000
# Writes one paper and is killed between content and name, as a power cut or the kernel may do it.
KILLED = """
import os, signal, sys
from pathlib import Path
from common.notices.shelf import PdfShelf
os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
PdfShelf(Path(sys.argv[1])).keep_sealed(sys.argv[2], b"%PDF half a decision")
"""


def test_only_old_half_written_papers_of_the_shelf_are_swept(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    shelf = PdfShelf(folder)
    shelf.keep_sealed(NAME, b"%PDF whole")
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder), NAME], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = folder.glob("*.part")
    strange = [folder / "mine.part", folder / f"{NAME}.sealed.pdf.part", folder / f"{NAME}.sealed.pdf.bak"]
    outside = tmp_path / "outside"
    outside.write_bytes(b"kept")
    link = folder / f"{NAME}.plain.pdf.7.0000beef.part"
    link.symlink_to(outside)
    for path in strange:
        path.write_bytes(b"not ours")
    node = SimpleNamespace(config=SimpleNamespace(path=tmp_path.joinpath), clock=FixedClock(NOW))
    for path in (left, *strange):
        os.utime(path, (NOW / 1000 - 1800, NOW / 1000 - 1800))
    os.utime(link, (1, 1), follow_symlinks=False)
    assert jobs.sweep(node) == 1 and left.exists() and outside.exists(), "half an hour is not old"
    node.clock.advance(HOUR_MS)
    assert jobs.sweep(node) == 1 and jobs.sweep(node) == 0
    assert not left.exists() and all(path.exists() for path in strange)
    assert shelf.sealed("ab" * 16, NAME) == b"%PDF whole"


def test_a_node_that_printed_nothing_has_nothing_to_sweep(tmp_path: Path) -> None:
    node = SimpleNamespace(config=SimpleNamespace(path=tmp_path.joinpath), clock=FixedClock(NOW))
    assert jobs.sweep(node) == 0 and not (tmp_path / FOLDER).exists()
