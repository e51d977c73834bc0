"""The county looks through what counts after a theft: what is false is struck out from where it is shown."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from common.casework.errors import CaseNotFound
from common.casework.rules.flow import State
from common.node.cli import main
from common.node.keyring.trust import NothingChosen
from common.people.rules.roles import Role
from common.store.database import close_database, database
from county_node.pages import roster_review
from sync.protocol.acts import asked
from sync.protocol.acts.asked import LATER
from sync.protocol.acts.quarantine import HELD, verdict_body
from sync.protocol.frame import Evidence
from sync.protocol.own.issue import plain_body, submit
from tests.desk.three import COUNTY, PROFILES, RELIEF, TOWN, VILLAGE, ThreeNodes, cuts_on, post

WHY = "打电话问过经办人，不是他办的"
PAGE = f"/roster/{VILLAGE}"


def filing(case: str) -> str:
    """Return the id of the act with which a case was filed, as the open node has it."""
    sql = "SELECT act FROM case_event WHERE \"case\" = ? AND kind = 'case.filed'"
    (row,) = database.execute_sql(sql, (case,)).fetchall()
    return str(row[0])


def name_to_the_county(three: ThreeNodes, act: str) -> None:
    """Let the open node report that a revoked key signed an act first."""
    core = three.node.peer.core
    with three.node.unit():
        content = verdict_body([act], LATER, (COUNTY,))
        submit(core, plain_body(core, (HELD, content)), (COUNTY,), (), Evidence(three.now(), "0" * 8, 0))


def robbed(three: ThreeNodes) -> tuple[list[str], dict[str, str], FlaskClient]:
    """Return cases of a village whose former key is revoked, the acts that filed them, and the county's page.

    Two were filed with that key; of the two filed with the next one the township has named the first.
    """
    three.open(VILLAGE)
    cases = [three.file(RELIEF, seed=n) for n in range(2)]
    with three.node.unit():
        three.node.trust.rotate(bytes(64), "")
    three.node.heart.attest()
    cases += [three.file(RELIEF, seed=n) for n in range(2, 4)]
    acts = {case: filing(case) for case in cases}
    three.carry(VILLAGE, TOWN)
    three.move(cases[2], "accept", Role.CLERK)
    name_to_the_county(three, acts[cases[2]])
    three.carry(TOWN, COUNTY)
    client = three.client(COUNTY, "admin")
    assert "逐件核查" not in client.get(PAGE).text
    old = three.node.trust.entry(VILLAGE).good_keys[0].id
    wanted = {"reason": "stolen", "sure": "1", "several": "1", "key": old}
    cuts = cuts_on(client.get(f"{PAGE}/revoke").text)
    assert post(client, f"{PAGE}/revoke", {**wanted, **cuts}).status_code == 303
    return cases, acts, client


def groups(page: str) -> tuple[list[str], list[str]]:
    """Return the acts to tick on a page: those beside the streams of the revoked key, and the others."""
    beside, _, within = page.partition("作废的钥匙号段里的 ")
    found = [re.findall(r'name="act" value="(\w+)"', part) for part in (beside, within)]
    return found[0], found[1]


def test_what_counts_by_another_place_is_struck_out_with_what_rests_on_it_and_let_through_again(
    three: ThreeNodes, capsys: pytest.CaptureFixture[str]
) -> None:
    cases, acts, client = robbed(three)
    named, honest = acts[cases[2]], acts[cases[3]]
    shown = client.get(PAGE).text
    assert groups(shown) == ([named], [acts[cases[1]], acts[cases[0]]])
    assert shown.count("只有站点报告</td>") == 1 and "共 2 份" in shown and honest not in shown
    on_the_list(client)
    paged(client, [acts[cases[1]], acts[cases[0]]])
    refused(three, client, named, honest)
    # What is asked for is said first: how many, which cases, that one goes with its filing.
    asked = post(client, f"{PAGE}/review/check", {"act": [named, honest], "why": WHY})
    assert asked.status_code == 200 and "确认剔除 1 份报文" in asked.text and WHY in asked.text
    assert cases[2] in asked.text and cases[3] not in asked.text and "整件撤回" in asked.text
    assert three.node.casework.case(cases[2]).state == State.ACCEPTED
    assert post(client, f"{PAGE}/review", {"act": [named, honest], "why": WHY}).status_code == 303
    struck_everywhere(three, cases, named)
    # What was struck by mistake is let through where it is kept, and is to be looked through again.
    client = three.client(COUNTY, "admin")
    assert groups(client.get(PAGE).text)[0] == [] and "核查" not in client.get("/roster").text
    assert named in client.get("/roster/held").text
    again = {"act": named, "why": "是他本人办的", "do": "release"}
    assert post(client, "/roster/held", again).status_code == 303
    assert three.node.casework.case(cases[2]).state == State.ACCEPTED
    assert groups(client.get(PAGE).text)[0] == [named]
    # A page of before, where it was held back, does not undo what counts by now without a word.
    assert post(client, "/roster/held", {**again, "do": "strike"}).status_code == 400
    assert three.node.casework.case(cases[2]).state == State.ACCEPTED
    on_the_console(three, capsys, cases, acts)


def on_the_list(client: FlaskClient) -> None:
    """The roster's first page counts what others report, at the site, and says where there may be more."""
    first = client.get("/roster").text
    assert "有 1 份仍然有效的报文" in first
    assert f'<a href="{PAGE}#review"><span class="badge warn">1 份要核查' in first
    assert first.count("份要核查") == 1 and "报告要核查的太多" not in first + client.get(PAGE).text
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asked, "OPEN_MAX", 1)
        for page in ("/roster", PAGE):
            assert "报告要核查的太多，县里只记 1 份" in client.get(page).text


