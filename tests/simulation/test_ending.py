"""What the judge lets pass at the end is exactly what is harmless, and nothing beside it."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from common.casework.rules.shape import FILED
from sync.protocol import canonical
from sync.protocol.address import Tree
from sync.protocol.entries import Revoked
from sync.protocol.frame import Act, StreamId
from sync.protocol.incoming.left import LEFT
from sync.protocol.signed import SHELF
from sync.protocol.spool import GAP, PARKED, ActRow
from sync.protocol.streams import Epoch, Stream
from tests.simulation import elsewhere, ending
from tests.simulation.ending import _copies_apart, _unsettled
from tests.simulation.intended import Intended, Violation
from tests.simulation.losses import CASE_ACTS_MAX
from tests.simulation.oracle import Oracle
from tests.simulation.trust import Trust

TOP, TOWN, VILLAGE = "511921", "511921102", "511921102203"
OTHER_TOWN = "511921103"
FORMER, LATER = StreamId(TOWN, "1-a", VILLAGE), StreamId(TOWN, "2-b", VILLAGE)
ACTS = ("one", "two")
FILED_AND_NOT = (("filed", FILED), ("moved", "case.moved"))


def site(*streams: Stream, **places: list[tuple[StreamId, int]]) -> Any:
    spool = SimpleNamespace(
        streams=lambda: list(streams),
        stream=lambda wanted: next((one for one in streams if one.id == wanted), None),
        places_of_act=lambda act: places.get(act, []),
    )
    return SimpleNamespace(spool=spool, tree=Tree({TOP: "", TOWN: TOP, VILLAGE: TOWN}))


def county(base: int = 2, former: tuple[str, ...] = ACTS, forgetful: str = TOWN, **more: Any) -> Any:
    """Return a county at rest in which a new machine began a stream at 2, whose author was put back since."""
    later = Stream(LATER, 0, b"root", 2, b"head")
    given = {act: [(LATER, at)] for at, act in enumerate(ACTS, 1)} | more.get("given", {})
    author = site(later, *more.get("author", ()), **given)
    village = site(Stream(FORMER, base, b"former", 2, b"former"), later)
    frames = {(FORMER, at): {b"": SimpleNamespace(act=act)} for at, act in enumerate(former, 1)}
    oracle = SimpleNamespace(forgetful={forgetful}, frames=frames)
    sites = {TOP: site(), TOWN: author, VILLAGE: village}
    for address, one in sites.items():
        one.address = address
    return SimpleNamespace(sites=sites, addresses=list(sites), oracle=oracle)


def test_a_copy_begun_where_its_author_lost_all_passes_when_every_act_goes_on_in_a_later_epoch():
    assert list(_copies_apart(county())) == []


@pytest.mark.parametrize(
    "otherwise",
    [
        {"base": 1},
        {"forgetful": TOP},
        {"former": ACTS[:1]},
        {"former": (*ACTS[:1], "three")},
        {"given": {"two": [(FORMER, 2)]}},
        {"given": {"two": [(StreamId(TOWN, "2-b", TOP), 1)]}},
        {"author": (Stream(FORMER, 0, b"root", 1, b"x"),)},
    ],
    ids=str,
)
def test_any_other_difference_of_copies_is_found(otherwise):
    """A frame is there; none was put back; an act unseen, lost, not given anew or to another; two copies."""
    (found,) = _copies_apart(county(**otherwise))
    assert str(FORMER) in found


@pytest.mark.parametrize(("address", "is_found"), [(TOP, 1), (TOWN, 1), (VILLAGE, 1), (OTHER_TOWN, 0)])
def test_a_doubt_that_nothing_ends_passes_only_where_its_stream_goes_by_no_more(address, is_found):
    """A village has moved away from a township that had another branch of its stream (seed 48700006)."""
    none = dict.fromkeys(("parked", "wants", "gap_streams", "loose_gaps", "asides"), lambda *_: [])
    held = SimpleNamespace(key=f"{VILLAGE}|1-a|{TOP}")
    here = site()
    here.spool = SimpleNamespace(**none, all_held=lambda sort: [held])
    here.tree = Tree({TOP: "", TOWN: TOP, OTHER_TOWN: TOP, VILLAGE: TOWN})
    here.address, here.oracle = address, SimpleNamespace(lost_papers=set(), sites={TOP: here})
    here.peer = SimpleNamespace(core=None)
    assert len(list(_unsettled(here))) == is_found


@pytest.mark.parametrize(
    ("address", "has_act", "is_found"),
    [(TOP, True, 1), (TOWN, True, 1), (OTHER_TOWN, True, 0), (OTHER_TOWN, False, 1)],
)
def test_a_frame_beyond_a_gap_passes_only_where_its_stream_goes_by_no_more(
    address, has_act, is_found, monkeypatch
):
    """A village moved away before the gap was closed, and the act came by another way (seed 20923)."""
    monkeypatch.setattr(ending, "is_for_others", lambda *_: False)
    none = dict.fromkeys(("parked", "wants", "gap_streams", "loose_gaps", "all_held"), lambda *_: [])
    frame = SimpleNamespace(act="one", header=SimpleNamespace(stream=StreamId(TOP, "1-a", VILLAGE)))
    asides = {GAP: [SimpleNamespace(frame=frame)]}
    here = site()
    row = object() if has_act else None
    here.spool = SimpleNamespace(**none, asides=lambda why: asides.get(why, []), act=lambda act: row)
    here.tree = Tree({TOP: "", TOWN: TOP, OTHER_TOWN: TOP, VILLAGE: TOWN})
    here.address, here.oracle = address, Oracle()
    top = SimpleNamespace(identity=SimpleNamespace(epoch="1-a"), epoch=lambda *_: None)
    here.oracle.sites[TOP] = SimpleNamespace(peer=SimpleNamespace(core=top))
    assert len(list(_unsettled(here))) == is_found


@pytest.mark.parametrize(
    ("reason", "waits_for", "here", "others", "passes"),
    [
        (LEFT, "case:c", (), ("filed",), True),
        (LEFT, "act:named", ("named",), ("filed",), True),
        ("E108", "case:c", (), ("filed",), False),
        (LEFT, "case:c", ("filed",), ("filed",), False),
        (LEFT, "case:c", (), (), False),
        (LEFT, "case:other", (), ("filed",), False),
        (LEFT, "roster:c", (), ("filed",), False),
    ],
)
def test_an_act_may_wait_for_a_case_only_where_what_opens_that_is_for_others(
    reason, waits_for, here, others, passes, monkeypatch
):
    """Seed 970478; not where it is still waited for, nor where the filing is here or was named here."""
    monkeypatch.setattr(elsewhere, "is_for_others", lambda _, act: act in others)
    oracle = Oracle()
    body = canonical.dumps({"case": "c"})
    oracle.acts |= {act: Intended(TOWN, kind, body, (), (TOP,)) for act, kind in FILED_AND_NOT}
    rows = {act: ActRow(act, "case.struck", TOP, PARKED, LEFT, "case:c", 1) for act in here}
    one = SimpleNamespace(address=TOWN, oracle=oracle, spool=SimpleNamespace(act=rows.get))
    row = ActRow("struck", "case.struck", TOP, PARKED, reason, waits_for, 2)
    assert elsewhere.leads_to_others(one, row) is passes


@pytest.mark.parametrize(
    ("slot", "content", "is_known"),
    [
        (f"{TOWN}|notice|a", b"text", True),
        (f"{TOWN}|notice|a", b"other", False),
        (f"{TOP}|notice|a", b"text", False),
    ],
)
def test_what_a_node_put_back_publishes_above_both_is_known_by_its_text_alone(slot, content, is_known):
    """As people published it, and by itself: nothing else that comes on a shelf is taken for a document."""
    held = SimpleNamespace(sort=SHELF, key=slot, content=content, statement=SimpleNamespace(hash="again"))
    oracle = SimpleNamespace(documents={"first": b"text"}, forgetful={TOWN, TOP})
    spool = SimpleNamespace(news_held=[held], news_parked=[])
    roster = SimpleNamespace(roster=SimpleNamespace(version=1, _head_by=1))
    Trust(oracle).committed(SimpleNamespace(address=TOWN, spool=spool, peer=SimpleNamespace(core=roster)))
    assert ("again" in oracle.documents) is is_known


@pytest.mark.parametrize(("gone", "may_count"), [({"lost"}, True), ({"lost", "stolen"}, False)])
def test_a_thiefs_act_counts_where_nobody_has_heard_of_that_theft_and_nowhere_else(gone, may_count):
    """Another key of its author was revoked before: that alone does not make it false there."""
    good = SimpleNamespace(
        revoked=lambda author: dict.fromkeys(gone), good_key=lambda _, key: None if key in gone else key
    )
    core = SimpleNamespace(roster=good, spool=SimpleNamespace(held=lambda sort, key: None))
    oracle = Oracle()
    oracle.trust.forged["one"] = Intended(TOWN, "case.moved", b"", (), (TOP,))
    oracle.trust.places["one"] = [(LATER, 1)]
    oracle.trust.epochs[StreamId(TOWN, LATER.epoch, "")] = Epoch(TOWN, 2, "b", "stolen", "", "", None)
    act = Act("one", "case.moved", TOWN, b"", (), "", 0)
    with nullcontext() if may_count else pytest.raises(Violation, match="invariant 11"):
        oracle.trust.check_applied(SimpleNamespace(address=TOP, peer=SimpleNamespace(core=core)), act)


@pytest.mark.parametrize(
    ("put_back", "first_at", "is_own"),
    [((TOWN, TOP), "", True), ((TOP,), "", False), ((TOWN, TOP), TOP, False)],
)
def test_a_thiefs_act_is_its_authors_own_where_all_were_put_back_and_no_first_frame_is_left(
    put_back, first_at, is_own
):
    first = SimpleNamespace(act="one", header=SimpleNamespace(stream=FORMER))
    tree, oracle = Tree({TOP: "", TOWN: TOP, VILLAGE: TOWN}), Oracle()
    for address in (TOP, TOWN):
        spool = SimpleNamespace(
            act=lambda act: SimpleNamespace(state="applied"),
            asides=lambda why: [],
            loose_frames=lambda limit, here=address: [first] if here == first_at else [],
            places_of_act=lambda act: [(LATER, 1)],
        )
        oracle.sites[address] = SimpleNamespace(spool=spool, tree=tree)
    oracle.forgetful.update(put_back)
    trust = oracle.trust
    trust.forged["one"] = Intended(TOWN, "case.moved", b"", (), (TOP,))
    trust.in_good_faith["one"], trust.cuts["stolen"] = {"next"}, [({}, frozenset())]
    for stream, key in ((FORMER, "stolen"), (LATER, "next")):
        trust.epochs[StreamId(stream.src, stream.epoch, "")] = SimpleNamespace(key_id=key)
    trust.take_for_own()
    assert ("one" in oracle.acts, "one" in trust.forged) == (is_own, not is_own)


@pytest.mark.parametrize(
    ("forgetful", "shelved", "is_lost"),
    [({TOP, TOWN}, (), True), ({TOP, TOWN}, (TOWN,), False), (set(), (), False)],
)
def test_what_was_filed_under_a_document_that_nobody_has_any_more_may_wait_for_ever(
    forgetful, shelved, is_lost
):
    """All who had it were put back: the act alone was on its way, and came."""
    oracle, filed = Oracle(), canonical.dumps({"case": "c", "data": {"form": {"document": "d" * 64}}})
    for address in (TOP, TOWN):
        spool = SimpleNamespace(
            doc=lambda name, at=address: (at in shelved) or None, act=lambda act: object()
        )
        oracle.sites[address] = SimpleNamespace(spool=spool)
    oracle.documents["d" * 64], oracle.documents["e" * 64] = b"text", b"never filed under"
    oracle.acts |= {act: Intended(TOWN, kind, filed, (), (TOP,)) for act, kind in FILED_AND_NOT}
    if forgetful:
        oracle.lost_documents.update(name for name in oracle.documents if not oracle._is_shelved(name))
    assert oracle.lost() == ({"filed"} if is_lost else set())


@pytest.mark.parametrize(("first", "then", "is_lost"), [("", "", True), (TOWN, "", False), ("", TOWN, False)])
def test_what_only_disks_put_back_had_is_lost_be_it_an_act_of_the_sync_layer(first, then, is_lost):
    """Seed 4400206: a word of the top came back and named one; not where it was held then, or is again."""
    oracle, holders = Oracle(), [first]
    none = dict.fromkeys(("streams", "doc"), lambda *_: [])
    for address in (TOP, TOWN):
        spool = SimpleNamespace(
            **none,
            act=lambda act, at=address: at in holders or None,
            identity=Mock(return_value=Mock(stamp=1)),
        )
        oracle.sites[address] = SimpleNamespace(address=address, spool=spool, word=None)
    oracle.trust.places["held"] = [(FORMER, 1)]
    oracle.put_back(oracle.sites[TOP])
    holders[:] = [then]
    assert oracle.fallen() == ({"held"} if is_lost else set())


@pytest.mark.parametrize(
    ("cut", "ids", "seq", "may_count"),
    [
        (5, (), 5, True),
        (5, (), 6, False),
        (3, (), 3, True),
        (3, (), 4, False),
        (2, ("one",), 9, True),
        (2, ("two",), 9, False),
        (9, (), 4, False),
    ],
)
def test_a_node_goes_by_the_revocation_that_it_knows_if_any_life_of_the_top_has_said_so(
    cut, ids, seq, may_count
):
    """The top cut a key at 5, then at 2 but for one act, and last, put back once more, at 3; never at 9."""
    gone = {"key": Revoked("key", {str(LATER): cut}, frozenset(ids))}
    said_nothing = SimpleNamespace(held=lambda sort, act: None)
    core = SimpleNamespace(roster=SimpleNamespace(revoked=lambda author: gone), spool=said_nothing)
    oracle = Oracle()
    for upto, valid in ((5, []), (2, ["one"]), (3, [])):
        entry = SimpleNamespace(revoked=({"key": "key", "cut": {str(LATER): upto}, "ids": valid},))
        oracle.trust.revoked(entry)
    oracle.trust.places["one"] = [(LATER, seq)]
    oracle.trust.epochs[StreamId(TOWN, LATER.epoch, "")] = Epoch(TOWN, 2, "b", "key", "", "", None)
    act = Act("one", "case.moved", TOWN, b"", (), "", 0)
    with nullcontext() if may_count else pytest.raises(Violation, match="invariant 11"):
        oracle.trust.check_applied(SimpleNamespace(address=TOP, peer=SimpleNamespace(core=core)), act)


@pytest.mark.parametrize(("said", "seq", "may_count"), [(TOWN, 5, True), (TOWN, 6, False), ("", 5, False)])
def test_while_the_top_says_a_revocation_it_goes_by_that_itself(said, seq, may_count):
    """Seed 40045: an act past the cut of one stream, within that of another, counted in the same unit."""
    gone = {"key": Revoked("key", {str(LATER): 5}, frozenset())}
    entry = SimpleNamespace(revoked=({"key": "key", "cut": {str(LATER): 5}, "ids": []},))
    roster = SimpleNamespace(revoked=lambda author: gone, entries={TOWN: entry})
    core = SimpleNamespace(roster=roster, spool=SimpleNamespace(held=lambda sort, act: None))
    top, oracle = SimpleNamespace(address=TOP, peer=SimpleNamespace(core=core)), Oracle()
    oracle.sites[TOP], oracle.trust.being_said = top, said
    oracle.trust.places["one"] = [(LATER, seq)]
    oracle.trust.epochs[StreamId(TOWN, LATER.epoch, "")] = Epoch(TOWN, 2, "b", "key", "", "", None)
    act = Act("one", "case.moved", TOWN, b"", (), "", 0)
    with nullcontext() if may_count else pytest.raises(Violation, match="invariant 11"):
        oracle.trust.check_applied(top, act)


def test_a_case_whose_acts_have_no_end_is_named_with_them():
    """Seed 49701358: a township and its county answered each other, and the run had no end either."""
    oracle, close = Oracle(), canonical.dumps({"case": "c", "action": "close"})
    struck = canonical.dumps({"case": "c"})
    pair = [(TOWN, "case.moved", close), (TOP, "case.struck", struck)]
    made = [(f"{number} {at}", *rest, at) for number in range(CASE_ACTS_MAX) for at, *rest in pair]
    said = rf"invariant 100 at {TOWN}: no end of acts in c, 301 by now: 151 × {TOWN} case.moved close; 150 × "
    with pytest.raises(Violation, match=said):
        for act, kind, content, at in made:
            oracle.keep(SimpleNamespace(address=at), act, Intended(at, kind, content, (), (TOP,)))
    assert len(oracle.acts) == CASE_ACTS_MAX + 1
