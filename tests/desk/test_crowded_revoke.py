"""A thief has opened streams without end: the page by which the key is revoked goes on working."""

from __future__ import annotations

import re

import pytest

from common.casework.errors import CaseNotFound
from county_node.pages import roster_revoke
from tests.desk.test_revoke_pages import PAGE, SURE, asked, filed, hidden, open_a_stream
from tests.desk.three import COUNTY, ThreeNodes, cuts_on, post


def test_of_more_streams_than_a_form_can_send_the_first_are_asked_about(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is some 50 bytes of the form, and what is typed may be 256 KB: it was refused as too long."""
    before = filed(three, 1)
    client = three.client(COUNTY, "admin")
    (own,) = asked(client)
    open_a_stream(three)
    after = filed(three, 1)
    client = three.client(COUNTY, "admin")
    assert len(asked(client)) == 2 and three.node.casework.case(after[0])
    monkeypatch.setattr(roster_revoke, "LINES_MAX", 1)
    form = client.get(PAGE).text
    assert list(cuts_on(form)) == [own] and "另有 1 段没有列出" in form
    shown = post(client, f"{PAGE}/check", {**cuts_on(form), **SURE}).text
    assert list(cuts_on(shown)) == [own] and "另有 1 段没有列出" in shown
    assert post(client, PAGE, {**hidden(shown), **cuts_on(shown)}).status_code == 303
    page = client.get("/roster/held").text
    assert "核对以后新出现" not in page, "it was told before"
    assert three.node.casework.case(before[0])
    with pytest.raises(CaseNotFound):
        three.node.casework.case(after[0])
    assert re.search(rf"{after[0]}", page), "held back, to be let through by a person"
