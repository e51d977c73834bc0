"""The verbs `bundle`, `sync now` and `status`: what is said of a place, a file or a node they cannot use."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from common.config import read_config, write_config
from common.node.cli import main
from common.node.verbs import commands
from common.store.database import close_database
from sync.protocol import offer
from tests.desk.three import COUNTY, PROFILES, TOWN, VILLAGE, ThreeNodes

Said = Callable[..., tuple[int, str]]


@pytest.fixture
def said(three: ThreeNodes, capsys: pytest.CaptureFixture[str]) -> Said:
    """Return a function that runs a command at one of the nodes, and returns its code and all its words."""

    def run(at: str, *words: str) -> tuple[int, str]:
        close_database()
        capsys.readouterr()
        ended = main(PROFILES[at], [*words, "--data", str(three.folder / at)])
        told = capsys.readouterr()
        return ended, told.out + told.err

    return run


def test_what_is_to_be_carried_is_named_by_its_whole_path_and_nothing_is_said_to_be_nothing(
    three: ThreeNodes, said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended, told = said(VILLAGE, "bundle", "export")
    assert ended == 2 and told.startswith("E415 缺少参数 PATH（数据包写到哪个文件夹，如U盘的")
    assert not list(tmp_path.glob("*.ldx")) and "当前文件夹写一个点" in told
    ended, told = said(VILLAGE, "bundle", "export", ".")
    (empty,) = tmp_path.glob("*.ldx")
    assert ended == 0 and str(empty) in told and "没有要带的报文和材料" in told
    three.open(VILLAGE)
    three.file()
    (tmp_path / "stick").mkdir()
    ended, told = said(VILLAGE, "bundle", "export", "stick", "--to", TOWN)
    (bundle,) = (tmp_path / "stick").iterdir()
    assert ended == 0 and str(bundle) in told and "报文 1 份" in told and "没有要带的" not in told
    assert "*.ldx" in Path(__file__).parents[2].joinpath(".gitignore").read_text().splitlines()
    assert said(TOWN, "bundle", "import", str(bundle))[0] == 0
    assert json.loads(said(TOWN, "bundle", "import", "--json", str(bundle))[1])["fresh"] == 0


def test_what_came_is_told_receipts_too_and_of_nothing_that_it_is_nothing(
    three: ThreeNodes, said: Said, tmp_path: Path
) -> None:
    three.open(VILLAGE)
    three.file()
    three.carry(VILLAGE, TOWN)
    said(TOWN, "bundle", "export", "--to", VILLAGE, str(tmp_path))
    (bundle,) = tmp_path.glob("*.ldx")
    cut = tmp_path / "cut"
    for size in range(1, 3):
        cut.write_bytes(bundle.read_bytes()[: -40 * size])
        ended, told = said(VILLAGE, "bundle", "import", str(cut))
        assert ended == 1 and "前面的已收下" not in told and "新收" not in told, told
    ended, told = said(VILLAGE, "bundle", "import", str(bundle))
    assert ended == 0 and "没有新的报文和材料，新收回执 1 份" in told, told
    ended, told = said(VILLAGE, "bundle", "import", str(bundle))
    assert ended == 0 and "没有新的报文和材料" in told and "回执" not in told
    assert json.loads(said(VILLAGE, "bundle", "import", "--json", str(bundle))[1])["news"]["receipts"] == 0


def test_what_was_given_instead_of_a_bundle_is_named_with_what_is_wanted(
    three: ThreeNodes, said: Said, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note = tmp_path / "note.txt"
    note.write_text("会议记录")
    told = said(TOWN, "bundle", "import", str(tmp_path))[1]
    assert told.startswith(f"E487 {tmp_path} 是文件夹") and "一个也没有" in told
    (tmp_path / "a.ldx").write_bytes(b"LDX1")
    assert "里面有 a.ldx。" in said(TOWN, "bundle", "import", "--file", str(tmp_path))[1]
    ended, told = said(TOWN, "bundle", "import", str(note))
    assert ended == 1 and str(note) in told and "S104" in told and "扩展名 .ldx" in told
    assert said(TOWN, "bundle", "import") == (
        2,
        "E415 缺少参数 PATH（要读入的数据包文件，扩展名 .ldx，写在 import 后面）。\n",
    )
    assert said(TOWN, "bundle", "export", str(note))[1].startswith(f"E488 {note} 是文件")
    with pytest.raises(SystemExit):
        said(TOWN, "bundle", "import", str(note), "--file", str(note))
    assert "只写一个" in capsys.readouterr().err


def test_who_has_nobody_above_calls_nobody_and_says_to_whom_it_carries(said: Said) -> None:
    ended, told = said(COUNTY, "sync", "now")
    assert ended == 2 and told.startswith("E485 县级是最上一级") and "由乡镇和村来联系" in told
    ended, told = said(COUNTY, "bundle", "export")
    assert ended == 2 and told.startswith("E415 缺少参数 --to") and "请写明" in told


def test_who_has_joined_and_knows_no_address_above_is_not_told_to_join(
    three: ThreeNodes, said: Said, tmp_path: Path
) -> None:
    ended, told = said(VILLAGE, "sync", "now")
    assert ended == 2 and told.startswith("E486 不知道上级站点的网址") and "parent_url" in told
    new = three.folder / VILLAGE
    new.rename(tmp_path / "aside")
    new.mkdir()
    write_config(new, {"address": VILLAGE, "parent_url": "http://127.0.0.1:1"})
    commands.init(read_config(new, {}), PROFILES[VILLAGE])
    for words in (("sync", "now"), ("bundle", "export")):
        ended, told = said(VILLAGE, *words)
        assert (ended, told) == (2, "E414 本站还没有入网，请先用入网码登记（enrol join）。\n")


def test_a_computer_without_its_key_says_so_wherever_it_is_asked(three: ThreeNodes, said: Said) -> None:
    """Method: a village's data without `keys.json`, as after a restore on a new computer."""
    (three.folder / VILLAGE / "keys.json").unlink()
    for words in (("status",), ("sync", "now"), ("bundle", "export"), ("doctor",)):
        told = said(VILLAGE, *words)[1]
        assert (
            "这台电脑还没有本站的钥匙" in told and "请向上级站点要新的入网码，用 enrol join 登记" in told
        ), words
        assert "还没有入网" not in told, words


def test_each_bundle_of_a_program_of_its_own_says_who_this_node_is(
    three: ThreeNodes, said: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A township put back to before it let the village in refused each stick that was made so, for ever."""
    introduced, plan = list[str](), offer.trust_behind
    monkeypatch.setattr(
        offer, "trust_behind", lambda core, authors: introduced.append(core.me) or plan(core, authors)
    )
    for path in (tmp_path / "one", tmp_path / "two"):
        path.mkdir()
        assert said(VILLAGE, "bundle", "export", str(path))[0] == 0
    assert introduced == [VILLAGE, VILLAGE]
