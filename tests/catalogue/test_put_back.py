"""A county put back from a copy gives a number to two texts: one is in force at last, cases keep theirs."""

from __future__ import annotations

import html
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from common.casework.errors import CaseNotFound
from common.catalogue.errors import ShelfOutOfStep
from common.catalogue.messages import adopt
from common.catalogue.service import KIND, shipped_items
from common.node.backups import backup
from common.store.database import close_database, run, unit_of_work
from sync.protocol import canonical
from sync.protocol.shelf import Draft, ShelfDoc
from sync.protocol.shelf import publish as sign_document
from tests.catalogue.shelf import COUNTY as COUNTY_HERE
from tests.catalogue.shelf import NOW, OLD_AGE, SUITE, TODAY, Shelf, county, item, on_another_file, village
from tests.desk.three import COUNTY, DAY_MS, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes

WINDOWS = {"甲表": "centre", "乙表": "own", "丙表": "own"}


def said_once_more(by: Shelf, doc: ShelfDoc, version: int) -> ShelfDoc:
    """Let a shelf publish what it has in force once more, above a number that was taken; see `republish`."""
    draft = Draft(doc.kind, doc.key, version, doc.statement.hash, doc.audience, doc.content, NOW)
    by.docs.append(sign_document(draft, by.author, by.key, SUITE))
    return by.docs[-1]


class Skipping(Shelf):
    """A shelf of which numbers up to `taken` are in use elsewhere."""

    taken = 0

    def next_version(self, kind: str, key: str) -> int:
        return max(self.taken, *(doc.version for doc in self.docs if doc.key == key), 0) + 1


def text_of(name: str) -> dict[str, Any]:
    """Return the item with another name for its first paper, and another window for each name."""
    obj = next(obj for obj in shipped_items() if obj["code"] == SUBSISTENCE)
    papers = [{**obj["papers"][0], "name": name}, *obj["papers"][1:]]
    return {**obj, "papers": papers, "route": {**obj["route"], "window": WINDOWS[name]}}


def publish(three: ThreeNodes, name: str) -> int:
    """Publish the item and a calendar at the open county; return the item's version."""
    node = three.node
    days = {"off": ["01-01", "05-01", "05-02", "10-01", "10-02", "10-03"], "work": [], "source": name}
    with node.unit():
        node.calendars.publish({"2031": days}, three.now())
        return node.catalogue.publish(text_of(name), three.now()).version


def put_back(three: ThreeNodes, kept: Path) -> None:
    """Put the county's database back, two days later; the county is open afterwards."""
    close_database()
    folder = three.folder / COUNTY
    for end in ("", "-wal", "-shm"):
        (folder / f"node.sqlite3{end}").unlink(missing_ok=True)
    shutil.copyfile(kept, folder / "node.sqlite3")
    three.clock.advance(2 * DAY_MS)
    three.open(COUNTY)


def in_force(three: ThreeNodes, address: str) -> tuple[int, str, str]:
    """Return number and first paper's name of the item in force at a node, and the calendar's source."""
    node = three.open(address)
    found = node.catalogue.item(SUBSISTENCE)
    years = {known.days.year: known.days.source for known in node.calendars.years()}
    return found.version, found.papers[0].name, years[2031]


def names_of(three: ThreeNodes, login: str, address: str, case: str) -> set[str]:
    """Return which of the two names the page of a case and its slip say."""
    client = three.client(address, login)
    pages = [client.get(f"/case/{case}"), client.get(f"/file/slip/{case}")]
    assert [page.status_code for page in pages] == [200, 200]
    return {name for name in WINDOWS for page in pages if name in page.text}


