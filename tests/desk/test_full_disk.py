"""A node whose disk is nearly full: no new case at the door, a paper form instead, all else goes on."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from common.casework import days
from common.node.watches.disk import DiskState, DiskWatch
from common.node.watches.room import RoomKeeper
from common.store.database import DatabaseBusy
from sync.protocol.frame import BlobRef
from tests.desk.desk_pages import Counter
from tests.desk.three import COUNTY, DAY_MS, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes, post


def with_free(three: ThreeNodes, megabytes: int) -> RoomKeeper:
    """Let the node's disk have so much room."""

    def room(folder: Path) -> SimpleNamespace:
        return SimpleNamespace(f_frsize=1_000_000, f_bavail=megabytes)

    three.node.disk = DiskWatch(three.node.config, room)
    keeper = RoomKeeper(three.node)
    keeper.keep()
    return keeper


def papers_in(folder: Path) -> int:
    return len(list(folder.glob("[0-9a-f][0-9a-f]/*/*")))


def test_at_critical_nothing_new_is_taken_in_and_what_was_accepted_goes_on(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    three.file()
    client = three.client(VILLAGE, "agent")
    counter = Counter(three, client, SUBSISTENCE).to_check()
    draft = counter.path.split("/")[2]
    with_free(three, 250)
    assert "磁盘快满，暂停收新件" in client.get("/line").text.split("<main")[0], "in the header of every page"
    for answer in (client.get("/file"), post(client, "/file/begin", {"item": SUBSISTENCE})):
        assert answer.status_code == 503 and "磁盘快满，暂停收新件" in answer.text
        assert f"/guide/{SUBSISTENCE}/form" in answer.text, "a paper form to print"
        assert f'href="{counter.path}/' in answer.text, "a draft is in reach to be looked at"
    # What was typed on the pages that are refused is in the draft: it waits for the room to come.
    last = {"overrule": "申请人称是另一户", "no_papers": "1"}
    assert post(client, f"{counter.path}/check", last).status_code == 503
    assert last.items() <= three.node.drafts.draft(draft, "agent").terms.items()
    item = three.node.catalogue.item(SUBSISTENCE)
    assert item is not None
    tolerant = next(paper.key for paper in item.papers if paper.tolerant)
    ticked = {f"follow-{tolerant}": "1", "then": "stay"}
    assert post(client, f"{counter.path}/papers", ticked).status_code == 503
    assert three.node.drafts.draft(draft, "agent").terms["follow"] == tolerant
    assert client.get(f"/file/{draft}/applicant").status_code == 200, "a draft may be looked at and kept"
    assert three.app.test_client().get("/file").status_code == 303, "strangers are asked to sign in, as ever"
    page = client.get("/line").text
    assert "停止收新件" in page and "S141" in page
    with_free(three, 5_000)
    assert "data-side" not in client.get(f"/file/{draft}/papers").text
    with_free(three, 900)
    assert 'data-side="1600"' in client.get(f"/file/{draft}/papers").text
    assert client.get("/file").status_code == 200
    three.carry(VILLAGE, TOWN)
    client = three.client(TOWN, "clerk")
    three.node.engine.disks[VILLAGE] = 2
    page = client.get("/line").text
    assert "磁盘快满，停收新件" in page and "停止收新件，发送" not in page, "whose disk it is, is told"


def test_who_stands_above_sees_a_disk_that_fills_where_they_look_first(three: ThreeNodes) -> None:
    """The page of the line alone told it. A site's own first page tells it in the header, as all pages do."""
    three.open(COUNTY)
    for address, login, pages in ((TOWN, "clerk", ["/"]), (COUNTY, "admin", ["/", "/nodes"])):
        client = three.client(address, login)
        (below, *_rest) = [site for site, *_more in three.node.below()]
        for disk, words in ((0, ""), (1, "磁盘空间不多"), (2, "磁盘快满，停收新件")):
            three.node.engine.disks[below] = disk
            for path in pages:
                page = client.get(path).text
                found = [said for said in ("磁盘空间不多", "磁盘快满，停收新件") if said in page]
                assert found == [words] * bool(words), (address, path, disk)
        with_free(three, 250)
        assert "磁盘快满，暂停收新件" in client.get("/").text.split("<main")[0], address


def test_at_low_papers_at_their_end_leave_and_can_be_fetched_back(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file(SUBSISTENCE)
    folder = three.folder / VILLAGE / "papers"
    assert with_free(three, 600).keep() is DiskState.LOW
    assert papers_in(folder) == 2, "the county has not got them yet"
    three.carry(VILLAGE, COUNTY)
    three.carry(COUNTY, VILLAGE)
    client = three.client(VILLAGE, "agent")
    with three.node.unit():
        three.node.blobs.claim(three.node.blobs.unclaimed(2**50))
    with_free(three, 600)
    assert papers_in(folder) == 2, "the county's backup may be older than they are"
    three.clock.set_wall(three.now() + 8 * DAY_MS)
    client = three.client(VILLAGE, "agent")
    with_free(three, 600)
    assert papers_in(folder) == 2, "switched off for days, it has counted one"
    for _ in range(7):
        three.clock.set_wall(three.now() + DAY_MS)
        with_free(three, 600)
    assert papers_in(folder) == 2, "who hears from nobody does not hear that the county was put back"
    three.hear()
    with_free(three, 600)
    assert papers_in(folder) == 0
    page = client.get(f"/case/{number}").text
    assert "已移出本站" in page
    action = re.search(r'action="(/paper/[0-9a-f]{64}/fetch)"', page)
    assert action is not None
    assert client.post(action[1]).status_code == 400, "not without its secret"
    answer = post(client, action[1], {"back": f"/case/{number}"})
    assert answer.location == f"/case/{number}" and "已向上级站点取回" in client.get(answer.location).text
    assert post(client, action[1], {"back": "//elsewhere"}).location == "/"
    assert post(client, f"/paper/{'ab' * 32}/fetch", {}).status_code == 404
    three.carry(VILLAGE, COUNTY)
    three.carry(COUNTY, VILLAGE)
    assert papers_in(folder) == 1


def test_papers_leave_a_village_thirty_days_after_though_there_is_room(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    three.file(SUBSISTENCE)
    three.carry(VILLAGE, COUNTY)
    three.carry(COUNTY, VILLAGE)
    three.open(VILLAGE)
    with three.node.unit():
        three.node.blobs.claim(three.node.blobs.unclaimed(2**50))
    folder = three.folder / VILLAGE / "papers"
    with_free(three, 9_000)
    assert papers_in(folder) == 2
    known = three.now()
    with three.node.unit():
        days.confirm(known, "console")
    three.clock.set_wall(4_070_908_800_000)
    with_free(three, 600)
    assert papers_in(folder) == 2, "by a clock that says 2099 every paper is old"
    three.clock.set_wall(known)
    for _ in range(30):
        assert papers_in(folder) == 2
        three.clock.set_wall(three.now() + DAY_MS)
        with_free(three, 9_000)
    three.hear()
    with_free(three, 9_000)
    assert papers_in(folder) == 0
    three.open(COUNTY)
    with_free(three, 9_000)
    assert papers_in(three.folder / COUNTY / "papers") == 2


def test_a_day_that_cannot_be_counted_ends_nothing(three: ThreeNodes, monkeypatch) -> None:
    three.open(VILLAGE)
    with three.node.unit():
        days.confirm(three.now(), "console")
    keeper, counted = RoomKeeper(three.node), three.node.spool.all_held
    with monkeypatch.context() as patch:
        patch.setattr("common.node.watches.room.count_day", _busy)
        assert keeper.keep() is DiskState.NORMAL
    assert counted("days at work") == []
    keeper.keep()
    assert len(counted("days at work")) == 1


def _busy(*_: object) -> None:
    raise DatabaseBusy


@pytest.mark.parametrize("fault", [errno.EIO, errno.EROFS])
def test_a_disk_that_fails_under_a_paper_is_told_as_that(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch, fault: int
) -> None:
    """To try again in a while, as after an error of the program, would be the wrong thing to do."""
    three.open(VILLAGE)
    counter = Counter(three, three.client(VILLAGE, "agent"), SUBSISTENCE).to_check()

    def broken(*_: object) -> BlobRef:
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(three.node.blobs, "put", broken)
    answer = counter.send("papers", counter.all_papers())
    assert answer.status_code == 503 and "E405" in answer.text and "请立即停止录入" in answer.text
