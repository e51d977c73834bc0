"""What counts of a revoked key by its id counts wherever it stands."""

from __future__ import annotations

from sync.protocol.acts.deliver import release
from sync.protocol.own.issue import give_place
from sync.protocol.records import LOOSE
from tests.sync.forgery import all_frames, bring
from tests.sync.network import COUNTY, TOWN, VILLAGE, exchange, make_network
from tests.sync.test_revocation import cut_off, names, replace_machine, said


def test_an_act_that_counts_by_its_id_counts_on_though_a_later_key_gave_it_a_place_and_is_revoked_too():
    county, town, village = make_network().values()
    act = town.submit(said(0, COUNTY, VILLAGE), (COUNTY, VILLAGE))
    frame = next(frame for frame in all_frames(town) if frame.header.stream.dst == COUNTY)
    exchange(town, county)
    cut_off(county, TOWN)
    exchange(village, county)
    with village.unit():
        village.spool.want(act)
    bring(county, village, frame, kind=LOOSE)
    assert village.application.ids == [act]
    fresh = replace_machine(county, TOWN, 4)
    with fresh.unit():
        give_place(fresh.core, frame, VILLAGE)
    exchange(village, county)
    exchange(village, fresh)
    cut_off(county, TOWN)
    exchange(village, county)
    assert len(village.core.roster.revoked(TOWN)) == 2 and len(village.spool.places_of_act(act)) == 1
    assert village.application.ids == [act] and names(village) == []
    # What waited for something else waits for the cut from then on.
    other = fresh.submit(said(1, VILLAGE), (VILLAGE,))
    with village.unit():
        village.spool.want(other)
    bring(county, village, all_frames(fresh)[-1], kind=LOOSE)
    with village.unit():
        row = village.spool.act(other)._replace(reason="E123", waits_for="act:" + "0" * 32)
        assert (release(village.core, [row]), village.spool.act(other).waits_for) == ([], f"cut:{TOWN}")
