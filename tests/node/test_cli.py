"""The command line answers a mistake with a sentence and code 2, never with a trace."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest

from common.node import cli
from common.node.cli import main
from common.node.verbs import commands, figures, told
from common.node.verbs import init as init_verb
from common.node.words import sentence_of
from common.store import counters
from common.store.database import close_database
from county_node.profile import PROFILE as COUNTY
from sync.adapters.engine import Report
from sync.protocol.checker import Checked
from sync.protocol.errors import BadEnrolment, CodeUsedTwice
from village_node.profile import PROFILE as VILLAGE

REFUSED = 2


@pytest.fixture
def county(founded_alone: Path, tmp_path: Path) -> Iterator[Path]:
    """The data folder of a county that was just founded."""
    folder = tmp_path / "county"
    shutil.copytree(founded_alone, folder)
    yield folder
    close_database()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["bundle", "import"], "E415"),
        (["bundle", "import", "--file", "/no/such/file"], "/no/such/file"),
        (["enrol", "issue"], "E415"),
        (["enrol", "answer", "--in", "/no/such/file", "--out", "x"], "/no/such/file"),
        (["enrol", "request", "--code", "x"], "E415"),
        (["enrol", "join"], "--code"),
        (["enrol", "join", "--code", "x", "--url", "10.1.2.3:8600"], "http://"),
        (["enrol", "join", "--code", f"2{'-ABCDEFG' * 3}", "--url", "http://127.0.0.1:1"], "E469"),
        (["init", "--address", "511921"], "E413"),
    ],
)
def test_what_is_missing_is_named(county: Path, capsys, words: list[str], told: str) -> None:
    assert main(COUNTY, [*words, "--data", str(county)]) == REFUSED
    shown = capsys.readouterr().err
    assert told in shown and "{" not in shown and "Traceback" not in shown


def test_a_slip_of_the_address_is_in_nobodys_way(tmp_path: Path, capsys) -> None:
    """What was refused left nothing, and what is there is named."""
    folder = tmp_path / "county"
    for address, said in (("511921108", "E416"), ("511921", "已建立"), ("511922", "511921")):
        main(COUNTY, ["init", "--address", address, "--data", str(folder)])
        shown = capsys.readouterr()
        assert said in shown.out + shown.err
        close_database()
    assert "511922" not in (folder / "node.toml").read_text()
    assert main(COUNTY, ["trust", "held", "--data", str(folder)]) == 0
    assert "没有暂扣的报文" in capsys.readouterr().out
    slip = ["init", "--address", "511923", "--root-out", str(tmp_path), "--root-threshold", "2"]
    assert main(COUNTY, [*slip, "--data", str(tmp_path / "none")]) == REFUSED
    assert "E460" in capsys.readouterr().err and not (tmp_path / "none").exists()
    stick = str(tmp_path / "no-stick")
    assert (
        main(COUNTY, ["bundle", "export", "--folder", stick, "--to", "511921108", "--data", str(folder)])
        == REFUSED
    )
    assert capsys.readouterr().err.strip() == f"E477 没有这个文件或文件夹：{stick}"
    for words, said in (
        (["move"], "E415 缺少参数 --address。"),
        (["url", "--address", "511921108"], "E415 缺少参数 --url。"),
        (["release", "--act", "zz", "--why", "x"], "E453 没有编号为 zz 的暂扣报文：请用 trust held"),
        (["roster-key", "finish", "--in", stick], f"E477 没有这个文件或文件夹：{stick}"),
    ):
        assert main(COUNTY, ["trust", *words, "--data", str(folder)]) == REFUSED
        assert capsys.readouterr().err.startswith(said)
    assert main(COUNTY, ["status", "--data", str(tmp_path)]) == REFUSED
    assert "--data" in capsys.readouterr().err


def test_unnamed_it_is_the_folder_beside_whoever_asks_if_a_node_is_there_else_the_installed_one(
    county: Path, tmp_path: Path, capsys, monkeypatch
) -> None:
    folder = county
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "_INSTALLED", folder)
    assert main(COUNTY, ["trust", "roster"]) == 0
    # A folder of that name without a county in it hides none.
    (tmp_path / "data").mkdir()
    assert main(COUNTY, ["trust", "roster"]) == 0
    (tmp_path / "data" / "node.toml").write_text('address = "511921108"\n')
    assert main(COUNTY, ["trust", "roster"]) == 0
    (tmp_path / "data" / "node.toml").write_text('address = "511921"\n')
    capsys.readouterr()
    assert main(COUNTY, ["trust", "roster"]) == REFUSED
    told = capsys.readouterr().err
    assert told.startswith("E414") and f"{tmp_path / 'data'} 和 {folder}" in told
    assert main(COUNTY, ["practice"]) == REFUSED and "E415 缺少参数 --data" in capsys.readouterr().err


def test_who_has_joined_and_types_the_sheet_again_is_told_so(county: Path, capsys, monkeypatch) -> None:
    """Only the plain no is told as a slip: that another computer came first is never hidden."""
    words = ["enrol", "join", "--code", f"2{'-ABCDEFG' * 3}", "--url", "http://127.0.0.1:1"]
    for problem, said in ((BadEnrolment("used"), "E473"), (CodeUsedTwice("511921"), "S302")):

        def says_no(*_: object, no: Exception = problem) -> bytes:
            raise no

        monkeypatch.setattr(commands, "ask_to_join", says_no)
        assert main(COUNTY, [*words, "--data", str(county)]) == REFUSED
        assert said in capsys.readouterr().err


def test_a_county_broken_off_before_its_founding_is_no_node_and_founded_by_the_next_init(
    tmp_path: Path, capsys, monkeypatch
) -> None:
    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    words = ["--data", str(tmp_path / "county")]
    for place in ("put_file", "_found"):
        with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
            cut.setattr(commands if place == "_found" else init_verb, place, power_cut)
            main(COUNTY, ["init", "--address", "511921", *words])
        close_database()
        assert main(COUNTY, ["status", *words]) == REFUSED and "init" in capsys.readouterr().err
        close_database()
        assert place == "_found" or not list((tmp_path / "county").iterdir())
    assert main(COUNTY, ["init", "--address", "511921", *words]) == 0
    assert main(COUNTY, ["init", "--address", "511921", *words]) == REFUSED
    assert main(COUNTY, ["status", *words]) == 0 and "已入网" in capsys.readouterr().out
    close_database()


@pytest.mark.parametrize(
    "words",
    [
        ["enrol", "issue", "--address", "abc"],
        ["bundle", "export", "--to", "5119"[:3]],
        ["staff", "ann", "--name", "安某", "--roles", "CLERK,KING"],
    ],
)
def test_a_word_that_cannot_be_read_is_refused_before_anything_happens(
    county: Path, capsys, words: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(COUNTY, [*words, "--data", str(county)])
    assert ended.value.code == REFUSED
    told = capsys.readouterr().err
    assert told.startswith("用法：") and "命令写得不对：" in told and "argument" not in told


def test_all_problems_of_a_new_account_are_told(county: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    words = ["staff", "A", "--name", "安某", "--roles", "CLERK", "--data", str(county)]
    assert main(COUNTY, words) == REFUSED
    assert len(capsys.readouterr().err.splitlines()) >= 3


def test_a_problem_names_its_field_once(county: Path, tmp_path: Path, capsys) -> None:
    file = tmp_path / "calendar.json"
    file.write_text('{"2027": {"off": []}}')
    assert main(COUNTY, ["calendar", "publish", str(file), "--data", str(county)]) == REFUSED
    said = [line.strip() for line in capsys.readouterr().err.splitlines()]
    assert "2027年调休上班日期：应是一列“月-日”。" in said


@pytest.mark.parametrize(
    ("name", "said"), [("gone.json", "没有这个文件或文件夹"), (".", "这是文件夹，不是文件")]
)
def test_a_file_that_cannot_be_read_is_told_in_words(
    county: Path, tmp_path: Path, capsys, name: str, said: str
) -> None:
    words = ["calendar", "publish", str(tmp_path / name), "--data", str(county)]
    assert main(COUNTY, words) == REFUSED
    assert said in capsys.readouterr().err


def test_a_folder_without_a_node_is_said(tmp_path: Path, capsys) -> None:
    assert main(COUNTY, ["status", "--data", str(tmp_path / "nowhere")]) == REFUSED
    assert "nowhere" in capsys.readouterr().err


def test_a_setting_that_cannot_be_used_is_named(county: Path, capsys) -> None:
    (county / "node.toml").write_text('address = "511921"\nthreads = "many"\n')
    assert main(COUNTY, ["status", "--data", str(county)]) == REFUSED
    shown = capsys.readouterr().err
    assert "threads" in shown and "{" not in shown


def test_a_node_is_not_run_by_the_program_of_another_tier(county: Path, capsys) -> None:
    """A village program over the county's folder would show its pages without those that decide."""
    assert main(VILLAGE, ["status", "--data", str(county)]) == REFUSED
    assert "E416" in capsys.readouterr().err


