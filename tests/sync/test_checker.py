"""Checking all records: what is damaged is named, what is gone by rule told apart from what is missing."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from sync.protocol import heads as heads_module
from sync.protocol import signed
from sync.protocol.checker import Checked, check
from sync.protocol.frame import StreamId
from sync.protocol.heads import HeadLine, compare, hash_of, heads, read_lines
from sync.protocol.receipts import read_receipt
from sync.protocol.spool import Held
from sync.protocol.stock import eviction
from sync.protocol.stock.eviction import fetch_lost, to_evict
from sync.protocol.trust.untold import VOID
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, exchange, make_network, new_site, settle
from tests.sync.test_revocation import cut_off, replace_machine
from tests.sync.test_rotation import rotate
from tests.sync.test_vouched import PLACE, at_the_county, let_in


@pytest.fixture
def sites() -> dict[str, Site]:
    found = make_network()
    village = found[VILLAGE]
    for number in range(6):
        photo = village.paper(random.Random(number).randbytes(2_000))
        village.submit(b'{"n":%d}' % number, (COUNTY,), (photo,))
    settle(found)
    return found


def checked(site: Site) -> Checked:
    with site.unit():
        return check(site.core)


def test_good_records_have_no_problem_at_any_tier(sites):
    for site in sites.values():
        found = checked(site)
        assert found.problems == [] and (found.frames, found.papers) == (6, 6)


def test_an_epoch_that_has_become_none_is_named_and_the_rest_is_checked_all_the_same(sites):
    county = sites[COUNTY]
    with county.unit():
        held = next(one for one in county.spool.all_held(signed.EPOCH) if one.key.startswith(VILLAGE))
        rotten = held.statement._replace(payload=b'{"key":"x","n":1,"v":1}')
        county.spool.put_held(held._replace(statement=rotten))
    county.restart()
    found = checked(county)
    stream = f"{held.key}|{COUNTY}"
    assert found.problems == [f"frame unreadable: {stream}", f"S102 epoch: {held.key}"]
    assert found.statements == 5


def test_a_paper_evicted_by_rule_is_counted_apart_and_one_taken_away_is_a_problem(sites):
    village, county = sites[VILLAGE], sites[COUNTY]
    with village.unit():
        gone = to_evict(village.core, 0, 2, lambda *_: True).papers
    village.blobs.claim(gone)
    assert [village.blobs.evict(blob) for blob in gone] == [True, True]
    found = checked(village)
    assert (found.papers, found.papers_by_rule, found.papers_missing, found.problems) == (4, 2, 0, [])
    del county.blobs._whole[gone[0]]
    assert checked(county).problems == [f"paper gone: {gone[0][:16]}"]
    with county.unit():
        county.spool.drop_blob(gone[0])
    found = checked(county)
    assert (found.papers_by_rule, found.papers_missing) == (0, 1), "never by rule where its way ends"


def test_a_lost_paper_is_asked_for_once_unless_it_might_have_left(sites, monkeypatch):
    village, town, county = sites[VILLAGE], sites[TOWN], sites[COUNTY]
    first, second, third, *_ = sorted(county.blobs._whole)
    county.blobs._sound.clear()
    county.blobs._whole[first] = b"rotten"
    del county.blobs._whole[second]
    with county.unit():
        county.spool.drop_blob(third)
    del county.blobs._whole[third]
    found = checked(county)
    assert set(found.lost) == {first, second, third} and found.papers_missing == 1
    with county.unit(), monkeypatch.context() as came_empty:
        came_empty.setattr(eviction, "comes_on_demand", lambda *_: True)
        assert fetch_lost(county.core, [third]) == [], "it comes when somebody asks for it"
    with county.unit():
        assert fetch_lost(county.core, found.lost) == found.lost
    again = checked(county)
    assert (again.problems, again.lost, again.papers_missing, again.papers_asked) == ([], [], 0, 3)
    # Where papers leave by rule, one at its end is not asked for: it has left.
    for site in (village, town):
        del site.blobs._whole[second]
        lost = checked(site).lost
        assert lost == [second]
        with site.unit():
            asked = fetch_lost(site.core, lost, (lambda *_: True) if site is village else None)
        assert asked == ([] if site is village else [second])
    with county.unit():
        assert fetch_lost(county.core, [sorted(county.blobs._whole)[-1]]) == [], "it is here whole"
    assert checked(village).papers_by_rule == 1 and checked(town).papers_asked == 1
    settle(sites)
    assert checked(county).papers == 5 and checked(county).papers_asked == 1


def test_a_body_gone_by_rule_is_counted_apart_and_one_without_a_receipt_is_a_problem(sites, monkeypatch):
    village = sites[VILLAGE]
    village.submit(b"{}", (COUNTY,))
    whole = village.spool.frames_after

    def without_some(*given):
        return [
            p._replace(frame=p.frame._replace(body=b"")) if p.frame.header.seq in (2, 7) else p
            for p in whole(*given)
        ]

    monkeypatch.setattr(village.spool, "frames_after", without_some)
    found = checked(village)
    assert found.bodies_by_rule == 1, "the county has signed for the second, papers and all"
    (problem,) = found.problems
    assert problem.startswith("body missing") and problem.endswith(" 7")


def test_the_heads_of_a_day_are_still_there_the_next(sites, monkeypatch):
    village = sites[VILLAGE]
    with village.unit():
        lines = heads(village.core)
    (line,) = [one for one in lines if one.dst == COUNTY]
    assert (line.src, line.upto, line.end_upto) == (VILLAGE, 6, 6) and line.end_head == line.head
    assert read_lines([list(one) for one in lines]) == lines
    village.submit(b"{}", (COUNTY,))
    with village.unit():
        later = heads(village.core)
        assert compare(village.core, lines) == [] and hash_of(later) != hash_of(lines)
        (now,) = [one for one in later if one.dst == COUNTY]
        assert (now.upto, now.end_upto) == (7, 6), "the author holds the head its destination signed"
        wrong = [
            line._replace(upto=99),
            line._replace(head="ab" * 32),
            line._replace(epoch="9-0123456789abcdef"),
        ]
        assert [why for _, why in compare(village.core, wrong)] == ["shorter", "changed", "gone"]
        # A copy that keeps only what came after its base: the base itself it can vouch for, no place before.
        stream = village.core.stream(StreamId(VILLAGE, line.epoch, COUNTY))
        assert stream is not None
        copy = replace(stream, base=6, base_head=bytes.fromhex(line.head))
        monkeypatch.setattr(village.core, "stream", lambda stream_id: copy)
        early = [line._replace(upto=5), line, line._replace(head="ab" * 32)]
        assert [why for _, why in compare(village.core, early)] == ["changed"] * 3, "nobody has signed for it"
        monkeypatch.setattr(heads_module, "begins_by_word", lambda *_: True)
        assert [why for _, why in compare(village.core, early)] == ["before", "part", "changed"]


@pytest.mark.parametrize(
    "value", [None, {}, [1], [[]], [["a"] * 7], [["5", "1-x", "5", 1, "ab" * 32, 0, ""]], [[1] * 7]]
)
def test_lines_that_are_none_are_refused(value):
    with pytest.raises(ValueError):
        read_lines(value)


def test_a_receipt_that_is_on_another_chain_or_beyond_ones_own_is_named(sites):
    """The receipt of a county that took another branch; and one that covers what this village has lost."""
    village, town = sites[VILLAGE], sites[TOWN]
    before = village.spool
    (line,) = [one for one in heads_of(village) if one.dst == COUNTY]
    key = f"{VILLAGE}|{line.epoch}|{COUNTY}|{COUNTY}|end"
    held = before.held(signed.RECEIPT, key)
    assert held is not None
    other = sites[COUNTY]
    forged = other.core.own_key()
    fields = held.statement.fields()
    for change, said in (
        ({"head": "cd" * 32}, "another chain"),
        ({"upto": 99, "papers": 99}, "more than is here"),
    ):
        body = {k: v for k, v in {**fields, **change}.items() if k != "v"}
        statement = signed.make(signed.RECEIPT, body, (forged,), village.core.suite)
        with village.unit():
            rank = read_receipt(statement).rank
            village.spool.put_held(Held(signed.RECEIPT, key, rank, statement, b"", 10**6))
        (problem,) = checked(village).problems
        assert said in problem
        assert heads_of(village)[0].end_upto == 0, "no proof of anything"
    assert checked(town).problems == []


def heads_of(site: Site) -> list[HeadLine]:
    with site.unit():
        return heads(site.core)


def test_a_copy_that_begins_in_the_middle_needs_a_receipt_for_where(sites):
    town = sites[TOWN]
    with town.unit():
        (stream,) = [s for s in town.core.streams() if s.id.dst == COUNTY and s.id.src == VILLAGE]
        head = town.spool.hash_at(stream, 3)
        assert head is not None
        stream.base, stream.base_head = 3, head
        town.core.touch(stream)
    assert checked(town).problems == [], "the county's receipt covers the place"
    with town.unit():
        (stream,) = [s for s in town.core.streams() if s.id.dst == COUNTY and s.id.src == VILLAGE]
        town.spool.put_held(Held("receipt", f"{stream.id}|{COUNTY}|end", (0, 0, 0), bad(sites), b"", 10**6))
    assert any(problem.startswith("base without a receipt") for problem in checked(town).problems)


@pytest.mark.parametrize("end", [VILLAGE, COUNTY])
def test_at_neither_end_does_a_later_receipt_cover_what_was_taken_out_at_the_front(sites, end):
    site = sites[end]
    with site.unit():
        (stream,) = [s for s in site.core.streams() if (s.id.src, s.id.dst) == (VILLAGE, COUNTY)]
        head = site.spool.hash_at(stream, 3)
        assert head is not None
        stream.base, stream.base_head = 3, head
        site.core.touch(stream)
    (problem,) = checked(site).problems
    assert problem.startswith("base without a receipt")


def bad(sites: dict[str, Site]):
    return signed.make(signed.RECEIPT, {"stream": []}, (sites[TOWN].core.own_key(),), sites[TOWN].core.suite)


def test_where_a_way_ends_nothing_is_gone_by_rule_and_what_was_signed_for_must_be_there(sites, monkeypatch):
    county = sites[COUNTY]
    with county.unit():
        (stream,) = [s for s in county.core.streams() if s.id.src == VILLAGE]
        key = f"{stream.id}|{COUNTY}|end"
        held = county.spool.held(signed.RECEIPT, key)
        assert held is not None
        said = {name: value for name, value in held.statement.fields().items() if name != "v"}
        more = signed.make(signed.RECEIPT, {**said, "upto": 9}, (county.core.own_key(),), county.core.suite)
        county.spool.put_held(held._replace(statement=more, rank=read_receipt(more).rank))
    (problem,) = checked(county).problems
    assert problem.startswith("receipt covers more than is here")
    with county.unit():
        county.spool.put_held(held)
    whole = county.spool.frames_after
    monkeypatch.setattr(
        county.spool,
        "frames_after",
        lambda *given: [p._replace(frame=p.frame._replace(body=b"")) for p in whole(*given)],
    )
    found = checked(county)
    assert (found.bodies_by_rule, len(found.problems)) == (0, 6)


@pytest.mark.parametrize("length", [1, 9])
def test_keys_that_a_thief_went_over_to_are_no_damage_of_the_records(length):
    """They are kept and passed on, held back: a check that called them damage left nobody with a backup."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    for n in range(length):
        rotate(village, f"thief {n}")
    village.submit(b'{"n":0}', (COUNTY,))
    exchange(village, town)
    # The county hears of the theft before it hears of any of these keys.
    cut_off(county, VILLAGE)
    for _ in range(4):
        exchange(town, county)
    for site in (county, town):
        site.restart()
        assert checked(site).problems == []
    held = next(one for one in town.spool.all_held(signed.EPOCH) if one.key.startswith(f"{VILLAGE}|2-"))
    broken = held.statement._replace(
        signatures=tuple((key, bytes(64)) for key, _ in held.statement.signatures)
    )
    with town.unit():
        town.spool.put_held(held._replace(statement=broken))
    town.restart()
    assert f"signature: epoch {held.key}" in checked(town).problems


def test_nor_is_what_a_computer_signed_that_was_let_in_by_a_key_stolen_later():
    """The township's word falls with its key; no backup of the county came out any more."""
    sites = make_network((COUNTY, TOWN))
    county, town = sites.values()
    first = sites[PLACE] = new_site(county, PLACE)
    let_in(town, first)
    at_the_county(sites)
    cut_off(county, TOWN)
    fresh = replace_machine(county, TOWN, 5)
    for _ in range(3):
        exchange(fresh, county)
    for site in (county, town):
        site.restart()
        assert checked(site).problems == []
    assert county.spool.all_held(signed.VOUCH) == []
    (held,) = county.spool.all_held(VOID)
    with county.unit():
        county.spool.drop_held(VOID, held.key)
    found = checked(county).problems
    assert [problem.split(":")[0] for problem in found] == ["S103 frame", "signature"], "nobody spoke for it"
