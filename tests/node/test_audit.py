"""The verb `audit` and the day's sheet: made, kept, printed, checked against the records; one case proved."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest

from common.config import CONFIG_FILE
from common.days import local_day
from common.node import cli
from common.node import sheet as sheet_module
from common.node.jobs import Jobs
from common.node.sheet import FOLDER, NoSheet, keep_daily, read_sheet
from common.node.verbs import audit as audit_verb
from common.people.rules.roles import Role
from common.store.database import close_database
from sync.protocol.errors import NotEnrolled
from sync.protocol.heads import BEFORE
from tests.archive.parts import Tool, load_tool
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes, copy_of, post, profile_of


@pytest.fixture
def three(enrolled, tmp_path) -> ThreeNodes:
    found = copy_of(enrolled, tmp_path / "nodes")
    yield found
    close_database()


def run(three: ThreeNodes, address: str, capsys: Any, *words: str) -> tuple[int, str]:
    close_database()
    folder = three.folder / address
    assert (folder / CONFIG_FILE).exists()
    code = cli.main(profile_of(address), [*words, "--data", str(folder)])
    return code, capsys.readouterr().out


def test_a_kept_sheet_proves_later_that_nothing_was_changed(
    three: ThreeNodes, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    three.open(VILLAGE)
    three.file()
    path = keep_daily(three.node, three.now())
    assert path is not None and path.parent.name == FOLDER
    assert keep_daily(three.node, three.now()) is None, "one a day"
    hash_kept = read_sheet(path)["fields"]["hash"]
    page = three.client(VILLAGE, "agent").get(f"/line/sheet/{path.stem}").text
    assert hash_kept[:4] + " " + hash_kept[4:8] in page and "总校验码" in page
    three.file(name="李四", seed=3)
    code, out = run(three, VILLAGE, capsys, "audit", "check", str(path), "--json")
    assert (code, json.loads(out)["wrong"], json.loads(out)["signed"]) == (0, [], 1)
    code, out = run(three, VILLAGE, capsys, "audit", "check", str(path))
    assert code == 0 and "核对通过" in out
    code, out = run(three, VILLAGE, capsys, "audit")
    assert code == 0 and "总校验码" in out and hash_kept[:4] + " " + hash_kept[4:8] not in out
    with monkeypatch.context() as later:
        later.setattr(sheet_module, "compare", lambda core, lines: [(line, BEFORE) for line in lines])
        code, out = run(three, VILLAGE, capsys, "audit", "check", str(path))
        assert code == 1 and "无法再核对" in out and "没有核对成" in out and "核对通过" not in out
        code, out = run(three, VILLAGE, capsys, "audit", "check", str(path), "--json")
        assert len(json.loads(out)["unseen"]) > 0 and json.loads(out)["wrong"] == []
    # Another history of the same village: the backup from before the case.
    code, out = run(three, TOWN, capsys, "audit", "check", str(path))
    assert code == 1 and "整路不见了" in out and "核对不通过" in out
    sheet = json.loads(path.read_text())
    huge = {"lines": [[*sheet["lines"][0][:3], 10**30, *sheet["lines"][0][4:]]]}
    for change in ({"lines": []}, {"signed": "{}"}, {"lines": [["x"]]}, {"signatures": [["a", "zz"]]}, huge):
        bad = three.folder / "bad.json"
        bad.write_text(json.dumps({**sheet, **change}))
        with pytest.raises(NoSheet):
            read_sheet(bad)
    forged = sheet["signed"].replace('"acts":', '"acts":1')
    bad.write_text(json.dumps({**sheet, "signed": forged}))
    code, out = run(three, VILLAGE, capsys, "audit", "check", str(bad))
    assert code == 1 and "签名不对" in out
    code, _ = run(three, VILLAGE, capsys, "audit", "check")
    assert code == 2


def test_whatever_is_printed_is_kept_in_a_file_that_the_paper_names(three: ThreeNodes, capsys: Any) -> None:
    """Method: the day's sheet, then two printed, a case between them; each paper is held against its file."""
    node = three.open(VILLAGE)
    folder = node.config.path(FOLDER)
    keep_daily(node, three.now())
    client, printed = three.client(VILLAGE, "agent"), dict[str, str]()
    for name in ("王秀英", "李四"):
        three.file(name=name, seed=len(printed))
        shown = post(client, "/line/sheet", {}, page="/line")
        assert shown.status_code == 303
        (file,) = {path.name for path in folder.iterdir()} - {*printed, f"{local_day(three.now())}.json"}
        printed[file] = client.get(shown.headers["Location"]).text
    for file, page in printed.items():
        hash_kept = read_sheet(folder / file)["fields"]["hash"]
        assert f"{FOLDER}/{file}" in page and file.endswith(f"-0906-{hash_kept[:8]}.json")
        code, out = run(three, VILLAGE, capsys, "audit", "check", str(folder / file))
        (told,) = re.findall(r"总校验码　(.*?)　", out)
        assert code == 0 and told in page and "核对通过" in out
    client = three.client(VILLAGE, "agent")
    post(client, "/line/sheet", {}, page="/line")
    assert len(list(folder.iterdir())) == 3, "what has not changed in a minute is kept once"
    for name in ("2026-03-02", "..%2Fnode", "2026-03-03-0906-zzzzzzzz"):
        assert client.get(f"/line/sheet/{name}").status_code == 404
    # Kept among the favourites since sheets were shown there: it leads to the page, and makes none.
    former = client.get("/line/sheet")
    assert (former.status_code, former.headers["Location"]) == (303, "/line")
    assert len(list(folder.iterdir())) == 3