def test_a_county_that_gave_a_number_twice_goes_on_and_each_case_keeps_its_text(three: ThreeNodes) -> None:
    kept = three.folder / "kept.sqlite3"
    three.open(COUNTY)
    backup.copy_open_database(kept)
    assert publish(three, "甲表") == 2
    three.carry(COUNTY, TOWN)
    under_a = three.file(papers=0, seed=1)
    put_back(three, kept)
    assert publish(three, "乙表") == 2
    # The village has it by a stick from the county; the township has the other one, which the village leaves.
    three.carry(COUNTY, VILLAGE)
    three.clock.advance(DAY_MS)
    three.carry(TOWN, VILLAGE)
    under_b = three.file(papers=0, seed=2)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    assert not {note.code for note in three.node.notes(50)} & {ShelfOutOfStep.code}
    for source, target in ((COUNTY, TOWN), (TOWN, VILLAGE), (VILLAGE, TOWN)):
        three.carry(source, target)
    assert [in_force(three, one) for one in (COUNTY, TOWN, VILLAGE)] == [(3, "乙表", "乙表")] * 3
    for address in (COUNTY, TOWN):
        node = three.open(address)
        states = [node.casework.case(case) for case in (under_a, under_b)]
        assert [state.item_version for state in states] == [2, 2]
        assert states[0].item_doc != states[1].item_doc
        named = [(state.item, state.item_version, state.item_doc) for state in states]
        texts = [node.catalogue.version(*one) for one in named]
        assert [text.papers[0].name for text in texts if text] == ["甲表", "乙表"]
        # The words of the one were in force when it was filed, those of the other are.
        assert not any(node.casework.has_version_question(case) for case in (under_a, under_b))
    assert names_of(three, "clerk", TOWN, under_a) == {"甲表"}
    assert names_of(three, "clerk", TOWN, under_b) == {"乙表"}
    three.open(COUNTY)
    assert publish(three, "乙表") == 3 and publish(three, "甲表") == 4
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    assert [in_force(three, one) for one in (COUNTY, TOWN, VILLAGE)] == [(4, "甲表", "甲表")] * 3
    three.open(TOWN)
    assert names_of(three, "clerk", TOWN, under_b) == {"乙表"}


def test_a_county_far_above_a_former_text_asks_for_it_by_the_hash_a_case_names(three: ThreeNodes) -> None:
    """Then nobody publishes anything once more: the former number is below what is in force."""
    kept = three.folder / "kept.sqlite3"
    three.open(COUNTY)
    backup.copy_open_database(kept)
    publish(three, "甲表")
    three.carry(COUNTY, TOWN)
    case = three.file(papers=0)
    put_back(three, kept)
    assert [publish(three, "乙表"), publish(three, "丙表")] == [2, 3]
    three.carry(TOWN, COUNTY)
    with pytest.raises(CaseNotFound):
        three.node.casework.case(case)
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, COUNTY)
    state = three.node.casework.case(case)
    text = three.node.catalogue.version(state.item, state.item_version, state.item_doc)
    assert (state.item_version, text.papers[0].name if text else "") == (2, "甲表")
    assert [in_force(three, one) for one in (COUNTY, TOWN)] == [(3, "丙表", "丙表")] * 2


def test_a_text_published_once_more_is_read_under_the_number_of_its_document(file: Path) -> None:
    """Written as 1, published again as 6. A text that claims to be newer than its document is refused."""
    shelf = Skipping()
    top = county(shelf)
    with unit_of_work():
        top.publish(item(visits=1), NOW)
        again = said_once_more(shelf, shelf.docs[0], 6)
        adopt(top, [again])
    assert (top.item(OLD_AGE).version, top.item(OLD_AGE).visits) == (6, 1)
    assert top.content_of(OLD_AGE, 6)["version"] == 6 and top.statement_of(OLD_AGE, 6) == again.statement.hash
    shelf.taken = 8
    with unit_of_work():
        assert top.publish(item(visits=1), NOW).version == 6
        assert top.publish(item(visits=2), NOW).version == 9
        assert top.withdraw(OLD_AGE, NOW).version == 10
    on_another_file(file)
    notes: list[tuple[str, str, str]] = []
    below = village(notes)
    ahead = Draft(KIND, OLD_AGE, 11, "", COUNTY_HERE, canonical.dumps(item(version=12)), NOW)
    with unit_of_work():
        adopt(below, [*shelf.docs[1:], sign_document(ahead, COUNTY_HERE, shelf.key, SUITE)])
    assert [found.item.version for found in below.history(OLD_AGE)] == [6, 9, 10]
    assert [note[0] for note in notes] == [ShelfOutOfStep.code]


