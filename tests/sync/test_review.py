"""Acts of a stolen key that the robbed node took for its own: whoever holds the first frame names them."""

from __future__ import annotations

import pytest

from sync.adapters.memory_spool import MemorySpool
from sync.protocol.acts import asked
from sync.protocol.acts.asked import LATER
from sync.protocol.acts.later import crowded, waiting
from sync.protocol.acts.quarantine import RELEASED, STRUCK
from sync.protocol.incoming.beside import keep_loose
from sync.protocol.incoming.intake import admit
from sync.protocol.records import LOOSE
from sync.protocol.spool import Placed
from sync.protocol.trust.review import within_cut
from sync.protocol.trust.revocation import Said, decide
from tests.sync.file_spool import files_in
from tests.sync.forgery import bring
from tests.sync.network import COUNTY, OTHER_TOWN, TOWN, VILLAGE, Site, make_network, settle
from tests.sync.test_asked import name
from tests.sync.test_loose_cuts import false_at
from tests.sync.test_loose_papers import ALL
from tests.sync.test_revocation import cut_off, names, once, replace_machine, said, stolen
from tests.sync.test_rotation import rotate


@pytest.fixture(params=["memory", "sql"])
def spool(request, tmp_path):
    return MemorySpool if request.param == "memory" else files_in(tmp_path)


def robbed(spool, is_kept: int) -> tuple[dict[str, Site], str, str, str]:
    """Return sites, an own act of the village, a thief's that it placed by its next key, and the stolen key.

    Its first frame came to the village alone, or is kept at the township too.
    """
    sites = make_network(spool=spool)
    village = sites[VILLAGE]
    good = village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 3)
    thief, old = stolen(village), village.key.id
    rotate(village, "village 2")
    settle(sites, 4)
    false = false_at(thief, 1)
    if is_kept:
        with sites[TOWN].unit():
            core = sites[TOWN].core
            keep_loose(core, Placed(core.next_position(), false))
            admit(core, [false], {})
    bring(sites[TOWN], village, false, kind=LOOSE)
    settle(sites, 4)
    return sites, good, false.act, old


def shown(county: Site) -> list[str]:
    with county.unit():
        return [row.frame.act for row in within_cut(county.core, VILLAGE, 9)]


def test_the_robbed_node_names_it_and_a_person_strikes_it_everywhere(spool):
    sites, good, false, old = robbed(spool, is_kept=0)
    county, town, village = sites.values()
    assert [s.epoch[:2] for s, _ in county.spool.places_of_act(false)] == ["2-"]
    cut_off(county, VILLAGE, keys=(old,))
    assert shown(county) == [good]
    settle(sites, 4)
    # It counts, for nobody knows better: the word of who names it alone takes nothing from anybody.
    assert once(county) == once(town) == {good, false}
    county.restart()
    assert shown(county) == [false, good]
    before = [site.core.identity.stamp for site in sites.values()]
    settle(sites, 2)
    assert before == [site.core.identity.stamp for site in sites.values()]
    with county.unit():
        decide(county.core, county.application, STRUCK, Said([false], "冒用"), county.now())
    settle(sites, 4)
    assert once(county) == once(town) == {good}
    assert names(county) == names(town) == names(village) == [false]
    assert shown(county) == [good]


def test_on_a_new_computer_the_township_names_it_and_the_robbed_node_says_nothing():
    sites, good, false, old = robbed(MemorySpool, is_kept=1)
    county, town, _ = sites.values()
    assert len(county.spool.places_of_act(false)) == 1
    cut_off(county, VILLAGE, keys=(old,))
    sites[VILLAGE] = replace_machine(county, VILLAGE, 3)
    settle({COUNTY: county, TOWN: town}, 3)
    assert shown(county) == [false, good]


def test_it_is_named_again_once_the_key_is_revoked_that_named_it_and_where_a_former_program_was():
    sites, good, false, old = robbed(MemorySpool, is_kept=1)
    county, town, _ = sites.values()
    cut_off(county, VILLAGE, keys=(old,))
    replace_machine(county, VILLAGE, 3)
    two, was = {COUNTY: county, TOWN: town}, town.key.id
    settle(two, 3)
    rotate(town, "town 2")
    settle(two, 4)
    cut_off(county, TOWN, keys=(was,))
    assert shown(county) == [good]
    settle(two, 3)
    assert shown(county) == [false, good]

    # As the program left it that knew of no such acts.
    with county.unit():
        for held in county.spool.all_held("by a later key"):
            county.spool.drop_held(held.sort, held.key)
    with town.unit():
        held = town.spool.held("cut settled", VILLAGE)
        town.spool.put_held(held._replace(rank=(held.rank[0], 0, 0)))
        for held in town.spool.all_held("named above"):
            town.spool.drop_held(held.sort, held.key)
    town.restart()
    assert shown(county) == [good]
    settle(two, 3)
    assert shown(county) == [false, good] and once(county) == {good, false}


