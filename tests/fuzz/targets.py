"""What is fuzzed: for each parser how an input is drawn from golden material, and what reading it means.

`make` draws one input; `read` gives it to the parser as a node would. Only the project's own refusals may
come out of `read`; anything else is a finding.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from typing import NamedTuple

from sync.protocol import enrolment, signed
from sync.protocol.errors import SyncError
from sync.protocol.exchange import Opener, read_head
from sync.protocol.frame import check_body, decode_header
from sync.protocol.frame_items import decode_frames
from sync.protocol.items import (
    decode_have_docs,
    decode_hello,
    decode_piece,
    decode_statement,
    decode_vector,
    decode_want_acts,
    decode_want_blobs,
    decode_want_docs,
)
from sync.protocol.own.deltas import decode_delta
from sync.protocol.receipts import read_receipt
from sync.protocol.records import Item, pack_record, unpack_record
from sync.protocol.roster import Roster, read_entry, read_vouch
from sync.protocol.shelf import read_doc
from sync.protocol.signed import Statement
from sync.protocol.streams import read_epoch
from sync.protocol.witness import PREFIX_BYTES, Slot, Word, decode_slot, encode_slot
from tests.fuzz.carried import Bundles
from tests.fuzz.mutate import Mutator
from tests.fuzz.refusals import refused_or
from tests.fuzz.seals import LISTS, read_seal_list
from tests.fuzz.typed import CASES, ITEM_CORPUS, MULTIPART, URLENCODED, read_case, read_form, read_item
from tests.sync import golden
from tests.sync.made import COUNTY, SUITE, TOWN, VILLAGE, key_pair


class Target(NamedTuple):
    """A parser under fuzzing."""

    corpus: list[bytes]
    make: Callable[[Mutator], bytes]
    read: Callable[[bytes], object]


def _apart(data: bytes, count: int) -> list[bytes]:
    """Return an input of several parts (each after its length in 4 bytes); what is missing is empty."""
    parts, source = list[bytes](), BytesIO(data)
    for _ in range(count):
        parts.append(source.read(int.from_bytes(source.read(4), "big")))
    return parts


def together(*parts: bytes) -> bytes:
    """Return one input of several parts."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _one_of_parts(m: Mutator, count: int) -> bytes:
    parts = _apart(m.seed(), count)
    at = m.rng.randrange(count)
    parts[at] = m.text(parts[at])
    return together(*parts)


# --- the head and the records of an exchange
EXCHANGE = (golden.FOLDER / "exchange.ldx").read_bytes()


def _make_exchange(m: Mutator) -> bytes:
    data = m.seed()
    length = int.from_bytes(data[4:6], "big")
    if m.rng.random() < 0.4:
        return m.bytes(data)
    payload = m.text(data[6 : 6 + length])
    return data[:4] + (len(payload) & 0xFFFF).to_bytes(2, "big") + payload + data[6 + length :]


def _read_exchange(data: bytes) -> None:
    parsed = read_head(data)
    if parsed is not None:
        head, used = parsed
        opener = Opener(head, key_pair(TOWN), SUITE)
        opener.feed(data[used:])
        opener.end()


# --- records and the items in them
READERS: dict[int, Callable[[Item], object]] = {
    1: decode_hello, 2: decode_vector, 3: decode_statement, 4: decode_want_acts, 5: decode_want_blobs,
    7: decode_want_docs, 8: decode_delta, 9: decode_have_docs, 16: decode_statement, 17: decode_frames,
    18: decode_frames, 19: decode_frames, 32: decode_piece,
}  # fmt: skip
ITEMS = [golden.item_from(item) for item in golden.read("items.json").values()]
ITEMS += [golden.item_from(golden.read(name)) for name in golden.names("item")]
FRAME_ITEMS = [golden.item_from(golden.read(name)["item"]) for name in golden.names("frame")]
PLAINS = [bytes.fromhex(golden.read(name)["plain"]) for name in golden.names("record")]
PLAINS += [pack_record([item], b"") for item in (*ITEMS, *FRAME_ITEMS)]
DICTIONARY = golden.DICTIONARY


def changed_record(m: Mutator, plain: bytes) -> bytes:
    """Return a record that unpacks, with one of its items changed, or its bytes changed anywhere."""
    if m.rng.random() < 0.3:
        return m.bytes(plain)
    try:
        items = unpack_record(plain, DICTIONARY)
        at = m.rng.randrange(len(items))
        kind, text, raw = items[at]
        what = m.rng.random()
        if what < 0.1:
            kind = m.rng.choice((*READERS, 0, 6, 99))
        elif what < 0.7:
            text = m.text(text)
        else:
            raw = m.bytes(raw)
        items[at] = Item(kind, text, raw)
        return pack_record(items * m.rng.choice((1, 1, 1, 3)), m.rng.choice((b"", DICTIONARY)))
    except (SyncError, ValueError):
        return m.bytes(plain)


def _make_record(m: Mutator) -> bytes:
    return changed_record(m, m.seed())


def _read_record(plain: bytes) -> None:
    for item in unpack_record(plain, DICTIONARY):
        if item.kind in READERS:
            READERS[item.kind](item)


# --- frames: an item of them, and a header alone
FRAMES = [together(item.text, item.raw) for item in FRAME_ITEMS]
HEADERS = [f["header"].encode() for name in golden.names("frame") for f in golden.read(name)["frames"]]


