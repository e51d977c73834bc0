"""The key file: what another process wrote is found, the next roster key waits, what is forgotten is gone."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from common.node.keyring.keys import ROOT, ROSTER, ROSTER_NEXT, KeyFile, KeyFileFault
from sync.protocol.signing import RealSuite


def opened(folder: Path) -> KeyFile:
    return KeyFile(folder / "keys.json", RealSuite())


def test_keys_written_by_another_process_are_found_and_forgotten_ones_are_gone(tmp_path: Path) -> None:
    serving, verb = opened(tmp_path), opened(tmp_path)
    first = verb.add(bytes([1]) * 64)
    assert serving[first.id] == first
    second = verb.add(bytes([2]) * 64)
    assert second.id in serving and list(serving) == [first.id, second.id]
    with pytest.raises(KeyError):
        serving["no such key"]
    serving.forget([first.id, "no such key"])
    assert list(opened(tmp_path)) == [second.id]
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600


def test_the_next_roster_key_takes_office_only_when_the_appointment_names_it(tmp_path: Path) -> None:
    keys = opened(tmp_path)
    old, new = keys.add_special(ROSTER, bytes([3]) * 64), keys.add_special(ROSTER_NEXT, bytes([4]) * 64)
    for named in ("", old.id):
        keys.promote(named)
        assert opened(tmp_path).special(ROSTER) == old
    keys.promote(new.id)
    again = opened(tmp_path)
    assert (again.special(ROSTER), again.special(ROSTER_NEXT)) == (new, None)


def test_what_another_process_took_out_is_never_written_back(tmp_path: Path) -> None:
    """The root key is moved to a stick while the program runs, and a new roster key asked for."""
    serving, verb = opened(tmp_path), opened(tmp_path)
    serving.add_special(ROOT, bytes([5]) * 64)
    first = serving.add(bytes([1]) * 64)
    verb.forget_special(ROOT)
    coming = verb.add_special(ROSTER_NEXT, bytes([6]) * 64)
    second = serving.add(bytes([2]) * 64)
    found = opened(tmp_path)
    assert (found.special(ROOT), found.special(ROSTER_NEXT)) == (None, coming)
    assert list(found) == list(serving) == [first.id, second.id]
    (tmp_path / "keys.json").unlink()
    serving.forget([first.id])
    assert list(opened(tmp_path)) == [second.id]


def test_a_damaged_file_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text('{"node": [7]}')
    with pytest.raises(KeyFileFault):
        opened(tmp_path)
