"""A village moved away: what its former township cannot use any more is settled, told, and not asked for."""

from __future__ import annotations

import time
from collections.abc import Iterable

import pytest

from sync.protocol.acts.deliver import Parked
from sync.protocol.acts.quarantine import RELEASED, quarantined
from sync.protocol.frame import Act, Frame
from sync.protocol.incoming import left
from sync.protocol.incoming.intake import retry_unknown
from sync.protocol.incoming.left import LEFT, settle_left
from sync.protocol.spool import ActRow
from sync.protocol.trust import registrar
from sync.protocol.trust.revocation import LOST, Revocation, Said, decide, revoke
from tests.sync.network import (
    COUNTY,
    OTHER_TOWN,
    START_MS,
    TOWN,
    VILLAGE,
    Site,
    exchange,
    make_network,
    settle,
)
from tests.sync.test_loose_papers import brief
from tests.sync.test_revocation import replace_machine


def moved(sites: dict[str, Site], parent: str) -> None:
    county = sites[COUNTY]
    with county.unit():
        registrar.change(county.core, county.roster_key, VILLAGE, {"parent": parent}, START_MS)
    sites[TOWN].take(county.out(TOWN))
    sites[OTHER_TOWN].take(county.out(OTHER_TOWN))


def reasons(site: Site) -> dict[str, str]:
    return {row.id: row.reason for row in site.spool.parked()}


def looked_at(site: Site, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return whose acts are read when trust has changed."""
    read, frame_of_act, parked = list[str](), site.spool.frame_of_act, site.spool.parked

    def frame(act: str) -> Frame | None:
        read.append(act)
        return frame_of_act(act)

    def some(waits_for: Iterable[str] | None = None) -> list[ActRow]:
        assert waits_for is not None, "every parked act was read"
        return parked(waits_for)

    with monkeypatch.context() as watched, site.unit():
        watched.setattr(site.spool, "frame_of_act", frame)
        watched.setattr(site.spool, "parked", some)
        assert settle_left(site.core) == [] == retry_unknown(site.core, START_MS)
    return read


def test_acts_that_wait_for_what_comes_another_way_now_are_settled_and_count_if_it_comes_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
):
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites)
    before = county.submit(b'{"n":0}', (OTHER_TOWN,))
    waits = {b"1": f"act:{before}", b"2": "case:A", b"3": "person", b"4": "case:B"}
    town.application.judge = lambda act: (
        Parked("E199", waits[act.content])
        if act.content in waits and (act.content != b"1" or before not in town.application.ids)
        else None
    )
    acts = [village.submit(b"%d" % n, (TOWN,) if n == 4 else (COUNTY,)) for n in (1, 2, 3, 4)]
    settle(sites)
    assert reasons(town) == dict.fromkeys(acts, "E199") and town.spool.wants(9) == [before]
    assert looked_at(town, monkeypatch) == [], "nobody has moved"
    moved(sites, OTHER_TOWN)
    assert sorted(looked_at(town, monkeypatch)) == sorted([acts[0], acts[1], acts[3]])
    # What a person has to decide, and what was for the township itself, waits on.
    settled = {acts[0]: LEFT, acts[1]: LEFT, acts[2]: "E199", acts[3]: "E199"}
    assert reasons(town) == settled and town.spool.wants(9) == []
    assert [note.detail for note in town.core.notes if note.code == LEFT] == ["2 acts"]
    town.restart()
    for _ in range(2):
        exchange(town, county)
    assert reasons(town) == settled and LEFT not in town.codes()
    # The county points out what was lacking: the act counts, though nobody had waited for it.
    brief(county, TOWN, before, acts[0])
    for _ in range(3):
        exchange(town, county)
    assert town.application.ids == [before, acts[0]] and acts[0] not in reasons(town)
    # It stands below the township again: what is lacking may come now, and is waited for.
    del waits[b"2"]
    moved(sites, "")
    assert town.application.ids[2:] == [acts[1]] and reasons(town) == {acts[2]: "E199", acts[3]: "E199"}


def test_what_the_former_township_alone_has_of_a_lost_village_comes_to_the_county_and_home():
    """The village moved away before its township reached the county, and its machine is gone."""
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town = sites[COUNTY], sites[TOWN]
    settle(sites)
    acts = [sites[VILLAGE].submit(b'{"n":%d}' % n, (COUNTY,)) for n in range(3)]
    sites[TOWN].take(sites[VILLAGE].out(TOWN))
    with county.unit():
        registrar.change(county.core, county.roster_key, VILLAGE, {"parent": OTHER_TOWN}, START_MS)
        revoke(county.core, county.application, Revocation(VILLAGE, LOST), county.now())
    fresh = replace_machine(county, VILLAGE, 2)
    for _ in range(3):
        exchange(town, county)
        exchange(sites[OTHER_TOWN], county)
    with county.unit():
        held = [row.id for row in quarantined(county.core, VILLAGE)]
        assert held == acts, "a person sees them"
        decide(county.core, county.application, RELEASED, Said(acts, "its own"), county.now())
    settle({**sites, VILLAGE: fresh}, 4)
    assert county.application.ids == acts
    assert all(fresh.spool.act(act) for act in acts)


def test_what_a_brief_names_leads_no_further_where_it_does_not_name_what_that_waits_for():
    """Seed 980019 of an upheaval: the first steps had gone by before the township's machine was new."""
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites)
    first = county.submit(b"0", (OTHER_TOWN,))
    steps = [village.submit(b"%d" % n, (COUNTY,)) for n in (1, 2)]
    waits = {b"1": f"act:{first}", b"2": f"act:{steps[0]}"}

    def judge(act: Act) -> Parked | None:
        waited = waits.get(act.content, "")
        is_here = waited.removeprefix("act:") in town.application.ids
        return Parked("E108", waited) if waited and not is_here else None

    town.application.judge = judge
    settle(sites)
    brief(county, TOWN, *steps)
    exchange(town, county)
    assert reasons(town) == dict.fromkeys(steps, "E108") and town.spool.wants(9) == [first]
    moved(sites, OTHER_TOWN)
    assert reasons(town) == dict.fromkeys(steps, LEFT) and town.spool.wants(9) == []
    brief(county, TOWN, first)
    for _ in range(3):
        exchange(town, county)
    assert town.application.ids == [first, *steps] and reasons(town) == {}


