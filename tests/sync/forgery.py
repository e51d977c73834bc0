"""Frames as a hostile but enrolled neighbour makes and brings them."""

from __future__ import annotations

import hashlib

from sync.protocol.frame import SALT_BYTES, SIGNED_AS, Frame, make_body, rebuild
from sync.protocol.frame_items import encode_frames
from sync.protocol.records import FRAMES
from tests.sync.network import SUITE, Site


def all_frames(site: Site) -> list[Frame]:
    starts = {s.id: s.base for s in site.spool.streams()}
    return [p.frame for p in site.spool.frames_after(starts, 0, 10_000)]


def resigned(site: Site, frame: Frame, **fields: object) -> Frame:
    """Return the frame with other header fields, truly signed by the site."""
    header = frame.header._replace(**fields)
    return rebuild(header, frame.body, SUITE.sign(site.key, SIGNED_AS, header.encode()))


def other_at(site: Site, frame: Frame, content: bytes) -> Frame:
    """Return another act at the same place: a fork."""
    body = make_body(bytes(SALT_BYTES), content)
    header = frame.header._replace(body_hash=hashlib.sha256(body).digest(), body_len=len(body))
    return rebuild(header, body, SUITE.sign(site.key, SIGNED_AS, header.encode()))


def bring(sender: Site, receiver: Site, *frames: Frame, kind: int = FRAMES) -> None:
    receiver.take(sender.say_items(receiver, *(encode_frames(kind, [frame]) for frame in frames)))
