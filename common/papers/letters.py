"""Streams of a PDF written out in letters (ASCIIHex, ASCII85), read as by viewers, who pass over faults."""

from __future__ import annotations

import base64
import re

from common.papers.old_packing import name_of

_HEX = re.compile(name_of("ASCIIHexDecode", "AHx").encode())
_85 = re.compile(name_of("ASCII85Decode", "A85").encode())
_NO_DIGIT, _NO_SIGN = re.compile(rb"[^0-9A-Fa-f]+"), re.compile(rb"[^!-uz]+")
_GROUP = re.compile(rb"z|[!-u]{5}")
_IN_LETTERS = re.compile(rb"[!-uz\s\0]{16}")


def named_in(head: bytes) -> str:
    """Return which way of writing a stream names for itself: "hex", "85", "" for none."""
    return "hex" if _HEX.search(head) else "85" if _85.search(head) else ""


def may_be_letters(begins: bytes) -> bool:
    """Say whether a stream that begins so may be written out in letters."""
    return _IN_LETTERS.match(begins) is not None


def read_out(way: str, text: bytes) -> bytes:
    """Return what was written out, as far as it can be read."""
    if way == "hex":
        digits = _NO_DIGIT.sub(b"", text.partition(b">")[0])
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    signs = _NO_SIGN.sub(b"", text.partition(b"~>")[0])
    try:
        return base64.a85decode(signs)
    except ValueError:
        return _up_to_fault(signs)


def _up_to_fault(signs: bytes) -> bytes:
    """Return what stands before the first signs that are no number: a viewer has shown it by then."""
    out = bytearray()
    for group in _GROUP.findall(signs):
        try:
            out += base64.a85decode(group)
        except ValueError:
            break
    return bytes(out)
