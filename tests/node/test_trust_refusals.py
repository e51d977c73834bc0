"""What the verbs of the roster say of an address, a key or a site they cannot take: which, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.node.cli import main
from common.store import audit
from common.store.database import close_database
from tests.desk.three import COUNTY, PROFILES, TOWN, VILLAGE, ThreeNodes, copy_of


@pytest.fixture
def three(enrolled: Path, tmp_path: Path) -> Iterator[ThreeNodes]:
    yield copy_of(enrolled, tmp_path / "nodes")
    close_database()


def test_each_refusal_names_what_it_is_about(three: ThreeNodes, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*words: str, at: str = COUNTY) -> str:
        close_database()
        assert main(PROFILES[at], ["trust", *words, "--data", str(three.folder / at)]) == 2
        told = capsys.readouterr()
        return told.err or told.out

    revoke = ("revoke", "--address")
    assert said(*revoke, "511921126999") == "E451 名册里没有 511921126999 这个站点。\n"
    assert "没有这把有效的钥匙：abc" in said(*revoke, VILLAGE, "--only", "abc")
    assert "县级本站" in said(*revoke, COUNTY)
    changes = ("move", "relieve", "restore", "retire", "revoke", "url")
    for at, words in (
        *((TOWN, (step, "--address", VILLAGE, "--url", "")) for step in changes),
        (VILLAGE, (*revoke, "511921126999")),
        (VILLAGE, ("revoke",)),
        (VILLAGE, ("release", "--all")),
        (VILLAGE, ("roster-key",)),
    ):
        told = said(*words, at=at)
        assert told.startswith("E451 只有县级站点管名册：请县级的管理员在县级站点的网页“名册”里办"), words
    close_database()
    assert (
        main(PROFILES[COUNTY], ["trust", *revoke, VILLAGE, "--yes", "--data", f"{three.folder / COUNTY}"])
        == 0
    )
    capsys.readouterr()
    assert "没有还有效的钥匙" in said(*revoke, VILLAGE)
    relieve = ("relieve", "--why", "停电", "--address")
    told = said(*relieve, TOWN)
    assert "1 个站点改由再上一级联系" in told and "县级还没有网址" in told
    assert "改" not in said(*relieve, VILLAGE)


def test_a_step_that_changes_nothing_is_refused_and_goes_to_nobody(
    three: ThreeNodes, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a move to where it stands the entry would say that the site had left there."""

    def trust(*words: str) -> tuple[int, str]:
        close_database()
        ended = main(PROFILES[COUNTY], ["trust", *words, "--data", str(three.folder / COUNTY)])
        told = capsys.readouterr()
        return ended, told.err + told.out

    move = ("move", "--address", VILLAGE, "--parent")
    assert "没有网址" in trust(*move, COUNTY)[1]
    ended, said = trust(*move, COUNTY)
    assert ended == 2 and "已经是这样，没有改动" in said
    assert "名册里没有 511921999 这个站点" in trust(*move, "511921999")[1]
    with three.open(COUNTY).heart.reading():
        entry = three.node.trust.entry(VILLAGE)
    assert entry.left == (TOWN,)
    relieve = ("relieve", "--address", TOWN, "--why", "停电", "--yes")
    assert [trust(*relieve)[0], trust(*relieve)[0]] == [0, 2]
    restore = ("restore", "--address", TOWN, "--why", "修好")
    assert [trust(*restore)[0], trust(*restore)[0]] == [0, 2]


def test_what_is_refused_of_a_retired_site_says_that_it_is_retired_and_what_to_do_instead(
    three: ThreeNodes, capsys: pytest.CaptureFixture[str]
) -> None:
    def trust(*words: str) -> tuple[int, str]:
        close_database()
        ended = main(PROFILES[COUNTY], ["trust", *words, "--data", str(three.folder / COUNTY)])
        return ended, capsys.readouterr().err

    why = ("--address", VILLAGE, "--why", "并入邻村")
    assert trust("retire", *why, "--yes")[0] == 0
    for words in (
        ("restore", *why),
        ("relieve", *why),
        ("retire", *why, "--yes"),
        ("move", "--address", VILLAGE, "--parent", COUNTY),
        # As it stands: that nothing changes is no reason.
        ("move", "--address", VILLAGE, "--parent", ""),
        ("url", "--address", VILLAGE, "--url", "https://village.example"),
    ):
        ended, said = trust(*words)
        assert ended == 2 and said.startswith("E451") and f"（{VILLAGE}）已经撤销" in said, words
        assert "接管" in said and "另一个代码" in said, words


def test_a_reason_that_need_not_be_given_is_kept_where_one_is_and_refused_where_none_is_kept(
    three: ThreeNodes, capsys: pytest.CaptureFixture[str]
) -> None:
    def trust(*words: str) -> int:
        close_database()
        capsys.readouterr()
        return main(PROFILES[COUNTY], ["trust", *words, "--data", str(three.folder / COUNTY)])

    def last(about: str) -> dict[str, object]:
        return dict(json.loads(list(audit.rows(about))[-1].detail))

    three.open(COUNTY)
    url = ("url", "--address", TOWN, "--url", "https://town.example")
    why = ("--why", " 换了网址 ")
    for words, about in (
        (url, TOWN),
        (("move", "--address", VILLAGE, "--parent", COUNTY), VILLAGE),
        (("rotate",), COUNTY),
        (("revoke", "--address", VILLAGE, "--reason", "lost", "--yes"), VILLAGE),
    ):
        before = len(list(audit.rows(about)))
        assert trust(*words, "--why", "长" * 201) == 2 and capsys.readouterr().err.startswith("E452")
        assert len(list(audit.rows(about))) == before, words
        assert trust(*words, *why) == 0 and last(about)["note"] == "换了网址", words
    assert last(VILLAGE)["why"] == "lost"
    assert trust("url", "--address", TOWN, "--url", "") == 0 and last(TOWN) == {"to": ""}
    for words in (
        *((step, "--address", TOWN) for step in ("relieve", "restore", "retire")),
        ("release", "--all"),
    ):
        assert trust(*words) == 2 and capsys.readouterr().err.startswith("E452 请用 --why 写明理由")
    for words in (("retire", "--address", TOWN, "--reason", "lost"), ("held", *why), ("roster-key", *why)):
        with pytest.raises(SystemExit):
            trust(*words)
        assert "--why" in capsys.readouterr().err