def test_a_named_document_is_never_taken_for_another_of_its_number(file: Path) -> None:
    """Two shelves of one key stand for the county before and after it was put back."""
    before, shelf = Shelf(), Skipping()
    lost = before.publish(KIND, OLD_AGE, canonical.dumps(item(visits=1, version=1)))
    top = county(shelf)
    with unit_of_work():
        top.publish(item(visits=2), NOW)
    mine = shelf.docs[0]
    name = lost.statement.hash
    assert top.version(OLD_AGE, 1, name) is None and not top.was_in_force(OLD_AGE, 1, TODAY, name)
    shelf.docs.append(lost)
    with unit_of_work():
        woke = adopt(top, [lost])
    # No row was added that would tell; what waits for it is woken by its hash.
    assert f"doc:{name}" in woke and run("SELECT COUNT(*) FROM item_version").fetchone() == (1,)
    assert top.version(OLD_AGE, 1, name).visits == 1 and top.was_in_force(OLD_AGE, 1, TODAY, name)
    for named in ("", "x", mine.statement.hash):
        assert top.version(OLD_AGE, 1, named).visits == 2
    assert top.version(OLD_AGE, 2, name) is None and top.version("DEMO-511921-0504", 1, name) is None


def test_what_is_no_text_of_the_item_by_the_top_is_none_for_a_case(file: Path) -> None:
    """By a township, of another kind, of another item, unreadable."""
    shelf, lower, good = Shelf(), Shelf("511921108"), canonical.dumps(item())
    lower.publish(KIND, OLD_AGE, good)
    shelf.publish("note", OLD_AGE, good)
    shelf.publish(KIND, "DEMO-511921-0504", good)
    for content in (b"[]", b"{}", b"{"):
        draft = Draft(KIND, OLD_AGE, 1, "", COUNTY_HERE, content, NOW)
        shelf.docs.append(sign_document(draft, COUNTY_HERE, shelf.key, SUITE))
    shelf.docs += lower.docs
    top = county(shelf)
    assert [top.version(OLD_AGE, 1, doc.statement.hash) for doc in shelf.docs] == [None] * 6


def test_the_county_sees_one_line_of_a_text_under_two_numbers_and_which_of_two_texts_counts(
    three: ThreeNodes,
) -> None:
    kept = three.folder / "kept.sqlite3"
    three.open(COUNTY)
    backup.copy_open_database(kept)
    publish(three, "甲表")
    three.carry(COUNTY, TOWN)
    put_back(three, kept)
    publish(three, "乙表")
    three.carry(TOWN, COUNTY)
    client, at = three.client(COUNTY, "admin"), f"/items/{SUBSISTENCE}"
    page = client.get(f"{at}/versions").text
    heads = [" ".join(re.sub("<[^>]*>", "", one).split()) for one in re.findall("<h2>(.*?)</h2>", page, re.S)]
    assert heads == ["第 3 版（原第 2 版）现行", "第 1 版"]
    assert "第 2 版这个号给过两个不同的文本" in page and "现在以第 3 版为准" in page
    assert "内容没有变化" not in page and page.count("第 2 版的另一个文本") == 1 and "甲表" in page
    assert "有过两个文本，以这一版为准" in client.get("/items").text
    assert "现在以第 3 版为准" in client.get(at).text
    # Was the other text the right one, its file is there to be published.
    link = html.unescape(re.findall(r'href="([^"]*doc=[^"]*)"', page)[0])
    other = client.get(link).json
    assert other["papers"][0]["name"] == "甲表"
    node = three.node
    with node.unit():
        assert node.catalogue.publish(other, three.now()).version == 4
    page = client.get(f"{at}/versions").text
    assert "第 4 版" in page and "现在以第 4 版为准" in page
    assert "有过两个文本" not in client.get("/items").text and "以第" not in client.get(at).text
    assert client.get(link.replace("versions/2", "versions/3")).status_code == 404


def test_the_same_words_published_once_more_are_no_second_text(file: Path) -> None:
    shelf = Skipping()
    top = county(shelf)
    with unit_of_work():
        top.publish(item(visits=1), NOW)
        adopt(top, [said_once_more(shelf, shelf.docs[0], 3)])
        top.publish(item(visits=2), NOW)
    same = Draft(KIND, OLD_AGE, 1, "", COUNTY_HERE, shelf.docs[0].content, NOW + 1)
    shelf.docs.append(sign_document(same, COUNTY_HERE, shelf.key, SUITE))
    texts = top.named.texts(OLD_AGE)
    assert [[one.item.version for one in text.numbers] for text in texts] == [[1, 3], [4]]
    assert [text.others for text in texts] == [(), ()] and top.named.repeated() == {OLD_AGE}
