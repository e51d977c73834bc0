"""What sync/README.md says is enough to read the wire: a reader that knows no more reads the golden files."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from sync.adapters.bundle_file import export
from sync.protocol import records
from sync.protocol.records import Item, pack_record
from tests.sync import golden, page_reader
from tests.sync.made import COUNTY, TOWN, VILLAGE, key_pair
from tests.sync.make_golden import CONTENT, NEXT_CONTENT
from tests.sync.network import make_network

PAGE = (Path(__file__).parents[2] / "sync" / "README.md").read_text(encoding="utf-8")
SOURCE = Path(page_reader.__file__).read_text(encoding="utf-8")
SIGN = key_pair(VILLAGE).public.sign


def test_the_reader_knows_nothing_but_the_page():
    tree = ast.parse(SOURCE)
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [name for name in names if name.split(".")[0] in ("sync", "tests", "common")]
    names = [page_reader.TYPE.partition("%")[0], page_reader.KEY, page_reader.ACT]
    for word in (*names, page_reader.EXCHANGE, page_reader.BODY, "DSSEv1", "big-endian", "base64"):
        assert word in PAGE, word


def test_a_golden_exchange_opens():
    data, told = (golden.FOLDER / "exchange.ldx").read_bytes(), golden.read("exchange.json")
    head, plains = page_reader.exchange(data, SIGN, key_pair(TOWN).seal_private)
    assert [plain.hex() for plain in plains] == told["plains"]
    assert head["key"] == page_reader.key_id(SIGN, key_pair(VILLAGE).public.seal)
    with pytest.raises((AssertionError, InvalidTag)):
        page_reader.exchange(data[:-40], SIGN, key_pair(TOWN).seal_private)


@pytest.mark.parametrize("name", golden.names("record"))
def test_a_golden_record_is_taken_apart(name):
    told = golden.read(name)
    dictionary = golden.DICTIONARY if "dictionary" in name else b""
    found = page_reader.record(bytes.fromhex(told["plain"]), dictionary)
    assert [Item(*item) for item in found] == [golden.item_from(item) for item in told["items"]]


def test_hashes_that_were_taken_out_come_back():
    hashes = [f"{n:064x}" for n in range(200)]
    text = json.dumps([*hashes, *reversed(hashes), "ab" * 16, "ab" * 127, "é\u00ff"]).encode() + b"\xff\xff"
    dictionary = b'\xffhex1["abc","def"]'
    plain = pack_record([Item(5, text, b"raw"), Item(6, b"")], dictionary)
    assert plain[0] == records.WITHOUT_HEXES
    assert page_reader.record(plain, dictionary) == [(5, text, b"raw"), (6, b"", b"")]


@pytest.mark.parametrize("name", golden.names("frame"))
def test_golden_frames_have_the_bytes_that_were_signed(name):
    told = golden.read(name)
    item = golden.item_from(told["item"])
    found = page_reader.frames(item.text, item.raw)
    assert len(found) == len(told["frames"])
    for frame, fields in zip(found, told["frames"], strict=True):
        page_reader.check(SIGN, "frame", frame["header"], frame["signature"])
        assert frame["header"].decode() == fields["header"]
        assert (frame["body"].hex(), frame["act"]) == (fields["body"], fields["act"])
        assert [[key, sealed.hex()] for key, sealed in frame["wraps"]] == fields["wraps"]


def test_a_golden_sealed_body_is_read_by_its_readers():
    item = golden.item_from(golden.read("frame-sealed-two-readers.json")["item"])
    (frame,) = page_reader.frames(item.text, item.raw)
    for reader in (COUNTY, TOWN):
        key = key_pair(reader)
        assert page_reader.sealed_content(frame, key.id, key.seal_private) == CONTENT


@pytest.mark.parametrize("name", golden.names("statement"))
def test_a_golden_statement_is_what_was_signed(name):
    told = golden.read(name)
    item = golden.item_from(told["item"])
    found = page_reader.statement(item.text, item.raw)
    assert (found["sort"], found["payload"].decode()) == (
        told["statement"]["sort"],
        told["statement"]["payload"],
    )
    assert found["content"].hex() == told["content"]
    signers = ("root one", "root two", "roster", "new", COUNTY, TOWN, VILLAGE)
    keys = {key_pair(signer).id: key_pair(signer).public for signer in signers}
    for key, signature in found["signatures"]:
        page_reader.check(keys[key].sign, found["sort"], found["payload"], signature)


def test_a_golden_difference_becomes_the_document():
    shelf = golden.item_from(golden.read("statement-shelf.json")["item"])
    base = page_reader.statement(shelf.text, shelf.raw)
    delta = golden.item_from(golden.read("item-doc-delta.json"))
    payload, content = page_reader.difference(delta.text, delta.raw, (base["payload"], base["content"]))
    assert content == NEXT_CONTENT and json.loads(payload)["version"] == 3


def test_a_golden_vector_has_its_lines():
    item = golden.item_from(golden.read("items.json")["vector"])
    lines = page_reader.vector(item.text, item.raw)
    assert [(line[0], line[2], *line[3:5]) for line in lines] == [
        (VILLAGE, COUNTY, 0, 9),
        (COUNTY, VILLAGE, 3, 300),
    ]


def test_what_a_node_sends_today_is_read_to_the_last_byte(tmp_path):
    """The golden files are of the first days."""
    county, _, village = make_network().values()
    sign, papers = village.key.public.sign, [village.paper(bytes([n]) * 9_000) for n in range(3)]
    acts = [village.submit(b'{"n":%d}' % n, (COUNTY,), (paper,)) for n, paper in enumerate(papers)]
    data = export(village.engine(), COUNTY, tmp_path).path.read_bytes()
    head, plains = page_reader.exchange(data, sign, county.key.seal_private)
    assert (head["from"], head["to"]) == (VILLAGE, COUNTY)
    items = [item for plain in plains for item in page_reader.record(plain, b"")]
    assert {kind for kind, *_ in items} >= {records.HELLO, records.VECTOR, records.STATEMENT, records.PIECE}
    found = [one for kind, *parts in items if kind == records.FRAMES for one in page_reader.frames(*parts)]
    assert [frame["act"] for frame in found] == acts
    for frame in found:
        page_reader.check(sign, "frame", frame["header"], frame["signature"])
