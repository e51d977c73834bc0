"""The cut of a revocation at the county: what no stream has is refused, and what was taken is shown first."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from common.casework.errors import CaseNotFound
from common.node.cli import main
from common.store.database import close_database
from tests.desk.three import COUNTY, PROFILES, RELIEF, TOWN, VILLAGE, ThreeNodes, post

PAGE = f"/roster/{VILLAGE}/revoke"
SURE = {"reason": "stolen", "sure": "1"}
Run = Callable[..., tuple[int, str]]


def filed(three: ThreeNodes, count: int) -> list[str]:
    """Let the village file cases that reach the county."""
    three.open(VILLAGE)
    cases = [three.file(RELIEF, seed=n) for n in range(count)]
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    return cases


def asked(client: FlaskClient) -> dict[str, int]:
    """Return the number that the form offers for each stream."""
    found = re.findall(r'name="(cut:[^"]+)" value="(\d+)"', client.get(PAGE).text)
    return {html.unescape(name): int(value) for name, value in found}


@pytest.fixture
def run(three: ThreeNodes, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `trust` on the county's console; its exit code and what it said come back."""

    def on_console(*words: str) -> tuple[int, str]:
        close_database()
        code = main(PROFILES[COUNTY], ["trust", *words, "--data", str(three.folder / COUNTY)])
        told = capsys.readouterr()
        return code, told.err + told.out

    return on_console


def test_a_cut_that_no_stream_has_is_refused_and_what_was_taken_is_shown_before_it_is_done(
    three: ThreeNodes,
) -> None:
    cases = filed(three, 3)
    client = three.client(COUNTY, "admin")
    last = asked(client)
    (longest,) = (name for name, upto in last.items() if upto == max(last.values()))
    for path in (PAGE, f"{PAGE}/check"):
        wrong = post(client, path, {**last, longest: str(last[longest] + 1), **SURE})
        assert wrong.status_code == 400 and f"这一段只到第 {last[longest]} 号" in wrong.text, path
        assert f'value="{last[longest] + 1}"' in wrong.text, "nothing typed is lost"
    assert not three.node.trust.entry(VILLAGE).revoked
    shown = post(client, f"{PAGE}/check", {**last, longest: "1", **SURE})
    assert shown.status_code == 200 and f"后面 {last[longest] - 1} 份一律暂扣" in shown.text
    assert "到第 1 号为止" in shown.text and "确认作废" in shown.text and "被盗或泄露" in shown.text
    assert not three.node.trust.entry(VILLAGE).revoked, "only shown"
    sent = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', shown.text))
    cuts = {html.unescape(name): value for name, value in sent.items() if name.startswith("cut:")}
    assert cuts == {**{name: str(upto) for name, upto in last.items()}, longest: "1"}
    assert post(client, PAGE, {**sent, **cuts}).status_code == 303
    assert three.node.casework.case(cases[0])
    with pytest.raises(CaseNotFound):
        three.node.casework.case(cases[2])
    # Nothing is left to revoke: neither is it asked for again, nor done.
    again = client.get(PAGE)
    assert again.status_code == 409 and "没有还有效的钥匙" in again.text and 'name="cut:' not in again.text
    assert post(client, f"{PAGE}/check", {**last, **SURE}).status_code == 409


def test_the_console_refuses_a_cut_above_the_last_number_too(three: ThreeNodes, run: Run) -> None:
    filed(three, 1)
    revoke = ("revoke", "--address", VILLAGE)
    listed = [line.split()[0] for line in run(*revoke)[1].splitlines() if line.startswith(f"  {VILLAGE}|")]
    stream, _, last = listed[0].rpartition("=")
    for more in ((), ("--yes",)):
        code, told = run(*revoke, "--cut", f"{stream}=99", *more)
        assert code == 2 and "E482" in told and f"只到第 {last} 号" in told
    assert not three.open(COUNTY).trust.entry(VILLAGE).revoked
