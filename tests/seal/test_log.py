"""The log of sealings: only added to, chained, durable; changed by other hands it stops everything."""

from __future__ import annotations

import json
import resource
import threading
from pathlib import Path

import pytest

from common.seal.errors import SealLogBroken
from common.seal.log import FILE, Sealing, SealLog


def sealing(number: int) -> Sealing:
    return Sealing(1_800_000_000_000 + number, f"5119-{number}", "ab" * 16, "示例部门", "00" * 32, "1f")


@pytest.fixture
def log(tmp_path: Path) -> SealLog:
    made = SealLog(tmp_path)
    assert [made.add(sealing(number)) for number in range(1, 5)] == [1, 2, 3, 4]
    return made


def test_lines_are_numbered_and_chained_and_for_the_owner_alone(log: SealLog, tmp_path: Path):
    lines = log.lines()
    assert [line["pos"] for line in lines] == [1, 2, 3, 4]
    assert len({line["chain"] for line in lines}) == 4
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_a_line_holds_no_person(log: SealLog):
    assert set(log.lines()[0]) == {"pos", "at", "case", "act", "organ", "document", "serial", "chain"}


@pytest.mark.parametrize("number", range(4))
def test_a_changed_line_is_found_and_nothing_more_is_written(log: SealLog, tmp_path: Path, number: int):
    path = tmp_path / FILE
    lines = path.read_text().splitlines()
    lines[number] = lines[number].replace("示例部门", "别的部门")
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(SealLogBroken) as broken:
        log.add(sealing(9))
    assert broken.value.details["pos"] == number + 1
    assert path.read_text().count("\n") == 4


@pytest.mark.parametrize("number", range(3))
def test_a_line_taken_out_or_doubled_is_found(log: SealLog, tmp_path: Path, number: int):
    path = tmp_path / FILE
    lines = path.read_text().splitlines(keepends=True)
    for changed in (lines[:number] + lines[number + 1 :], [*lines[: number + 1], *lines[number:]]):
        path.write_text("".join(changed))
        with pytest.raises(SealLogBroken):
            log.lines()


@pytest.mark.parametrize("line", ["", "null", "[]", '{"pos": 5}', "\x00", '{"pos":5,"pos":5}'])
def test_noise_in_the_log_is_found(log: SealLog, tmp_path: Path, line: str):
    with (tmp_path / FILE).open("a") as file:
        file.write(line + "\n")
    with pytest.raises(SealLogBroken):
        log.lines()


def test_something_added_inside_a_line_is_found(log: SealLog, tmp_path: Path):
    path = tmp_path / FILE
    lines = path.read_text().splitlines()
    lines[1] = json.dumps({**json.loads(lines[1]), "note": "x"}, ensure_ascii=False, separators=(",", ":"))
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(SealLogBroken):
        log.lines()


def test_a_changed_byte_anywhere_is_found(log: SealLog, tmp_path: Path):
    path = tmp_path / FILE
    content = path.read_bytes()
    for place in range(0, len(content) - 1, 3):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(SealLogBroken):
            log.lines()


@pytest.mark.parametrize("kept", [1, 40, 150])
def test_what_a_power_cut_left_of_a_line_is_dropped(log: SealLog, tmp_path: Path, kept: int):
    path = tmp_path / FILE
    last = path.read_bytes().splitlines(keepends=True)[-1]
    with path.open("ab") as file:
        file.write(last[:kept])
    assert log.add(sealing(5)) == 5
    assert [line["pos"] for line in log.lines()] == [1, 2, 3, 4, 5]


def test_two_that_write_at_once_wait_for_each_other(log: SealLog, tmp_path: Path):
    threads = [
        threading.Thread(target=SealLog(tmp_path).add, args=(sealing(number),)) for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [line["pos"] for line in log.lines()] == list(range(1, 25))


@pytest.mark.parametrize("left", [1, 40, -1])
def test_what_a_power_cut_left_of_a_line_is_no_broken_log(log: SealLog, tmp_path: Path, left: int):
    """Whoever looks before the next sealing was told that the log had been tampered with."""
    path = tmp_path / FILE
    last = path.read_bytes().splitlines()[-1]
    with path.open("ab") as file:
        file.write(last[:left])
    assert [line["pos"] for line in SealLog(tmp_path).lines()] == [1, 2, 3, 4]
    assert SealLog(tmp_path).add(sealing(5)) == 5
    assert [line["pos"] for line in SealLog(tmp_path).lines()] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("room", [0, 1, 90])
def test_a_disk_that_fills_up_in_the_middle_of_a_line_leaves_no_half_line(
    log: SealLog, tmp_path: Path, room: int
):
    """The system writes what has room and calls it success: the seal was set, the log broken for ever."""
    limit, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / FILE).stat().st_size + room, most))
    try:
        with pytest.raises(OSError):
            log.add(sealing(5))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
    assert log.add(sealing(6)) == 5
    assert [line["case"] for line in SealLog(tmp_path).lines()] == [f"5119-{n}" for n in (1, 2, 3, 4, 6)]


def test_a_page_of_a_decision_does_not_walk_the_whole_log_each_time(
    log: SealLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Once a seal was revoked, each page asks; over some ten thousand lines it got no answer in its time."""
    before = log.of_act("ab" * 16)
    assert [(serial, span.earliest % 10, span.latest % 10) for serial, span in before] == [
        ("1f", 1, 1), ("1f", 2, 2), ("1f", 3, 3), ("1f", 4, 4),
    ]  # fmt: skip
    walked = list[int]()
    real = SealLog._checked
    monkeypatch.setattr(SealLog, "_checked", lambda self: (walked.append(1), real(self))[1])
    for other in (log, SealLog(tmp_path)):
        for _ in range(3):
            assert other.of_act("ab" * 16) == before and not other.of_act('x","act":"')
    assert len(walked) <= 1, "walked through anew for each page"
    other = SealLog(tmp_path)
    other.of_act("none")
    path = tmp_path / FILE
    with path.open("ab") as file:
        file.write(path.read_bytes()[:40])
    assert other.of_act("ab" * 16) == before
    # What a power cut left of a line is no line, and in nobody's way.
    assert other.add(sealing(5)) == 5 and len(other.of_act("ab" * 16)) == 5
    path.write_bytes(path.read_bytes().replace(b"5119-2", b"5119-7"))
    with pytest.raises(SealLogBroken):
        other.of_act("ab" * 16)