def test_status_says_what_the_node_is(county: Path, capsys) -> None:
    assert main(COUNTY, ["status", "--json", "--data", str(county)]) == 0
    status = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (status["address"], status["tier"], status["enrolled"]) == ("511921", "county", 1)


def test_a_check_of_all_records_does_not_keep_cases_out(county: Path, monkeypatch) -> None:
    """At a county it lasts many minutes; villages file and exchange all the while."""
    seen = []

    def slow_check(core: object, _look: object) -> Checked:
        with sqlite3.connect(county / "node.sqlite3", timeout=0.2) as other:
            other.execute("INSERT INTO counter (name, value) VALUES ('meanwhile', 7)")
        seen.append(core)
        return Checked()

    monkeypatch.setattr(figures, "check", slow_check)
    assert main(COUNTY, ["verify", "--data", str(county)]) == 0
    assert len(seen) == 1 and counters.last_number("meanwhile") == 7


def test_a_node_still_writes_after_a_look(county: Path) -> None:
    for _ in range(2):
        assert main(COUNTY, ["verify", "--data", str(county)]) == 0
        assert main(COUNTY, ["enrol", "issue", "--address", "511921108", "--yes", "--data", str(county)]) == 0


@pytest.mark.parametrize("verb", ["status", "verify"])
def test_people_read_chinese_and_programs_json(county: Path, capsys, verb: str) -> None:
    capsys.readouterr()
    assert main(COUNTY, [verb, "--data", str(county)]) == 0
    said = capsys.readouterr().out
    assert "报文" in said and "{" not in said and "_" not in said
    assert main(COUNTY, [verb, "--data", str(county), "--json"]) == 0
    assert "frames" in json.loads(capsys.readouterr().out)


