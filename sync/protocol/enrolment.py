"""Enrolment: a code printed on paper lets a new node and its parent believe each other's keys, once.

The code is never sent. It keys an HMAC-SHA256 over what each side says, so
neither side nor anyone between can put in another key. The code carries the
number of the node's next epoch and 105 random bits.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sync.protocol import canonical, signed
from sync.protocol.errors import BadEnrolment, NotACode, NotCanonical
from sync.protocol.practice import REAL
from sync.protocol.signed import Statement
from sync.protocol.typed import signs

CODE_RANDOM_BYTES = 14
CODE_LETTERS = 21
MESSAGE_BYTES_MAX = 200_000
# What a message of an enrolment is.
REQUEST, ANSWER = "request", "answer"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUP = 7
_NUMBER_DIGITS = 6
NUMBER_MAX = 10**_NUMBER_DIGITS - 1


def make_code(epoch_n: int, random: bytes) -> str:
    """Return a code as it is printed: the epoch number, then 21 letters (105 bits) in groups of seven.

    Args:
        epoch_n: number the enrolled node gives its first epoch, above all known of the address.
        random: 14 fresh random bytes.
    """
    if len(random) != CODE_RANDOM_BYTES:
        raise ValueError("a code grows from 14 bytes")
    number = int.from_bytes(random, "big")
    letters = "".join(_ALPHABET[(number >> (5 * i)) & 31] for i in range(CODE_LETTERS))
    groups = [letters[i : i + _GROUP] for i in range(0, CODE_LETTERS, _GROUP)]
    return "-".join([str(epoch_n), *groups])


def read_code(text: str, keyed: bytes = REAL) -> tuple[int, bytes]:
    """Return the epoch number and the HMAC key of a code as typed.

    Whatever stands between them counts for nothing; full width, small letters, O for 0, I or L for 1
    are allowed.

    Args:
        keyed: what keys of this kind of network are made under, see `practice`.

    Raises:
        NotACode: not a code.
    """
    clean = signs(text).translate(str.maketrans("OIL", "011"))
    number, letters = clean[:-CODE_LETTERS], clean[-CODE_LETTERS:]
    is_number = number.isascii() and number.isdigit() and len(number) <= _NUMBER_DIGITS
    if not is_number or set(letters) - set(_ALPHABET):
        raise NotACode
    return int(number), hashlib.sha256(keyed + f"{int(number)}-{letters}".encode()).digest()


@dataclass(frozen=True, slots=True)
class Request:
    """What a new node says: its address, its key, the record of its first epoch."""

    address: str
    key: dict[str, str]
    epoch: Statement
    nonce: str


def write_request(request: Request, secret: bytes) -> bytes:
    """Return the request as bytes for HTTP or a file."""
    body = {
        "v": 1,
        "address": request.address,
        "key": request.key,
        "epoch": _pack(request.epoch),
        "nonce": request.nonce,
    }
    return _wrap(REQUEST, body, secret)


def address_in(data: bytes) -> str:
    """Return the address a request claims, to look up its code by; nothing is believed yet.

    Raises:
        BadEnrolment: not a request.
    """
    try:
        return str(canonical.loads(_unwrap(data)["body"].encode())["address"])
    except (KeyError, TypeError, AttributeError, NotCanonical):
        raise BadEnrolment("request") from None


def kind_of(data: bytes) -> str:
    """Return whether these bytes claim to be a `REQUEST` or an `ANSWER`, "" for neither."""
    try:
        fields = canonical.loads(_unwrap(data)["body"].encode())
    except (BadEnrolment, KeyError, TypeError, AttributeError, NotCanonical):
        return ""
    if type(fields) is not dict:
        return ""
    return REQUEST if "address" in fields else ANSWER if "statements" in fields else ""


def read_request(data: bytes, secret: bytes) -> Request:
    """Return a request made with the code behind `secret`.

    Raises:
        BadEnrolment: malformed, or made with another code.
    """
    fields = _open(REQUEST, data, secret)
    try:
        return Request(fields["address"], fields["key"], _unpack(fields["epoch"]), fields["nonce"])
    except (KeyError, TypeError, ValueError):
        raise BadEnrolment("request fields") from None


def write_answer(statements: Sequence[Statement], nonce: str, secret: bytes) -> bytes:
    """Return the answer: all the new node needs to believe its parent and the roster."""
    body = {"v": 1, "nonce": nonce, "statements": [_pack(s) for s in statements]}
    return _wrap(ANSWER, body, secret)


def read_answer(data: bytes, nonce: str, secret: bytes) -> list[Statement]:
    """Return the statements of the answer to the request with this nonce.

    Raises:
        BadEnrolment: malformed, made with another code, or for another request.
    """
    fields = _open(ANSWER, data, secret)
    try:
        if fields["nonce"] != nonce:
            raise BadEnrolment("answer to another request")
        return [_unpack(s) for s in fields["statements"]]
    except (KeyError, TypeError, ValueError):
        raise BadEnrolment("answer fields") from None


def _pack(statement: Statement) -> dict[str, Any]:
    return {
        "sort": statement.sort,
        "payload": base64.b64encode(statement.payload).decode(),
        "signatures": [[key_id, signature.hex()] for key_id, signature in statement.signatures],
    }


def _unpack(fields: dict[str, Any]) -> Statement:
    if fields["sort"] not in signed.SORTS:
        raise BadEnrolment("statement")
    signatures = tuple((str(key_id), bytes.fromhex(signature)) for key_id, signature in fields["signatures"])
    return Statement(fields["sort"], base64.b64decode(fields["payload"], validate=True), signatures)


def _wrap(what: str, body: dict[str, Any], secret: bytes) -> bytes:
    text = canonical.dumps(body)
    mac = hmac.new(secret, f"liandong.{what}.v1".encode() + b"\0" + text, hashlib.sha256).hexdigest()
    return canonical.dumps({"body": text.decode(), "mac": mac})


def _unwrap(data: bytes) -> dict[str, Any]:
    if len(data) > MESSAGE_BYTES_MAX:
        raise BadEnrolment("length")
    try:
        outer = canonical.loads(data)
    except NotCanonical:
        raise BadEnrolment("format") from None
    if type(outer) is not dict:
        raise BadEnrolment("format")
    return outer


def _open(what: str, data: bytes, secret: bytes) -> dict[str, Any]:
    outer = _unwrap(data)
    try:
        text = outer["body"].encode()
        mac = hmac.new(secret, f"liandong.{what}.v1".encode() + b"\0" + text, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(mac, outer["mac"]):
            raise BadEnrolment("code")
        fields = canonical.loads(text)
    except (KeyError, TypeError, AttributeError, NotCanonical):
        raise BadEnrolment("format") from None
    if type(fields) is not dict or fields.get("v") != 1:
        raise BadEnrolment("version")
    return fields
