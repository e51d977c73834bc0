"""How long three real nodes keep things: bodies leave by rule, and a new machine gets back what counts."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date

from common.casework import days
from common.config import read_config, write_config
from common.keeping.records import PurgeDay
from common.keeping.rules import may_purge, month_of, months_kept, rested_before
from common.keeping.service import EARLIEST_MS
from common.node.checks import doctor
from common.node.node import Node
from common.node.verbs import commands
from common.node.watches import room
from common.node.watches.keeper import Keeper
from common.node.watches.room import RoomKeeper
from common.people.rules.roles import Actor, Role
from common.store.database import close_database, run
from sync.protocol.core import Core
from sync.protocol.stock import purging
from sync.protocol.stock.eviction import fetch_back, still_struck
from sync.protocol.trust import registrar
from tests.desk.three import COUNTY, DAY_MS, PROFILES, RELIEF, TOWN, VILLAGE, ThreeNodes

AGENT = Actor("agent", "周代办", Role.AGENT, "")
ROUND = ((VILLAGE, TOWN), (TOWN, COUNTY), (COUNTY, TOWN), (TOWN, VILLAGE))


def go_round(three: ThreeNodes, times: int = 1) -> None:
    for source, target in ROUND * times:
        three.carry(source, target)


def filed(three: ThreeNodes, name: str, withdrawn: int) -> str:
    """File a case at the village, with a withdrawal that ends it where it is decided."""
    three.open(VILLAGE)
    case = three.file(RELIEF, name, papers=1, seed=len(name))
    if withdrawn:
        with three.node.unit():
            three.node.casework.report(case, "withdraw", AGENT, {"note": "不办了"}, three.now())
    return case


def look(three: ThreeNodes, address: str) -> Node:
    """Let a node do what it does once a day, by a clock that somebody has confirmed."""
    node = three.open(address)
    with node.unit():
        days.confirm(three.now(), "console")
    Keeper(node).keep()
    return node


def later(three: ThreeNodes, number: int) -> None:
    three.clock.set_wall(three.now() + number * DAY_MS)


def bodies_of(case: str) -> list[int]:
    """Return for each frame of a case at the open node how long its body is."""
    sql = 'SELECT LENGTH(f.body) FROM sync_frame f JOIN case_event e ON e.act = f.act WHERE e."case" = ?'
    return [row[0] for row in run(sql, (case,)).fetchall()]


def with_months(three: ThreeNodes, months: int) -> None:
    for address in PROFILES:
        settings: dict[str, str | int] = {"address": address, "bind": "127.0.0.1:9000"}
        write_config(three.folder / address, {**settings, "keep_months": months})


def state_of(node: Node, case: str) -> str:
    rows = run('SELECT state FROM case_file WHERE "case" = ?', (case,)).fetchall()
    return str(rows[0][0]) if rows else ""


def test_bodies_of_ended_cases_leave_after_months_and_nothing_while_the_clock_is_in_doubt(three):
    with_months(three, 3)
    ended, open_one = filed(three, "王秀英", 1), filed(three, "李大山", 0)
    go_round(three, 2)
    for address in PROFILES:
        with three.open(address).unit():
            three.node.keeping.mark(EARLIEST_MS - 1)
        assert three.node.spool.all_held(purging.MARK) == [], "such a clock says nothing of months"
        look(three, address)
        assert three.node.spool.all_held(purging.MARK) != []
    later(three, 150)
    village = three.open(VILLAGE)
    Keeper(village).keep()
    assert min(bodies_of(ended)) > 0, "five months at once: perhaps the clock is wrong"
    village = look(three, VILLAGE)
    assert max(bodies_of(ended)[:2]) == 0 and min(bodies_of(open_one)) > 0
    assert village.casework.case(ended).state.value == "WITHDRAWN", "the case itself is still read"
    left = village.keeping.totals()
    assert left.bodies == 2 and left.bytes > 0 and commands.status(village)["purged"] == 2
    assert any(f.subject == "按期清理" and "2 份" in f.sentence for f in doctor.examine(village))
    assert [note.code for note in village.notes(9)].count("S131") == 1
    assert commands.verify(village)["problems"] == [] and commands.verify(village)["bodies_by_rule"] == 2
    Keeper(village).keep()
    assert village.keeping.totals() == left
    assert run("SELECT COUNT(*) FROM audit WHERE action = 'node.purged'").fetchone() == (1,)
    town = look(three, TOWN)
    assert 0 in bodies_of(ended) and commands.verify(town)["problems"] == []
    county = look(three, COUNTY)
    assert min(bodies_of(ended)) > 0 and county.keeping.totals().bodies == 0, "the top keeps all"
    go_round(three)
    assert commands.verify(three.open(COUNTY))["problems"] == []


def replace_machine(three: ThreeNodes) -> None:
    """The village's machine is broken for good; the township lets another in, and the county confirms it."""
    close_database()
    shutil.rmtree(three.folder / VILLAGE)
    (three.folder / VILLAGE).mkdir()
    write_config(three.folder / VILLAGE, {"address": VILLAGE, "bind": "127.0.0.1:9012", "keep_months": 3})
    close_database()
    commands.init(read_config(three.folder / VILLAGE, {}), PROFILES[VILLAGE])
    request, answer = three.folder / "request", three.folder / "answer"
    code = commands.enrol_issue(three.open(TOWN), VILLAGE, "")
    commands.enrol_request(three.open(VILLAGE), code, request)
    commands.enrol_answer(three.open(TOWN), request, answer)
    commands.enrol_finish(three.open(VILLAGE), code, answer)
    three.carry(TOWN, COUNTY)
    county = three.node
    core = county.peer.core
    key = core.roster.current_key(VILLAGE, TOWN)
    assert key is not None and core.means.roster_key is not None
    child = {"address": VILLAGE, "parent": "", "name": "新站", "key": key.as_fields()}
    with county.unit():
        registrar.admit_child(core, core.means.roster_key, child, three.now())
    Keeper(county).brief()
    three.carry(COUNTY, TOWN)


