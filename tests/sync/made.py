"""Small real objects for the sync tests: keys, chained frames, statements. None draws on chance or time."""

from __future__ import annotations

import hashlib

from sync.protocol import canonical, signed
from sync.protocol.frame import (
    PLAIN,
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
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair, RealSuite
from sync.protocol.spool import Placed
from sync.protocol.streams import Stream

SUITE = RealSuite()
COUNTY, TOWN, VILLAGE, OTHER = "511921", "511921108", "511921108203", "511921108207"
EPOCH = "1-00112233445566aa"
UP = StreamId(VILLAGE, EPOCH, COUNTY)
DOWN = StreamId(COUNTY, EPOCH, VILLAGE)
BESIDE = StreamId(OTHER, EPOCH, COUNTY)
ROOT = bytes(range(32))
CLOCK = Evidence(1_790_000_000_000, "0badcafe", 12_345)


def key_pair(name: str) -> KeyPair:
    """Return the key pair that belongs to a name, the same in every run."""
    return SUITE.pair(hashlib.sha512(name.encode()).digest())


def blob_ref(content: bytes, media_type: str = "image/jpeg") -> BlobRef:
    """Return the reference of a paper with this content."""
    return BlobRef(hashlib.sha256(content).hexdigest(), len(content), media_type)


def make_header(stream: StreamId = UP, seq: int = 1, prev: bytes = ROOT, body: bytes = bytes(16)) -> Header:
    """Return a well-formed header of a body."""
    digest = hashlib.sha256(body).digest()
    return Header("case.filed", stream, seq, prev, digest, len(body), PLAIN, (), CLOCK, 3)


def make_frame(stream: StreamId = UP, seq: int = 1, prev: bytes = ROOT, word: str = "") -> Frame:
    """Return a frame signed by its author's key; `word` makes its act another one."""
    content = canonical.dumps({"stream": str(stream), "seq": seq, "word": word})
    body = make_body(hashlib.sha256(content).digest()[:16], content)
    header = make_header(stream, seq, prev, body)
    return rebuild(header, body, SUITE.sign(key_pair(stream.src), SIGNED_AS, header.encode()))


def with_blobs(frame: Frame, *blobs: BlobRef) -> Frame:
    """Return the frame naming papers and wrapped for one reader."""
    header = frame.header._replace(blobs=blobs)
    signature = SUITE.sign(key_pair(header.stream.src), SIGNED_AS, header.encode())
    return rebuild(header, frame.body, signature, (Wrap("ab" * 16, b"sealed to a reader"),))


def chain(stream: StreamId, count: int, *, position: int = 1, step: int = 1) -> list[Placed]:
    """Return the first frames of a stream, each naming the one before, at positions a step apart."""
    placed: list[Placed] = []
    prev = ROOT
    for seq in range(1, count + 1):
        frame = make_frame(stream, seq, prev)
        placed.append(Placed(position + (seq - 1) * step, frame))
        prev = frame.hash
    return placed


def stream_upto(placed: list[Placed]) -> Stream:
    """Return the stream row that says these frames are held."""
    last = placed[-1].frame
    return Stream(last.header.stream, 0, ROOT, last.header.seq, last.hash)


def make_statement(sort: str = signed.RECEIPT, author: str = VILLAGE, /, **fields: object) -> Statement:
    """Return a statement of these fields signed by its author."""
    return signed.make(sort, dict(fields), (key_pair(author),), SUITE)
