"""Letters of authority are looked for: by whoever comes years later, to revoke one."""

from __future__ import annotations

import re
from dataclasses import replace

from common.authority.rules import Principal
from common.node.demo_data.people import resident
from tests.authority.test_letters import DRAFT
from tests.desk.three import ID_NUMBER, VILLAGE, ThreeNodes, post


def test_a_letter_is_found_however_many_were_entered_since(three: ThreeNodes) -> None:
    """Who revokes one comes with their card, or names who was to act, years later perhaps."""
    agent = three.client(VILLAGE, "agent")
    with three.node.unit():
        sought = three.node.letters.enter(DRAFT, None, "agent", three.now())
        for number in range(2, 120):
            person = resident(number, VILLAGE)
            other = replace(DRAFT, principal=Principal(person.name, "111", person.id_number))
            three.node.letters.enter(other, None, "agent", three.now() + number)
    assert sought.id not in agent.get("/letters").text
    for typed in (ID_NUMBER, f" {ID_NUMBER.lower()} ", "王秀英", "王 秀", sought.id, sought.id.lower()):
        page = post(agent, "/letters/find", {"q": typed}, "/letters")
        assert page.status_code == 200 and f'href="/letters/{sought.id}"' in page.text, typed
        assert ID_NUMBER not in re.sub(r'value="[^"]*"', "", page.text), "masked as in the list"
    assert three.node.views.newest(1)[0][2:] == ("agent", "search", "", "contact")
    for typed in ("王秀莲", ID_NUMBER[:17], "W2026"):
        assert "没有找到" in post(agent, "/letters/find", {"q": typed}, "/letters").text
    assert post(agent, "/letters/find", {"q": "  "}, "/letters").location == "/letters"
    assert agent.get("/letters/find").location == "/letters"
