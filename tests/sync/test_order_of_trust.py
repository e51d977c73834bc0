"""What is made of new trust is made in an order. Here is what goes wrong in another one.

| step of `absorb.Absorber._use_new_trust` | stands | held by |
|---|---|---|
| `leave_revoked_key` | before what is delivered | `test_what_is_answered_as_a_cut_lets_an_act_go_…` |
| `settle_cuts` | before `retry_unknown` | `test_…_does_not_rest_on_what_the_same_news_cuts_off` |
| `settle_unnamed` | before `retry_unknown` | `test_…_does_not_rest_on_a_key_that_the_same_news_leaves_out` |
| `settle_left` | behind `settle_cuts` | `test_what_a_cut_lets_go_of_who_moved_away_…` |
| `settle_left` | behind `retry_unknown` | `test_what_waited_for_a_key_of_who_moved_away_…` |

Before `leave_revoked_key` only the top signs (`close_crowds`), and nobody revokes the key that it has in use.
"""

from __future__ import annotations

import pytest

from sync.protocol import signed
from sync.protocol.acts.deliver import Parked
from sync.protocol.acts.quarantine import PAST_CUT, quarantined
from sync.protocol.incoming.left import LEFT
from sync.protocol.items import encode_statement
from sync.protocol.spool import UNKNOWN_KEY
from sync.protocol.trust import registrar, vouched
from tests.sync.forgery import bring
from tests.sync.made import key_pair
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    START_MS,
    STATE_ENDS,
    TOWN,
    VILLAGE,
    Site,
    enter,
    exchange,
    hello,
    make_network,
    new_site,
    settle,
)
from tests.sync.test_disowned import lure, words_of
from tests.sync.test_left import reasons
from tests.sync.test_order_of_steps import PLACE, STICK, answering
from tests.sync.test_revocation import cut_off, said
from tests.sync.test_vouched import let_in

NEXT = key_pair("next computer")


@pytest.fixture
def sites() -> dict[str, Site]:
    found = make_network()
    settle(found, 2)
    return found


def test_what_is_answered_as_a_cut_lets_an_act_go_is_signed_by_the_key_that_counts(
    sites: dict[str, Site],
) -> None:
    """`leave_revoked_key` before `settle_cuts`: else the answer lies past a cut until a person decides."""
    county, town, village = sites.values()
    act = village.submit(said(1, COUNTY), (COUNTY,))
    settle(sites, 2)
    cut_off(county, VILLAGE, cut={village.stream(VILLAGE, COUNTY).id: 0})
    exchange(town, county)
    assert town.spool.act(act).reason == PAST_CUT
    # The township has a new computer; its disk is put back to before that, and its key file is not.
    town.means.keys[NEXT.id] = NEXT
    with county.unit():
        (gone,) = county.core.roster.entries[VILLAGE].revoked
        change = {"revoked": [{**gone, "ids": [act]}]}
        registrar.change(county.core, county.roster_key, VILLAGE, change, START_MS)
    cut_off(county, TOWN)
    with county.unit():
        child = {"address": TOWN, "parent": "", "name": "", "key": NEXT.public.as_fields()}
        registrar.admit_child(county.core, county.roster_key, child, START_MS)
    answers = answering(town, COUNTY)
    town.key = NEXT
    town.take(county.out(TOWN))
    assert town.application.ids[-1] == act and len(answers) == 1
    settle({COUNTY: county, TOWN: town}, 3)
    assert answers[0] in county.application.ids
    with county.unit():
        assert quarantined(county.core) == []


def test_what_waited_for_a_key_does_not_rest_on_what_the_same_news_cuts_off(
    sites: dict[str, Site],
) -> None:
    """`settle_cuts` before `retry_unknown`: else the township answers what rests on a thief's word."""
    county, town, village = sites.values()
    stolen = village.submit(said(1, COUNTY), (COUNTY,))
    exchange(village, town)
    place = new_site(county, PLACE)
    follows = place.submit(said(2, COUNTY), (COUNTY,))
    bring(village, town, place.spool.frame_of_act(follows))
    assert town.spool.count_aside(UNKNOWN_KEY) == 1
    answers = answering(town, COUNTY)
    answer, done = town.application.judge, town.application
    done.judge = lambda act: answer(act) if stolen in done.ids else Parked("E108", f"act:{stolen}")
    # The county has let in the one and cut off the other.
    with county.unit():
        enter(county, place.key, PLACE)
    county.take(place.out(COUNTY, STICK))
    cut_off(county, VILLAGE)
    town.take(county.out(TOWN))
    assert town.spool.act(follows).waits_for == f"act:{stolen}" and stolen not in done.ids
    assert answers == []


