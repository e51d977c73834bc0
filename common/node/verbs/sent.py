"""`trust sent`: what a node has sent, number by number, so that a cut can be chosen for each stream."""

from __future__ import annotations

import argparse

from common.casework import lists
from common.node.node import Node
from common.node.verbs.act_words import act_line
from common.web.words import local_time
from sync.protocol.trust.revocation import Line

SENT_MAX = 1_000


def sent_step(node: Node, options: argparse.Namespace) -> int:
    """List the newest acts of each stream of a node, newest first: number, when it came, what it is.

    Raises:
        NotAllowedInRoster: there is no such site.
    """
    with node.heart.reading():
        node.trust.entry(options.address)
        for line in node.trust.lines(options.address):
            print(f"{line.stream}　发往{node.place_name(line.stream.dst)}，到第 {line.upto} 号")
            print("\n".join(_sent(node, line)) or "  县里没有这一段的报文。")
    return 0


def _sent(node: Node, line: Line) -> list[str]:
    # Of each frame only its line is kept: a thousand of the largest would fill the memory.
    told = [
        (frame.act, frame.header.seq, frame.header.clock.wall, act_line(frame))
        for frame in node.trust.sent(line.stream, line.upto, SENT_MAX)
    ]
    came = lists.came_at(act for act, *_ in told)
    rows = [
        f"  第 {seq} 号 {local_time(came[act])} 收到"
        if act in came
        else f"  第 {seq} 号 自称 {local_time(wall)}"
        for act, seq, wall, _ in told
    ]
    return [f"{row} {what}" for row, (*_, what) in zip(rows, told, strict=True)][::-1]
