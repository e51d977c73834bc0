"""What was once on the wire is read for ever, and written again to the same bytes."""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.exchange import SEALED_AS, Opener, read_head, write
from sync.protocol.frame import SIGNED_AS, check_body, decode_header
from sync.protocol.frame_items import decode_frames, encode_frames
from sync.protocol.items import (
    decode_have_docs,
    decode_hello,
    decode_piece,
    decode_statement,
    decode_vector,
    decode_want_acts,
    decode_want_blobs,
    decode_want_docs,
    encode_have_docs,
    encode_hello,
    encode_piece,
    encode_statement,
    encode_vector,
    encode_want_acts,
    encode_want_blobs,
    encode_want_docs,
)
from sync.protocol.own.deltas import decode_delta, encode_delta, rebuild
from sync.protocol.receipts import read_receipt, verify_receipt
from sync.protocol.records import BASE, STORED, Item, pack_record, unpack_record
from sync.protocol.roster import read_entry, read_vouch
from sync.protocol.sealed import open_body
from sync.protocol.shelf import read_doc
from sync.protocol.signing import PublicKey, RealSuite
from sync.protocol.streams import read_epoch
from tests.sync import golden, make_golden
from tests.sync.made import COUNTY, SUITE, TOWN, VILLAGE, key_pair

# Every key that signed a golden statement.
NAMES = ("root one", "root two", "roster", "new", COUNTY, TOWN, VILLAGE)
KEYS = {key_pair(name).id: key_pair(name) for name in NAMES}
LATER = {name[5:-5]: golden.read(name) for name in golden.names("item")}
ITEMS = golden.read("items.json") | LATER


def test_every_shape_has_its_file():
    shapes = {f"frame-{name}.json" for name, _, _ in make_golden.frames()}
    sorts = {f"statement-{name}.json" for name, _, _ in make_golden.statements()}
    assert set(golden.names("frame")) == shapes
    assert set(golden.names("statement")) == sorts
    assert set(LATER) == set(make_golden.later_items())
    assert {golden.read(name)["statement"]["sort"] for name in sorts} == set(signed.SORTS)


def test_golden_files_are_never_written_again():
    with pytest.raises(FileExistsError):
        make_golden.main()


@pytest.mark.parametrize("name", golden.names("frame"))
def test_a_golden_frame_is_read_believed_and_written_the_same(name):
    told = golden.read(name)
    item = golden.item_from(told["item"])
    found = decode_frames(item)
    assert [golden.frame_fields(frame) for frame in found] == told["frames"]
    assert encode_frames(item.kind, found) == item
    for frame, fields in zip(found, told["frames"], strict=True):
        assert decode_header(frame.header_bytes).encode() == frame.header_bytes
        assert golden.frame_from(fields) == frame
        assert SUITE.verify(key_pair(VILLAGE).public, SIGNED_AS, frame.header_bytes, frame.signature)
        if frame.body:
            check_body(frame.header, frame.body)


def test_a_golden_sealed_body_opens_for_its_readers():
    frame = golden.frame_from(golden.read("frame-sealed-two-readers.json")["frames"][0])
    for reader in (COUNTY, TOWN):
        key = key_pair(reader)
        assert open_body(frame, {key.id: key}, SUITE) == make_golden.CONTENT


@pytest.mark.parametrize("name", golden.names("statement"))
def test_a_golden_statement_is_read_believed_and_written_the_same(name):
    told = golden.read(name)
    statement, content = golden.statement_from(told["statement"]), bytes.fromhex(told["content"])
    item = golden.item_from(told["item"])
    assert decode_statement(item) == (statement, content)
    assert encode_statement(statement, content) == item
    fields = statement.fields()
    keys = tuple(KEYS[key_id] for key_id, _ in statement.signatures)
    assert all(statement.signed_by(key.public, SUITE) for key in keys)
    again = {key: value for key, value in fields.items() if key != "v"}
    assert signed.make(statement.sort, again, keys, SUITE) == statement