def test_what_waited_for_a_key_does_not_rest_on_a_key_that_the_same_news_leaves_out(
    sites: dict[str, Site],
) -> None:
    """`settle_unnamed` before `retry_unknown`: else the village answers what rests on a forged decision.

    It was away while the roster key was replaced; a thief of the former one spoke to it as the county.
    """
    county, town, village = sites.values()
    thief = lure(sites).thief
    false = thief.submit(said(1, VILLAGE), (VILLAGE,))
    village.take(thief.out(VILLAGE))
    place = new_site(county, PLACE)
    follows = place.submit(said(2, VILLAGE), (VILLAGE,))
    bring(town, village, place.spool.frame_of_act(follows))
    assert village.spool.count_aside(UNKNOWN_KEY) == 1 and village.application.ids == [false]
    answers = answering(village, COUNTY)
    answer, done = village.application.judge, village.application
    done.judge = lambda act: answer(act) if false in done.ids else Parked("E108", f"act:{false}")
    with county.unit():
        enter(county, place.key, PLACE)
    epoch = place.spool.all_held(signed.EPOCH)[-1].statement
    told = [*words_of(county), encode_statement(epoch), STATE_ENDS]
    village.take(town.say_items(village, hello(full=0), *told))
    assert village.spool.act(follows).waits_for == f"act:{false}" and done.ids == []
    assert answers == []


def test_what_a_cut_lets_go_of_who_moved_away_by_the_same_news_is_waited_for_no_more() -> None:
    """`settle_left` behind `settle_cuts`: else what the act waits for is asked for without end."""
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites, 2)
    elsewhere = county.submit(said(1, OTHER_TOWN), (OTHER_TOWN,))
    act = village.submit(said(2, COUNTY), (COUNTY,))
    settle(sites, 2)
    cut_off(county, VILLAGE, cut={village.stream(VILLAGE, COUNTY).id: 0})
    exchange(town, county)
    assert town.spool.act(act).reason == PAST_CUT
    town.application.judge = lambda act: Parked("E108", f"act:{elsewhere}")
    with county.unit():
        (gone,) = county.core.roster.entries[VILLAGE].revoked
        change = {"revoked": [{**gone, "ids": [act]}], "parent": OTHER_TOWN}
        registrar.change(county.core, county.roster_key, VILLAGE, change, START_MS)
    exchange(town, county)
    assert town.spool.act(act).reason == LEFT and town.spool.wants(9) == []


def test_what_waited_for_a_key_of_who_moved_away_is_waited_for_no_more_once_the_key_is_good() -> None:
    """`settle_left` behind `retry_unknown`: else what the act waits for is asked for without end.

    A village stands under a township that knows its new key by the word of the one before alone. Then one
    piece of news says that the key is good, and that the village is back where it was.
    """
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, PLACE))
    county, town, other = sites[COUNTY], sites[TOWN], sites[OTHER_TOWN]
    settle(sites, 2)

    def move(parent: str) -> None:
        with county.unit():
            registrar.change(county.core, county.roster_key, PLACE, {"parent": parent}, START_MS)
        for site in (town, other):
            for _ in range(2):
                exchange(site, county)

    move(OTHER_TOWN)
    second = new_site(county, PLACE, 2)
    let_in(other, second)
    exchange(other, county)
    move(TOWN)
    assert town.core.roster.vouched_key(PLACE, second.key.id)
    elsewhere = county.submit(said(1, OTHER_TOWN), (OTHER_TOWN,))
    act = second.submit(said(2, COUNTY), (COUNTY,))
    epoch = second.spool.all_held(signed.EPOCH)[-1].statement
    town.take(county.say_items(town, hello(full=0), encode_statement(epoch), STATE_ENDS))
    bring(county, town, second.spool.frame_of_act(act))
    assert reasons(town) == {act: "S107"}
    town.application.judge = lambda act: Parked("E108", f"act:{elsewhere}")
    with county.unit():
        vouched.confirm_current(county.core, county.application, (PLACE, second.key.id), START_MS)
    town.codes()
    move(OTHER_TOWN)
    assert town.codes() == ["E108", LEFT]
    assert reasons(town) == {act: LEFT} and town.spool.wants(9) == []
