"""The cut of a revocation at the county: what no stream has is refused, and what was taken is shown first."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from common.casework.errors import CaseNotFound
from common.node.cli import main
from common.node.keyring.as_seen import SHOWN_MS_MAX, account
from common.node.verbs import revoke as revoke_verb
from common.store.database import close_database
from county_node.pages import roster_revoke
from sync.protocol import signed
from sync.protocol.trust import registrar
from tests.desk.three import COUNTY, PROFILES, RELIEF, TOWN, VILLAGE, ThreeNodes, cuts_on, post

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


def open_a_stream(three: ThreeNodes) -> None:
    """Let whoever holds the village's key begin a stream."""
    peer = three.open(VILLAGE).peer
    with three.node.unit():
        peer.open_epoch(next(iter(peer.core.means.keys.values())), "restored", three.now())


def join_anew(three: ThreeNodes) -> str:
    """Let the village join with another key; return its id."""
    core = three.open(COUNTY).peer.core
    key = core.suite.pair(bytes(range(64))).public
    with three.node.unit():
        child = {"address": VILLAGE, "parent": TOWN, "name": "村", "key": key.as_fields()}
        registrar.admit_child(core, core.means.roster_key, child, three.now())
    return key.id


def asked(client: FlaskClient) -> dict[str, int]:
    """Return the number that the form offers for each stream."""
    return {name: int(value) for name, value in cuts_on(client.get(PAGE).text).items()}


def hidden(page: str) -> dict[str, str]:
    """Return what a page sends along that nobody fills in."""
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))


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
    form = client.get(PAGE).text
    assert 'aria-current="location">名册' in form and "暂扣的不会丢" in form.partition("本页说明：")[2]
    (longest,) = (name for name, upto in last.items() if upto == max(last.values()))
    for path in (PAGE, f"{PAGE}/check"):
        wrong = post(client, path, {**last, longest: str(last[longest] + 1), **SURE})
        assert wrong.status_code == 400 and f"这一段只到第 {last[longest]} 号" in wrong.text, path
        assert f'value="{last[longest] + 1}"' in wrong.text, "nothing typed is lost"
    assert not three.node.trust.entry(VILLAGE).revoked
    number_by_number(client, cases)
    shown = post(client, f"{PAGE}/check", {**last, longest: "1", **SURE})
    assert shown.status_code == 200 and f"后面 {last[longest] - 1} 份一律暂扣" in shown.text
    assert "第 1 号：2026-03-03 09:06" in shown.text and cases[0] in shown.text and cases[2] not in shown.text
    assert "到第 1 号为止" in shown.text and "确认作废" in shown.text and "被盗或泄露" in shown.text
    assert not three.node.trust.entry(VILLAGE).revoked, "only shown"
    cuts = cuts_on(shown.text)
    assert cuts == {**{name: str(upto) for name, upto in last.items()}, longest: "1"}
    assert post(client, PAGE, {**hidden(shown.text), **cuts}).status_code == 303
    assert "没有看过" not in client.get("/roster").text
    assert three.node.casework.case(cases[0])
    with pytest.raises(CaseNotFound):
        three.node.casework.case(cases[2])
    site = client.get(f"/roster/{VILLAGE}").text
    assert "份报文暂扣，等您放行或剔除" in site and 'href="/roster/held"' in site
    # Nothing is left to revoke: neither is it asked for again, nor done.
    again = client.get(PAGE)
    assert again.status_code == 409 and "没有还有效的钥匙" in again.text and 'name="cut:' not in again.text
    assert post(client, f"{PAGE}/check", {**last, **SURE}).status_code == 409


def test_of_a_stream_that_comes_between_the_check_and_the_button_nothing_counts(three: ThreeNodes) -> None:
    """Nobody has seen what it says; whoever holds the key can open one at any time."""
    before = filed(three, 1)
    client = three.client(COUNTY, "admin")
    shown = post(client, f"{PAGE}/check", {**asked(client), **SURE}).text
    open_a_stream(three)
    after = filed(three, 1)
    client = three.client(COUNTY, "admin")
    assert three.node.casework.case(after[0]), "it counts until the button is pressed"
    seen = cuts_on(shown)
    (late,) = set(asked(client)) - set(seen)
    assert post(client, PAGE, {**hidden(shown), **seen}).status_code == 303
    assert three.node.casework.case(before[0])
    with pytest.raises(CaseNotFound):
        three.node.casework.case(after[0])
    assert "核对以后新出现的 1 段您没有看过，全部暂扣" in client.get(f"/roster/{VILLAGE}").text
    (revoked,) = three.node.trust.entry(VILLAGE).revoked
    assert late.removeprefix("cut:") not in revoked["cut"] and after[0] in client.get("/roster/held").text


