"""An earlier paper is read in the list it was handed in under, where a number stands on two: by its hash."""

from __future__ import annotations

from random import Random

from common.catalogue.service import shipped_items
from common.node.demo_data.people import fill, resident_for
from common.store.database import run
from tests.desk.filing.agent import OLD_AGE, RELIEF, Desk
from tests.desk.filing.test_known import filed
from tests.desk.filing.village import VILLAGE, DeskNode, document


def test_a_paper_is_read_in_the_list_its_case_names_by_hash_not_in_another_of_that_number(
    node: DeskNode, desk: Desk
) -> None:
    """A county put back gave the number to two texts: what one calls one's own may be a spouse's."""
    before = filed(node, desk, seed=1)
    lost = next(obj for obj in shipped_items() if obj["code"] == OLD_AGE)
    cards = [{**one, "name": "配偶身份证"} if one["key"] == "id_card" else one for one in lost["papers"]]
    other = document({**lost, "papers": cards})
    run(
        "UPDATE case_event SET body = json_set(body, '$.item_doc', ?) WHERE \"case\" = ?",
        (other.statement.hash, before),
    )
    person = resident_for(node.catalogue.item(OLD_AGE), 1, VILLAGE)
    desk.begin(RELIEF)
    desk.send("applicant", {**person.as_applicant(), "place": VILLAGE}, leads_to="form")
    desk.send("form", fill(node.catalogue.item(RELIEF), person, Random(1)), leads_to="papers")
    # The text is not here yet, then it is.
    assert "again-id_card" not in desk.get(f"{desk.path}/papers").text
    node.shelf[other.statement.hash] = other
    assert "again-id_card" not in desk.get(f"{desk.path}/papers").text
    assert node.catalogue.version(OLD_AGE, lost["version"], other.statement.hash) is not None
