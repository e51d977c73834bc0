"""An act has one id wherever it stands; names of acts, papers and epochs have one form each."""

from __future__ import annotations

from pytest import mark

from sync.protocol.frame import (
    PLAIN,
    SEALED,
    BlobRef,
    Evidence,
    StreamId,
    act_id,
    act_of,
    is_act_id,
    is_epoch,
    is_hash,
    rebuild,
)
from tests.sync.made import COUNTY, UP, VILLAGE, blob_ref, make_frame, make_header, with_blobs

HASH = "ab" * 32


def test_an_act_is_the_same_at_every_place_and_another_for_every_byte_of_it() -> None:
    """The id depends on author, kind, enc, body and papers; not on stream, place, clock or roster."""
    header = make_header()
    base = rebuild(header, bytes(16), bytes(64)).act
    same = header._replace(
        stream=StreamId(VILLAGE, "2-" + "c" * 16, "511921108"),
        seq=9,
        prev=bytes(32),
        clock=Evidence(1, "a" * 8, 1),
    )
    assert rebuild(same._replace(roster=99), bytes(16), bytes(64)).act == base
    others = [
        header._replace(stream=UP._replace(src=COUNTY)),
        header._replace(kind="case.moved"),
        header._replace(enc=SEALED),
        header._replace(body_hash=bytes(32)),
        header._replace(blobs=(BlobRef(HASH, 1, "a/b"),)),
        header._replace(blobs=(BlobRef(HASH, 2, "a/b"),)),
    ]
    ids = {rebuild(other, bytes(16), bytes(64)).act for other in others}
    assert len(ids | {base}) == len(others) + 1
    assert all(is_act_id(identity) for identity in ids)
    assert base == act_id(VILLAGE, "case.filed", PLAIN, header.body_hash, ())


def test_the_application_sees_the_act_without_its_salt() -> None:
    frame = with_blobs(make_frame(), blob_ref(b"one"))
    act = act_of(frame)
    assert (act.id, act.kind, act.author) == (frame.act, "case.filed", VILLAGE)
    assert act.content == frame.content
    assert act.blobs == frame.header.blobs
    assert (act.enc, act.wall) == (PLAIN, frame.header.clock.wall)


@mark.parametrize("thing", [None, 1, "", b"ab" * 32, ["ab" * 32], "AB" * 32, "ab" * 32 + "\n", "g" * 64])
def test_what_is_no_name_is_told_from_one(thing: object) -> None:
    assert not is_hash(thing)
    assert not is_act_id(thing)
    assert not is_epoch(thing)
    assert is_hash("ab" * 32)
    assert is_act_id("ab" * 16)
    assert is_epoch(UP.epoch)
