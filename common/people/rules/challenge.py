"""The forgotten password of an administrator: the challenge a node prints, the answer a node above signs.

A challenge is 15 random characters and one that checks them together with the node's address. The answer is
written so that it can be typed from paper: lines of 40 characters, each with one more that checks the line.
Letters that look like digits (I L O U) do not occur and are read as what they look like. Pure.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHALLENGE_LENGTH = 16
NONCE_BYTES = 10
VALID_MS = 7 * 86_400_000
SIGNED_AS = "application/vnd.liandong.people.reset.v1"
ANSWER_LENGTH_MAX = 2_000
# Seconds; beyond it no calendar writes a date.
_YEAR_9999_S = 250_000_000_000

_LOOKS_LIKE = str.maketrans("ILOU", "110V")
_RFC4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_WRITE = str.maketrans(_RFC4648, ALPHABET)
_READ = str.maketrans(ALPHABET, _RFC4648)
_LINE = 40
_GROUP = 5
_SIGNATURE_BYTES = 64


class Mistyped(ValueError):
    """What was typed is no challenge or answer; `line` counts from 1, 0 when no single line is to blame."""

    def __init__(self, line: int = 0) -> None:
        super().__init__(f"line {line}")
        self.line = line


@dataclass(frozen=True, slots=True)
class Answer:
    """What a node above says: this login may be given a first password; `until` is UTC milliseconds."""

    author: str
    login: str
    until: int
    signature: bytes


def make_challenge(node: str, random: bytes) -> str:
    """Return the challenge that 10 random bytes make at a node; 75 of their bits count."""
    bits = int.from_bytes(random[:NONCE_BYTES], "big") >> 5
    text = "".join(ALPHABET[bits >> 5 * place & 31] for place in range(CHALLENGE_LENGTH - 1))
    return text + _check_mark(text, node)


def read_challenge(typed: str, node: str) -> str:
    """Return a typed challenge in its one form.

    Raises:
        Mistyped: too long or short, a strange sign, or it does not fit the node's address.
    """
    text = _plain(typed)
    if len(text) != CHALLENGE_LENGTH or text[-1] != _check_mark(text[:-1], node):
        raise Mistyped()
    return text


def grouped(text: str, size: int = 4) -> str:
    """Return a text in groups, as people read it out."""
    return " ".join(text[place : place + size] for place in range(0, len(text), size))


def statement(node: str, challenge: str, answer: Answer) -> dict[str, Any]:
    """Return what the signature of an answer is over; both sides build it from what they know."""
    return {
        "v": 1,
        "author": answer.author,
        "node": node,
        "nonce": challenge,
        "login": answer.login,
        "until": answer.until,
    }


def write_answer(answer: Answer) -> str:
    """Return an answer as lines of groups, ready to be printed, typed or carried in a file."""
    text = f"{answer.author}|{answer.until // 1000}|{answer.login}".encode()
    body = base64.b32encode(answer.signature + text).decode().rstrip("=").translate(_WRITE)
    lines = [body[place : place + _LINE] for place in range(0, len(body), _LINE)]
    return "\n".join(
        f"{grouped(line, _GROUP)} {_check_mark(line, str(number))}" for number, line in enumerate(lines, 1)
    )


def read_answer(typed: str) -> Answer:
    """Return a typed answer; its signature is not looked at here.

    Raises:
        Mistyped: with the first line that does not fit its check character.
    """
    body = "".join(_lines(typed))
    try:
        data = base64.b32decode(body.translate(_READ) + "=" * (-len(body) % 8))
        author, until, login = data[_SIGNATURE_BYTES:].decode().split("|")
        seconds = int(until)
        if not 0 <= seconds < _YEAR_9999_S:
            raise Mistyped()
        return Answer(author, login, seconds * 1000, data[:_SIGNATURE_BYTES])
    except (ValueError, UnicodeDecodeError):
        raise Mistyped() from None


def _lines(typed: str) -> list[str]:
    # Line ends may be lost on the way: the check characters stand at known places all the same.
    text = _plain(typed)
    if not _SIGNATURE_BYTES < len(text) <= ANSWER_LENGTH_MAX:
        raise Mistyped()
    found = []
    for number, place in enumerate(range(0, len(text), _LINE + 1), 1):
        line, mark = text[place : place + _LINE + 1][:-1], text[place : place + _LINE + 1][-1]
        if mark != _check_mark(line, str(number)):
            raise Mistyped(number)
        found.append(line)
    return found


def _plain(typed: str) -> str:
    text = "".join(typed.split()).replace("-", "").upper().translate(_LOOKS_LIKE)
    if any(mark not in ALPHABET for mark in text):
        raise Mistyped()
    return text


def _check_mark(text: str, bound: str) -> str:
    """Return the character that tells a wrong or swapped sign in `text`, or another `bound`.

    Odd weights have an inverse modulo 32, so no single wrong sign goes unseen.
    """
    start = hashlib.sha256(bound.encode()).digest()[0]
    return ALPHABET[
        (start + sum(ALPHABET.index(mark) * (2 * place + 1) for place, mark in enumerate(text))) % 32
    ]
