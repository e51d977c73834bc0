"""What the page of a decision says when the county revoked the seal of its department, and its one PDF."""

from __future__ import annotations

import pytest

from common.clock import FixedClock
from common.days import local_day
from common.seal.keys import FOLDER as SEALS
from common.seal.keys import SealKeys
from common.seal.revoking import Order, revoke
from common.seal.rules.revoked import Reason
from common.seal.signer import check_seal
from tests.desk.three import COUNTY, ThreeNodes
from tests.documents.paper import text_of
from tests.notices.laid import address_of, client_with
from tests.notices.stories import decided
from tests.notices.test_pdf_seal import seals_at
from tests.seal.stage import NOW_EARLIEST

DAY = 86_400_000
ORGAN = "县民政局"


def put_out(keys: SealKeys, at: int, since: str = "") -> None:
    revoke(keys, Order(ORGAN, Reason.STOLEN, since), FixedClock(at))


def test_the_page_says_what_to_do_and_a_new_seal_goes_on(three: ThreeNodes) -> None:
    story, event = decided()
    client = client_with(three, COUNTY, "clerk", story)
    seals, keys = seals_at(three, ORGAN)
    page = address_of(story, event)
    assert "作废" not in client.get(page).text
    put_out(keys, NOW_EARLIEST + DAY)
    said = client.get(page).text
    assert f"“{ORGAN}”的印章已作废（被盗或泄露" in said and "加盖实物印章" in said and "换发" in said
    plain = client.get(page + ".pdf").data
    assert seals.count == 1 and b"/ByteRange" not in plain and "未加盖印章的" in text_of(plain)
    SealKeys(three.node.config.path("") / SEALS).issue(ORGAN, COUNTY, NOW_EARLIEST)
    sealed = client.get(page + ".pdf").data
    assert check_seal(sealed, keys.root()).trusted and "作废" not in client.get(page).text


@pytest.mark.parametrize(
    ("since", "said"), [("", "盖章在那以前，仍然有效"), (local_day(NOW_EARLIEST - DAY // 2), "印章不能作准")]
)
def test_a_decision_sealed_before_stays_the_one_file_and_the_page_says_how_it_stands(
    three: ThreeNodes, since: str, said: str
) -> None:
    story, event = decided()
    client = client_with(three, COUNTY, "clerk", story)
    seals, keys = seals_at(three, ORGAN)
    page = address_of(story, event)
    first = client.get(page + ".pdf").data
    assert b"/ByteRange" in first
    put_out(keys, NOW_EARLIEST + DAY, since)
    assert said in client.get(page).text
    # Nor does the new seal make a second original of it.
    keys.issue(ORGAN, COUNTY, NOW_EARLIEST)
    assert said in client.get(page).text
    assert client.get(page + ".pdf").data == first and seals.count == 1


def test_a_sealed_file_that_came_back_with_a_backup_is_not_called_what_nobody_knows(
    three: ThreeNodes,
) -> None:
    """The log went with the old machine: of the seal on that file nothing is known here, and nothing said."""
    story, event = decided()
    client = client_with(three, COUNTY, "clerk", story)
    _, keys = seals_at(three, ORGAN)
    page = address_of(story, event)
    first = client.get(page + ".pdf").data
    (keys.folder / "seal.log").unlink()
    put_out(keys, NOW_EARLIEST + DAY)
    assert "作废" not in client.get(page).text and client.get(page + ".pdf").data == first


def test_a_page_opens_while_no_seal_process_answers(three: ThreeNodes) -> None:
    story, event = decided()
    client = client_with(three, COUNTY, "clerk", story)
    seals, keys = seals_at(three, ORGAN)
    put_out(keys, NOW_EARLIEST + DAY)
    seals.runs = False
    assert client.get(address_of(story, event)).status_code == 200
