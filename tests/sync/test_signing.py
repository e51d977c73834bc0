"""A signature fits one type, one key and one string of bytes; what is sealed opens for one key only."""

from __future__ import annotations

from dataclasses import fields as dataclass_fields
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st
from pytest import mark, raises

from sync.protocol import exchange, frame, signed
from sync.protocol.errors import NotCanonical, TooLarge
from sync.protocol.signed import SORTS, Statement, signed_as
from sync.protocol.signing import SIGNATURE_BYTES, KeyPair, PublicKey, RealSuite, pae
from tests.sync.made import SUITE, key_pair, make_statement

ONE, TWO = key_pair("one"), key_pair("two")
TYPES = [frame.SIGNED_AS, exchange.SIGNED_AS, *map(signed_as, SORTS)]
PAYLOAD = b'{"v":1}'


def test_the_encoding_is_the_one_of_dsse() -> None:
    """Source: the example in the DSSE protocol document, version 1."""
    encoded = pae("http://example.com/HelloWorld", b"hello world")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


@given(
    st.text("ab 12", max_size=8), st.binary(max_size=8), st.text("ab 12", max_size=8), st.binary(max_size=8)
)
def test_no_two_things_have_one_encoding(kind: str, payload: bytes, other: str, others: bytes) -> None:
    assert (pae(kind, payload) == pae(other, others)) == ((kind, payload) == (other, others))


def test_every_kind_of_object_is_signed_under_a_type_of_its_own() -> None:
    assert len(set(TYPES)) == len(SORTS) + 2
    assert all(kind.isascii() for kind in TYPES)


@mark.parametrize(("kind", "other"), list(permutations(TYPES, 2)))
def test_no_signature_fits_another_type(kind: str, other: str) -> None:
    signature = SUITE.sign(ONE, kind, PAYLOAD)
    assert SUITE.verify(ONE.public, kind, PAYLOAD, signature)
    assert not SUITE.verify(ONE.public, other, PAYLOAD, signature)


@given(st.integers(0, 8 * SIGNATURE_BYTES - 1), st.integers(0, 8 * len(PAYLOAD) - 1))
def test_one_bit_turned_anywhere_and_it_does_not_fit(in_signature: int, in_payload: int) -> None:
    signature = SUITE.sign(ONE, TYPES[0], PAYLOAD)
    assert not SUITE.verify(ONE.public, TYPES[0], PAYLOAD, _turn(signature, in_signature))
    assert not SUITE.verify(ONE.public, TYPES[0], _turn(PAYLOAD, in_payload), signature)
    assert not SUITE.verify(TWO.public, TYPES[0], PAYLOAD, signature)