def pointed_out_late(gone_to: str) -> tuple[dict[str, Site], list[str]]:
    """Return a network in which the county names three steps to the township, and not the act before them.

    The village moves before the township hears of the brief. The third step waits for the case.
    """
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town = sites[COUNTY], sites[TOWN]
    settle(sites)
    acts = [county.submit(b"%d" % n, (OTHER_TOWN,)) for n in range(4)]
    waits = {b"1": f"act:{acts[0]}", b"2": f"act:{acts[1]}", b"3": "case:A"}

    def judge(act: Act) -> Parked | None:
        waited, done = waits.get(act.content, ""), town.application.ids
        is_here = acts[0] in done if waited == "case:A" else waited.removeprefix("act:") in done
        return Parked("E108", waited) if waited and not is_here else None

    town.application.judge = judge
    town.application.woke = {"case:A"}
    settle(sites)
    brief(county, TOWN, *acts[1:])
    moved(sites, gone_to)
    return sites, acts


def test_what_a_brief_of_before_names_leads_no_further_where_it_comes_after_the_move():
    """Seed 970478 of an upheaval: what named the first steps went past the township, to the village."""
    sites, (first, *steps) = pointed_out_late(OTHER_TOWN)
    county, town = sites[COUNTY], sites[TOWN]
    exchange(town, county)
    assert reasons(town) == dict.fromkeys(steps, LEFT)
    assert [note.detail for note in town.core.notes if note.code == LEFT] == ["3 acts"]
    # It may be among what passed here once: that is asked for until trust changes.
    assert town.spool.wants(9) == [first]
    town.restart()
    for _ in range(2):
        exchange(town, county)
    assert reasons(town) == dict.fromkeys(steps, LEFT) and town.spool.wants(9) == []
    assert LEFT not in town.codes()
    brief(county, TOWN, first)
    for _ in range(3):
        exchange(town, county)
    assert sorted(town.application.ids) == sorted([first, *steps]) and reasons(town) == {}


def test_what_a_brief_names_is_waited_for_where_nobody_has_left():
    sites, (first, *steps) = pointed_out_late("")
    exchange(sites[TOWN], sites[COUNTY])
    assert reasons(sites[TOWN]) == dict.fromkeys(steps, "E108") and sites[TOWN].spool.wants(9) == [first]
    # Somewhere else something has changed in the roster: that is no reason to give anything up.
    county = sites[COUNTY]
    with county.unit():
        registrar.change(county.core, county.roster_key, OTHER_TOWN, {"name": "改名"}, START_MS)
    sites[TOWN].take(county.out(TOWN))
    assert reasons(sites[TOWN]) == dict.fromkeys(steps, "E108") and sites[TOWN].spool.wants(9) == [first]
    assert LEFT not in sites[TOWN].codes()


