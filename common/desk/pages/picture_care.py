"""Papers made fit on their way in: large pictures shrunk, all looked at, pictures turned by hand."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO

from flask import request
from werkzeug.datastructures import FileStorage

from common.errors import RuleError
from common.papers import pictures
from common.papers.looks import looks_of
from common.papers.pictures import SHRINK_ABOVE_BYTES, TAKEN_MAX_BYTES, Change
from common.papers.rules import HEAD_BYTES, media_type
from common.web.ports import current_node

# A smaller file is a drawing or a thumbnail: whether it is sharp shows at a glance.
_LOOK_ABOVE_BYTES = 150_000
# When the disk has little room left.
_SHRINK_ABOVE_WHEN_LOW = 400_000


class CannotTurn(RuleError):
    """The picture cannot be decoded here."""

    code = "E345"
    sentence = "这台服务器不能转动这张图片。"
    kept = "图片没有改动，还在草稿里。"
    advice = "请移除后，在手机上转正再上传，或重新拍照。"


@dataclass(frozen=True, slots=True)
class Fit:
    """A paper as it is to be stored: its bytes, how many pages, what a person should look at."""

    stream: IO[bytes]
    pages: int
    notes: tuple[str, ...]


def fitted(stream: IO[bytes]) -> Fit:
    """Return a paper of the form that is being sent as it is to be stored.

    What the form calls `looked` the browser has shrunk already, and warned the person of.

    Raises:
        EmptyPaper, NotAPaper, PaperBomb: it will not do.
    """
    is_looked_at = bool(request.form.get("looked"))
    head = stream.read(HEAD_BYTES)
    found = media_type(head)
    data = head + stream.read(TAKEN_MAX_BYTES)
    looks = looks_of(found, data)
    notes = looks.notes
    if found.startswith("image/") and _wants_child(len(data), is_looked_at=is_looked_at):
        is_low = current_node().disk.state() > 0
        above = _SHRINK_ABOVE_WHEN_LOW if is_low else SHRINK_ABOVE_BYTES
        changed = pictures.changed(data, Change.SMALL if is_low else Change.SHRINK)
        if changed is not None:
            notes = tuple(dict.fromkeys((*notes, *changed.notes)))
            data = changed.data if above < len(data) > len(changed.data) else data
    return Fit(io.BytesIO(data), looks.pages, notes)


def _wants_child(size: int, *, is_looked_at: bool) -> bool:
    if size > _SHRINK_ABOVE_WHEN_LOW and current_node().disk.state():
        return True
    return size > SHRINK_ABOVE_BYTES or (size > _LOOK_ABOVE_BYTES and not is_looked_at)


def turned(done: FileStorage | None, stored: Iterable[bytes]) -> IO[bytes]:
    """Return a picture turned: the browser's, when it sent one, else made here from the stored bytes.

    Raises:
        CannotTurn: neither can be had, or what the browser sent is no picture.
        EmptyPaper, NotAPaper, PaperBomb: it will not do.
    """
    if done is not None and done.filename:
        # It takes the place of a paper that was looked at, so it is looked at as that was.
        data = done.stream.read(TAKEN_MAX_BYTES)
        found = media_type(data[:HEAD_BYTES])
        if not found.startswith("image/"):
            raise CannotTurn()
        looks_of(found, data)
        return io.BytesIO(data)
    changed = pictures.changed(b"".join(stored), Change.TURN)
    if changed is None:
        raise CannotTurn()
    return io.BytesIO(changed.data)