def test_a_line_that_fails_is_told_in_chinese() -> None:
    one = {"to": "511921", "code": "S101", "sentence": "上级站点没有应答。"}
    failed = {"rounds": 1, "ok": 0, "with": "", "failed": [one]}
    assert told.sync_lines(failed, str)[0] == "没有交换成（511921）：上级站点没有应答。（S101）"
    well = {**failed, "ok": 1, "with": "511921", "failed": []}
    assert told.sync_lines(well, str) == ["已与511921交换 1 次，现在没有待传的内容。"]


def test_what_a_check_finds_is_told_in_chinese_with_its_place() -> None:
    facts = {**asdict(Checked()), "problems": ["chain broken: a|b|c 7", "audit trail broken at 12", "S999 x"]}
    lines = told.verify_lines(facts)
    assert lines[-4:-1] == [
        "✗ 报文前后不相连：a|b|c 7",
        "✗ 操作记录从这一条起被改动过：12",
        "✗ S999 x",
    ]
    assert lines[-1].startswith("核对不通过：3 处") and "县管理员" in lines[-1]
    paper = "ab" * 8
    lost = {**facts, "problems": [f"paper damaged: {paper}"], "asked": [paper * 4]}
    assert "已开始取回" in told.verify_lines(lost)[-1] and "县管理员" not in told.verify_lines(lost)[-1]
    false_word = ["receipt covers more than is here: a|b|c|d|end 1000"]
    said = told.verify_lines({**facts, "problems": false_word, "claimed": false_word})
    assert said[-2].startswith("✗ 对方签收的") and said[-1].startswith("本站留有的记录完好")
    both = told.verify_lines({**facts, "problems": [*facts["problems"], *false_word], "claimed": false_word})
    assert both[-1].startswith("核对不通过：4 处")


def test_a_bundle_taken_in_is_told_in_chinese() -> None:
    done = {**asdict(Report("511921", frames=5, fresh=3, pieces=2, complete=True))}
    assert told.import_lines(done, lambda address: "通江县") == [
        "已读入来自通江县的数据包：新收报文 3 份，材料数据 2 段，另 2 份以前都收过了，不用再办"
    ]
    waits = told.import_lines({**done, "waits": 1}, str)[0]
    assert waits.endswith("另 2 份以前收过，或者在等前面的报文、等名册，到了自动办理")
    assert told.import_lines({**done, "frames": 3}, str)[0].endswith("材料数据 2 段")
    made = {"to": "511921", "file": "/a.ldx", "frames": 4, "pieces": 1, "bytes": 2500}
    assert told.export_lines(made, lambda address: "通江县")[0] == "已导出给通江县（511921）：/a.ldx"
    torn = {**asdict(Report(code="S103", sentence="读不出。"))}
    assert told.import_lines(torn, str) == ["没有读入：读不出。（S103）"]
    half = {**done, "complete": False, "records": 4, "code": "S109", "sentence": "有一段损坏。"}
    assert told.import_lines(half, str)[0].startswith("来自511921的数据包只读入了一部分：新收报文 3 份")
    assert "什么都没有收下" in told.import_lines({**half, "records": 0}, str)[0]
    # The township that let it in may not have told of it yet: a new code would help nobody.
    newcomer = told.import_lines({**torn, "code": "S107"}, str)
    assert "先与那个乡镇交换" in newcomer[1] and "先与那个乡镇交换" in sentence_of("S107")
    elsewhere = told.import_lines({**torn, "receiver": "511921126"}, lambda address: "青峪镇")
    assert "青峪镇（511921126）" in elsewhere[1]


def test_a_package_away_from_a_node_needs_the_root(tmp_path: Path, capsys) -> None:
    words = ["verify-package", str(tmp_path / "x.zip"), "--data", str(tmp_path / "nowhere")]
    assert main(COUNTY, words) == REFUSED
    shown = capsys.readouterr().err
    assert "--root" in shown and "E419" in shown and "nowhere" not in shown
