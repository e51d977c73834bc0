"""The witness file: whatever a power cut leaves of it, it says something true, and it never goes back."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from sync.adapters.witness import WitnessFile
from sync.protocol.witness import SLOT_BYTES, Slot, Word, decode_slot, encode_slot, joined, newest

FIRST = Word("0123456789abcdef", 1, "1-0123456789abcdef", 10, {"511921": (3, "aa" * 32)})
LATER = replace(FIRST, stamp=12, heads={"511921": (4, "bb" * 32), "511921108": (1, "cc" * 32)})
NEXT_EPOCH = Word(FIRST.instance, 2, "2-fedcba9876543210", 5, {})


def test_a_slot_reads_as_it_was_written_and_no_damage_passes():
    slot = Slot(7, LATER)
    data = encode_slot(slot)
    assert decode_slot(data + bytes(100)) == slot
    for at in range(len(data)):
        assert decode_slot(data[:at]) is None
        assert decode_slot(data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]) is None
    assert decode_slot(b"") is None and decode_slot(bytes(5000)) is None
    assert newest([None, slot, Slot(8, FIRST), None]) == Slot(8, FIRST)
    assert newest([None, None]) is None


def test_of_two_words_the_later_stands_in_whatever_order_they_come():
    assert joined(None, FIRST) == FIRST
    assert joined(FIRST, LATER) == joined(LATER, FIRST) == LATER
    assert joined(LATER, NEXT_EPOCH) == joined(NEXT_EPOCH, LATER) == NEXT_EPOCH
    ahead = replace(FIRST, heads={"511921110": (9, "dd" * 32)})
    assert joined(LATER, ahead).heads == {**LATER.heads, **ahead.heads}


def test_it_is_there_after_a_restart_and_costs_nothing_when_it_says_so_already(tmp_path: Path):
    path = tmp_path / "witness.ldw"
    assert WitnessFile(path).read() is None and not path.exists()
    file = WitnessFile(path)
    for word in (FIRST, LATER):
        file.cover(word)
    assert WitnessFile(path).read() == LATER
    before = path.stat().st_mtime_ns, path.read_bytes()
    file.cover(FIRST)
    WitnessFile(path).cover(LATER)
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before
    assert oct(path.stat().st_mode)[-3:] == "600"


@pytest.mark.parametrize("kept", [0, 1, 20, 60, 200])
def test_a_slot_torn_by_a_power_cut_leaves_the_one_before(tmp_path: Path, kept: int):
    path = tmp_path / "witness.ldw"
    file = WitnessFile(path)
    file.cover(FIRST)
    whole = path.read_bytes()
    file.cover(LATER)
    data = bytearray(path.read_bytes())
    # Turn 2 was written into slot 0: of it only the first bytes reached the disk.
    data[kept : len(encode_slot(Slot(2, LATER)))] = whole[kept : len(encode_slot(Slot(2, LATER)))]
    path.write_bytes(data)
    assert WitnessFile(path).read() == FIRST
    WitnessFile(path).cover(NEXT_EPOCH)
    assert WitnessFile(path).read() == NEXT_EPOCH


def test_two_processes_that_write_never_take_it_back(tmp_path: Path):
    path = tmp_path / "witness.ldw"
    words = [replace(FIRST, stamp=n, heads={f"5119211{n % 7:02d}": (n, f"{n:064x}")}) for n in range(1, 60)]

    def write(part: list[Word]) -> None:
        file = WitnessFile(path)
        for word in part:
            file.cover(word)

    threads = [threading.Thread(target=write, args=(words[i::3],)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    said = WitnessFile(path).read()
    assert said is not None and said.stamp == 59
    assert {seq for seq, _ in said.heads.values()} == set(range(53, 60))
    assert path.stat().st_size < 2 * SLOT_BYTES
