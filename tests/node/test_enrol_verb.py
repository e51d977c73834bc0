"""The verb `enrol`: what it says before codes become void; files, addresses and nodes it cannot use."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from common.config import read_config, write_config
from common.node.cli import main
from common.node.enrolling.enrolment import VALID_MS
from common.node.enrolling.enrolment_refusals import SheetsJustMade
from common.node.enrolling.enrolment_sheets import write_sheets
from common.node.keyring.trust import BadUrl
from common.node.verbs import commands
from common.people.rules.roles import Role
from common.people.rules.staff import NewStaff
from common.store.database import close_database
from sync.adapters.bundle_file import export
from tests.desk.three import COUNTY, NOW, PASSWORD, PROFILES, TOWN, VILLAGE, ThreeNodes, post

SHEETS = "/nodes/sheets"
OTHER = "511921126200"
NEW_TOWN, NEW_VILLAGE = "511921101", "511921101200"
FIRST = "请先用上级发的入网码登记本站"


def test_codes_that_a_second_print_makes_void_are_counted_first_at_page_and_console_alike(
    three: ThreeNodes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Method: one code lapsed, two good ones; the console asks for `--yes` as for all that is grave."""
    node = three.open(TOWN)
    lapsed, *good = [one for one in sorted(node.places) if len(one) == 12 and one > OTHER][:3]
    with node.unit():
        node.enrolment.issue(lapsed, "", three.now() - VALID_MS - 1)
        for one in good:
            node.enrolment.issue(one, "", three.now())
    assert "其中 2 个站点发过码" in three.client(TOWN, "admin").get(SHEETS).text
    file = tmp_path / "sheets.html"
    close_database()
    words = ["enrol", "sheets", "--out", str(file), "--data", str(three.folder / TOWN)]
    # The console goes by the clock of the machine, by which all but those it gives out have lapsed.
    for one in good:
        assert main(PROFILES[TOWN], ["enrol", "issue", "--address", one, *words[-2:]]) == 0
        close_database()
    mark = three.open(TOWN).enrolment.mark()
    capsys.readouterr()
    assert main(PROFILES[TOWN], words) == 2
    told = capsys.readouterr().out
    assert "其中 2 个站点发过码还没有用：再发一次，它们手里的登记单就作废。" in told and "--yes" in told
    assert not file.exists() and three.open(TOWN).enrolment.mark() == mark
    close_database()
    assert main(PROFILES[TOWN], [*words, "--yes"]) == 0
    assert "其中 2 个站点以前的登记单已作废" in capsys.readouterr().out and file.exists()