def _make_frames(m: Mutator) -> bytes:
    return _one_of_parts(m, 2)


def _read_frames(data: bytes) -> None:
    text, raw = _apart(data, 2)
    for frame in decode_frames(Item(17, text, raw)):
        if frame.body:
            check_body(frame.header, frame.body)


# --- statements: what trust, receipts and documents are read from; the roster takes those truly signed
SORTS = list(signed.SORTS)
KEYS = [key_pair(name) for name in ("root one", "root two", "roster", "new", COUNTY, TOWN, VILLAGE)]
STATEMENTS = [
    together(bytes((SORTS.index(told["sort"]),)), told["payload"].encode())
    for told in (golden.read(name)["statement"] for name in golden.names("statement"))
]


def _roster() -> Roster:
    told = [golden.statement_from(golden.read(n)["statement"]) for n in golden.names("statement")]
    by_sort = {statement.sort: statement for statement in told}
    roster = Roster(by_sort[signed.ROOT].hash, SUITE)
    for sort in (signed.ROOT, signed.APPOINTMENT, signed.ENTRY):
        roster.offer(by_sort[sort])
    return roster


ROSTER = _roster()


def _make_statement(m: Mutator) -> bytes:
    sort, payload = _apart(m.seed(), 2)
    return together(m.rng.choice((sort, sort, m.rng.randbytes(1))), m.text(payload))


def _read_statement(data: bytes) -> None:
    sort_byte, payload = _apart(data, 2)
    sort = SORTS[(sort_byte or b"\0")[0] % len(SORTS)]
    # Signed by all golden keys: a hostile holder of any of them may say what it likes.
    signatures = tuple((key.id, SUITE.sign(key, signed.signed_as(sort), payload)) for key in KEYS[2:5])
    statement = Statement(sort, payload, signatures)
    for read in (read_receipt, read_epoch, read_entry, read_vouch, lambda s: read_doc(s, b"x")):
        refused_or(read, statement)
    refused_or(ROSTER.copy().offer, statement)


# --- enrolment: codes as typed, requests and answers with a right code around wrong things
SECRET = enrolment.read_code(enrolment.make_code(1, bytes(range(14))))[1]
EPOCH = golden.statement_from(golden.read("statement-epoch-first.json")["statement"])
REQUEST = enrolment.Request(VILLAGE, key_pair(VILLAGE).public.as_fields(), EPOCH, "ab" * 16)
ENROLMENTS = [
    enrolment.write_request(REQUEST, SECRET),
    enrolment.write_answer([EPOCH], "ab" * 16, SECRET),
    enrolment.make_code(7, bytes(range(14))).encode(),
]


def _make_enrolment(m: Mutator) -> bytes:
    data = m.seed()
    if m.rng.random() < 0.3 or not data.startswith(b"{"):
        return m.bytes(data)
    body = m.text(json.loads(data)["body"].encode())
    what = "request" if data == m.corpus[0] else "answer"
    mac = hmac.new(SECRET, f"liandong.{what}.v1".encode() + b"\0" + body, sha256).hexdigest()
    return m.canonical({"body": body.decode("utf-8", "replace"), "mac": mac})


def _read_enrolment(data: bytes) -> None:
    for read in (
        enrolment.address_in,
        lambda d: enrolment.read_request(d, SECRET),
        lambda d: enrolment.read_answer(d, "ab" * 16, SECRET),
        lambda d: enrolment.read_code(d.decode("utf-8", "replace")),
    ):
        refused_or(read, data)


def _make_text(m: Mutator) -> bytes:
    return m.text(m.seed())


# --- the witness file, which a bad disk may change
WORD = Word("bc609de9777276e5", 1, "1-05b08ccbd0e81bf1", 9, {COUNTY: (3, "ab" * 32)})


def _make_slot(m: Mutator) -> bytes:
    data = m.seed()
    if m.rng.random() < 0.5:
        return m.bytes(data)
    payload = m.text(data[PREFIX_BYTES:])
    return data[:4] + len(payload).to_bytes(4, "big") + sha256(payload).digest() + payload


def _raw(m: Mutator) -> bytes:
    return m.bytes(m.seed())


def target(name: str) -> Target:
    """Return a target by its name."""
    if name == "bundle":
        bundles = Bundles(changed_record)
        return Target(bundles.corpus, bundles.make, bundles.read)
    return TARGETS[name]


TARGETS: dict[str, Target] = {
    "exchange": Target([EXCHANGE], _make_exchange, _read_exchange),
    "record": Target(PLAINS, _make_record, _read_record),
    "frame": Target(FRAMES, _make_frames, _read_frames),
    "header": Target(HEADERS, _make_text, decode_header),
    "roster": Target(STATEMENTS, _make_statement, _read_statement),
    "enrolment": Target(ENROLMENTS, _make_enrolment, _read_enrolment),
    "witness": Target([encode_slot(Slot(1, WORD))], _make_slot, decode_slot),
    "form": Target([URLENCODED, MULTIPART], _raw, read_form),
    "item": Target(ITEM_CORPUS, _make_text, read_item),
    "case": Target(CASES, _make_text, read_case),
    "seals": Target(LISTS, _raw, read_seal_list),
}
NAMES = (*TARGETS, "bundle")
