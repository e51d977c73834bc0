"""Command lines speak Chinese: help, usage, and whatever this Python refuses words with."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest

from common.arguments import Arguments, in_chinese
from common.node.cli import main
from common.node.profile import TierProfile
from county_node.profile import PROFILE as COUNTY
from town_node.profile import PROFILE as TOWN
from village_node.profile import PROFILE as VILLAGE


def made() -> Arguments:
    parser = Arguments(prog="x", description="说明")
    verb = parser.add_subparsers(required=True, metavar="VERB").add_parser("go", help="走")
    verb.add_argument("way", choices=["up", "down"])
    verb.add_argument("--count", type=int, help="几次")
    verb.add_argument("--name", required=True)
    verb.add_argument("--names", nargs="+")
    verb.add_argument("--yes", action="store_true")
    verb.add_argument("speed", nargs="?", choices=["slow", "fast"], default="slow")
    verb.add_argument("load", nargs="?", type=int, default=0)
    return parser


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "缺少 命令（VERB）"),
        ("go --name a", "缺少 导出还是导入（way）"),
        ("go up", "缺少 --name"),
        ("go left --name a", "导出还是导入（way）：没有 'left'，可以写 "),
        ("go up --name", "--name：后面要写一个值"),
        ("go up --names", "--names：后面至少要写一个值"),
        ("go up --name a --count x", "--count：'x' 不对"),
        ("go up --name a --to b", "没有这样的参数：--to b"),
        ("go up --na a", "--na 写得不全，可能是 --name, --names"),
        ("go up --name a quick", "speed：没有 'quick'，可以写 "),
        ("go up --name a fast 3 4", "没有这样的参数：4"),
        ("go up --name a --to fast", "没有这样的参数：--to fast"),
        ("go up --name a --yes=1", "--yes：后面不能带值：'1'"),
    ],
)
def test_what_is_wrong_is_said_in_chinese(capsys: pytest.CaptureFixture[str], words: str, said: str) -> None:
    with pytest.raises(SystemExit) as ended:
        made().parse_args(words.split())
    told = capsys.readouterr().err
    assert ended.value.code == 2 and told.startswith("用法：x") and f"命令写得不对：{said}" in told


def test_help_is_chinese_and_what_a_later_python_says_anew_is_told_as_it_stands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        made().parse_args(["go", "--help"])
    told = capsys.readouterr().out
    assert ended.value.code == 0 and all(
        word in told for word in ("用法：x go", "参数:", "选项:", "显示这些说明")
    )
    assert "usage" not in told and "options" not in told
    assert in_chinese("some new sentence: 'x'") == "some new sentence: 'x'"


@pytest.mark.parametrize("words", ["up fast 3 --name a", "up --name a fast 3", "up fast --name a 3"])
def test_what_may_be_left_out_may_stand_behind_an_option(words: str) -> None:
    found = made().parse_args(["go", *words.split()])
    assert (found.way, found.speed, found.load, found.name) == ("up", "fast", 3, "a")


@pytest.mark.parametrize("profile", [COUNTY, TOWN, VILLAGE], ids=lambda profile: profile.tier)
def test_what_a_verb_cannot_do_without_has_a_chinese_name(
    capsys: pytest.CaptureFixture[str], profile: TierProfile
) -> None:
    for verb in verbs_of(profile, capsys):
        with suppress(SystemExit):
            main(profile, [verb, "--no-such-word"])
        told = capsys.readouterr().err
        assert re.search("命令写得不对：(没有这样的参数|缺少 (--|.*（[a-zA-Z]+）))", told), told


def verbs_of(profile: TierProfile, said: pytest.CaptureFixture[str]) -> list[str]:
    with pytest.raises(SystemExit):
        main(profile, ["--help"])
    found = re.findall(r"^    ([a-z-]+)\s", said.readouterr().out, re.MULTILINE)
    assert {"init", "verify-claim", "audit"} <= set(found)
    return found
