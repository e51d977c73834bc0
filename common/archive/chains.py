"""Compares the frames of a package with their neighbours in the stream, with epochs, receipts and papers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from common.archive.findings import Findings
from sync.protocol.frame import Frame, StreamId
from sync.protocol.receipts import Receipt
from sync.protocol.streams import Epoch
from sync.protocol.verdicts import RELEASED, STRUCK

PAPERS = "papers/"


def check_chains(
    frames: Iterable[Frame],
    epochs: Mapping[tuple[str, str], Epoch],
    receipts: Mapping[StreamId, Receipt],
    found: Findings,
) -> None:
    """Compare neighbours in a stream, the first with its epoch, and the last with its receipt."""
    streams: dict[StreamId, dict[int, Frame]] = {}
    for frame in frames:
        held = streams.setdefault(frame.header.stream, {}).setdefault(frame.header.seq, frame)
        if held.hash != frame.hash:
            found.problems.append(f"{frame.header.stream} 第 {frame.header.seq} 号有两份不同的报文")
    found.streams = len(streams)
    for stream, places in streams.items():
        receipt, epoch = receipts.get(stream), epochs.get((stream.src, stream.epoch))
        for seq, frame in sorted(places.items()):
            before = places.get(seq - 1)
            expected = before.hash if before else epoch.root if epoch and seq == 1 else None
            if expected not in (None, frame.header.prev):
                found.problems.append(f"{stream} 第 {seq} 号与前一号不相连")
            if receipt is not None and receipt.upto == seq and receipt.head != frame.hash.hex():
                found.problems.append(f"{stream} 第 {seq} 号与终点回执不符")
            is_step = frame.header.kind not in (RELEASED, STRUCK)
            found.end_stored += int(is_step and receipt is not None and receipt.upto >= seq)


def check_papers(hashes: Mapping[str, str], frames: Iterable[Frame], found: Findings) -> None:
    """Compare the papers with those that frames name: none may be lacking, another, or put in."""
    there = {name: name.removeprefix(PAPERS).partition(".")[0] for name in hashes if name.startswith(PAPERS)}
    known, named = set(), set()
    for frame in frames:
        blobs = {blob.hash for blob in frame.header.blobs}
        known |= blobs
        # The papers of a body that is gone may be gone with it.
        named |= blobs if frame.body else set()
    found.problems += [f"缺少材料 {paper}" for paper in sorted(named - {*there.values()})]
    for name, paper in sorted(there.items()):
        if hashes[name] != paper:
            found.problems.append(f"材料 {name} 与它的名字不符")
        elif paper not in known:
            found.problems.append(f"材料 {name} 不是这个办件的")
    found.papers = len(named & {*there.values()})
