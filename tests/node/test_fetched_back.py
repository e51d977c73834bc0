"""A paper that left a village and is fetched back stays long enough to be looked at."""

from __future__ import annotations

from common.casework import days
from common.desk.rules.drafts import DraftPaper
from common.node.watches.room import RoomKeeper
from sync.protocol.stock.eviction import STAYS_DAYS
from tests.desk.three import DAY_MS, RELIEF, VILLAGE, ThreeNodes
from tests.node.test_keeping import filed, go_round


def work(three: ThreeNodes, keeper: RoomKeeper, count: int) -> None:
    """Let so many days pass on which somebody works, and then two more rounds of the keeper."""
    start = three.now()
    for day in range(1, count + 1):
        three.clock.set_wall(start + day * DAY_MS)
        with three.node.unit():
            days.confirm(three.now(), "console")
        keeper.keep()
    three.hear()
    for _ in range(2):
        keeper.keep()


def let_go(three: ThreeNodes) -> tuple[RoomKeeper, str]:
    """File a case, let a month pass, and its paper leave the village."""
    filed(three, "王秀英", 0)
    go_round(three, 2)
    village = three.open(VILLAGE)
    (paper,) = (file.name for file in (three.folder / VILLAGE / "papers").glob("??/??/*"))
    village.blobs.claim([paper])
    keeper = RoomKeeper(village)
    work(three, keeper, 31)
    assert not village.blobs.has(paper)
    return keeper, paper


def test_a_paper_fetched_back_is_not_let_go_at_once(three: ThreeNodes) -> None:
    _keeper, paper = let_go(three)
    with three.node.unit():
        assert three.node.ask_back(paper, "agent", three.now())
    go_round(three, 2)
    village = three.open(VILLAGE)
    assert village.blobs.has(paper)
    keeper = RoomKeeper(village)
    for _ in range(4):
        keeper.keep()
    assert village.blobs.has(paper)
    # After some days at work it leaves again, and is looked after as any other.
    work(three, keeper, STAYS_DAYS)
    assert not village.blobs.has(paper)


def test_a_paper_that_a_draft_uses_again_stays_while_the_draft_does(three: ThreeNodes) -> None:
    keeper, paper = let_go(three)
    node = three.node
    with node.unit():
        assert node.ask_back(paper, "agent", three.now())
    go_round(three, 2)
    village = three.open(VILLAGE)
    keeper, start = RoomKeeper(village), three.now()
    item = village.catalogue.item(RELIEF)
    assert item is not None
    again = DraftPaper("id_card", "身份证", "", paper, 1, "image/jpeg", source="an earlier case")
    with village.unit():
        draft = village.drafts.begin("agent", item, three.now())
        draft = village.drafts.add_papers(draft, [again], three.now())
    for day in range(1, 9):
        three.clock.set_wall(start + day * DAY_MS)
        with village.unit():
            days.confirm(three.now(), "console")
        keeper.keep()
    assert village.blobs.has(paper)
    with village.unit():
        village.drafts.discard(draft, three.now())
    for _ in range(3):
        keeper.keep()
    assert not village.blobs.has(paper)
