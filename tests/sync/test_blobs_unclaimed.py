"""Papers that were put and that nobody has claimed: what a crash and another process can do to them."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from sync.adapters.blob_files import BlobFiles
from tests.sync.blob_contract import NAME, OLD, PAPER
from tests.sync.test_blobs import files_in


def test_a_crash_between_note_and_paper_leaves_a_note_that_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Method: the process ends at the rename, as a power cut would have it; another starts."""
    store = BlobFiles(tmp_path)

    class PowerCut(BaseException):
        """Nothing after it runs, no cleaning up either."""

    def cut(source: Path, target: Path) -> None:
        raise PowerCut

    monkeypatch.setattr(store, "_keep", cut)
    with pytest.raises(PowerCut):
        store.put(iter([PAPER]), "image/jpeg")
    after = BlobFiles(tmp_path)
    after.sweep()
    os.utime(tmp_path / "part" / f"{NAME}.put", (0, 0))
    assert after.unclaimed(OLD) == [NAME]
    assert after.remove(NAME, OLD)
    assert files_in(tmp_path) == []


def test_a_paper_put_by_another_process_meanwhile_is_not_removed(tmp_path: Path) -> None:
    """Method: the other one holds the folder in the middle of putting the same paper again."""
    store, other = BlobFiles(tmp_path), BlobFiles(tmp_path)
    store.put(iter([PAPER]), "image/jpeg")
    os.utime(tmp_path / "part" / f"{NAME}.put", (0, 0))
    removed: list[bool] = []
    thread = threading.Thread(target=lambda: removed.append(store.remove(NAME, OLD)))
    with other._alone():
        thread.start()
        thread.join(0.2)
        assert thread.is_alive() and store.has(NAME)
        os.utime(tmp_path / "part" / f"{NAME}.put")
    thread.join(30)
    assert removed == [False]
    assert store.has(NAME)


def test_names_beside_the_notes_are_no_papers(tmp_path: Path) -> None:
    store = BlobFiles(tmp_path)
    (tmp_path / "part" / "notes.put").write_bytes(b"")
    os.utime(tmp_path / "part" / "notes.put", (0, 0))
    assert store.unclaimed(OLD) == []