def test_what_comes_after_that_leads_no_further_either_and_a_case_only_once_all_that_was_named_is_here():
    sites, (_, *steps) = pointed_out_late(OTHER_TOWN)
    county, town = sites[COUNTY], sites[TOWN]
    nowhere = "ab" * 16
    brief(county, TOWN, nowhere)
    more = county.submit(b"4", (OTHER_TOWN,))
    judge = town.application.judge
    town.application.judge = lambda act: Parked("E108", f"act:{steps[1]}") if act.id == more else judge(act)
    for _ in range(2):
        exchange(town, county)
    assert reasons(town) == {steps[0]: LEFT, steps[1]: LEFT, steps[2]: "E108"}
    brief(county, TOWN, more)
    for _ in range(3):
        exchange(town, county)
    assert reasons(town)[more] == LEFT and reasons(town)[steps[2]] == "E108"
    # Taken back, it is not to come any more; what comes next is reason to look.
    with town.unit():
        town.spool.unwant([nowhere])
    brief(county, TOWN, county.submit(b"5", (OTHER_TOWN,)))
    for _ in range(3):
        exchange(town, county)
    assert reasons(town) == dict.fromkeys([*steps, more], LEFT)


def test_a_case_is_waited_for_while_what_was_named_with_it_waits_for_a_document():
    """Seed 970551 of an upheaval: what opened the case had come, and the document it names had not."""
    sites, (_, *steps) = pointed_out_late(OTHER_TOWN)
    county, town = sites[COUNTY], sites[TOWN]
    opening, parts = county.submit(b"opens", (OTHER_TOWN,)), {b"opens": "doc:" + 64 * "a"}
    judge = town.application.judge
    town.application.judge = lambda act: (
        Parked("E108", parts[act.content]) if act.content in parts else judge(act)
    )
    brief(county, TOWN, opening)
    for _ in range(3):
        exchange(town, county)
    assert reasons(town) == {steps[0]: LEFT, steps[1]: LEFT, steps[2]: "E108", opening: "E108"}


def test_while_more_that_was_named_is_to_come_what_waits_for_cases_is_not_gone_through(
    monkeypatch: pytest.MonkeyPatch,
):
    """A thousand that wait so would be read for every few that come."""
    sites, (_, *steps) = pointed_out_late(OTHER_TOWN)
    county, town, read = sites[COUNTY], sites[TOWN], list[list[str]]()
    brief(county, TOWN, "ab" * 16)
    parked_for = left.parked_under
    monkeypatch.setattr(
        left, "parked_under", lambda core, keys: read.append([*keys]) or parked_for(core, keys)
    )
    with monkeypatch.context() as watched:
        watched.setattr("sync.protocol.absorb.settle_left", lambda core: [])
        exchange(town, county)
    assert reasons(town)[steps[2]] == "E108" and read == []


def test_a_long_case_that_leads_no_further_is_looked_at_step_by_step_once(monkeypatch: pytest.MonkeyPatch):
    sites = make_network((COUNTY, TOWN, OTHER_TOWN, VILLAGE))
    county, town, village = sites[COUNTY], sites[TOWN], sites[VILLAGE]
    settle(sites)
    steps = [county.submit(b"0", (OTHER_TOWN,))]
    steps += [village.submit(b"%d" % n, (COUNTY,)) for n in range(1, 9)]
    waits = dict(zip(steps[1:], steps, strict=False))
    town.application.judge = lambda act: Parked("E108", f"act:{waits[act.id]}") if act.id in waits else None
    settle(sites)
    brief(county, TOWN, *steps[1:])
    exchange(town, county)
    moved(sites, OTHER_TOWN)
    assert reasons(town) == dict.fromkeys(steps[1:], LEFT)
    read, frame = list[str](), town.spool.frame_of_act
    monkeypatch.setattr(town.spool, "frame_of_act", lambda act: read.append(act) or frame(act))
    with town.unit():
        assert settle_left(town.core) == []
    assert len(read) <= 2 * len(steps)


def test_a_thousand_steps_that_wait_for_each_other_take_no_time(monkeypatch: pytest.MonkeyPatch):
    town = make_network()[TOWN]
    rows = [ActRow(f"{n}", "", COUNTY, "parked", "E108", f"act:{n - 1}", n) for n in range(1, 1_001)]
    monkeypatch.setattr(left, "may_have_unasked", lambda core, address, frame: False)
    monkeypatch.setattr(left, "_is_left", lambda core: True)
    monkeypatch.setattr(left, "is_pointed_to", lambda core, address, briefs: briefs != ["0"])
    monkeypatch.setattr(town.spool, "briefs_of_act", lambda act: [act])
    monkeypatch.setattr(town.spool, "frame_of_act", lambda act: None if act == "0" else act)
    begun = time.process_time()
    assert len(left._not_for_us(town.core, rows)) == len(rows)
    assert time.process_time() - begun < 1