def _turn(data: bytes, bit: int) -> bytes:
    altered = bytearray(data)
    altered[bit // 8] ^= 1 << bit % 8
    return bytes(altered)


@mark.parametrize("signature", [b"", b"x", bytes(63), bytes(64), bytes(65)])
@mark.parametrize("sign", [b"", bytes(31), bytes(32), b"\xff" * 32, bytes(33)])
def test_checking_never_raises(signature: bytes, sign: bytes) -> None:
    assert not SUITE.verify(PublicKey(sign, bytes(32)), TYPES[0], PAYLOAD, signature)


def test_a_key_is_grown_from_its_seed() -> None:
    assert SUITE.pair(bytes(64)) == RealSuite().pair(bytes(64))
    assert SUITE.pair(bytes(64)).id != SUITE.pair(bytes(63) + b"\x01").id
    for seed in (b"", bytes(63), bytes(65)):
        with raises(ValueError, match="64 bytes"):
            SUITE.pair(seed)


def test_both_halves_of_a_key_make_its_id() -> None:
    ids = {
        ONE.id,
        PublicKey(ONE.public.sign, TWO.public.seal).id,
        PublicKey(TWO.public.sign, ONE.public.seal).id,
        PublicKey(ONE.public.seal, ONE.public.sign).id,
    }
    assert len(ids) == 4
    assert all(len(i) == 32 and int(i, 16) >= 0 for i in ids)
    assert ONE.public.as_fields() == {
        "id": ONE.id,
        "sign": ONE.public.sign.hex(),
        "seal": ONE.public.seal.hex(),
    }


def test_a_private_key_has_no_readable_form() -> None:
    text = f"{ONE!r} {ONE}"
    secret = ONE.sign_private
    assert secret.hex() not in text
    assert repr(secret) not in text
    assert {field.name for field in dataclass_fields(KeyPair)} == {"sign_private", "seal_private", "public"}


@settings(max_examples=25)
@given(st.binary(max_size=80), st.binary(max_size=20))
def test_what_is_sealed_opens_for_its_reader_and_purpose_alone(secret: bytes, info: bytes) -> None:
    sealed = SUITE.seal(ONE.public, info, secret)
    assert SUITE.unseal(ONE, info, sealed) == secret
    assert SUITE.unseal(TWO, info, sealed) is None
    assert SUITE.unseal(ONE, info + b"x", sealed) is None


def test_nothing_is_sealed_twice_alike(sealing_anew: None) -> None:
    assert SUITE.seal(ONE.public, b"info", bytes(32)) != SUITE.seal(ONE.public, b"info", bytes(32))


@given(st.integers(0, 8 * 80 - 1))
def test_a_sealed_thing_with_one_bit_turned_does_not_open(bit: int) -> None:
    sealed = SUITE.seal(ONE.public, b"info", bytes(32))
    assert SUITE.unseal(ONE, b"info", _turn(sealed, bit % (8 * len(sealed)))) is None


@given(st.binary(max_size=120))
def test_unsealing_anything_never_raises(data: bytes) -> None:
    assert SUITE.unseal(ONE, b"info", data) is None


@given(st.binary(max_size=60), st.binary(max_size=20), st.data())
def test_a_record_opens_only_as_it_was_closed(plain: bytes, bound: bytes, data: st.DataObject) -> None:
    key, nonce = bytes(range(32)), bytes(12)
    cipher = SUITE.encrypt(key, nonce, plain, bound)
    assert SUITE.decrypt(key, nonce, cipher, bound) == plain
    bit = data.draw(st.integers(0, 8 * len(cipher) - 1))
    assert SUITE.decrypt(key, nonce, _turn(cipher, bit), bound) is None
    assert SUITE.decrypt(key, bytes(11) + b"\x01", cipher, bound) is None
    assert SUITE.decrypt(bytes(32), nonce, cipher, bound) is None
    assert SUITE.decrypt(key, nonce, cipher, bound + b"x") is None
    assert SUITE.decrypt(key, nonce, cipher[:-1], bound) is None
    assert SUITE.decrypt(key, nonce, b"", bound) is None


def test_a_statement_is_signed_by_each_of_its_keys_and_no_other() -> None:
    statement = signed.make(signed.EPOCH, {"n": 1}, (ONE, TWO), SUITE)
    assert statement.fields() == {"n": 1, "v": 1}
    assert statement.signed_by(ONE.public, SUITE)
    assert statement.signed_by(TWO.public, SUITE)
    assert not statement.signed_by(key_pair("three").public, SUITE)


@mark.parametrize("other", [sort for sort in SORTS if sort != signed.ENTRY])
def test_a_statement_under_another_sort_is_not_signed(other: str) -> None:
    statement = make_statement(signed.ENTRY, "one", address="x")
    assert statement.signed_by(ONE.public, SUITE)
    assert not statement._replace(sort=other).signed_by(ONE.public, SUITE)


def test_a_signature_under_the_name_of_another_key_does_not_count() -> None:
    statement = make_statement(signed.ENTRY, "one", address="x")
    renamed = statement._replace(signatures=((TWO.id, statement.signatures[0][1]),))
    assert not renamed.signed_by(ONE.public, SUITE)
    assert not renamed.signed_by(TWO.public, SUITE)


def test_only_the_first_few_signatures_are_looked_at() -> None:
    """Whoever sends ten thousand signatures makes us check eight."""
    statement = make_statement(signed.ENTRY, "one", address="x")
    flood = ((ONE.id, bytes(64)),) * signed.SIGNATURES_MAX
    assert not statement._replace(signatures=flood + statement.signatures).signed_by(ONE.public, SUITE)
    assert statement._replace(signatures=flood[1:] + statement.signatures).signed_by(ONE.public, SUITE)


@mark.parametrize(
    "payload", [b"", b"[]", b"1", b'"x"', b"{}", b'{"v":2}', b'{"v":"1"}', b'{"v": 1}', b'{"v":true}']
)
def test_what_is_no_statement_of_this_version_is_refused(payload: bytes) -> None:
    with raises(NotCanonical):
        Statement(signed.ENTRY, payload, ()).fields()


def test_a_statement_fits_a_record_or_is_not_made() -> None:
    with raises(TooLarge):
        make_statement(signed.SHELF, "one", text="x" * signed.STATEMENT_BYTES_MAX)
    with raises(NotCanonical):
        make_statement(signed.SHELF, "one", price=1.5)
