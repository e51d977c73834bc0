"""What the thief of a former roster key has published in the county's name at a village is in use no more.

Method: the thief has a key of its own entered as the county's and publishes; township and village take it in
by file. Then the county goes over to another roster key, which goes down in the same way.
"""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from common.calendar.service import KIND as CALENDAR
from common.catalogue.service import KIND as ITEM
from common.catalogue.service import shipped_items
from common.node.keyring.keys import ROSTER
from common.people.below import DISABLED
from common.people.errors import Barred
from sync.protocol import canonical, signed
from sync.protocol.checker import check
from sync.protocol.shelf import Draft, ShelfDoc, publish
from sync.protocol.signing import KeyPair, RealSuite
from sync.protocol.trust import registrar
from tests.desk.three import COUNTY, PASSWORD, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes

SUITE = RealSuite()
THIEF = SUITE.pair(b"\x5a" * 64)
NEVER = "DEMO-511921-9999"
DAYS = {"off": ["01-01", "05-01", "05-02", "10-01", "10-02", "10-03"], "work": [], "source": "国办通知"}


def text_of(paper: str, code: str = SUBSISTENCE) -> dict[str, Any]:
    """Return an item with another name for its first paper."""
    obj = next(obj for obj in shipped_items() if obj["code"] == SUBSISTENCE)
    return {**obj, "code": code, "papers": [{**obj["papers"][0], "name": paper}, *obj["papers"][1:]]}


def in_the_countys_name(kind: str, key: str, audience: str, obj: dict[str, Any]) -> ShelfDoc:
    """Return a document by the thief's key, under a number above all others."""
    draft = Draft(kind, key, 70, "", audience, canonical.dumps(obj), 1)
    return publish(draft, COUNTY, THIEF, SUITE)


def forged_item(code: str = SUBSISTENCE) -> ShelfDoc:
    return in_the_countys_name(ITEM, code, COUNTY, text_of("假表", code) | {"version": 70})


def lure(three: ThreeNodes, *docs: ShelfDoc) -> None:
    """Let the thief's entry and documents come to the township, and from there to the village."""
    former = three.open(COUNTY).keys.special(ROSTER)
    assert isinstance(former, KeyPair)
    core = three.open(TOWN).peer.core
    mine = core.roster.entries[COUNTY]
    fields = registrar.fields_of(mine)
    keys = [*fields["keys"], {**THIEF.public.as_fields(), "from": 0, "until": 0}]
    said = {"keys": keys, "version": mine.version + 50, "prev": ""}
    entry = signed.make(signed.ENTRY, fields | said, (former,), SUITE)
    with three.node.unit():
        core.keep(entry, COUNTY, (1, 0, 0))
        for doc in docs:
            core.keep(doc.statement, doc.slot, (doc.version, 0, 0), doc.content)
            core.spool.add_doc(doc.statement, doc.content)
    three.carry(TOWN, VILLAGE)


def tell_of_the_next_key(three: ThreeNodes) -> None:
    """Let the county go over to another roster key, and the others hear of it; the village is open then."""
    three.open(COUNTY)
    with three.node.unit():
        three.node.trust.office.rotate(secrets.token_bytes(64), "admin")
    three.open(COUNTY)
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)


def years(three: ThreeNodes) -> set[int]:
    return {known.days.year for known in three.node.calendars.years()}


def papers_of(three: ThreeNodes, code: str = SUBSISTENCE) -> str | None:
    """Return the name of the first paper of an item in force at the open node."""
    item = three.node.catalogue.item(code)
    return item.papers[0].name if item else None