@pytest.mark.parametrize("dst", [COUNTY, TOWN])
def test_a_forged_frame_that_lost_its_place_to_a_genuine_one_shows_it_too(spool, dst):
    """The robbed node took the act from it, and is on a new computer now; the top is on the way, or not."""
    sites = make_network(spool=spool)
    county, town, village = sites.values()
    village.submit(said(1, COUNTY), (dst,))
    settle(sites, 3)
    thief, old = stolen(village), village.key.id
    rotate(village, "village 2")
    settle(sites, 4)
    false = false_at(thief, 1, dst)
    bring(town, county, false) if dst == COUNTY else bring(village, town, false)
    settle(sites, 6)
    assert [s.epoch[:2] for s, _ in county.spool.places_of_act(false.act)] == ["2-"]
    assert [*town.spool.loose_frames(9), *county.spool.loose_frames(9)] == []
    cut_off(county, VILLAGE, keys=(old,))
    replace_machine(county, VILLAGE, 3)
    settle({COUNTY: county, TOWN: town}, 3)
    assert false.act in shown(county) and false.act in once(county)


def test_who_names_very_many_hides_nothing_that_others_name():
    sites, _, false, old = robbed(MemorySpool, is_kept=0)
    county, town, village = sites.values()
    many = [village.submit(said(n, COUNTY), (COUNTY,)) for n in range(12)]
    settle(sites, 3)
    name(town, many, LATER)
    settle(sites, 3)
    cut_off(county, VILLAGE, keys=(old,))
    assert shown(county)[:9] == many[:9]
    settle(sites, 4)
    assert shown(county)[:3] == [many[0], false, many[1]]


def test_more_than_are_kept_are_told_of_and_come_as_room_is_made(monkeypatch):
    monkeypatch.setattr(asked, "OPEN_MAX", 2)
    sites = make_network()
    county, town, village = sites.values()
    for n in range(4):
        village.submit(said(n, COUNTY), (COUNTY,))
    settle(sites, 3)
    thief, old = stolen(village), village.key.id
    rotate(village, "village 2")
    settle(sites, 4)
    false = [false_at(thief, seq) for seq in (1, 2, 3, 4)]
    for frame in false:
        bring(town, village, frame, kind=LOOSE)
    settle(sites, 4)
    cut_off(county, VILLAGE, keys=(old,))
    county.codes()
    settle(sites, 4)
    assert asked.TOO_MANY in county.codes()
    found = set()
    # One more than there is room for, so that the top tells, then the last.
    for number, where in ((3, [VILLAGE]), (1, [])):
        with county.unit():
            acts = [row.frame.act for row in within_cut(county.core, VILLAGE, 9) if row.is_beside]
            assert len(acts) == number and crowded(county.core) == where
            decide(county.core, county.application, STRUCK, Said(acts, "冒用"), county.now())
        found.update(acts)
        village.restart()
        settle(sites, 4)
    assert found == {frame.act for frame in false} and once(county).isdisjoint(found)
    with county.unit():
        assert crowded(county.core) == []
    assert asked.TOO_MANY not in county.codes()
    assert waiting(village.core, LATER) == {}


def test_what_is_named_and_never_comes_is_asked_for_no_more_once_it_is_struck_out():
    sites = make_network()
    county, town, village = sites.values()
    settle(sites, 2)
    never = "0" * 32
    name(town, [never], LATER)
    settle(sites, 2)
    assert county.spool.wants(9) == [never]
    for kind, wanted in ((STRUCK, []), (RELEASED, [never]), (STRUCK, [])):
        with county.unit():
            decide(county.core, county.application, kind, Said([never], "冒用"), county.now())
        # Whoever names it once more changes nothing, and hears of the next word.
        for site in (town, village):
            name(site, [never], LATER)
        settle(sites, 3)
        county.restart()
        assert county.spool.wants(9) == wanted
        with county.unit():
            assert asked.askers_of(county.core, [never]) == {TOWN, VILLAGE}


def test_a_node_names_what_it_likes_and_nothing_honest_is_shown_or_lost_by_that():
    sites = make_network(ALL)
    county, town = sites[COUNTY], sites[OTHER_TOWN]
    acts = [sites[VILLAGE].submit(said(n, COUNTY), (COUNTY,)) for n in range(2)]
    never = "0" * 32
    settle(sites, 4)
    for reason in (LATER, "a reason of a later program", LATER):
        name(town, [*acts, never], reason)
    settle(sites, 4)
    assert shown(county) == []
    cut_off(county, VILLAGE)
    settle({address: site for address, site in sites.items() if address != VILLAGE}, 4)
    # What stands in the revoked streams is shown once, whoever has named it.
    assert sorted(shown(county)) == sorted(acts)
    assert once(county) == set(acts)
    county.restart()
    assert sorted(shown(county)) == sorted(acts)
