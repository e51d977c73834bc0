"""A township's word for a key lets nothing through past a cut, and what is void is given to nobody."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from sync.protocol import signed
from sync.protocol.acts import cuts, quarantine
from sync.protocol.acts.deliver import deliver
from sync.protocol.acts.quarantine import RELEASED, settle_anew
from sync.protocol.frame import Frame, StreamId
from sync.protocol.frame_items import decode_frames
from sync.protocol.incoming.intake import take_frames
from sync.protocol.own.issue import give_place
from sync.protocol.records import FRAMES, LOOSE
from sync.protocol.spool import PARKED
from sync.protocol.stock.loose import _WAYS_MAX, owe_loose
from sync.protocol.trust import vouched
from sync.protocol.trust.revocation import Said, decide
from tests.sync.forgery import all_frames, bring
from tests.sync.network import (
    COUNTY,
    START_MS,
    TOWN,
    VILLAGE,
    Site,
    enter,
    exchange,
    make_network,
    new_site,
    settle,
    trust,
)
from tests.sync.test_loose_papers import items_of
from tests.sync.test_registrar import NEWCOMER, hear_of, vouch_for
from tests.sync.test_revocation import cut_off, names, said, stolen
from tests.sync.test_vouched import PLACE, let_in


def forget_vouches(town: Site) -> None:
    with town.unit():
        for held in town.spool.all_held(signed.VOUCH):
            town.spool.drop_held(signed.VOUCH, held.key)
    town.restart()


class Robbed(NamedTuple):
    """A village whose key was stolen and cut off, an act past the cut, and who was let in since."""

    county: Site
    town: Site
    frame: Frame
    second: Site

    @property
    def upper(self) -> dict[str, Site]:
        return {COUNTY: self.county, TOWN: self.town}

    def past_the_cut(self, kind: int) -> None:
        """The act comes by the stolen key, in its stream or beside it."""
        if kind == LOOSE:
            bring(self.town, self.county, self.frame, kind=LOOSE)
        with self.town.unit():
            came = take_frames(self.town.core, [self.frame], START_MS) if kind == FRAMES else []
            deliver(self.town.core, came, self.town.application)
        exchange(self.town, self.county)

    def vouched_for(self) -> None:
        """It gets a place by the key that the township alone has given its word for."""
        with self.second.unit():
            give_place(self.second.core, self.frame, COUNTY)
        exchange(self.second, self.town)
        exchange(self.town, self.county)


def robbed() -> Robbed:
    county, town, village = make_network().values()
    upper = {COUNTY: county, TOWN: town}
    settle({**upper, VILLAGE: village}, 3)
    thief = stolen(village)
    cut_off(county, VILLAGE)
    settle(upper, 3)
    act = thief.submit(said(7, COUNTY), (COUNTY,))
    frame = next(frame for frame in all_frames(thief) if frame.act == act)
    record = thief.spool.all_held(signed.EPOCH)[-1]
    with county.unit():
        county.core.keep(record.statement, record.key, record.rank)
    second = new_site(county, VILLAGE, 9)
    let_in(town, second)
    settle(upper, 3)
    return Robbed(county, town, frame, second)


@pytest.mark.parametrize("kind", [FRAMES, LOOSE], ids=["in its stream", "beside it"])
@pytest.mark.parametrize("revoked_first", [1, 0])
def test_a_place_by_a_key_that_a_township_alone_vouches_for_releases_nothing(
    revoked_first: int, kind: int
) -> None:
    """Else whoever has a township's key could let any act of a stolen village key count at the county."""
    here = robbed()
    if not revoked_first:
        here.vouched_for()
    here.past_the_cut(kind)
    if revoked_first:
        here.vouched_for()
    county, act = here.county, here.frame.act
    for _ in range(2):
        exchange(here.town, county)
        assert len(county.spool.places_of_act(act)) == (2 if kind == FRAMES else 1)
        assert act not in county.application.ids
        with county.unit():
            settle_anew(county.core, VILLAGE)
        county.restart()
    # Once somebody says that it is the key in use the robbed node's own word counts.
    with county.unit():
        name = (VILLAGE, here.second.key.id)
        vouched.confirm_current(county.core, county.application, name, START_MS)
    settle(here.upper, 2)
    assert county.application.ids == [act]


def test_nor_does_it_where_the_place_past_the_cut_was_left_since() -> None:
    here = robbed()
    here.past_the_cut(FRAMES)
    here.vouched_for()
    county, act = here.county, here.frame.act
    with county.unit():
        stream = county.core.stream(here.frame.header.stream)
        assert stream is not None
        county.spool.drop_frames(stream, 0)
        stream.upto, stream.head = 0, stream.base_head
        county.core.touch(stream)
        settle_anew(county.core, VILLAGE)
    exchange(here.town, county)
    row = county.spool.act(act)
    assert row is not None and row.state == PARKED and act not in county.application.ids


