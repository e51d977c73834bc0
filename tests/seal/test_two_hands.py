"""Seals made by two people at once, by hands that add a blank, and by a machine that stops half way."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from common.seal import authority, key_files, keys
from common.seal.errors import AlreadyIssued, LiandongError
from common.seal.keys import FOLDER, SealKeys
from tests.seal.county import BUREAU, COUNTY, DAY, TOWN, TOWN_ORGAN, killed_at
from tests.seal.stage import NOW


@pytest.fixture
def bare(tmp_path: Path) -> SealKeys:
    found = SealKeys(tmp_path / "bare" / FOLDER)
    found.folder.parent.mkdir()
    return found


@pytest.mark.parametrize("organ", [f" {BUREAU}", f"{BUREAU} ", f"　{BUREAU}"])
def test_a_blank_around_an_organs_name_makes_no_other_seal(county: SealKeys, bare: SealKeys, organ: str):
    with pytest.raises(AlreadyIssued):
        county.issue(organ, COUNTY, NOW)
    assert [authority.organ_of(one) for one in county.organs()].count(BUREAU) == 1
    bare.found("县", COUNTY, NOW)
    bare.issue(organ, COUNTY, NOW)
    assert bare.seal_of(BUREAU)


def test_a_blank_in_a_request_does_not_keep_its_answer_from_being_installed(county: SealKeys, bare: SealKeys):
    bare.install(county.sign(bare.request(f"{TOWN_ORGAN} ", TOWN)[0], NOW)[0])
    assert bare.seal_of(TOWN_ORGAN)


def at_once(monkeypatch: pytest.MonkeyPatch, *acts: Callable[[], object]) -> list[object]:
    """Do things in threads that all wait for each other at their first file, if they get so far together."""
    together, came = threading.Barrier(len(acts), timeout=0.5), threading.local()
    put_file = keys.put_file

    def waiting(path: Path, content: bytes) -> None:
        if not hasattr(came, "once"):
            came.once = 1
            with contextlib.suppress(threading.BrokenBarrierError):
                together.wait()
        put_file(path, content)

    for module in (keys, key_files):
        monkeypatch.setattr(module, "put_file", waiting)
    found: list[object] = []

    def run(act: Callable[[], object]) -> None:
        try:
            found.append(act())
        except LiandongError as refused:
            found.append(refused)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return found


def test_two_first_requests_at_once_leave_both_keys_readable(
    bare: SealKeys, monkeypatch: pytest.MonkeyPatch, county: SealKeys
):
    """Each made the secret under which keys are encrypted; the key of one was lost for ever."""
    organs = (TOWN_ORGAN, "正直镇司法所")
    at_once(monkeypatch, *(lambda organ=organ: bare.request(organ, TOWN) for organ in organs))  # type: ignore[misc]
    for organ in organs:
        bare.install(county.sign(bare.request(organ, TOWN)[0], NOW)[0])
        assert bare.seal_of(organ)


def test_of_two_who_issue_one_seal_at_once_one_is_told_that_it_is_there(
    county: SealKeys, monkeypatch: pytest.MonkeyPatch
):
    """Key of one and certificate of the other: the seal was damaged and could not be issued again."""
    act = lambda: county.issue("县司法局", COUNTY, NOW)  # noqa: E731
    found = at_once(monkeypatch, act, act)
    assert [isinstance(one, AlreadyIssued) for one in found].count(True) == 1
    assert county.seal_of("县司法局")


def test_two_roots_at_once_are_one(bare: SealKeys, monkeypatch: pytest.MonkeyPatch):
    act = lambda: bare.found("县", COUNTY, NOW)  # noqa: E731
    found = at_once(monkeypatch, act, act)
    assert [isinstance(one, AlreadyIssued) for one in found].count(True) == 1
    bare.issue(BUREAU, COUNTY, NOW)
    assert bare.seal_of(BUREAU)


def test_a_seal_cut_by_a_crash_while_it_is_issued_can_be_issued_again(county: SealKeys):
    """A key without its certificate was called a seal that is there, under a file name nobody can read."""
    kept, seen = shutil.copytree(county.folder, county.folder.with_name("kept")), set()
    for calls in range(1, 20):
        shutil.rmtree(county.folder)
        shutil.copytree(kept, county.folder)
        seen.add(killed_at(calls, lambda: county.issue("县司法局", COUNTY, NOW + DAY)))
        with contextlib.suppress(AlreadyIssued):
            county.issue("县司法局", COUNTY, NOW + DAY)
        assert county.seal_of("县司法局"), calls
    assert seen == {0, 1} and os.listdir(county.folder)
