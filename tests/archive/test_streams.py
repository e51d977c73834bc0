"""Places in streams: an author who signs his own frames anew is found by the chain and by the receipts.

Method: the county's own key signs a header with one field changed; bodies, acts and manifest all fit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from common.archive.verify import check_package
from common.config import read_config
from common.node.assembly import build_node
from common.store.database import close_database
from sync.protocol import canonical
from sync.protocol.frame import SIGNED_AS
from sync.protocol.signing import KeyPair
from tests.archive.conftest import Packed
from tests.archive.parts import (
    SUITE,
    Tool,
    headers_of,
    listed_again,
    parts_of,
    put_together,
    signed_anew,
    with_revoked,
)
from tests.desk.three import COUNTY, PROFILES, VILLAGE, ThreeNodes

Found = tuple[list[str], list[str]]


class Author:
    """The county with its key: writes frames of the package anew."""

    def __init__(self, packed: Packed, folder: Path, tool: Tool) -> None:
        close_database()
        node = build_node(read_config(packed.nodes / COUNTY, {}), PROFILES[COUNTY])
        self.key: KeyPair = next(iter(node.keys.values()))
        close_database()
        self.parts = parts_of(packed.data)
        self._packed, self._folder, self._tool = packed, folder, tool

    def own(self) -> list[str]:
        """Return the county's frames, by place."""
        stems = sorted(
            name[:-5] for name in self.parts if name.startswith("frames/") and name.endswith(".json")
        )
        return [stem for stem in stems if self.header(stem)["src"] == COUNTY]

    def header(self, stem: str) -> dict[str, Any]:
        fields: dict[str, Any] = canonical.loads(self.parts[f"{stem}.json"])
        return fields

    def sign(self, source: str, target: str, **changed: Any) -> None:
        """Put the frame `source` at `target` with some fields changed."""
        data = canonical.dumps({**self.header(source), **changed})
        self.parts[f"{target}.json"] = data
        self.parts[f"{target}.sig"] = SUITE.sign(self.key, SIGNED_AS, data)

    def written(self) -> Path:
        """Return the file of the package as it now is."""
        path = self._folder / "again.zip"
        path.write_bytes(put_together(listed_again(self.parts, self.key)))
        return path

    def found(self) -> Found:
        """Return what both find in the package as it now is."""
        path = self.written()
        ours = check_package(path, self._packed.root, SUITE).problems
        return ours, self._tool(path.read_bytes(), self._packed.root)[0]


@pytest.fixture
def author(packed: Packed, tmp_path: Path, tool: Tool) -> Author:
    return Author(packed, tmp_path, tool)


def test_a_frame_signed_the_same_again_changes_nothing(author: Author) -> None:
    first = author.own()[0]
    author.sign(first, first)
    assert author.found() == ([], [])


@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_frame_that_does_not_follow_the_one_before_is_found(author: Author, place: int) -> None:
    """The first names its epoch, the others their predecessors."""
    own = author.own()
    assert [author.header(stem)["seq"] for stem in own] == list(range(1, len(own) + 1))
    author.sign(own[place], own[place], prev="0" * 64)
    ours, theirs = author.found()
    assert any("不相连" in one for one in ours) and any("not chained" in one for one in theirs)


def test_another_frame_than_was_receipted_is_found(author: Author) -> None:
    """The last one: nothing follows it, but its destination has signed what it got."""
    last = author.own()[-1]
    author.sign(last, last, wall=1)
    ours, theirs = author.found()
    assert [("终点回执" in one) for one in ours] == [True]
    assert [("receipted" in one) for one in theirs] == [True]


def test_two_frames_at_one_place_are_found(author: Author) -> None:
    author.sign(author.own()[2], "frames/9999", wall=1)
    ours, theirs = author.found()
    assert any("两份" in one for one in ours) and any("two frames" in one for one in theirs)


def test_a_receipt_by_a_revoked_key_says_nothing(packed: Packed, three: ThreeNodes, author: Author) -> None:
    """The frames are within the cut. The same key signs for another head, as a thief could at any time."""
    thief = next(iter(three.open(VILLAGE).keys.values()))
    county = three.open(COUNTY)
    with county.unit():
        roster_key = county.archive.core.means.roster_key
    assert roster_key is not None
    stored = check_package(packed.path, packed.root, SUITE).end_stored
    whole = author.parts
    for stem, fields in headers_of(whole, "trust/receipt-").items():
        if fields["signer"] == VILLAGE:
            author.parts = signed_anew(author.parts, stem, thief, head="0" * 64)
    assert [len(problems) for problems in author.found()] == [1, 1]
    for parts in (whole, author.parts):
        author.parts = with_revoked(parts, VILLAGE, roster_key)
        path, found = author.written(), author.found()
        assert found == ([], [])
        assert 0 < check_package(path, packed.root, SUITE).end_stored < stored
