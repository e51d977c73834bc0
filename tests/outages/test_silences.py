"""Nodes below that are not heard: noted by the node above itself, told further up, shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from playhouse.migrations import Migration

from common.node.keyring.keys import ROSTER
from common.node.node import Node
from common.node.watches.silences import SilenceWatch
from common.outages import records
from common.outages.rules import LINE, SILENT, Outage, as_fields, read_silences, unusual
from common.outages.service import OUTAGES
from common.outages.silences import SILENCES
from common.store import migrate as migration
from common.store.database import close_database, open_database, run
from sync.protocol import canonical
from sync.protocol.frame import Act
from sync.protocol.trust import registrar
from tests.desk.three import COUNTY, DAY_MS, NOW, TOWN, VILLAGE, ThreeNodes

MINUTE, HOUR = 60_000, 3_600_000


def pass_time(three: ThreeNodes, watch: SilenceWatch, minutes: int) -> bool:
    """Let time pass with a look every four minutes; return whether those above are to be told."""
    due = False
    for _ in range(0, minutes, 4):
        three.clock.advance(4 * MINUTE)
        due = watch.look()
    return due


def report(three: ThreeNodes) -> int:
    with three.node.unit():
        return three.node.staffing.report()


def applied(three: ThreeNodes, kind: str, author: str, body: Any) -> list[str]:
    act = Act("cd" * 16, kind, author, canonical.dumps(body), (), "", 0)
    with three.node.unit():
        return [why.reason for why in three.node.staffing.apply([act]).parked.values()]


def page_at(three: ThreeNodes, address: str, path: str = "/outages") -> str:
    return three.client(address, "clerk").get(path).text


def test_a_township_notes_that_a_village_is_silent_and_the_county_is_told(three: ThreeNodes) -> None:
    last_word = three.open(TOWN).last_words()[VILLAGE]
    watch = SilenceWatch(three.node)
    report(three)
    assert not pass_time(three, watch, 28) and three.node.silences.lasting() == {}
    assert not pass_time(three, watch, 8) and three.node.silences.lasting() == {VILLAGE: last_word}
    assert report(three) == 0, "what has lasted less than an hour may be over before it is read"
    # The township is put together anew: nothing is noted twice, nothing is forgotten.
    watch = SilenceWatch(three.open(TOWN))
    assert pass_time(three, watch, 60)
    assert (report(three), report(three)) == (1, 0) and not watch.look()
    page = page_at(three, TOWN)
    assert "无联系 1 小时 36 分" in page and "本站记" in page and "起，还没有恢复" in page
    three.carry(TOWN, COUNTY)
    page = page_at(three, COUNTY, f"/outages?under={TOWN}")
    for words in ("无联系 1 小时 36 分", "青峪镇报", "青峪镇记", "起，还没有恢复"):
        assert words in page, words
    roster = three.again("admin").get("/roster").text
    county, town, village = (roster.index(f"/roster/{one}") for one in (COUNTY, TOWN, VILLAGE))
    assert county < town < village and "无联系 1 小时 36 分" in roster[village:] and "青峪镇报" in roster
    assert "从未联系" not in roster, "a village that its township hears is not one that was never met"
    # The village comes by stick, with what it says of itself.
    three.clock.advance(HOUR)
    told = [Outage(LINE, NOW, NOW + 2 * HOUR)]
    with three.open(VILLAGE).unit():
        three.node.outages._tell(OUTAGES, as_fields(told))
    three.carry(VILLAGE, TOWN)
    assert SilenceWatch(three.node).look() and report(three) == 1
    (silence,) = records.silences(VILLAGE, TOWN, 0)
    assert silence == Outage(SILENT, last_word, three.now())
    page = page_at(three, TOWN)
    own, noted = page.index("站点自报）"), page.index("本站记）")
    assert "线路不通" in page[own - 90 : own] and "无联系" in page[noted - 90 : noted] and "有联系" in page
    assert "还没有恢复" not in page and "本站记无联系：1 次，合计 2 小时 36 分" in page
    assert "近 30 天无联系 1 次" in three.again("admin").get("/nodes").text
    three.carry(TOWN, COUNTY)
    page = page_at(three, COUNTY, f"/outages?under={TOWN}")
    assert "还没有恢复" not in page and "青峪镇记无联系：1 次，合计 2 小时 36 分" in page
    assert "青峪镇没有报失联" in page and not three.node.spool.parked()
    nobody_hears_the_village(three)


def nobody_hears_the_village(three: ThreeNodes) -> None:
    """What a township that is itself not heard does not report says nothing of its villages."""
    assert "青峪镇没有报失联" in three.again("admin").get("/roster").text
    three.clock.advance(48 * HOUR)
    roster = three.again("admin").get("/roster").text
    assert "青峪镇自己无联系" in roster and "没有报失联" not in roster


def test_who_was_off_itself_or_has_a_jumping_clock_calls_nobody_silent(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = SilenceWatch(three.open(TOWN))
    watch.look()
    # The machine slept; then its clock is set a year ahead.
    three.clock.advance(5 * HOUR)
    assert not pass_time(three, watch, 24)
    three.clock.set_wall(three.now() + 365 * DAY_MS)
    assert not watch.look() and three.node.silences.lasting() == {}
    # The top tells nobody, and a node that moves away is not listened for.
    watch = SilenceWatch(three.open(COUNTY))
    watch.look()
    assert not pass_time(three, watch, 100) and set(three.node.silences.lasting()) == {TOWN}
    assert report(three) == 0
    monkeypatch.setattr(Node, "last_words", lambda node: {})
    assert not watch.look() and three.node.silences.lasting() == {}
    assert records.silences(TOWN, COUNTY, 0)[0].ended_at == three.now()


def test_a_node_that_is_off_every_night_is_said_to_be_as_usual(three: ThreeNodes) -> None:
    last_word = three.open(TOWN).last_words()[VILLAGE]
    with three.node.unit():
        for days in (3, 2, 1):
            night = Outage(SILENT, last_word - days * DAY_MS, last_word - days * DAY_MS + 14 * HOUR)
            records.put_silence(VILLAGE, TOWN, night, 9)
            records.let_untold(VILLAGE, TOWN, night.began_at)
        three.node.silences.begin(VILLAGE, last_word)
    three.clock.advance(12 * HOUR)
    assert not three.node.silences.is_time_to_tell(three.now())
    page = page_at(three, TOWN)
    assert (
        "无联系 12 小时" in page
        and "起，与平常一样" in page
        and "本站记无联系：2 次，合计 1 天 4 小时" in page
    )
    three.clock.advance(6 * HOUR)
    assert "起，与平常一样" not in page_at(three, TOWN) and three.node.silences.is_time_to_tell(three.now())


def silences(*spans: tuple[float, float]) -> list[Outage]:
    """Return silences from and to, in hours."""
    return [Outage(SILENT, NOW + int(a * HOUR), NOW + int(b * HOUR)) for a, b in spans]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        # The room is shut every night: two times it is new, then it is usual, until it lasts into the day.
        ([(18, 32), (42, 56.5), (66, 80), (90, 104.9), (114, 132)], [0, 1, 4]),
        # By day the same node is looked at as strictly as ever.
        ([(18, 32), (42, 56), (58, 60), (66, 80)], [0, 1, 2]),
        # A stick every two or three days; then it does not come.
        ([(0, 50), (50.1, 120), (120.2, 170), (170.1, 260), (260.1, 400)], [0, 1, 4]),
        # The line falls by day now and then.
        ([(0, 2), (30, 32), (70, 71)], [0, 1, 2]),
        ([], []),
    ],
)
def test_what_is_usual_is_not_counted(spans: Sequence[tuple[float, float]], expected: list[int]) -> None:
    given = silences(*spans)
    assert [given.index(one) for one in unusual(given)] == expected


GOOD = [VILLAGE, NOW - 3 * HOUR, NOW - HOUR, 0]


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"silences": []},
        {"silences": [GOOD] * 41},
        {"silences": [GOOD[:3]]},
        {"silences": [[5, *GOOD[1:]]]},
        {"silences": [[VILLAGE, NOW, NOW - 1, 0]]},
        {"silences": [[VILLAGE, 0, NOW, 0]]},
        {"silences": [[VILLAGE, NOW, True, 0]]},
        {"silences": [[VILLAGE, NOW, NOW + 401 * DAY_MS, 0]]},
        {"silences": [[VILLAGE, NOW, 10**18, 1]]},
        {"silences": [[VILLAGE, NOW, 0, 2]]},
    ],
)
def test_malformed_silences_are_refused(body: Any) -> None:
    with pytest.raises(ValueError, match="silence"):
        read_silences(body)


def test_nobody_tells_of_the_silence_of_nodes_that_are_not_below_it(three: ThreeNodes) -> None:
    three.open(COUNTY)
    for author, node in ((VILLAGE, TOWN), (VILLAGE, VILLAGE), (TOWN, COUNTY)):
        body = {"silences": [[node, *GOOD[1:]]]}
        assert applied(three, SILENCES, author, body) == ["E216"], (author, node)
    # What it told itself and gets back after a loss is for those above.
    assert applied(three, SILENCES, COUNTY, {"silences": [[VILLAGE, *GOOD[1:]]]}) == []
    for body in ({"silences": 1}, {"silences": [["x", *GOOD[1:]]]}):
        assert applied(three, SILENCES, TOWN, body) == ["E215"]
    # What is known to be over does not begin again, and what is told twice is there once.
    for ended in (0, GOOD[2], 0, GOOD[2] + 5):
        assert applied(three, SILENCES, TOWN, {"silences": [[VILLAGE, GOOD[1], ended, 0]]}) == []
    assert records.silences(VILLAGE, TOWN, 0) == [Outage(SILENT, *GOOD[1:])]
    for n in range(11):
        flood = [[VILLAGE, n * DAY_MS + k + 1, n * DAY_MS + k + 1, 0] for k in range(40)]
        assert applied(three, SILENCES, TOWN, {"silences": flood}) == []
    assert len(records.silences(VILLAGE, TOWN, 0)) == 400


def test_a_silence_of_a_clock_that_ran_ahead_hides_none_that_comes_later(three: ThreeNodes) -> None:
    three.open(COUNTY)
    now, ahead = three.now(), NOW + 70 * 365 * DAY_MS
    for row in ([ahead, 0, 0], [ahead + 1, ahead + HOUR, 0], [now - HOUR, 0, 0]):
        assert applied(three, SILENCES, TOWN, {"silences": [[VILLAGE, *row]]}) == []
    assert [one.is_doubtful for one in records.silences(VILLAGE, TOWN, 0)] == [0, 1, 1]
    quiet = three.node.silences.quiet_of(VILLAGE, TOWN, now)
    assert quiet.since == now - HOUR and not quiet.is_usual
    assert quiet.newest == (Outage(SILENT, now - HOUR, 0),), "and nothing of the year 2096 is shown"
    assert three.node.silences.told_lasting() == {(VILLAGE, TOWN): now - HOUR}
    # A node that is in no roster is not spoken of; and of what is doubtful the room is taken first.
    unknown = VILLAGE[:-1] + str((int(VILLAGE[-1]) + 1) % 10)
    assert applied(three, SILENCES, TOWN, {"silences": [[unknown, *GOOD[1:]]]}) == ["E216"]
    with three.node.unit():
        records.put_silence(VILLAGE, TOWN, Outage(SILENT, now - 2 * HOUR, now - 2 * HOUR + 1), 2)
    assert [one.is_doubtful for one in records.silences(VILLAGE, TOWN, 0)] == [0, 0]


def test_the_end_of_a_silence_is_taken_of_a_village_that_moved_meanwhile(three: ThreeNodes) -> None:
    county = three.open(COUNTY)
    began = three.now() - 3 * HOUR
    assert applied(three, SILENCES, TOWN, {"silences": [[VILLAGE, began, 0, 0]]}) == []
    with county.unit():
        registrar.change(
            county.peer.core, county.keys.special(ROSTER), VILLAGE, {"parent": COUNTY}, three.now()
        )
    later = three.now() - HOUR
    told = {"silences": [[VILLAGE, began, later, 0], [VILLAGE, later + 1, 0, 0]]}
    assert applied(three, SILENCES, TOWN, told) == []
    assert records.silences(VILLAGE, TOWN, 0) == [Outage(SILENT, began, later)], "and none that begins since"
    assert applied(three, SILENCES, TOWN, {"silences": [[VILLAGE, later + 2, 0, 0]]}) == [], (
        "no person is asked"
    )


def test_the_table_of_silences(tmp_path: Any) -> None:
    """Migration 0031."""
    db = open_database(tmp_path / "node.sqlite")
    scripts = {script.name: script for script in Migration.load_directory(str(migration.DIRECTORY))}
    scripts["0031_silences"].load().up(None, db)
    columns = {row[1] for row in run("PRAGMA table_info(silence)")}
    assert columns == {field.column_name for field in records.Silence._meta.sorted_fields}
    close_database()


def test_a_township_put_back_does_not_say_that_a_village_was_silent_since(three: ThreeNodes) -> None:
    three.open(TOWN)
    watch = SilenceWatch(three.node)
    report(three)
    pass_time(three, watch, 40)
    assert list(three.node.silences.lasting()) == [VILLAGE]
    # The copy of this moment is put back ten days later, in nine of which the village was heard each minute.
    with three.node.unit():
        three.node.silences.begin_anew()
    three.clock.advance(10 * DAY_MS)
    three.carry(VILLAGE, TOWN)
    SilenceWatch(three.node).look()
    (silence,) = records.silences(VILLAGE, TOWN, 0)
    assert silence.ended_at and silence.is_doubtful
    assert three.node.silences.lasting() == {}
    quiet = three.node.silences.quiet_of(VILLAGE, TOWN, three.now())
    assert (quiet.tally.total_ms, quiet.tally.doubtful) == (0, 1)


def test_nobody_listens_for_a_site_that_is_out_of_service(three: ThreeNodes) -> None:
    """Its computer may stand in a cupboard: that is no silence to be told of, and nothing to go there for."""
    county = three.open(COUNTY)
    with county.unit():
        county.trust.relieve(VILLAGE, ("admin", three.now()), "并入邻村")
    three.carry(COUNTY, TOWN)
    watch = SilenceWatch(three.node)
    report(three)
    pass_time(three, watch, 120)
    assert three.node.silences.lasting() == {} and report(three) == 0
    page = page_at(three, TOWN)
    assert "已停用" in page and "无联系 2 小时" not in page
    three.clock.advance(10 * DAY_MS)
    three.carry(TOWN, COUNTY)
    for address, path in ((TOWN, "/nodes"), (COUNTY, "/roster")):
        page = three.client(address, "admin").get(path).text
        row = next(one for one in page.split("</tr>") if f">{VILLAGE}<" in one)
        assert "已停用" in row and "天前" not in row.replace("近 30 天", ""), path
        assert "无联系" not in row and "light bad" not in row, path