def test_golden_statements_mean_something():
    by_name = {name[10:-5]: golden.read(name) for name in golden.names("statement")}
    parsed = {name: golden.statement_from(told["statement"]) for name, told in by_name.items()}
    assert read_entry(parsed["entry"]).address == VILLAGE
    assert read_vouch(parsed["vouch"]).parent == TOWN
    assert read_epoch(parsed["epoch-first"]).n == 1
    assert read_epoch(parsed["epoch-rotation"]).key_id == key_pair("new").id
    for name, signer in (("receipt-hop", TOWN), ("receipt-end", COUNTY)):
        verify_receipt(read_receipt(parsed[name]), key_pair(signer).public, SUITE)
    doc = read_doc(parsed["shelf"], bytes.fromhex(by_name["shelf"]["content"]))
    assert (doc.author, doc.version) == (COUNTY, 2)


CODECS = {
    "hello": (decode_hello, encode_hello),
    "vector": (decode_vector, encode_vector),
    "want-acts": (decode_want_acts, encode_want_acts),
    "want-blobs": (decode_want_blobs, encode_want_blobs),
    "want-docs": (decode_want_docs, encode_want_docs),
    "hello-docs": (decode_hello, encode_hello),
    "doc-delta": (decode_delta, encode_delta),
    "have-docs": (decode_have_docs, encode_have_docs),
    "piece": (decode_piece, encode_piece),
    "base": (decode_statement, lambda found: encode_statement(*found, kind=BASE)),
}


@pytest.mark.parametrize("name", sorted(CODECS))
def test_a_golden_item_is_read_and_written_the_same(name):
    decode, encode = CODECS[name]
    item = golden.item_from(ITEMS[name])
    assert encode(decode(item)) == item


def test_a_golden_difference_becomes_the_document_after_the_golden_one():
    """Only read: another zlib may squeeze to other bytes."""
    told = golden.read("statement-shelf.json")
    base = golden.statement_from(told["statement"]), bytes.fromhex(told["content"])
    statement, content = rebuild(decode_delta(golden.item_from(ITEMS["doc-delta"])), base)
    doc = read_doc(statement, content)
    assert (doc.version, doc.prev, doc.content) == (3, base[0].hash, make_golden.NEXT_CONTENT)
    assert statement.signed_by(key_pair(COUNTY).public, SUITE)


@pytest.mark.parametrize("name", golden.names("record"))
def test_a_golden_record_is_read(name):
    """Another zlib may squeeze to other bytes, so only what is stored as it is is compared as bytes."""
    told = golden.read(name)
    dictionary, plain = told["dictionary"].encode(), bytes.fromhex(told["plain"])
    items = [golden.item_from(item) for item in told["items"]]
    assert unpack_record(plain, dictionary) == items
    again = pack_record(items, dictionary)
    assert again[0] == plain[0] and unpack_record(again, dictionary) == items
    if plain[0] == STORED:
        assert again == plain


class SealsTheSame(RealSuite):
    """The real suite, but for the one part that draws on chance."""

    def __init__(self, sealed: bytes) -> None:
        super().__init__()
        self.sealed = sealed

    def seal(self, key: PublicKey, info: bytes, secret: bytes) -> bytes:
        return self.sealed


def test_a_golden_exchange_is_opened_and_written_the_same():
    data, told = (golden.FOLDER / "exchange.ldx").read_bytes(), golden.read("exchange.json")
    plains = [bytes.fromhex(plain) for plain in told["plains"]]
    content_key, sealed = bytes.fromhex(told["content_key"]), bytes.fromhex(told["sealed"])
    head, used = read_head(data)
    opener = Opener(head, key_pair(TOWN), SUITE)
    assert opener.feed(data[used:]) == plains and opener.finished
    assert SUITE.unseal(key_pair(TOWN), SEALED_AS, head.sealed) == content_key
    keys = (key_pair(VILLAGE), key_pair(TOWN).public)
    assert b"".join(write(head, keys, content_key, plains, SealsTheSame(sealed))) == data
    kinds = [item.kind for plain in plains for item in unpack_record(plain, b"")]
    assert Item(99, b"text", b"raw").kind in kinds
