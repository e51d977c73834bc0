"""Two acts at one place of a stream: whoever looks is told which, and whether anything is to be done."""

from __future__ import annotations

import shutil

from common.node.verbs import commands
from common.node.verbs.told import verify_lines
from common.store.database import close_database
from sync.protocol.spool import EVIDENCE
from tests.desk.three import COUNTY, RELIEF, TOWN, VILLAGE, ThreeNodes


def forked(three: ThreeNodes) -> tuple[str, str]:
    """File a case, put the whole disk of before back, file another, and bring both up; return the two."""
    image = three.folder / "image"
    three.open(VILLAGE)
    close_database()
    shutil.copytree(three.folder / VILLAGE, image)
    three.open(VILLAGE)
    first = three.file(RELIEF, "王秀英")
    for way in ((VILLAGE, TOWN), (TOWN, COUNTY)):
        three.carry(*way)
    close_database()
    shutil.rmtree(three.folder / VILLAGE)
    shutil.move(image, three.folder / VILLAGE)
    three.open(VILLAGE)
    second = three.file(RELIEF, "李二", seed=1)
    return first, second


def test_a_check_names_what_lost_its_place_and_says_that_it_goes_on(three: ThreeNodes) -> None:
    first, second = forked(three)
    three.carry(VILLAGE, TOWN)
    alone = commands.verify(three.node)
    assert [(fork["seq"], fork["placed"]) for fork in alone["forks"]] == [(1, 0)]
    # A thief makes many: those that are not named are counted.
    (*_, rest) = [one for one in verify_lines({**alone, "evidence": 60}) if "份" in one and "没有列出" in one]
    assert "59 份" in rest
    assert not any("没有列出" in one for one in verify_lines(alone))
    (line,) = [one for one in verify_lines(alone) if second in one]
    assert "鹿角坪村" in line and "请打电话" in line
    for way in ((TOWN, VILLAGE), (VILLAGE, TOWN), (TOWN, COUNTY), (COUNTY, TOWN)) * 2 + ((TOWN, COUNTY),):
        three.carry(*way)
    assert three.node.spool.count_aside(EVIDENCE) == 1
    found = commands.verify(three.node)
    (line,) = [one for one in verify_lines(found) if second in one]
    assert "已另给位置" in line and "不用处理" in line and first not in "".join(verify_lines(found))
