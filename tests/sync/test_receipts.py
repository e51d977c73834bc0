"""A receipt says exactly what is stored; one that is malformed, or by another signer, is refused."""

from __future__ import annotations

from typing import Any

from pytest import mark, raises

from sync.protocol import signed
from sync.protocol.errors import BadReceipt
from sync.protocol.frame import StreamId
from sync.protocol.receipts import END, HOP, MISSING_MAX, Receipt, make_receipt, read_receipt, verify_receipt
from sync.protocol.signed import Statement
from tests.sync.made import COUNTY, EPOCH, SUITE, TOWN, UP, VILLAGE, key_pair, make_statement

HEAD = "cd" * 32
UNSIGNED = Statement(signed.RECEIPT, b"", ())
KEY = key_pair(COUNTY)
FIELDS = Receipt(UP, COUNTY, END, 1, 9, HEAD, 7, ("ab" * 32, "ef" * 32), 1_790_000_000_000, UNSIGNED)


def made(**changes: Any) -> Statement:
    """Return a statement with the fields of a good receipt, some of them changed; None takes one away."""
    fields = {**make_receipt(FIELDS, KEY, SUITE).statement.fields(), **changes}
    kept = {name: value for name, value in fields.items() if value is not None and name != "v"}
    return make_statement(signed.RECEIPT, COUNTY, **kept)


def test_a_receipt_is_read_as_it_was_made() -> None:
    receipt = make_receipt(FIELDS, KEY, SUITE)
    assert read_receipt(receipt.statement) == receipt
    assert (receipt.stream, receipt.signer, receipt.kind) == (UP, COUNTY, END)
    assert (receipt.upto, receipt.head, receipt.papers) == (9, HEAD, 7)
    assert receipt.missing == FIELDS.missing
    verify_receipt(receipt, KEY.public, SUITE)
    assert read_receipt(made()) == receipt


def test_a_relay_signs_a_hop_receipt_and_the_destination_an_end_receipt() -> None:
    hop = make_receipt(_with(signer=TOWN, kind=HOP), key_pair(TOWN), SUITE)
    assert hop.kind == HOP
    for signer, kind in ((COUNTY, HOP), (TOWN, END), (VILLAGE, HOP), (VILLAGE, END)):
        with raises(BadReceipt):
            read_receipt(made(signer=signer, kind=kind))


def _with(**changes: Any) -> Receipt:
    values = {name: getattr(FIELDS, name) for name in Receipt.__dataclass_fields__}
    return Receipt(**{**values, **changes})


DAMAGE: list[tuple[str, Any]] = [
    *[(name, None) for name in made().fields() if name != "v"],
    *[("stream", value) for value in ([], "", [VILLAGE, EPOCH], [VILLAGE, EPOCH, COUNTY, 1], "abc", {}, 7)],
    *[("stream", [src, EPOCH, COUNTY]) for src in ("", "511", "511921000000", 511921, [], COUNTY, "00")],
    *[("stream", [VILLAGE, epoch, COUNTY]) for epoch in ("", 1, "1-x", EPOCH + "|x", "1|" + EPOCH, [])],
    *[("signer", value) for value in ("", 1, [], "511", VILLAGE, "511921000000")],
    *[("kind", value) for value in ("", "END", HOP, 1, [])],
    *[(name, value) for name in ("inc", "upto", "papers", "at") for value in (-1, "1", [], {})],
    ("papers", 10),
    *[("head", value) for value in ("", HEAD[:-1], HEAD.upper(), "zz" * 32, 7, [])],
    *[("missing", value) for value in (7, "abcdef", ["ab"], ["AB" * 32], [7], [["ab" * 32]])],
    ("missing", ["ab" * 32] * (MISSING_MAX + 1)),
]


@mark.parametrize(("field", "value"), DAMAGE)
def test_a_receipt_with_one_field_damaged_is_refused(field: str, value: Any) -> None:
    """Method: every damage alone, rightly signed: also an enrolled signer may send nonsense."""
    with raises(BadReceipt):
        read_receipt(made(**{field: value}))


@mark.parametrize("payload", [b"", b"{}", b"[]", b'{"v":1}', b'{"v":2}', b"\xff"])
def test_what_is_no_receipt_is_refused(payload: bytes) -> None:
    with raises(BadReceipt):
        read_receipt(Statement(signed.RECEIPT, payload, ()))


def test_only_the_signers_own_key_makes_it_count() -> None:
    receipt = make_receipt(FIELDS, KEY, SUITE)
    for key in (None, key_pair(TOWN).public):
        with raises(BadReceipt):
            verify_receipt(receipt, key, SUITE)
    forged = Receipt(
        **{**_values(receipt), "statement": made(upto=10)._replace(signatures=receipt.statement.signatures)}
    )
    with raises(BadReceipt):
        verify_receipt(forged, KEY.public, SUITE)


def _values(receipt: Receipt) -> dict[str, Any]:
    return {name: getattr(receipt, name) for name in Receipt.__dataclass_fields__}


def test_one_receipt_is_kept_per_stream_signer_and_kind() -> None:
    keys = {
        _with(stream=stream, signer=signer, kind=kind).key
        for stream in (UP, StreamId(VILLAGE, EPOCH, TOWN), StreamId(TOWN, EPOCH, COUNTY))
        for signer in (COUNTY, TOWN)
        for kind in (END, HOP)
    }
    assert len(keys) == 12
    assert all(key.count("|") == 4 for key in keys)
    assert _with(upto=1, papers=0, at=5).key == FIELDS.key


def test_the_newest_receipt_is_the_one_of_the_highest_incarnation_then_reach() -> None:
    ordered = [
        _with(incarnation=1, upto=9, papers=7),
        _with(incarnation=1, upto=9, papers=8),
        _with(incarnation=1, upto=10, papers=0),
        _with(incarnation=2, upto=3, papers=0),
    ]
    assert sorted(reversed(ordered), key=lambda r: r.rank) == ordered
