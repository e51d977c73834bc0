"""Epoch records, and what an arriving frame is to a stream: every combination of place and hash."""

from __future__ import annotations

from typing import Any

from pytest import mark, raises

from sync.protocol import signed
from sync.protocol.errors import BadFrame
from sync.protocol.signed import Statement
from sync.protocol.streams import Place, Stream, make_epoch, place_of, read_epoch
from tests.sync.made import ROOT, SUITE, UP, VILLAGE, chain, key_pair, make_frame, make_statement

KEY = key_pair(VILLAGE)
FIELDS: dict[str, Any] = {
    "src": VILLAGE,
    "n": 3,
    "random": "00112233445566aa",
    "prev": "",
    "heads": {},
    "reason": "first",
    "at": 1_790_000_000_000,
}


def test_an_epoch_is_read_as_it_was_made() -> None:
    epoch = make_epoch(FIELDS, (KEY,), SUITE)
    assert read_epoch(epoch.statement) == epoch
    assert (epoch.src, epoch.n, epoch.id) == (VILLAGE, 3, "3-00112233445566aa")
    assert epoch.key_id == KEY.id
    assert epoch.root.hex() == epoch.statement.hash
    assert epoch.statement.signed_by(KEY.public, SUITE)


def test_a_rotation_is_signed_by_the_new_key_and_the_old() -> None:
    new = key_pair("new")
    epoch = make_epoch(FIELDS, (new, KEY), SUITE)
    assert epoch.key_id == new.id
    assert epoch.statement.signed_by(new.public, SUITE)
    assert epoch.statement.signed_by(KEY.public, SUITE)


DAMAGE: list[tuple[str, Any]] = [
    *[(name, None) for name in ("src", "n", "random", "key", "prev", "reason")],
    *[("src", value) for value in ("", "511", "00", "511921000000", 511921, [])],
    *[("n", value) for value in (0, -1, 10**9, "1", [])],
    *[("random", value) for value in ("", "00112233445566AA", "0011", "zz" * 8, 7, [])],
]


@mark.parametrize(("field", "value"), DAMAGE)
def test_an_epoch_with_one_field_damaged_is_refused(field: str, value: Any) -> None:
    fields = {**FIELDS, "key": KEY.id, field: value}
    fields = {name: given for name, given in fields.items() if given is not None}
    with raises(BadFrame):
        read_epoch(make_statement(signed.EPOCH, VILLAGE, **fields))


@mark.parametrize("payload", [b"", b"[]", b"{}", b'{"v":1}'])
def test_what_is_no_epoch_is_refused(payload: bytes) -> None:
    with raises(BadFrame):
        read_epoch(Statement(signed.EPOCH, payload, ()))


FRAMES = [placed.frame for placed in chain(UP, 6)]
STREAM = Stream(UP, 2, FRAMES[1].hash, 4, FRAMES[3].hash)


@mark.parametrize(
    ("seq", "held", "place"),
    [
        (1, None, Place.HELD),
        (2, FRAMES[1].hash, Place.HELD),
        (3, FRAMES[2].hash, Place.HELD),
        (4, FRAMES[3].hash, Place.HELD),
        (3, bytes(32), Place.FORK),
        (4, bytes(32), Place.FORK),
        (2, bytes(32), Place.FORK),
        (5, None, Place.NEXT),
        (6, None, Place.BEYOND),
    ],
)
def test_a_frame_is_held_next_beyond_or_a_fork(seq: int, held: bytes | None, place: Place) -> None:
    """Method: every seq around base and head, with the same, another and no hash held there."""
    assert place_of(STREAM, FRAMES[seq - 1], held) is place


def test_the_next_place_is_for_the_successor_of_the_head_only() -> None:
    assert place_of(STREAM, make_frame(UP, 5, bytes(32)), None) is Place.FORK
    assert place_of(STREAM, make_frame(UP, 5, FRAMES[3].hash, "other"), None) is Place.NEXT


def test_the_first_frame_names_the_epochs_record() -> None:
    empty = Stream(UP, 0, ROOT, 0, ROOT)
    assert place_of(empty, make_frame(UP, 1, ROOT), None) is Place.NEXT
    assert place_of(empty, make_frame(UP, 1, bytes(32)), None) is Place.FORK
    assert place_of(empty, make_frame(UP, 2, ROOT), None) is Place.BEYOND