def test_the_sheet_of_a_first_day_without_an_act_is_said_to_prove_nothing_and_alarms_nobody(
    three: ThreeNodes, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = three.open(VILLAGE)
    with monkeypatch.context() as before:
        before.setattr(sheet_module, "heads", lambda core: [])
        path = keep_daily(node, three.now())
    code, out = run(three, VILLAGE, capsys, "audit", "check", str(path))
    assert code == 0 and "签名没有问题" in out and "还没有报文" in out
    assert "核对通过" not in out and "没有核对成" not in out and "✗" not in out
    # Emptied by somebody it is no such sheet.
    sheet = json.loads(path.read_text())
    path.write_text(json.dumps({**sheet, "signatures": []}))
    code, out = run(three, VILLAGE, capsys, "audit", "check", str(path))
    assert code == 1 and "签名不对" in out and "签名没有问题" not in out


def test_a_sheet_of_which_a_copy_sees_only_some_is_not_said_to_be_whole() -> None:
    some = audit_verb._good(3, 1)
    assert "2 路没有改动" in some and "1 路无法再核对" in some and "一份不少" not in some
    later = audit_verb._good(3, 0, 1)
    assert "留有的记录没有改动" in later and "1 路前面的本站没有留" in later and "一份不少" not in later


def test_an_open_case_is_proved_to_a_third_party_from_any_tier(three: ThreeNodes, capsys: Any) -> None:
    three.open(VILLAGE)
    case = three.file()
    three.carry(VILLAGE, TOWN)
    three.move(case, "forward", Role.CHECKER)
    three.carry(TOWN, COUNTY)
    three.move(case, "accept", Role.CLERK)
    three.carry(COUNTY, TOWN)
    tool: Tool = load_tool()
    for address in (COUNTY, TOWN):
        file = three.folder / f"{address}.zip"
        code, out = run(three, address, capsys, "audit", "prove", case, "--to", str(file), "--json")
        facts = json.loads(out)
        assert code == 0 and facts["case"] == case
        problems, _ = tool(file.read_bytes(), facts["root"])
        assert problems == []
        code, out = run(three, address, capsys, "verify-package", str(file))
        assert code == 0 and "核验通过" in out
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(bytes(data))
    code, _ = run(three, address, capsys, "verify-package", str(file))
    assert code != 0
    # Where a paper has left, the way to it is the button on the case's page, not to wait.
    for paper in (three.folder / address / "papers").glob("??/??/*"):
        paper.unlink()
    close_database()
    words = ["audit", "prove", case, "--to", str(file), "--data", str(three.folder / address)]
    assert cli.main(profile_of(address), words) == 2
    told = capsys.readouterr().err
    assert "E512" in told and "点“向上级站点取回”" in told and "请等" not in told
    code, _ = run(three, address, capsys, "audit", "prove", "511921-A1-NONE7")
    assert code == 2
    code, _ = run(three, address, capsys, "audit", "prove")
    assert code == 2


def test_before_a_node_has_joined_the_day_has_no_sheet_and_no_alarm(
    three: ThreeNodes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    node = three.open(VILLAGE)

    def not_yet(*_: Any) -> None:
        raise NotEnrolled("no roster")

    monkeypatch.setattr("common.node.jobs.keep_daily", not_yet)
    with caplog.at_level(logging.INFO):
        Jobs(node)._sheet()
    assert [record.levelno for record in caplog.records if "sheet" in record.message] == [logging.INFO]


def test_a_proof_goes_to_a_told_place_and_takes_no_other_proof_s_place(three: ThreeNodes, capsys) -> None:
    three.open(VILLAGE)
    case = three.file()
    close_database()
    words = ["audit", "prove", case, "--data", str(three.folder / VILLAGE)]
    assert cli.main(profile_of(VILLAGE), words) == 2
    assert "E442" in (told := capsys.readouterr().err) and "--to" in told
    close_database()
    assert cli.main(profile_of(VILLAGE), [*words, "--to", str(three.folder)]) == 0
    (first := three.folder / f"{case}.zip").write_bytes(b"of another node")
    close_database()
    assert cli.main(profile_of(VILLAGE), [*words, "--to", str(three.folder)]) == 0
    assert first.read_bytes() == b"of another node" and (three.folder / f"{case}-2.zip").stat().st_size > 1000


def test_the_sheet_of_another_node_alarms_nobody_about_streams_that_never_come_by(
    three: ThreeNodes, capsys: Any
) -> None:
    """The county's to its township ends above the village; one that the village should have is missed."""
    three.open(VILLAGE)
    three.file()
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    with three.node.unit():
        three.node.heart.submit("people.roster", b"{}", (TOWN,), ())
    path = keep_daily(three.node, three.now())
    code, out = run(three, VILLAGE, capsys, "audit", "check", str(path))
    assert code == 0 and "有 1 路现在不经过本站" in out and "请到通江县核对" in out and "不见了" not in out
    code, out = run(three, VILLAGE, capsys, "audit", "check", str(path), "--json")
    assert json.loads(out)["wrong"] == [] and len(json.loads(out)["away"]) == 1


def test_the_sheet_of_the_moment_goes_into_the_file_or_folder_that_is_named_and_over_no_other(
    three: ThreeNodes, capsys: Any
) -> None:
    three.open(VILLAGE)
    three.file()
    stick = three.folder / "stick"
    stick.mkdir()
    code, out = run(three, VILLAGE, capsys, "audit", "heads", "--to", str(stick))
    (path,) = stick.iterdir()
    kept = path.read_bytes()
    fields = read_sheet(path)["fields"]
    assert code == 0 and str(path) in out and path.name.endswith(f"-{fields['hash'][:8]}.json")
    assert run(three, VILLAGE, capsys, "audit", "check", str(path))[0] == 0
    named = stick / "named.json"
    code, out = run(three, VILLAGE, capsys, "audit", "--to", str(named), "--json")
    assert (code, json.loads(out)["file"]) == (0, str(named)) and read_sheet(named)["fields"]["streams"]
    for to in (path, named):
        before = to.read_bytes()
        words = ["audit", "heads", "--to", str(to), "--data", str(three.folder / VILLAGE)]
        assert cli.main(profile_of(VILLAGE), words) == 2
        assert "E458" in (told := capsys.readouterr()).err and "总校验码" not in told.out
        assert to.read_bytes() == before
    assert path.read_bytes() == kept


@pytest.mark.parametrize(
    "words", [("check", "x.json", "--to", "y"), ("accept", "why", "--to", "y"), ("heads", "x.json")]
)
def test_what_a_step_makes_nothing_of_is_refused_and_not_passed_over(
    three: ThreeNodes, capsys: Any, words: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run(three, VILLAGE, capsys, "audit", *words)
    assert ended.value.code == 2 and "--to" in capsys.readouterr().err