@pytest.mark.parametrize("released_first", [1, 0])
def test_what_a_person_lets_through_by_its_id_counts_by_such_a_place_too(released_first: int) -> None:
    """Somebody may have it by that place alone."""
    here = robbed()
    county, act = here.county, here.frame.act

    def released() -> None:
        with county.unit():
            decide(county.core, county.application, RELEASED, Said([act], "本人证实"), county.now())

    for step in (released, here.vouched_for) if released_first else (here.vouched_for, released):
        step()
    for _ in range(2):
        exchange(here.town, county)
        assert county.application.ids == [act]
        county.restart()


def test_what_a_program_of_before_let_count_by_such_a_place_is_taken_back(monkeypatch) -> None:
    here = robbed()
    county, act = here.county, here.frame.act
    with monkeypatch.context() as before:
        before.setattr(cuts, "may_apply", lambda *_: True)
        before.setattr(quarantine, "_SETTLED_AS", 1)
        here.vouched_for()
        here.past_the_cut(FRAMES)
    assert act in county.application.ids
    county.restart()
    settle(here.upper, 2)
    assert act not in county.application.ids and names(county) == [act]


def test_what_is_owed_is_no_act_of_a_newcomer_whose_vouch_is_void() -> None:
    county, town = make_network((COUNTY, TOWN)).values()
    settle({COUNTY: county, TOWN: town})
    newcomer = new_site(county, NEWCOMER)
    vouch_for(town, newcomer)
    hear_of(newcomer, town)
    newcomer.submit(b"{}", (COUNTY,))
    record = newcomer.spool.all_held(signed.EPOCH)[-1]
    with town.unit():
        town.core.keep(record.statement, record.key, record.rank)
    bring(newcomer, town, all_frames(newcomer)[-1], kind=LOOSE)
    forget_vouches(town)
    with town.unit():
        owe_loose(town.core, COUNTY)
    found = [exchange(town, county)[0].state.untrusted for _ in range(4)]
    assert found[-1] == 0 and "S103" not in county.codes()


def test_an_act_whose_first_key_is_void_is_given_by_the_place_of_the_next_one() -> None:
    county, town = make_network((COUNTY, TOWN)).values()
    first = new_site(county, PLACE)
    let_in(town, first)
    act = first.submit(b"{}", (TOWN,))
    exchange(first, town)
    second = new_site(county, PLACE, 2)
    with county.unit():
        enter(county, second.key, PLACE)
    settle({COUNTY: county, TOWN: town}, 3)
    with second.unit():
        give_place(second.core, all_frames(first)[-1], TOWN)
    trust(second, county)
    for _ in range(2):
        exchange(second, town)
    forget_vouches(town)
    with county.unit():
        county.spool.want(act)
    for _ in range(3):
        exchange(town, county)
    assert county.spool.act(act) is not None


def test_of_an_act_whose_first_key_is_void_no_more_places_are_read_than_of_others() -> None:
    """Whoever has the next key may give one act any number of places; it is asked for time and again."""
    many = [f"5119211082{n:02d}" for n in range(10, 50)]
    sites = make_network((COUNTY, TOWN, *many))
    county, town = sites[COUNTY], sites[TOWN]
    first, second = new_site(county, PLACE), new_site(county, PLACE, 2)
    let_in(town, first)
    act = first.submit(b"{}", (TOWN,))
    exchange(first, town)
    with county.unit():
        enter(county, second.key, PLACE)
    exchange(town, county)
    trust(second, county)
    with second.unit():
        for to in many:
            give_place(second.core, all_frames(first)[-1], to)
    for _ in range(2):
        exchange(second, town)
    for site in (county, town):
        forget_vouches(site)
    assert len(town.spool.places_of_act(act)) > len(many)
    read = list[StreamId]()
    frames_after = town.spool.frames_after
    town.spool.frames_after = lambda starts, *more: read.extend(starts) or frames_after(starts, *more)
    given = set[StreamId]()
    for _ in range(12):
        with county.unit():
            county.spool.want(act)
        read.clear()
        town.take(county.out(TOWN))
        up = town.out(COUNTY)
        frames = [frame for item in items_of(up, county, LOOSE) for frame in decode_frames(item)]
        assert len(frames) == _WAYS_MAX and len(read) <= _WAYS_MAX + 1
        given |= {frame.header.stream for frame in frames}
    assert {stream.dst for stream in given} == set(many), "others each time"
    county.take(up)
    assert county.spool.known_acts([act]) and "S103" not in county.codes()
