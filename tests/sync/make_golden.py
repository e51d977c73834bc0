"""Makes the golden files of wire version 1, once: `python -m tests.sync.make_golden`. It overwrites none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from sync.protocol import signed
from sync.protocol.exchange import Head, read_head, write
from sync.protocol.frame import (
    BLOBS_MAX,
    PLAIN,
    SEALED,
    SIGNED_AS,
    BlobRef,
    Evidence,
    Frame,
    Header,
    StreamId,
    Wrap,
    make_body,
    rebuild,
)
from sync.protocol.frame_items import encode_frames
from sync.protocol.items import (
    Hello,
    Piece,
    encode_have_docs,
    encode_hello,
    encode_piece,
    encode_statement,
    encode_vector,
    encode_want_acts,
    encode_want_blobs,
    encode_want_docs,
)
from sync.protocol.own.deltas import DELTA, DocDelta, encode_delta, squeeze
from sync.protocol.receipts import END, HOP, Receipt, make_receipt
from sync.protocol.records import BASE, EVIDENCE, FRAMES, LOOSE, STATE_END, Item, pack_record
from sync.protocol.roster import entry_fields
from sync.protocol.sealed import seal_body
from sync.protocol.shelf import Draft, publish
from sync.protocol.signed import Statement
from sync.protocol.spool import Part
from sync.protocol.streams import make_epoch
from sync.protocol.trust import registrar
from tests.sync import golden
from tests.sync.made import CLOCK, COUNTY, DOWN, EPOCH, ROOT, SUITE, TOWN, UP, VILLAGE, key_pair

SALT = bytes(range(16))
CONTENT = '{"case":"511921108203-A17-K7QMX","data":{"applicant":{"name":"何桂英"}},"to":["511921"]}'.encode()
NEXT_CONTENT = '{"item":"birth","name":"生育登记（一孩、二孩）"}'.encode()
LONGEST = Header(
    kind=".".join(["k" * 24] * 4),
    stream=StreamId("511921108203", "999999999-ffffffffffffffff", "511921110201"),
    seq=2**53 - 1,
    prev=b"\xff" * 32,
    body_hash=b"",
    body_len=0,
    enc=SEALED,
    blobs=tuple(BlobRef("f" * 64, 2**26, "a" * 20 + "/" + "b" * 61) for _ in range(BLOBS_MAX)),
    clock=Evidence(2**53 - 1, "ffffffff", 2**53 - 1),
    roster=2**53 - 1,
)


def frame(content: bytes = CONTENT, wraps: tuple[Wrap, ...] = (), **fields: Any) -> Frame:
    """Return a frame of the village, signed by it."""
    body = fields.pop("body", make_body(SALT, content))
    header = Header("case.filed", UP, 1, ROOT, b"", 0, PLAIN, (), CLOCK, 7)._replace(**fields)
    return _signed(header, body, wraps)


def _signed(header: Header, body: bytes, wraps: tuple[Wrap, ...]) -> Frame:
    header = header._replace(body_hash=hashlib.sha256(body).digest(), body_len=len(body)).check()
    return rebuild(header, body, SUITE.sign(key_pair(VILLAGE), SIGNED_AS, header.encode()), wraps)


def frames() -> Iterator[tuple[str, list[Frame], int]]:
    """Yield each shape: its name, its frames in one item, the kind of the item."""
    blobs = tuple(BlobRef(f"{n:064x}", 1 + n * 99_999, "image/jpeg") for n in range(BLOBS_MAX))
    readers = (key_pair(COUNTY).public, key_pair(TOWN).public)
    body, wraps = seal_body((VILLAGE, "case.rated", CONTENT), readers, bytes(range(48)), SUITE)
    one = frame()
    two = frame(b'{"n":2}', seq=2, prev=one.hash, kind="case.moved")
    three = frame(b'{"n":3}', seq=3, prev=two.hash, clock=Evidence(1_700_000_000_000, "0badcafe", 0))
    down = frame(b'{"n":1}', stream=DOWN._replace(src=VILLAGE, dst=TOWN))
    yield "plain", [one], FRAMES
    yield "empty-content", [frame(b"")], FRAMES
    yield "no-papers-long-text", [frame("“同意”".encode() * 150)], FRAMES
    yield "twelve-papers", [frame(blobs=blobs)], FRAMES
    yield "purged-body", [one._replace(body=b"")], FRAMES
    yield "sealed-two-readers", [frame(wraps=wraps, enc=SEALED, kind="case.rated", body=body)], FRAMES
    sixteen = tuple(Wrap(f"{n:032x}", bytes([n]) * 80) for n in range(16))
    yield "sixteen-wraps", [frame(enc=SEALED, wraps=sixteen)], FRAMES
    yield "longest-fields", [_signed(LONGEST, make_body(SALT, b"{}"), ())], FRAMES
    yield "chain-of-three", [one, two, three], FRAMES
    yield "two-streams", [one, down, two], FRAMES
    yield "loose", [three], LOOSE
    yield "evidence", [frame(b'{"other":1}')], EVIDENCE


def statements() -> Iterator[tuple[str, Statement, bytes]]:
    """Yield one statement of each sort and shape: its name, itself, what is kept beside it."""
    roots = (key_pair("root one"), key_pair("root two"))
    county, village = key_pair(COUNTY), key_pair(VILLAGE)
    roster_key = key_pair("roster")
    root = registrar.make_root("ab" * 8, "通江县", roots, SUITE)
    yield "root", root, b""
    yield "appointment", registrar.appoint(root, COUNTY, roster_key.public, roots, SUITE), b""
    entry = {"network": "ab" * 8, "version": 1, "prev": "", "roster": 4, "since": CLOCK.wall}
    entry |= entry_fields(VILLAGE, "", "石庙村", (village.public,))
    yield "entry", signed.make(signed.ENTRY, entry, (roster_key,), SUITE), b""
    head = {"network": "ab" * 8, "version": 4, "digest": "cd" * 32, "count": 3, "at": CLOCK.wall}
    yield "head", signed.make(signed.HEAD, head, (roster_key,), SUITE), b""
    word = {"parent": TOWN, "child": VILLAGE, "name": "石庙村", "epoch": "ef" * 32, "at": CLOCK.wall}
    word["key"] = village.public.as_fields()
    yield "vouch", signed.make(signed.VOUCH, word, (key_pair(TOWN),), SUITE), b""
    first = {"src": VILLAGE, "n": 1, "random": "00112233445566aa", "prev": "", "heads": {}}
    first |= {"heads_hash": hashlib.sha256(b"").hexdigest(), "reason": "enrolled", "at": CLOCK.wall}
    yield "epoch-first", make_epoch(first, (village,), SUITE).statement, b""
    line = f"{COUNTY}|9|{'12' * 32}"
    second = {**first, "n": 2, "prev": "34" * 32, "heads": {COUNTY: [9, "12" * 32]}, "reason": "rotation"}
    second["heads_hash"] = hashlib.sha256(line.encode()).hexdigest()
    yield "epoch-rotation", make_epoch(second, (key_pair("new"), village), SUITE).statement, b""
    missing = tuple(f"{n:064x}" for n in range(32))
    hop = Receipt(UP, TOWN, HOP, 1, 9, "56" * 32, 4, missing, CLOCK.wall, root)
    end = Receipt(UP, COUNTY, END, 2, 9, "56" * 32, 9, (), CLOCK.wall, root)
    yield "receipt-hop", make_receipt(hop, key_pair(TOWN), SUITE).statement, b""
    yield "receipt-end", make_receipt(end, county, SUITE).statement, b""
    content = '{"item":"birth","name":"生育登记"}'.encode()
    doc = publish(Draft("item", "birth", 2, "78" * 32, COUNTY, content, CLOCK.wall), COUNTY, county, SUITE)
    yield "shelf", doc.statement, doc.content


def items() -> dict[str, Item]:
    """Return one item of each kind that is neither frames nor a statement."""
    hello = Hello(1, 41, 0, "0123456789abcdef", 0, 1, 250, CLOCK.wall, ("ab" * 8,))
    vector = {UP: Part(0, 9, b"\x56" * 32), StreamId(COUNTY, EPOCH, VILLAGE): Part(3, 300, b"\x78" * 32)}
    receipt = next(s for name, s, _ in statements() if name == "receipt-end")
    return {
        "hello": encode_hello(hello),
        "vector": encode_vector(vector),
        "want-acts": encode_want_acts(("ab" * 16, "cd" * 16)),
        "want-blobs": encode_want_blobs((("ab" * 32, 0), ("cd" * 32, 70_000))),
        "state-end": Item(STATE_END, b""),
        "base": encode_statement(receipt, kind=BASE),
        "piece": encode_piece(Piece("ab" * 32, 15_900, 16_000, bytes(range(100)))),
        "of-a-later-version": Item(99, b"text", b"raw"),
    }


def later_items() -> dict[str, Item]:
    """Return the items that joined wire version 1 after its first golden files had landed, one file each."""
    hello = Hello(1, 41, 0, "0123456789abcdef", 0, 1, 250, CLOCK.wall, ("ab" * 8,), DELTA)
    return {
        "want-docs": encode_want_docs(("ab" * 32, "cd" * 32)),
        "hello-docs": encode_hello(hello),
        "doc-delta": encode_delta(difference()),
        "have-docs": encode_have_docs(("ab" * 16, "cd" * 16)),
    }


def difference() -> DocDelta:
    """Return the next version of the golden shelf document as its difference to that."""
    base = next((s, content) for name, s, content in statements() if name == "shelf")
    draft = Draft("item", "birth", 3, base[0].hash, COUNTY, NEXT_CONTENT, CLOCK.wall)
    doc = publish(draft, COUNTY, key_pair(COUNTY), SUITE)
    found = squeeze(base, doc.statement, doc.content)
    assert found is not None
    return found


def exchange(plains: list[bytes]) -> tuple[bytes, dict[str, Any]]:
    """Return an exchange of these plaintexts and what is needed to write it again."""
    sender, receiver = key_pair(VILLAGE), key_pair(TOWN)
    head = Head("ab" * 8, VILLAGE, TOWN, sender.id, receiver.id, "cd" * 8, 1, EPOCH, 42, "", b"")
    content_key = bytes(range(32))
    data = b"".join(write(head, (sender, receiver.public), content_key, plains, SUITE))
    parsed = read_head(data)
    assert parsed is not None
    told = {"content_key": content_key.hex(), "sealed": parsed[0].sealed.hex()}
    return data, {**told, "plains": [plain.hex() for plain in plains]}


def _save(name: str, content: Any) -> None:
    path = golden.FOLDER / name
    data = (
        content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False, indent=1).encode()
    )
    with path.open("xb") as file:
        file.write(data)


def main() -> None:
    """Write every golden file; raises FileExistsError before anything is changed when one is there."""
    golden.FOLDER.mkdir(parents=True, exist_ok=True)
    if any(golden.FOLDER.iterdir()):
        raise FileExistsError("golden files are never written again")
    for name, shape, kind in frames():
        item = golden.item_fields(encode_frames(kind, shape))
        _save(f"frame-{name}.json", {"frames": [golden.frame_fields(f) for f in shape], "item": item})
    for name, statement, content in statements():
        told = {"statement": golden.statement_fields(statement), "content": content.hex()}
        told["item"] = golden.item_fields(encode_statement(statement, content))
        _save(f"statement-{name}.json", told)
    made = items()
    _save("items.json", {name: golden.item_fields(item) for name, item in made.items()})
    for name, item in later_items().items():
        _save(f"item-{name}.json", golden.item_fields(item))
    text = [*made.values(), encode_frames(FRAMES, next(frames())[1])]
    for name, chosen, dictionary in (
        ("stored", [made["state-end"]], b""),
        ("deflated", text, b""),
        ("dictionary", text, golden.DICTIONARY),
    ):
        told = {"items": [golden.item_fields(i) for i in chosen], "dictionary": dictionary.decode()}
        _save(f"record-{name}.json", {**told, "plain": pack_record(chosen, dictionary).hex()})
    data, told = exchange([pack_record([item], b"") for item in text])
    _save("exchange.ldx", data)
    _save("exchange.json", told)


if __name__ == "__main__":
    main()
