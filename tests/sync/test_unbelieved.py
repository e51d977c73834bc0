"""What cannot be believed keeps no exchange unacknowledged for ever, and is asked for once it can be."""

from __future__ import annotations

from dataclasses import replace

from pytest import MonkeyPatch, mark

from sync.protocol import absorb, signed
from sync.protocol.entries import entry_fields
from sync.protocol.items import encode_statement
from sync.protocol.records import Item
from sync.protocol.signed import Statement
from sync.protocol.trust import registrar
from sync.protocol.trust.unbelieved import REFUSED_MAX, TRIES
from tests.sync.made import COUNTY, OTHER, TOWN, VILLAGE, key_pair, make_statement
from tests.sync.network import START_MS, STATE_ENDS, Site, enter, exchange, hello, make_network, settle
from tests.sync.trust import entry


def record_of(address: str, n: int = 1) -> Statement:
    """Return the record of an epoch of a node that no roster names yet."""
    fields = {"src": address, "n": n, "random": f"{n:016x}", "prev": "", "heads": {}, "reason": "enrolled"}
    return make_statement(
        signed.EPOCH, address, **fields, heads_hash="", key=key_pair(address).id, at=START_MS
    )


def told(*statements: Statement) -> list[Item]:
    return [hello(full=0), *(encode_statement(one) for one in statements), STATE_ENDS]


def is_acknowledged(site: Site, teller: Site) -> bool:
    heard = site.core.neighbour(teller.address)
    return heard.taken == heard.counter


@mark.parametrize("restarts", [0, 1], ids=["one process", "a process for each exchange"])
def test_what_is_refused_three_times_is_waited_for_no_more(restarts: int) -> None:
    county, town, _ = make_network().values()
    seen = []
    for _ in range(TRIES + 1):
        county.take(town.say_items(county, *told(record_of(OTHER))))
        seen.append(is_acknowledged(county, town))
        if restarts:
            county.restart()
    assert seen == [False] * (TRIES - 1) + [True] * 2
    assert county.core.neighbour(TOWN).ask_full == 0


def test_what_is_refused_behind_the_end_of_the_state_is_waited_for_no_more_either() -> None:
    """Documents asked for come there. An exchange counts once: read again, or in however many calls."""
    county, town, _ = make_network().values()
    seen = []
    for _ in range(TRIES + 1):
        data = town.say_items(county, hello(full=0), STATE_ENDS, encode_statement(record_of(OTHER)))
        county.absorb(county.take(data), ())
        county.take(data)
        seen.append(is_acknowledged(county, town))
    assert seen == [False] * (TRIES - 1) + [True] * 2


def test_what_is_refused_while_trust_changes_is_not_given_up(monkeypatch: MonkeyPatch) -> None:
    """What changes it may come of the same exchange: an act that enters somebody, a key that is confirmed."""
    county, town, _ = make_network().values()
    told_last, seen = (encode_statement(record_of(OTHER)), STATE_ENDS), []
    for n in range(TRIES + 1):
        with monkeypatch.context() as late:
            if n == TRIES - 1:
                late.setattr(absorb, "reissue", lambda core: enter(county, key_pair(OTHER), OTHER))
            county.take(town.say_items(county, hello(full=0), *told_last))
        seen.append(is_acknowledged(county, town))
    assert seen == [False] * TRIES + [True]
    assert county.core.epoch(OTHER, f"1-{1:016x}") is not None


def test_once_trust_has_changed_everything_is_asked_for_and_believed() -> None:
    county, town, _ = make_network().values()
    record = record_of(OTHER)
    for _ in range(TRIES):
        county.take(town.say_items(county, *told(record)))
    with county.unit():
        enter(county, key_pair(OTHER), OTHER)
    # Whoever tells it has heard that it is acknowledged, and tells it no more.
    county.take(town.say_items(county, *told()))
    assert county.core.neighbour(TOWN).ask_full == 1
    county.take(town.say_items(county, *told(record)))
    assert county.core.epoch(OTHER, f"1-{1:016x}") is not None
    assert county.spool.all_held("not believed") == []


def test_what_is_refused_before_trust_changes_begins_anew() -> None:
    county, town, _ = make_network().values()
    seen = []
    for n in range(2 * TRIES):
        county.take(town.say_items(county, *told(record_of(OTHER))))
        seen.append(is_acknowledged(county, town))
        if n == TRIES - 2:
            rename(county, VILLAGE)
    # The exchange that first finds trust changed is the first of three anew.
    assert seen == [False] * (2 * TRIES - 2) + [True] * 2


def test_what_comes_beside_what_was_given_up_is_waited_for_too() -> None:
    county, town, _ = make_network().values()
    seen = []
    for n in range(2 * TRIES):
        told_now = (record_of(OTHER), *([record_of(OTHER, 2)] if n >= TRIES else []))
        county.take(town.say_items(county, *told(*told_now)))
        seen.append(is_acknowledged(county, town))
    assert seen == [False, False, True] * 2
    rename(county, VILLAGE)
    county.take(town.say_items(county, *told()))
    assert county.core.neighbour(TOWN).ask_full == 1


def test_the_tellers_own_entry_is_waited_for_without_end() -> None:
    """It speaks with its next key as soon as its entry with that key is acknowledged."""
    sites = make_network()
    _, town, village = sites.values()
    unknown = entry(TOWN, version=9)
    for _ in range(TRIES + 2):
        village.take(town.say_items(village, *told(unknown)))
        assert not is_acknowledged(village, town)


def test_who_tells_very_many_is_not_acknowledged_and_little_is_kept_of_it() -> None:
    county, town, _ = make_network().values()
    many = [record_of(OTHER, n) for n in range(1, REFUSED_MAX + 20)]
    for _ in range(TRIES + 1):
        assert county.take(town.say_items(county, *told(*many))).state.untrusted == len(many)
        assert not is_acknowledged(county, town)
    assert county.spool.all_held("not believed") == []
    for n in range(REFUSED_MAX + 5):
        county.take(town.say_items(county, *told(record_of(OTHER, n + 1))))
    [kept] = county.spool.all_held("not believed")
    assert len(kept.content) <= 16 * REFUSED_MAX


def test_real_peers_come_to_rest_beside_what_one_never_believes() -> None:
    """Two programs that disagree about one statement keep nothing else from being told."""
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    with town.unit():
        record = record_of(OTHER)
        town.core.keep(record, f"{OTHER}|1-{1:016x}", (1, 0, 0))
        like = town.core.roster.entries[VILLAGE]
        town.core.roster.entries[OTHER] = replace(like, keys=(key_pair(OTHER).public,))
    ids = [village.submit(b'{"n":%d}' % n, (COUNTY,)) for n in range(3)]
    exchange(village, town)
    ups = [exchange(town, county)[0] for _ in range(TRIES + 2)]
    assert [up.state.untrusted for up in ups] == [1] * TRIES + [0] * 2
    assert county.application.ids == ids
    assert is_acknowledged(county, town) and town.core.neighbour(COUNTY).acked_stamp > 0


def rename(county: Site, address: str) -> None:
    """Sign a next version of an entry that changes nothing of who is believed."""
    with county.unit():
        fields = {**county.core.roster.entries[address].statement.fields(), "name": "新名"}
        changed = {name: fields[name] for name in entry_fields(address, "", "", ())}
        assert county.roster_key is not None
        registrar.enter(county.core, county.roster_key, changed, START_MS)