@pytest.mark.parametrize("why", ["no room", "printed meanwhile"])
def test_sheets_that_nobody_would_get_make_no_code_void(
    three: ThreeNodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    """On a full stick the codes were given out and lost, and all sheets handed out before were void."""
    node, file = three.open(TOWN), tmp_path / "sheets.html"
    one = next(one for one in sorted(node.places) if len(one) == 12 and one > OTHER)
    seen = node.enrolment.mark()
    with node.unit():
        node.enrolment.issue(one, "", three.now())
    mark = node.enrolment.mark()
    if why == "no room":
        seen = mark

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises((OSError, SheetsJustMade)):
        write_sheets(node, TOWN, file, seen)
    assert node.enrolment.mark() == mark and not file.exists()
    monkeypatch.undo()
    count = write_sheets(node, TOWN, file, mark)
    text = file.read_bytes()
    assert text.endswith(b"</html>\n") or text.rstrip().endswith(b"</html>")
    assert len(text) < 131_072 + 16_384 * count and node.enrolment.mark() != mark


def test_a_code_that_another_one_makes_void_is_told_of_first(
    three: ThreeNodes, capsys: pytest.CaptureFixture[str]
) -> None:
    """As sheets do: a lost print may be replaced, a sheet on its way must not become void by a slip."""
    words = ["enrol", "issue", "--address", OTHER, "--data", str(three.folder / TOWN)]

    def said(*more: str) -> tuple[int, str, str]:
        close_database()
        capsys.readouterr()
        return main(PROFILES[TOWN], [*words, *more]), *capsys.readouterr()

    ended, code, told = said()
    assert ended == 0 and "作废" not in told and "区划表" not in told and "青龙石村" in told
    mark = three.open(TOWN).enrolment.mark()
    ended, out, _ = said()
    assert ended == 2 and "发过码还没有用：再发一次，它手里的登记单就作废。" in out and "--yes" in out
    assert three.open(TOWN).enrolment.mark() == mark
    ended, another, told = said("--yes")
    assert ended == 0 and another != code and "以前的登记单已作废" in told
    assert three.open(TOWN).enrolment.mark() != mark


def test_a_code_for_a_site_that_is_in_no_list_is_given_with_a_warning(
    three: ThreeNodes, capsys: pytest.CaptureFixture[str]
) -> None:
    """A number typed wrongly is found out here, not at the village hours away."""
    close_database()
    words = ["enrol", "issue", "--address", "511921126999", "--data", str(three.folder / TOWN)]
    assert main(PROFILES[TOWN], words) == 0
    assert "区划表里没有 511921126999" in capsys.readouterr().err


def test_who_has_not_joined_gives_out_no_code_at_page_and_console(
    three: ThreeNodes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sheet without the network's fingerprint would be compared with nothing."""
    folder, file = three.folder / NEW_TOWN, tmp_path / "sheets.html"
    folder.mkdir()
    write_config(folder, {"address": NEW_TOWN, "bind": "127.0.0.1:9098"})
    close_database()
    node = commands.init(read_config(folder, {}), PROFILES[TOWN])
    ready = node.people.ready(NewStaff("admin", "孙管理", frozenset({Role.ADMIN}), "", PASSWORD))
    with node.unit():
        node.people.add_staff(ready, "", NOW)
    client = three.client(NEW_TOWN, "admin")
    for path in ("/nodes", SHEETS):
        page = client.get(path).text
        assert FIRST in page and "<h2>网络指纹" not in page and "发入网码并打印" not in page, path
    for path, data in (("/nodes/code", {"address": NEW_VILLAGE}), (SHEETS, {"under": NEW_TOWN})):
        seen = three.node.enrolment.mark()
        answer = post(client, path, {**data, "seen": seen}, "/nodes/sheets")
        assert answer.status_code == 409 and "E484" in answer.text, path
    for words in (["issue", "--address", NEW_VILLAGE], ["sheets", "--out", str(file)]):
        close_database()
        assert main(PROFILES[TOWN], ["enrol", *words, "--data", str(folder)]) == 2
        said = capsys.readouterr()
        assert re.fullmatch(rf"E484 .*{FIRST}.*\n", said.err) and not said.out
    assert not file.exists() and three.open(NEW_TOWN).enrolment.issued() == []


@pytest.fixture
def said(three: ThreeNodes, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Return a function that runs a command which one of the nodes refuses, and returns its words."""

    def run(at: str, *words: str) -> str:
        close_database()
        capsys.readouterr()
        assert main(PROFILES[at], [*words, "--data", str(three.folder / at)]) == 2
        return capsys.readouterr().err

    return run


def test_a_file_that_is_none_of_an_enrolment_is_named_with_the_one_that_is_expected(
    three: ThreeNodes, tmp_path: Path, said: Callable[..., str]
) -> None:
    """Method: a request, an answer, a bundle and a note, each where another one is read."""
    request, answer, note = (tmp_path / name for name in ("request", "answer", "note.txt"))
    code = commands.enrol_issue(three.open(COUNTY), TOWN, "")
    commands.enrol_request(three.open(TOWN), code, request)
    commands.enrol_answer(three.open(COUNTY), request, answer)
    note.write_text("会议记录")
    bundle = export(three.open(TOWN).engine, COUNTY, tmp_path).path
    for wrong in (answer, note, bundle):
        told = said(COUNTY, "enrol", "answer", "--in", str(wrong), "--out", str(tmp_path / "out"))
        assert told.startswith(f"E483 {wrong} 不是入网申请文件") and "enrol request" in told
    for wrong in (request, note, bundle):
        told = said(TOWN, "enrol", "finish", "--code", code, "--in", str(wrong))
        assert told.startswith(f"E483 {wrong} 不是入网答复文件") and "enrol answer" in told
    assert not (tmp_path / "out").exists()


def test_no_link_or_pipe_on_the_stick_is_followed_when_a_site_joins_by_files(
    three: ThreeNodes, tmp_path: Path, said: Callable[..., str]
) -> None:
    """The request and the answer were written over the keys; a pipe was waited for, for good."""
    request, answer, pipe = (tmp_path / name for name in ("request", "answer", "pipe"))
    keys = {at: three.folder / at / "keys.json" for at in (COUNTY, TOWN)}
    before = {at: path.read_bytes() for at, path in keys.items()}
    request.symlink_to(keys[TOWN])
    answer.symlink_to(keys[COUNTY])
    os.mkfifo(pipe)
    code = commands.enrol_issue(three.open(COUNTY), TOWN, "")
    commands.enrol_request(three.open(TOWN), code, request)
    assert said(COUNTY, "enrol", "answer", "--in", str(pipe), "--out", str(answer))
    assert said(TOWN, "enrol", "finish", "--code", code, "--in", str(pipe))
    commands.enrol_answer(three.open(COUNTY), request, answer)
    assert {at: path.read_bytes() for at, path in keys.items()} == before
    assert request.stat().st_mode & 0o044 == answer.stat().st_mode & 0o044 == 0o044, "another reads them"


def test_of_a_code_that_a_later_one_made_void_it_is_said_who_gives_out_another(
    three: ThreeNodes, tmp_path: Path, said: Callable[..., str]
) -> None:
    request = tmp_path / "request"
    code = commands.enrol_issue(three.open(TOWN), VILLAGE, "")
    commands.enrol_request(three.open(VILLAGE), code, request)
    commands.enrol_issue(three.open(TOWN), VILLAGE, "")
    told = said(TOWN, "enrol", "answer", "--in", str(request), "--out", str(tmp_path / "out"))
    assert told.startswith("S301 ") and "已作废" in told and "请发码的站点重新发码" in told


@pytest.mark.parametrize("url", ["banana", "https://", "http://:8600", "ftp://10.0.0.1", "10.0.0.1:8600"])
def test_one_check_of_an_address_says_how_it_is_written(
    three: ThreeNodes, said: Callable[..., str], url: str
) -> None:
    """To join at, and to be put into the roster: the same words; what is not given is another matter."""
    told = said(VILLAGE, "enrol", "join", "--code", f"2{'-ABCDEFG' * 3}", "--url", url)
    assert told.startswith("E454 ") and "应以 https:// 或 http:// 开头" in told
    assert told in said(COUNTY, "trust", "url", "--address", TOWN, "--url", url)
    node = three.open(COUNTY)
    with node.unit(), pytest.raises(BadUrl):
        node.trust.set_url(TOWN, url, ("", three.now()))
    assert said(VILLAGE, "enrol", "join", "--code", "x") == "E415 缺少参数 --url。\n"


def test_of_what_has_not_the_shape_of_a_code_it_is_said_before_anybody_is_asked(
    three: ThreeNodes, tmp_path: Path, said: Callable[..., str]
) -> None:
    """Nothing listens at the address that is given: to have asked there would be told as E469."""
    request = tmp_path / "request"
    for words in (["join", "--url", "http://127.0.0.1:1"], ["request", "--out", str(request)]):
        told = said(VILLAGE, "enrol", *words, "--code", f"2{'-ABCDEFG' * 2}-ABCDEF")
        assert told.startswith("S303 ") and "没有用掉" in told and "1-0A1B2C3-4D5E6F7-8G9H0J1" in told
    assert not request.exists()
    told = said(
        VILLAGE, "enrol", "join", "--url", "http://127.0.0.1:1", "--code", f"２{'ＡＢＣＤＥＦＧ' * 3}"
    )
    assert told.startswith("E469 ")


def test_where_the_proxy_is_not_reached_who_joins_is_told_of_that_one(
    three: ThreeNodes, said: Callable[..., str]
) -> None:
    settings = {"address": VILLAGE, "sync_proxy": "http://hall:secret@127.0.0.1:1"}
    write_config(three.folder / VILLAGE, settings)
    told = said(VILLAGE, "enrol", "join", "--url", "http://127.0.0.1:2", "--code", f"2{'-ABCDEFG' * 3}")
    assert told.startswith("E469 ") and "连不上代理 127.0.0.1:1（S417）" in told and "secret" not in told
