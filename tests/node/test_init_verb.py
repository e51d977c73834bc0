"""The verb `init` looks a code up before it makes anything, and says what comes next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common.node.cli import main
from common.places.listed import Listing, listing_of
from common.store.database import close_database
from tests.desk.three import COUNTY, PROFILES, TOWN, VILLAGE

Made = Callable[..., tuple[int, str, str]]


@pytest.fixture
def made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Made]:
    """Return a function that makes a node at an address; its code, words and complaints."""

    def run(address: str, *words: str) -> tuple[int, str, str]:
        profile = next(one for known, one in PROFILES.items() if len(known) == len(address))
        ended = main(profile, ["init", "--address", address, "--data", str(tmp_path / address), *words])
        close_database()
        return ended, *capsys.readouterr()

    yield run
    close_database()


@pytest.mark.parametrize("address", ["999999999999", "511921126999", "511921199", "199999"])
def test_a_code_that_no_division_has_makes_nothing(made: Made, tmp_path: Path, address: str) -> None:
    ended, _, told = made(address)
    assert ended == 2 and told.startswith(f"E489 区划表里没有代码 {address}") and "--unlisted" in told
    assert not (tmp_path / address).exists()
    ended, out, _ = made(address, "--unlisted")
    assert ended == 0 and address in out


def test_of_a_county_without_a_list_it_is_said_that_nobody_has_looked(made: Made) -> None:
    ended, _, told = made("511922")
    assert ended == 0 and "核对不了" in told
    assert not made(COUNTY)[2]
    assert [listing_of(one) for one in (VILLAGE, "511922", "511921999")] == [
        Listing.LISTED,
        Listing.NO_LIST,
        Listing.UNLISTED,
    ]


@pytest.mark.parametrize(
    ("address", "steps"),
    [
        (COUNTY, ("staff", "trust root export", "serve", "enrol issue")),
        (TOWN, ("enrol join", "--code", "enrol request", "staff", "serve")),
        (VILLAGE, ("enrol join", "--code", "enrol request", "staff", "serve")),
    ],
)
def test_what_comes_next_is_said(made: Made, address: str, steps: tuple[str, ...]) -> None:
    ended, out, _ = made(address)
    following = out.partition("下一步：")[2]
    assert ended == 0 and all(step in following for step in steps), out


def test_without_a_folder_nothing_is_made_where_somebody_happens_to_stand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Told is where `--data data` would put it; after that the other verbs find it by themselves."""
    monkeypatch.chdir(tmp_path)
    words = ["init", "--address", VILLAGE]
    assert main(PROFILES[VILLAGE], words) == 2
    told = capsys.readouterr().err
    assert told.startswith("E415") and "--data data" in told and str(tmp_path / "data") in told
    assert list(tmp_path.iterdir()) == []
    assert main(PROFILES[VILLAGE], [*words, "--data", "data"]) == 0
    assert f"数据在 {tmp_path / 'data'}" in capsys.readouterr().out
    close_database()
    assert main(PROFILES[VILLAGE], ["status"]) == 0
