"""The frame: one signed act at one place of one stream. Its bytes are kept and relayed as they came.

A frame is a header (canonical JSON, at most 4 KiB), a body that begins with
its 16-byte salt, an Ed25519 signature over the header bytes, and key wraps
when the body is sealed. The header holds the hash of the body, so a lawful
deletion of the body leaves the chain of headers verifiable.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from sync.protocol import canonical
from sync.protocol.address import is_address
from sync.protocol.errors import BadFrame, BodyTooLarge, TooLarge
from sync.protocol.signing import ALGORITHM, SIGNATURE_BYTES

WIRE_VERSION = 1
SIGNED_AS = "application/vnd.liandong.frame.v1"
SALT_BYTES = 16
# Limits of the format: what is larger is refused by every program of before.
HEADER_BYTES_MAX = 4096
BODY_BYTES_MAX = 65_536
BLOBS_MAX = 12
BLOB_BYTES_MAX = 64 * 1024 * 1024
WRAPS_MAX = 16
HASH_BYTES = 32
PLAIN = ""
SEALED = "sealed1"

_KIND = re.compile(r"[a-z][a-z0-9]{0,23}(\.[a-z][a-z0-9_]{0,23}){1,3}")
_EPOCH = re.compile(r"[1-9][0-9]{0,8}-[0-9a-f]{16}")
_BOOT = re.compile(r"[0-9a-f]{8}")
_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9][a-z0-9.+-]{0,60}")
_HEX64 = re.compile(r"[0-9a-f]{64}")
_HEX32 = re.compile(r"[0-9a-f]{32}")
_INT_MAX = 2**53 - 1


class StreamId(NamedTuple):
    """A gap-free FIFO of acts from one node, in one of its epochs, to one other."""

    src: str
    epoch: str
    dst: str

    def __str__(self) -> str:
        return f"{self.src}|{self.epoch}|{self.dst}"


class BlobRef(NamedTuple):
    """A paper named by its content: SHA-256 in hex, size in bytes, media type."""

    hash: str
    size: int
    type: str


class Evidence(NamedTuple):
    """What the author's clocks said; nothing is ever decided by it.

    Wall clock in UTC milliseconds, boot id (8 hex digits, new at every start
    of the process) and monotonic milliseconds since that start.
    """

    wall: int
    boot: str
    mono: int


def is_hash(text: object) -> bool:
    """Say whether `text` is a SHA-256 in hex."""
    return type(text) is str and _HEX64.fullmatch(text) is not None


def is_act_id(text: object) -> bool:
    """Say whether `text` has the form of an act's id."""
    return type(text) is str and _HEX32.fullmatch(text) is not None


def is_epoch(text: object) -> bool:
    """Say whether `text` has the form of an epoch's name."""
    return type(text) is str and _EPOCH.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Wrap:
    """The content key of a sealed body, sealed once more to one reader's key."""

    key_id: str
    sealed: bytes


class Header(NamedTuple):
    """The signed part of a frame. `prev` and `body_hash` are 32 raw bytes."""

    kind: str
    stream: StreamId
    seq: int
    prev: bytes
    body_hash: bytes
    body_len: int
    enc: str
    blobs: tuple[BlobRef, ...]
    clock: Evidence
    roster: int

    def encode(self) -> bytes:
        """Return the canonical bytes; fields must have passed `check` or come from `decode_header`."""
        # Written by hand because it runs once per frame and node; a test holds it equal to canonical.dumps.
        blobs = ",".join([f'["{b.hash}",{b.size},"{b.type}"]' for b in self.blobs])
        src, epoch, dst = self.stream
        wall, boot, mono = self.clock
        return (
            f'{{"alg":"{ALGORITHM}","blobs":[{blobs}],"body":["{self.body_hash.hex()}",{self.body_len}],'
            f'"boot":"{boot}","dst":"{dst}","enc":"{self.enc}","epoch":"{epoch}","kind":"{self.kind}",'
            f'"mono":{mono},"prev":"{self.prev.hex()}","roster":{self.roster},"seq":{self.seq},'
            f'"src":"{src}","v":{WIRE_VERSION},"wall":{wall}}}'
        ).encode()

    def check(self) -> Header:
        """Return self when every field has its form.

        Raises:
            BadFrame: a field is malformed or out of range.
            TooLarge: a declared length is above its limit.
        """
        src, epoch, dst = self.stream
        wall, boot, mono = self.clock
        good = (
            _KIND.fullmatch(self.kind)
            and is_address(src)
            and is_address(dst)
            and _EPOCH.fullmatch(epoch)
            and _BOOT.fullmatch(boot)
            and self.enc in (PLAIN, SEALED)
            and 1 <= self.seq <= _INT_MAX
            and 0 <= wall <= _INT_MAX
            and 0 <= mono <= _INT_MAX
            and 0 <= self.roster <= _INT_MAX
            and len(self.prev) == HASH_BYTES
            and len(self.body_hash) == HASH_BYTES
            and self.body_len >= SALT_BYTES
        )
        if not good:
            raise BadFrame("header field")
        if self.body_len > BODY_BYTES_MAX or len(self.blobs) > BLOBS_MAX:
            raise TooLarge("body or blobs")
        for blob in self.blobs:
            if not (_HEX64.fullmatch(blob.hash) and _TYPE.fullmatch(blob.type)):
                raise BadFrame("blob reference")
            if not 1 <= blob.size <= BLOB_BYTES_MAX:
                raise TooLarge("blob size")
        return self


