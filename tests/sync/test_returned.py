"""Whether all is back that a node put back had sent: told by what neighbours still hold of it."""

from __future__ import annotations

from sync.protocol.frame import StreamId
from sync.protocol.own.returned import is_all_back
from sync.protocol.spool import Part
from tests.sync.network import TOWN, VILLAGE, Site, make_network, settle


def told(town: Site, part: Part) -> bool:
    """Let the village say that it holds this of a stream of the township's former epoch."""
    with town.unit():
        town.spool.put_vector(VILLAGE, {StreamId(TOWN, "1-0000000000000009", VILLAGE): part}, ())
    return is_all_back(town.spool, TOWN, VILLAGE)


def test_a_copy_that_was_only_begun_is_waited_for_by_nobody_and_one_with_a_frame_is():
    """A new machine began it at a mark: it holds nothing of what lies before, and can bring nothing of it."""
    sites = make_network()
    town = sites[TOWN]
    town.submit(b'{"to":["511921108203"]}', (VILLAGE,))
    settle(sites, 3)
    assert is_all_back(town.spool, TOWN, VILLAGE)
    assert told(town, Part(2, 2, b"h" * 32))
    assert not told(town, Part(2, 3, b"h" * 32))
