"""Which pictures of a signature a notice shows: a small PNG that says once how large it is."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PIL import Image

from common.casework import lists
from common.notices import signature
from common.notices.rules.kinds import Kind
from sync.protocol.frame import BlobRef
from tests.notices.stories import SUBSISTENCE
from tests.notices.test_texts import ITEMS, made


def drawn() -> bytes:
    made_of = io.BytesIO()
    Image.new("L", (90, 30), 255).save(made_of, "PNG")
    return made_of.getvalue()


WHOLE = drawn()
HEADER, REST = WHOLE[8:33], WHOLE[33:]


class Papers:
    """One paper, in two pieces."""

    def __init__(self, content: bytes) -> None:
        self.pieces = content[:20], content[20:]

    def content(self, paper: BlobRef) -> Iterator[bytes]:
        yield from self.pieces


@pytest.mark.parametrize(
    ("content", "is_shown"),
    [
        (WHOLE, True),
        (WHOLE[:8] + HEADER + HEADER + REST, False),
        (WHOLE[:8] + HEADER.replace(b"\x00\x00\x00\x5a", b"\x00\x00\x5a\x00") + REST, False),
        (WHOLE[:-1], False),
        (WHOLE[:33], False),
        (WHOLE[:10], False),
        (b"", False),
    ],
    ids=["whole", "two headers", "too wide", "torn", "header alone", "beginning", "nothing"],
)
def test_only_a_small_picture_with_one_header_is_shown(
    content: bytes, is_shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = BlobRef("ab" * 32, len(content), "image/png")
    monkeypatch.setattr(lists, "paper", lambda blob: paper)
    notice = made(Kind.HANDOVER, ITEMS[SUBSISTENCE])
    notice = replace(notice, signature=paper.hash)
    assert signature.shown_signature(notice, Papers(content)) == (content if is_shown else b"")