def paged(client: FlaskClient, within: list[str]) -> None:
    """More than fit a page are counted, and the rest can be seen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(roster_review, "REVIEWED", 1)
        first, second = client.get(PAGE).text, client.get(f"{PAGE}?page=2").text
        patch.setattr(roster_review, "REVIEW_MAX", 2)
        bounded = client.get(PAGE).text
    assert groups(first)[1] == within[:1] and "共 2 份，这里是第 1—1 份" in first and "page=2" in first
    assert groups(second) == ([], within[1:]) and "上一页" in second and "下一页" not in second
    assert "至少 2 份" in bounded and all("page=2" in page for page in (first, bounded))
    assert all(
        client.get(f"{PAGE}?page={odd}").status_code == 200 for odd in ("0", "-1", "x", "9" * 9, "9999")
    )


def refused(three: ThreeNodes, client: FlaskClient, named: str, honest: str) -> None:
    """Nothing without a reason or a tick, and nothing that only good keys signed and nobody named."""
    for path in (f"{PAGE}/review/check", f"{PAGE}/review"):
        lazy = post(client, path, {"act": named, "why": " "})
        assert lazy.status_code == 400 and f'value="{named}" id="f-act" checked' in lazy.text
        for none in ([], [honest], ["ab" * 16, "<b>"]):
            wrong = post(client, path, {"act": none, "why": WHY})
            assert wrong.status_code == 400 and "请勾选要处理的报文" in wrong.text and WHY in wrong.text
    # On the page of another site it is not one of its own.
    assert post(client, f"/roster/{TOWN}/review", {"act": named, "why": WHY}).status_code == 400
    with three.node.unit(), pytest.raises(NothingChosen):
        three.node.trust.strike([honest], WHY, "admin")
    clerk = three.again("approver")
    assert post(clerk, f"{PAGE}/review", {"act": named, "why": WHY}).status_code == 403


def struck_everywhere(three: ThreeNodes, cases: list[str], named: str) -> None:
    sql = "SELECT actor, object, detail FROM audit WHERE action = 'sync.struck'"
    ((actor, acted_on, detail),) = database.execute_sql(sql).fetchall()
    assert (actor, acted_on) == ("admin", named) and WHY in detail and '"counted":1' in detail
    for address in (COUNTY, TOWN, VILLAGE):
        if address != COUNTY:
            three.carry(COUNTY if address == TOWN else TOWN, address)
        with pytest.raises(CaseNotFound):
            three.node.casework.case(cases[2])
        assert three.node.casework.case(cases[3]).state == State.RECEIVED


def on_the_console(
    three: ThreeNodes, capsys: pytest.CaptureFixture[str], cases: list[str], acts: dict[str, str]
) -> None:
    def run(*words: str) -> tuple[int, str]:
        close_database()
        code = main(PROFILES[COUNTY], ["trust", *words, "--data", str(three.folder / COUNTY)])
        return code, capsys.readouterr().out

    code, told = run("review", "--address", VILLAGE)
    assert code == 0 and [line.split()[0] for line in told.splitlines()] == [
        acts[c] for c in (cases[2], cases[1], cases[0])
    ]
    assert f"办件 {cases[2]}" in told and told.count("只有站点报告") == 1 and acts[cases[3]] not in told
    strike = ("strike", "--act", acts[cases[0]], "--act", acts[cases[3]], "--why", WHY)
    code, told = run(*strike)
    assert (
        code == 2
        and "现在有效的报文 1 份" in told
        and acts[cases[0]] in told
        and told.count(acts[cases[3]]) == 1
    )
    assert f"没有编号为 {acts[cases[3]]} 的暂扣报文" in told
    assert three.open(COUNTY).casework.case(cases[0])
    assert run(*strike, "--yes")[0] == 0 and "已剔除" in run("held")[1]
    assert three.open(COUNTY).casework.case(cases[3])
    with pytest.raises(CaseNotFound):
        three.node.casework.case(cases[0])
    assert run("review", "--address", "511921999")[0] == 2
