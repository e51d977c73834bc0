"""What the judge lets pass of copies that go by their holder no more, or begin at a mark: that alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sync.protocol import canonical, signed
from sync.protocol.address import Tree
from sync.protocol.frame import StreamId
from sync.protocol.incoming.rebase import PUT_BY
from sync.protocol.signed import Statement
from sync.protocol.spool import Part
from sync.protocol.streams import Stream
from tests.simulation import ending
from tests.simulation.ending import _copies_apart, _vectors_apart

TOP, FORMER, PARENT, VILLAGE = "511921", "511921102", "511921100", "511921102201"
STREAM, HEAD = StreamId(FORMER, f"1-{'a' * 16}", VILLAGE), b"h" * 32


def mark(upto: int = 1, head: bytes = HEAD) -> Any:
    fields = {
        "v": 1, "at": 1, "inc": 1, "kind": "end", "missing": [], "papers": upto, "signer": VILLAGE,
        "stream": list(STREAM), "upto": upto, "head": head.hex(),
    }  # fmt: skip
    return SimpleNamespace(statement=Statement(PUT_BY, canonical.dumps(fields), ()))


def moved(
    marks: list[Any], lacks: tuple[str, ...] = (VILLAGE,), parent: str = PARENT, top: bytes = HEAD
) -> Any:
    """Return a county at rest, of which a village has left the township that once wrote to it."""
    tree = Tree({TOP: "", FORMER: TOP, PARENT: TOP, VILLAGE: parent})
    sites = {}
    for address in (TOP, FORMER, PARENT, VILLAGE):
        copy = Stream(STREAM, 0, b"root", 1, top if address == TOP else HEAD)
        held = [] if address in lacks or (address == PARENT != parent) else [copy]
        spool = SimpleNamespace(
            streams=lambda held=held: held,
            stream=lambda wanted, held=held: next(iter(held), None),
            all_held=lambda sort, own=marks if address == VILLAGE else []: own if sort == PUT_BY else [],
        )
        uplinks = tree.up(address)[1:]
        sites[address] = SimpleNamespace(address=address, spool=spool, tree=tree, uplinks=uplinks)
    oracle = SimpleNamespace(forgetful=set(), frames={})
    return SimpleNamespace(sites=sites, addresses=list(sites), oracle=oracle)


def test_a_new_machine_keeps_the_mark_of_a_township_that_stands_above_it_no_more():
    """Seed 41054: the mark came from its parent, and its author had nothing more to say."""
    assert list(_copies_apart(moved([mark()]))) == []


@pytest.mark.parametrize(
    "otherwise",
    [
        {"marks": []},
        {"marks": [mark(2)]},
        {"marks": [mark(head=b"x" * 32)]},
        {"marks": [mark()], "lacks": (VILLAGE, PARENT)},
        {"marks": [mark()], "top": b"y" * 32},
        {"marks": [mark()], "parent": FORMER},
    ],
    ids=range(6),
)
def test_any_other_copy_that_lacks_is_found(otherwise):
    """No mark; of another place, head; the parent lacks it too; the top differs; the author is beside it."""
    (found,) = _copies_apart(moved(**otherwise))
    assert str(STREAM) in found


@pytest.mark.parametrize(("by", "tells", "is_found"), [(TOP, 10, 0), (TOP, 14, 1), (PARENT, 10, 1)])
def test_a_copy_in_doubt_is_told_as_far_as_it_is_in_none_where_its_stream_goes_by_no_more(
    by, tells, is_found, monkeypatch
):
    """Seed 991414: the county kept another branch from when that township was relieved."""
    stream = StreamId(PARENT, "1-a", VILLAGE) if by == TOP else StreamId(VILLAGE, "1-a", TOP)
    copy, agreed = Stream(stream, 0, b"root", 14, HEAD), Part(0, 10, b"a" * 32)
    monkeypatch.setattr(ending, "agreed", lambda core, held: agreed)
    tree = Tree({TOP: "", PARENT: TOP, VILLAGE: PARENT})
    told = agreed if tells == 10 else Part(0, 14, HEAD)
    one, other = (PARENT, TOP) if by == TOP else (VILLAGE, PARENT)
    sites = {
        address: SimpleNamespace(
            address=address,
            tree=tree,
            uplinks=tree.up(address)[1:],
            peer=SimpleNamespace(core=None),
            spool=SimpleNamespace(
                vector=lambda _, at=address: {stream: told} if at == one else {},
                streams=lambda at=address: [copy] if at == other else [],
            ),
        )
        for address in (TOP, PARENT, VILLAGE)
    }
    county = SimpleNamespace(sites=sites)
    found = [said for said in _vectors_apart(county, sites[one]) if said.startswith(one)]
    assert len(found) == is_found


def test_the_marks_of_this_file_are_read_as_receipts():
    assert mark().statement._replace(sort=signed.RECEIPT).fields()["upto"] == 1