def test_items_and_calendars_of_the_county_are_in_force_again(three: ThreeNodes) -> None:
    three.open(COUNTY)
    before = papers_of(three)
    lure(
        three,
        in_the_countys_name(CALENDAR, "2031", COUNTY, {"2031": DAYS}),
        *map(forged_item, (SUBSISTENCE, NEVER)),
    )
    assert (papers_of(three), papers_of(three, NEVER)) == ("假表", "假表")
    counted = three.node.calendars.mark()
    assert 2031 in years(three)
    tell_of_the_next_key(three)
    for address in (VILLAGE, TOWN):
        three.open(address)
        assert (papers_of(three), papers_of(three, NEVER)) == (before, None)
        assert 2031 not in years(three)
        assert three.node.calendars.mark() != counted
        with three.node.unit():
            assert check(three.node.peer.core).problems == []
    # The county's next version counts here though its number is far below.
    three.open(COUNTY)
    with three.node.unit():
        assert three.node.catalogue.publish(text_of("新表"), three.now()).version == 2
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    assert papers_of(three) == "新表"


def test_a_running_node_shows_at_once_what_is_in_force(three: ThreeNodes) -> None:
    """Items and days are kept in memory till a table has changed: what is taken out of its middle does so."""
    three.open(COUNTY)
    before = papers_of(three)
    lure(three, forged_item(), in_the_countys_name(CALENDAR, "2031", COUNTY, {"2031": DAYS}))
    three.open(COUNTY)
    with three.node.unit():
        three.node.catalogue.publish(text_of("别的", NEVER), three.now())
        three.node.calendars.publish({"2032": DAYS}, three.now())
    three.carry(COUNTY, VILLAGE)
    assert (papers_of(three), papers_of(three, NEVER)) == ("假表", "别的")
    assert {2031, 2032} <= years(three)
    node = three.node
    with node.unit():
        forged = [doc for doc in map(_doc(three), node.spool.doc_names()) if doc.version == 70]
        node.engine.application.disown(forged)
    assert (papers_of(three), papers_of(three, NEVER)) == (before, "别的")
    assert {2031, 2032} & years(three) == {2032}
    with node.unit():
        node.engine.application.adopt(forged)
    assert papers_of(three) == "假表" and 2031 in years(three)


def _doc(three: ThreeNodes) -> Any:
    return three.node.staffing.below._ports.shelf.document


def test_a_case_filed_under_a_forged_text_can_still_be_opened_and_ended(three: ThreeNodes) -> None:
    lure(three, forged_item())
    client = three.client(VILLAGE, "agent")
    case = three.file(papers=1)
    assert "假表" in client.get(f"/case/{case}").text
    tell_of_the_next_key(three)
    client = three.client(VILLAGE, "agent")
    pages = [f"/case/{case}", f"/file/slip/{case}", "/cases", "/", "/line", f"/file/{SUBSISTENCE}"]
    assert [
        (page, client.get(page).status_code) for page in pages if client.get(page).status_code >= 500
    ] == []
    assert [client.get(page).status_code for page in pages[:2]] == [200, 200]
    assert "S137" in {note.code for note in three.node.notes(50)}


def test_a_login_is_barred_as_the_county_has_said_it(three: ThreeNodes) -> None:
    """A forged list had lifted the county's, and another one the word of a township was barred by."""
    three.open(COUNTY)
    with three.node.unit():
        three.node.staff_below.bar(VILLAGE, "agent", "admin", three.now())
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    with pytest.raises(Barred):
        sign_in(three, "agent")
    lists = {"node": VILLAGE, "logins": ["admin"]}
    lure(three, in_the_countys_name(DISABLED, VILLAGE, VILLAGE, lists))
    sign_in(three, "agent")
    with pytest.raises(Barred):
        sign_in(three, "admin")
    tell_of_the_next_key(three)
    sign_in(three, "admin")
    with pytest.raises(Barred):
        sign_in(three, "agent")
    assert three.open(TOWN).staff_below.roster(VILLAGE).barred == {"agent": (COUNTY,)}


def sign_in(three: ThreeNodes, login: str) -> None:
    """Sign in at the open node.

    Raises:
        Barred: by a word from above.
    """
    moment = three.clock.moment()
    proof = three.node.people.prove(login, PASSWORD, "10.0.0.5", moment)
    with three.node.unit():
        outcome = three.node.people.sign_in(proof, moment)
    outcome.token()
