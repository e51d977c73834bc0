"""The address at which a site has joined is kept; a site that knows none says so wherever it is asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common.config import read_config
from common.node.cli import main
from common.node.jobs import Jobs
from common.node.line import look_for_a_way
from common.node.verbs import commands
from common.store.database import close_database
from tests.desk.three import COUNTY, PROFILES, TOWN, VILLAGE, ThreeNodes

NEW = "511921126200"
URL = "http://127.0.0.1:1/town"
NO_WAY = "不知道上级站点的网址"

Ran = Callable[..., tuple[int, str]]


@pytest.fixture
def ran(three: ThreeNodes, capsys: pytest.CaptureFixture[str]) -> Iterator[Ran]:
    """Return a function that runs a command at the new site, and returns its code and all its words."""

    def run(*words: str) -> tuple[int, str]:
        close_database()
        capsys.readouterr()
        ended = main(PROFILES[VILLAGE], [*words, "--data", str(three.folder / NEW)])
        told = capsys.readouterr()
        close_database()
        return ended, told.out + told.err

    yield run
    close_database()


def join(three: ThreeNodes, ran: Ran, monkeypatch: pytest.MonkeyPatch, *more: str) -> tuple[int, str]:
    """Let a new village join at an address; the township has answered the same request before."""
    assert ran("init", "--address", NEW, *more)[0] == 0
    code = commands.enrol_issue(three.open(TOWN), NEW, "")
    request, answer = three.folder / "request", three.folder / "answer"
    assert ran("enrol", "request", "--code", code, "--out", str(request))[0] == 0
    commands.enrol_answer(three.open(TOWN), request, answer)
    monkeypatch.setattr(commands, "ask_to_join", lambda *_: answer.read_bytes())
    return ran("enrol", "join", "--code", code, "--url", URL)


def parent_url(three: ThreeNodes) -> str:
    return read_config(three.folder / NEW, {}).parent_url


def test_the_address_that_has_answered_is_kept(
    three: ThreeNodes, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = f'# 村里的\nthreads = 4\naddress = "{NEW}"\n'
    (three.folder / NEW).mkdir()
    (three.folder / NEW / "node.toml").write_text(before)
    ended, told = join(three, ran, monkeypatch)
    assert ended == 0 and f"node.toml：{URL}" in told and "不用重新启动" in told
    text = (three.folder / NEW / "node.toml").read_text()
    assert text == f'{before}parent_url = "{URL}"\n', "every other line is left as it was"
    node = three.open(NEW)
    assert node.runner is not None and node.runner.uplinks()[0].url == URL
    assert NO_WAY not in ran("status")[1] and NO_WAY not in ran("doctor")[1]


def test_an_address_that_was_set_stays_and_that_is_said(
    three: ThreeNodes, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_before = "http://127.0.0.1:2"
    ended, told = join(three, ran, monkeypatch, "--parent-url", set_before)
    assert ended == 0 and set_before in told and "没有改动" in told
    assert parent_url(three) == set_before


def test_where_the_roster_has_an_address_none_is_pinned(
    three: ThreeNodes, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = three.open(COUNTY)
    with node.unit():
        node.trust.set_url(TOWN, "https://town.example", ("", three.now()))
    three.carry(COUNTY, TOWN)
    assert join(three, ran, monkeypatch)[0] == 0
    assert parent_url(three) == ""
    assert three.open(NEW).runner is not None


def test_an_address_that_cannot_be_written_down_is_told_to_whoever_has_to(
    three: ThreeNodes, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    from common.node.verbs import enrol as enrol_verb

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(enrol_verb, "put_file", full)
    ended, told = join(three, ran, monkeypatch)
    assert ended == 0 and "上级网址没有记住" in told and f'parent_url = "{URL}"' in told
    assert parent_url(three) == ""


def test_who_joined_by_files_and_knows_no_address_is_told_so_wherever_it_is_asked(
    three: ThreeNodes, ran: Ran, tmp_path: Path
) -> None:
    ran("init", "--address", NEW)
    assert NO_WAY not in ran("status")[1], "what is wrong first is that it has not joined"
    code = commands.enrol_issue(three.open(TOWN), NEW, "")
    ran("enrol", "request", "--code", code, "--out", str(tmp_path / "request"))
    commands.enrol_answer(three.open(TOWN), tmp_path / "request", tmp_path / "answer")
    told = ran("enrol", "finish", "--code", code, "--in", str(tmp_path / "answer"))[1]
    assert NO_WAY in told
    assert f"线路　　　　{NO_WAY}" in ran("status")[1]
    assert json.loads(ran("status", "--json")[1])["no_way_up"] == 1
    assert f"! 上级线路：{NO_WAY}" in ran("doctor")[1]
    close_database()
    assert main(PROFILES[COUNTY], ["status", "--json", "--data", str(three.folder / COUNTY)]) == 0


def test_a_running_site_takes_up_the_line_once_its_settings_or_the_roster_name_an_address(
    three: ThreeNodes, ran: Ran, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Method: the chore that watches the line, run by hand; no line is begun while there is none to run."""
    ran("init", "--address", NEW)
    code = commands.enrol_issue(three.open(TOWN), NEW, "")
    ran("enrol", "request", "--code", code, "--out", str(tmp_path / "request"))
    commands.enrol_answer(three.open(TOWN), tmp_path / "request", tmp_path / "answer")
    ran("enrol", "finish", "--code", code, "--in", str(tmp_path / "answer"))
    node, begun = three.open(NEW), list[str]()
    jobs = Jobs(node)
    over = threading.Thread()
    jobs._line = over
    monkeypatch.setattr(jobs, "_spawn", lambda target, name: begun.append(name) or over)
    jobs._watch_line()
    assert node.runner is None and not begun
    settings = three.folder / NEW / "node.toml"
    text = settings.read_text()
    settings.write_text(text + "parent_url = nonsense\n")
    jobs._watch_line()
    assert node.runner is None and not begun, "a slip in the file is in nobody's way"
    settings.write_text(f'{text}parent_url = "{URL}"\n')
    jobs._watch_line()
    assert node.runner is not None and node.runner.uplinks()[0].url == URL and begun == ["line"]
    # Of the roster's word alone, which a stick may have brought, a line begins as well.
    settings.write_text(text)
    node = three.open(NEW)
    assert node.runner is None
    monkeypatch.setattr(type(node), "url_of", lambda self, address: URL if address == TOWN else "")
    look_for_a_way(node, {})
    assert node.runner is not None and [one.address for one in node.runner.uplinks()] == [TOWN]