def test_of_what_comes_between_the_list_of_the_console_and_its_yes_nothing_counts_either(
    three: ThreeNodes, run: Run
) -> None:
    """The thief goes on: acts in a stream that was listed, and a stream that was not."""
    revoke = ("revoke", "--address", VILLAGE)
    before = filed(three, 1)
    assert run(*revoke)[0] == 2
    more = filed(three, 2)[-1]
    open_a_stream(three)
    after = filed(three, 3)[-1]
    # Another site is looked at meanwhile: what was said of this one stands.
    assert run("revoke", "--address", TOWN)[0] == 2
    assert three.open(COUNTY).casework.case(more) and three.node.casework.case(after)
    # What was listed of one key says nothing of all.
    key = three.node.trust.entry(VILLAGE).good_keys[-1].id
    told = run(*revoke, "--only", "x", "--yes")[1]
    assert "没有这把有效的钥匙" in told and not three.open(COUNTY).trust.entry(VILLAGE).revoked
    code, told = run(*revoke, "--yes")
    assert code == 0 and "核对以后新出现的 1 段您没有看过，全部暂扣" in told
    casework = three.open(COUNTY).casework
    assert casework.case(before[0]) and three.node.trust.entry(VILLAGE).revoked[0]["key"] == key
    for late in (more, after):
        with pytest.raises(CaseNotFound):
            casework.case(late)
        assert late in run("held")[1], "held back, not lost"


def test_a_revocation_that_was_never_listed_counts_what_the_county_knows(three: ThreeNodes, run: Run) -> None:
    cases = filed(three, 2)
    assert run("revoke", "--address", TOWN)[0] == 2
    code, told = run("revoke", "--address", VILLAGE, "--yes")
    assert code == 0 and "没有看过" not in told
    assert all(three.open(COUNTY).casework.case(case) for case in cases)