def decode_header(data: bytes) -> Header:
    """Return the header whose canonical bytes are exactly `data`.

    Raises:
        BadFrame, NotCanonical, TooLarge: as the bytes deserve.
    """
    if len(data) > HEADER_BYTES_MAX:
        raise TooLarge("header")
    try:
        header = _from_fields(canonical.loads(data)).check()
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadFrame("header fields") from None
    if header.encode() != data:
        raise BadFrame("header has other fields")
    return header


def _from_fields(fields: dict[str, Any]) -> Header:
    body_hash, body_len = fields["body"]
    return Header(
        kind=fields["kind"],
        stream=StreamId(fields["src"], fields["epoch"], fields["dst"]),
        seq=fields["seq"],
        prev=bytes.fromhex(fields["prev"]),
        body_hash=bytes.fromhex(body_hash),
        body_len=body_len,
        enc=fields["enc"],
        blobs=tuple(BlobRef(*blob) for blob in fields["blobs"]),
        clock=Evidence(fields["wall"], fields["boot"], fields["mono"]),
        roster=fields["roster"],
    )


class Frame(NamedTuple):
    """Header bytes, body and signature as they came, with what is computed from them once.

    `body` is empty when it was purged by rule; the header still proves what it was.
    """

    header: Header
    header_bytes: bytes
    hash: bytes
    body: bytes
    signature: bytes
    act: str
    wraps: tuple[Wrap, ...] = ()

    @property
    def content(self) -> bytes:
        """The body without its salt."""
        return self.body[SALT_BYTES:]


class Act(NamedTuple):
    """One act as the application sees it: the same at every node and at every place it has in a stream."""

    id: str
    kind: str
    author: str
    content: bytes
    blobs: tuple[BlobRef, ...]
    enc: str
    wall: int


def act_of(frame: Frame) -> Act:
    """Return the act a frame carries."""
    header = frame.header
    return Act(
        frame.act, header.kind, header.stream.src, frame.content, header.blobs, header.enc, header.clock.wall
    )


def act_id(src: str, kind: str, enc: str, body_hash: bytes, blobs: tuple[BlobRef, ...]) -> str:
    """Return the id of an act: 128 bits of SHA-256 in hex.

    It depends on the author and on every byte the author meant, so nobody can
    take an id before its owner does, and the same act has it everywhere.
    """
    refs = ",".join([f'["{b.hash}",{b.size},"{b.type}"]' for b in blobs])
    text = f'liandong.act.v1["{src}","{kind}","{enc}","{body_hash.hex()}",[{refs}]]'
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def make_body(salt: bytes, content: bytes) -> bytes:
    """Return salt and content as one body.

    Raises:
        BodyTooLarge: above the limit; nothing was made.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError("salt must be 16 bytes")
    if SALT_BYTES + len(content) > BODY_BYTES_MAX:
        raise BodyTooLarge(f"{len(content)} bytes")
    return salt + content


def rebuild(header: Header, body: bytes, signature: bytes, wraps: tuple[Wrap, ...] = ()) -> Frame:
    """Return the frame whose header is `header`; its exact bytes follow from the fields."""
    if len(signature) != SIGNATURE_BYTES:
        raise BadFrame("signature length")
    data = header.encode()
    if len(data) > HEADER_BYTES_MAX:
        raise TooLarge("header")
    src = header.stream.src
    identity = act_id(src, header.kind, header.enc, header.body_hash, header.blobs)
    return Frame(header, data, hashlib.sha256(data).digest(), body, signature, identity, wraps)


def restore(header_bytes: bytes, body: bytes, signature: bytes, wraps: tuple[Wrap, ...] = ()) -> Frame:
    """Return a frame from its stored bytes (the inverse of keeping them)."""
    return rebuild(decode_header(header_bytes), body, signature, wraps)


def check_body(header: Header, body: bytes) -> None:
    """Refuse a body that is not the one the header names.

    Raises:
        BadFrame: length or hash differs.
    """
    if len(body) != header.body_len or hashlib.sha256(body).digest() != header.body_hash:
        raise BadFrame("body hash")