def test_a_new_machine_gets_open_cases_and_those_of_some_months_and_an_older_one_when_it_goes_on(three):
    """Township and village have purged by then: what the top alone still has comes through the township."""
    with_months(three, 3)
    old, open_one = filed(three, "王秀英", 1), filed(three, "李大山", 0)
    go_round(three, 2)
    for address in PROFILES:
        look(three, address)
    later(three, 150)
    recent = filed(three, "赵小兰", 1)
    go_round(three, 2)
    for address in PROFILES:
        look(three, address)
    replace_machine(three)
    go_round(three, 3)
    village = three.open(VILLAGE)
    states = {name: state_of(village, case) for name, case in (("open", open_one), ("recent", recent))}
    assert states == {"open": "RECEIVED", "recent": "WITHDRAWN"} and state_of(village, old) == ""
    papers = run("SELECT COUNT(*) FROM case_paper").fetchone()[0]
    assert papers and run("SELECT COUNT(*) FROM sync_blob").fetchone()[0] == 0, "papers come when asked for"
    assert commands.verify(village)["problems"] == [] and village.spool.parked() == []
    three.open(TOWN)
    three.move(old, "archive", Role.CLERK, note="归档")
    go_round(three, 4)
    village = three.open(VILLAGE)
    assert (
        state_of(village, old) == "ARCHIVED" and village.spool.parked() == [] and not village.spool.wants(9)
    )
    assert commands.verify(village)["problems"] == []


def test_what_is_counted_has_the_columns_of_its_table_and_no_setting_keeps_things_for_too_short(three):
    three.open(VILLAGE)
    columns = {row[1] for row in run("PRAGMA table_info(purge_day)")}
    assert columns == {field.column_name for field in PurgeDay._meta.sorted_fields}
    assert months_kept(1) == 3 and months_kept(24) == 24
    assert month_of(date(2027, 1, 1)) - month_of(date(2026, 12, 31)) == 1
    assert three.now() - rested_before(three.now(), 1) == 93 * DAY_MS
    assert may_purge(VILLAGE, COUNTY) and not may_purge(COUNTY, COUNTY) and not may_purge(VILLAGE, "")


def test_papers_leave_a_village_after_days_at_work_and_no_leap_of_its_clock_is_one(three, monkeypatch):
    filed(three, "王秀英", 0)
    go_round(three, 2)
    village = three.open(VILLAGE)
    (paper,) = (file.name for file in (three.folder / VILLAGE / "papers").glob("??/??/*"))
    village.blobs.claim([paper])
    keeper, start = RoomKeeper(village), three.now()
    for day in range(30):
        three.clock.set_wall(start + day * DAY_MS)
        with village.unit():
            days.confirm(three.now(), "console")
        keeper.keep()
    three.clock.set_wall(4_075_000_000_000)
    keeper.keep()
    assert village.blobs.has(paper), "the year 2099 is in doubt, and counts for nothing"
    three.clock.set_wall(start + 30 * DAY_MS)
    for _ in range(4):
        keeper.keep()
    assert village.blobs.has(paper), "nobody above was heard, who would tell of an end put back"
    go_round(three)
    village = three.open(VILLAGE)
    keeper = RoomKeeper(village)

    def asked_for(core: Core, papers: Sequence[str]) -> list[str]:
        """Somebody asks for what was struck, while its bytes are still here."""
        assert not any(fetch_back(core, blob) for blob in papers)
        return still_struck(core, papers)

    with monkeypatch.context() as race:
        race.setattr(room, "still_struck", asked_for)
        for _ in range(2):
            keeper.keep()
    assert village.blobs.has(paper) and village.spool.blob(paper)
    for _ in range(2):
        # It looks through some of the frames at a time, and begins anew at the end.
        keeper.keep()
    assert not village.blobs.has(paper)
    assert three.open(COUNTY).blobs.has(paper)
