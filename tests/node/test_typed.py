"""What a Chinese input method makes of digits, letters and dashes is read on the console as it was meant."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import pytest

from common.install.command import _asked, _parser
from common.node.cli import main
from common.node.verbs.staff import _posts
from common.people.rules.roles import Role
from common.store.database import close_database
from sync.protocol.typed import plain, signs
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


def wide(text: str) -> str:
    """Return a text in full width."""
    return "".join(chr(ord(sign) + 0xFEE0) for sign in text)


def test_full_width_blanks_and_dashes_are_put_into_the_one_form():
    assert plain(f" {wide('511921')}　108 ") == "511921108"
    assert plain("A—b－c") == "A-b-c" and plain("511921|1-ab|5=６０") == "511921|1-ab|5=60"
    assert signs(" a－ｂ·c　1") == "ABC1"
    assert plain("node_a") == "node_a", "an underscore is no dash"


def test_addresses_cuts_and_keys_are_read_in_full_width(
    three: ThreeNodes, said: Said, tmp_path: Path
) -> None:
    assert said(VILLAGE, "bundle", "export", str(tmp_path), "--to", wide(TOWN))[0] == 0
    three.open(VILLAGE)
    three.file()
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    revoke = ("trust", "revoke", "--address", wide(VILLAGE))
    ended, told = said(COUNTY, *revoke)
    line = next(line for line in told.splitlines() if line.startswith(f"  {VILLAGE}|"))
    stream = line.split("=")[0].strip()
    key = three.open(COUNTY).trust.entry(VILLAGE).good_keys[-1].id
    assert ended == 2
    ended, told = said(COUNTY, *revoke, "--cut", f"{stream}＝{wide('0')}", "--only", wide(key))
    assert ended == 2 and f"  {stream}=0　" in told
    words = ("trust", "move", "--address", wide(VILLAGE), "--parent", wide(COUNTY), "--why", "改划")
    assert said(COUNTY, *words)[0] == 0
    assert three.open(COUNTY).tree().parent(VILLAGE) == COUNTY


def test_an_installation_reads_full_width_too():
    asked = _asked(_parser().parse_args(["county", "--address", wide(COUNTY), "--encrypted", wide("4G")]))
    assert asked.address == COUNTY and asked.volume_bytes == 4 << 30


def test_a_reset_reads_its_codes_in_full_width(three: ThreeNodes) -> None:
    """Method: the challenge goes up with dashes of an input method, the answer comes down in one line."""
    with three.open(TOWN).unit():
        code = three.node.resets.challenge(three.clock.moment())
    with three.open(COUNTY).unit():
        text = three.node.resets.answer(TOWN, wide(f"{code[:4]}-{code[4:]}"), "admin", "", three.now())
    with three.open(TOWN).unit():
        typed = wide(text.replace("\n", "").replace(" ", ""))
        assert three.node.resets.check(typed, three.clock.moment()).login == "admin"


def test_posts_may_be_separated_by_the_comma_of_an_input_method():
    first, second, *_ = Role
    assert _posts(f"{first.value}，{second.value}") == {first, second}
    with pytest.raises(argparse.ArgumentTypeError):
        _posts(f"{first.value}、{second.value}")
