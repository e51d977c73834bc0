"""Sticks: written whole or not at all, read as far as they go, never counted as sending."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from sync.adapters import bundle_file
from sync.adapters.bundle_file import StickFault, export, import_file
from sync.protocol.errors import NoSuchNeighbour
from sync.protocol.frame import Evidence
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, make_network


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


def filed(village: Site, count: int = 3) -> list[str]:
    photo = village.paper(b"photo" * 20_000)
    return [village.submit(b'{"n":%d}' % n, (COUNTY,), (photo,)) for n in range(count)]


def test_a_stick_there_and_a_stick_back_bring_cases_up_and_receipts_home(sites, tmp_path):
    county, _, village = sites.values()
    acts = filed(village)
    written = export(village.engine(), COUNTY, tmp_path)
    assert re.fullmatch(rf"liandong-{VILLAGE}-{COUNTY}-\d{{8}}-\d{{6}}-000001\.ldx", written.path.name)
    assert (written.frames, written.size) == (3, written.path.stat().st_size)
    report = import_file(county.engine(), written.path)
    assert (report.complete, report.fresh, report.sender) == (True, 3, VILLAGE)
    assert county.application.ids == acts
    assert county.stream(VILLAGE, COUNTY).papers == 3

    back = export(county.engine(), VILLAGE, tmp_path)
    import_file(village.engine(), back.path)
    assert [village.peer.tick(act).stage for act in acts] == [2, 2, 2]


def test_exporting_moves_no_cursor(sites, tmp_path):
    county, _, village = sites.values()
    filed(village)
    for n in range(3):
        assert export(village.engine(), COUNTY, tmp_path).frames == 3, n
    assert len(list(tmp_path.iterdir())) == 3
    import_file(county.engine(), sorted(tmp_path.iterdir())[1])
    assert len(county.application.ids) == 3


def test_people_can_sort_the_files_by_when_they_were_made(sites, tmp_path):
    """The counter of a neighbour alone would put one made after a new start before one of the same day."""
    _, _, village = sites.values()
    engine, names = village.engine(), []
    for wall in (1_795_795_199_000, 1_795_795_200_000):
        engine.world = replace(engine.world, evidence=lambda wall=wall: Evidence(wall, "0" * 8, 0))
        names.append(export(engine, COUNTY, tmp_path).path.name)
    assert names == sorted(names) and "-20261127-235959-" in names[0] and "-20261128-000000-" in names[1]


def test_one_stick_twice_or_in_any_order_or_cut_gives_the_same(sites, tmp_path):
    county, _, village = sites.values()
    paths = []
    for _ in range(3):
        filed(village, 2)
        paths.append(export(village.engine(), COUNTY, tmp_path).path)
    import_file(county.engine(), paths[2])
    state = county.state()
    half = tmp_path / "half.ldx"
    half.write_bytes(paths[1].read_bytes()[:2_000])
    for path in (paths[0], paths[1], half, paths[2], paths[0]):
        import_file(county.engine(), path)
        assert county.state() == state


def test_a_stick_cut_short_gives_what_is_readable_and_the_next_one_the_rest(sites, tmp_path):
    county, _, village = sites.values()
    filed(village, 40)
    path = export(village.engine(), COUNTY, tmp_path).path
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - 30_000])
    report = import_file(county.engine(), path)
    assert (report.code, report.complete) == ("S109", False)
    assert report.fresh == 40 and report.pieces > 0
    import_file(county.engine(), export(village.engine(), COUNTY, tmp_path).path)
    assert county.stream(VILLAGE, COUNTY).papers == 40


def test_a_stick_pulled_while_it_is_read_counts_as_cut(sites, tmp_path, monkeypatch):
    county, _, village = sites.values()
    filed(village)
    path = export(village.engine(), COUNTY, tmp_path).path
    real = path.read_bytes()

    class Pulled:
        def __init__(self) -> None:
            self.reads = 0

        def read(self, size: int) -> bytes:
            self.reads += 1
            if self.reads > 1:
                raise OSError(5, "Input/output error")
            return real[: len(real) // 2]

        def __enter__(self):
            return self

        def __exit__(self, *_: object) -> None:
            return None

    monkeypatch.setattr(Path, "open", lambda self, mode: Pulled())
    report = import_file(county.engine(), path)
    assert (report.code, report.fresh) == ("S109", 3)


def test_what_is_no_bundle_is_said_to_be_none(sites, tmp_path):
    county, _, village = sites.values()
    before = county.state()
    files = {"empty.ldx": (b"", "S104"), "photo.ldx": (b"\xff\xd8\xff\xe0" * 99, "S104")}
    filed(village, 1)
    files["town.ldx"] = (export(village.engine(), TOWN, tmp_path).path.read_bytes(), "S106")
    for name, (data, code) in files.items():
        path = tmp_path / name
        path.write_bytes(data)
        assert import_file(county.engine(), path).code == code
        assert county.state() == before
    with pytest.raises(OSError):
        import_file(county.engine(), tmp_path / "gone.ldx")
    with pytest.raises(OSError):
        import_file(county.engine(), tmp_path)


def test_a_full_stick_leaves_no_file_that_looks_whole(sites, tmp_path, monkeypatch):
    _, _, village = sites.values()
    filed(village)
    real = os.fsync

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(bundle_file.os, "fsync", full)
    with pytest.raises(OSError):
        export(village.engine(), COUNTY, tmp_path)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(bundle_file.os, "fsync", real)
    assert export(village.engine(), COUNTY, tmp_path).frames == 3


def test_a_stick_that_does_not_keep_what_it_was_given_is_found_out(sites, tmp_path, monkeypatch):
    _, _, village = sites.values()
    filed(village)
    real = os.replace

    def lying(source: Path, target: Path) -> None:
        data = bytearray(source.read_bytes())
        data[-1] ^= 1
        source.write_bytes(data)
        real(source, target)

    monkeypatch.setattr(bundle_file.os, "replace", lying)
    with pytest.raises(StickFault):
        export(village.engine(), COUNTY, tmp_path)


def test_no_stick_for_who_is_no_neighbour(sites, tmp_path):
    with pytest.raises(NoSuchNeighbour):
        export(sites[VILLAGE].engine(), "511922", tmp_path)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OSError):
        export(sites[VILLAGE].engine(), COUNTY, tmp_path / "gone")