def test_each_person_at_the_console_does_what_was_listed_to_them(
    three: ThreeNodes, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two accounts of the machine: neither does what the other one was shown, nor takes that away."""
    revoke = ("revoke", "--address", VILLAGE)
    before = filed(three, 1)[0]
    monkeypatch.setattr(revoke_verb, "account", lambda: "li")
    assert run(*revoke)[0] == 2
    late = filed(three, 2)[-1]
    monkeypatch.setattr(revoke_verb, "account", lambda: "wang")
    code, told = run(*revoke, "--yes")
    assert code == 2 and "列给别人看的" in told and not three.open(COUNTY).trust.entry(VILLAGE).revoked
    monkeypatch.setattr(revoke_verb, "account", lambda: "li")
    assert run(*revoke, "--yes")[0] == 0
    assert three.open(COUNTY).casework.case(before)
    with pytest.raises(CaseNotFound):
        three.node.casework.case(late)


def test_an_account_is_told_by_who_signed_in_or_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getlogin", lambda: "li")
    assert account() == "li"

    def nobody() -> str:
        raise OSError

    monkeypatch.setattr(os, "getlogin", nobody)
    assert account() == str(os.getuid())


@pytest.mark.parametrize("way", ["page", "console"])
def test_a_key_that_joined_after_the_list_is_not_revoked_by_it(three: ThreeNodes, run: Run, way: str) -> None:
    """Two list the same; one revokes, the site joins anew, and the other says yes to what is done already."""
    filed(three, 1)
    revoke = ("revoke", "--address", VILLAGE)
    assert run(*revoke)[0] == 2
    if way == "console":
        assert run(*revoke, "--yes")[0] == 0
    else:
        client = three.client(COUNTY, "admin")
        shown = post(client, f"{PAGE}/check", {**asked(client), **SURE}).text
        assert post(client, PAGE, {**hidden(shown), **cuts_on(shown)}).status_code == 303
    key = join_anew(three)
    code, told = run(*revoke, "--yes")
    assert code == 2 and "上次列出的不再作数" in told and f"钥匙 {key}" in told and "加上 --yes" in told
    assert [one.id for one in three.open(COUNTY).trust.entry(VILLAGE).good_keys] == [key]
    # This time it was listed.
    assert run(*revoke, "--yes")[0] == 0
    assert not three.open(COUNTY).trust.entry(VILLAGE).good_keys


def test_what_was_listed_more_than_a_day_ago_or_of_other_keys_is_listed_anew(
    three: ThreeNodes, run: Run
) -> None:
    filed(three, 1)
    key = three.open(COUNTY).trust.entry(VILLAGE).good_keys[-1].id
    another = join_anew(three)
    revoke = ("revoke", "--address", VILLAGE)

    def is_listed_anew(*more: str) -> bool:
        code, told = run(*revoke, *more, "--yes")
        entry = three.open(COUNTY).trust.entry(VILLAGE)
        return (
            code == 2 and "上次列出的不再作数" in told and [one.id for one in entry.good_keys][-1] == another
        )

    assert run(*revoke, "--only", key)[0] == 2
    assert is_listed_anew()
    (kept,) = (three.folder / COUNTY).glob(f"revoke-shown-{VILLAGE}-*.json")
    told = json.loads(kept.read_text())
    # By a clock that was set back nobody knows how long ago it was.
    for at in (told["at"] - SHOWN_MS_MAX - 1, told["at"] + SHOWN_MS_MAX):
        kept.write_text(json.dumps({**told, "at": at}))
        assert is_listed_anew()
    for unread in ("", "[]", "{}"):
        kept.write_text(unread)
        assert is_listed_anew(), unread
    assert run(*revoke, "--yes")[0] == 0
    assert not three.open(COUNTY).trust.entry(VILLAGE).good_keys


def number_by_number(client: FlaskClient, cases: list[str]) -> None:
    """Under each stream stands what came when, the newest first, as far as a page goes."""
    form = client.get(PAGE).text
    rows = re.findall(
        r'class="num">(\d+)</td><td[^>]*>([^<]*)</td><td[^>]*><span>([^<]*).*?(5119[\w-]+|无)<', form
    )
    listed = [(what, case) for _seq, _at, what, case in rows if case != "无"]
    assert listed == [("收件", case) for case in reversed(cases)] and "trust sent" not in form
    assert {at for _seq, at, _what, _case in rows} == {"2026-03-03 09:06"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(roster_revoke, "SENT_SHOWN", 2)
        less = client.get(PAGE).text
        patch.setattr(roster_revoke, "SENT_MAX", 0)
        none = client.get(PAGE).text
    assert "逐号看最新 2 份" in less and cases[0] not in less and f"trust sent --address {VILLAGE}" in less
    assert "逐号看" not in none and "trust sent" in none


def test_the_console_says_what_a_site_sent_number_by_number(three: ThreeNodes, run: Run) -> None:
    cases = filed(three, 2)
    code, told = run("sent", "--address", VILLAGE)
    lines = [line for line in told.splitlines() if "case.filed" in line]
    assert code == 0 and [line.rpartition(" ")[2] for line in lines] == cases[::-1]
    assert all("号 2026-03-03 09:06 收到 case.filed 收件 办件 " in line for line in lines)
    assert run("sent", "--address", "511921999")[0] == 2


def test_the_console_refuses_a_cut_above_the_last_number_too(three: ThreeNodes, run: Run) -> None:
    filed(three, 1)
    revoke = ("revoke", "--address", VILLAGE)
    listed = [line.split()[0] for line in run(*revoke)[1].splitlines() if line.startswith(f"  {VILLAGE}|")]
    stream, _, last = listed[0].rpartition("=")
    for more in ((), ("--yes",)):
        code, told = run(*revoke, "--cut", f"{stream}=99", *more)
        assert code == 2 and "E482" in told and f"只到第 {last} 号" in told
    assert not three.open(COUNTY).trust.entry(VILLAGE).revoked


def test_of_a_stream_whose_key_is_not_known_nothing_is_asked_for_nothing_of_it_would_be_kept(
    three: ThreeNodes,
) -> None:
    filed(three, 2)
    client = three.client(COUNTY, "admin")
    (name,) = asked(client)
    spool = three.node.peer.core.spool
    with three.node.unit():
        (record,) = (held for held in spool.all_held(signed.EPOCH) if held.key.split("|")[1] in name)
        spool.drop_held(signed.EPOCH, record.key)
        three.node.peer.core.forget()
    assert asked(client) == {}
