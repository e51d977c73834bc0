"""Long work beside the pages: one at a time, over processes; what a power cut left; what nobody fetched."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from common.errors import RuleError
from common.web.long_work import (
    CUT,
    DONE,
    FAILED,
    FETCHED_KEPT_MS,
    KEPT_MS,
    RUNNING,
    Job,
    LongWork,
    Tell,
    first_of,
    given,
)

AT = 1_772_500_000_000


class Held:
    """Work that goes on until it is let go."""

    def __init__(self, jobs: LongWork, owner: str) -> None:
        self.go, self.begun = threading.Event(), threading.Event()
        self.path = jobs.new_file("list", owner)

        def work(tell: Tell) -> Mapping[str, Any]:
            self.begun.set()
            assert self.go.wait(20)
            tell(1)
            self.path.write_bytes(b"x" * 300_000)
            return {"file": self.path.name}

        self.thread = jobs.begin(first_of("list", "a", owner, AT, 3), work, owner)

    def end(self) -> None:
        self.go.set()
        assert self.thread is not None
        self.thread.join(20)


def test_each_has_one_at_a_time_and_of_a_kind_one_works_the_others_wait(tmp_path: Path) -> None:
    """Two folders of one path are two workers of the node: a lock is of the open file, not of the process."""
    jobs, elsewhere = LongWork(tmp_path / "work"), LongWork(tmp_path / "work")
    assert jobs.job("list", "li") is None
    first = Held(jobs, "li")
    assert first.begun.wait(20) and Held(elsewhere, "li").thread is None
    second = Held(elsewhere, "he/../x")
    assert not second.begun.wait(0.2)
    for owner in ("li", "he/../x"):
        found = elsewhere.job("list", owner)
        assert found is not None and (found.state, found.percent, found.login) == (RUNNING, 0, owner)
    first.end()
    assert second.begun.wait(20)
    second.end()
    done = elsewhere.job("list", "li")
    assert done is not None and (done.state, done.percent, done.told["file"]) == (DONE, 100, first.path.name)
    # Begun again, the file of the one before is no longer there.
    third = Held(jobs, "li")
    assert not first.path.exists() and second.path.exists()
    third.end()
    # Given whole it goes some minutes later: the page may be loaded anew, the button pressed twice.
    pieces = given(third.path)
    next(pieces)
    pieces.close()
    now = int(time.time() * 1000)
    jobs.sweep(now + FETCHED_KEPT_MS + 1_000)
    assert [b"".join(given(third.path)) == b"x" * 300_000 for _again in range(2)] == [True, True]
    jobs.sweep(now + FETCHED_KEPT_MS - 60_000)
    assert third.path.exists()
    jobs.sweep(now + FETCHED_KEPT_MS + 60_000)
    assert not third.path.exists() and second.path.exists()


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (RuntimeError("x"), {"why": "RuntimeError"}),
        (RuleError(), {"why": "E002", "sentence": RuleError.sentence}),
    ],
)
def test_what_went_wrong_is_told_and_leaves_no_file(
    tmp_path: Path, fault: Exception, told: dict[str, str]
) -> None:
    jobs = LongWork(tmp_path / "work")
    path = jobs.new_file("list")

    def work(_tell: Tell) -> Mapping[str, Any]:
        path.write_bytes(b"half")
        raise fault

    thread = jobs.begin(first_of("list", "a", "li", AT, 0), work)
    assert thread is not None
    thread.join(20)
    found = jobs.job("list")
    assert found is not None and (found.state, found.told) == (FAILED, told) and not path.exists()


def test_what_a_restart_ended_is_told_and_what_nobody_fetched_goes_after_a_day(tmp_path: Path) -> None:
    jobs = LongWork(tmp_path / "work")
    jobs.sweep(AT)
    done = Held(jobs, "li")
    done.end()
    # The note of a process that is no more, one that is no note, and one with fields of a later program.
    note = asdict(first_of("list", "a", "he", AT, 9))
    (jobs.folder / "list.json").write_text(json.dumps(note))
    cut = jobs.job("list")
    assert cut is not None and cut.state == CUT
    for text in ("{", "[]", json.dumps({**note, "more": 1})):
        (jobs.folder / "list.json").write_text(text)
        assert jobs.job("list") is None
    (jobs.folder / "list.json").write_text(json.dumps(note))
    # Whatever the notes say, files go by their own age: what a kill left half written, too.
    orphans = [jobs.folder / name for name in ("list-00.aa.out", ".list-00.bb.part", ".list.draft")]
    for file in orphans:
        file.touch()
    now = int(time.time() * 1000)
    jobs.sweep(now + KEPT_MS - 60_000)
    assert done.path.exists() and jobs.job("list") is not None and all(file.exists() for file in orphans)
    busy = Held(jobs, "wang")
    assert busy.begun.wait(20)
    busy.path.touch()
    jobs.sweep(now + KEPT_MS + 60_000)
    assert not done.path.exists() and jobs.job("list") is None and jobs.job("list", "li") is None
    assert not any(file.exists() for file in orphans) and busy.path.exists()
    # What is being made was left alone, however late it is; what is dated far ahead is not kept for ever.
    busy.end()
    assert busy.path.exists()
    jobs.sweep(now - KEPT_MS - 60_000)
    assert not busy.path.exists()


def test_what_cannot_even_be_told_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = LongWork(tmp_path / "work")
    held, write = Held(jobs, "li"), LongWork._write

    def refused(self: LongWork, name: str, job: Job) -> None:
        if job.state != RUNNING:
            raise OSError(28, "full")
        write(self, name, job)

    monkeypatch.setattr(LongWork, "_write", refused)
    held.end()
    assert jobs.job("list", "li") is None and not held.path.exists()


def test_how_far_it_is_is_written_down_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("common.web.long_work._WRITE_EACH_S", 0.0)
    jobs, go = LongWork(tmp_path / "work"), threading.Event()

    def work(tell: Tell) -> Mapping[str, Any]:
        time.sleep(0.01)
        tell(2)
        assert go.wait(20)
        return {}

    thread = jobs.begin(first_of("list", "a", "li", AT, 4), work)
    for _ in range(200):
        found = jobs.job("list")
        if found is not None and found.done:
            break
        time.sleep(0.01)
    assert found is not None and (found.state, found.percent) == (RUNNING, 50)
    go.set()
    assert thread is not None
    thread.join(20)
