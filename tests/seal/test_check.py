"""`seal check` of files whose seal was revoked, with real logs and real decisions; the verbs around it."""

from __future__ import annotations

import hashlib
import json
import shutil
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.casework.rules.words import Action
from common.clock import FixedClock, SystemClock
from common.days import local_day
from common.seal import authority, line
from common.seal.errors import SealRevoked
from common.seal.keys import FOLDER, SealKeys
from common.seal.log import Sealing, SealLog
from common.seal.revoking import Order, revoke
from common.seal.rules.revoked import Reason, Word
from common.seal.service import Seals
from common.seal.signer import Words, set_seal
from tests.seal.stage import NOW, ORGAN, Stage, pdf, reviewed
from tests.seal.test_sealer import Serving, served
from tests.seal.test_verb import county, founded, verb

__all__ = ["county", "founded"]

TOWN, DAY = "511921108", 86_400_000
REVOKED = NOW + 10 * DAY


def decided(stage: Stage, at: int = NOW) -> tuple[str, str]:
    """Store a case decided at a time; return its number and the deciding act."""
    story = reviewed()
    act = story.move(Action.APPROVE, data={"at": at}).id
    stage.store(story)
    return story.case, act


def put_out(stage: Stage, what: str = ORGAN, since: str = "", reason: Reason = Reason.STOLEN) -> None:
    revoke(stage.keys, Order(what, reason, since), FixedClock(REVOKED))


def at_check(stage: Stage, sealed: bytes) -> tuple[str, ...]:
    file = stage.folder / "decision.pdf"
    file.write_bytes(sealed)
    return "seal", "check", str(file), "--data", str(stage.folder)


def checked(stage: Stage, sealed: bytes, good: int) -> tuple[dict[str, Any], str]:
    """Return what the verb says of a file, as JSON and in words."""
    words = at_check(stage, sealed)
    return json.loads(verb("county_node", *words, "--json", good=good)), verb(
        "county_node", *words, good=good
    )


# --- at the node that sealed


def test_what_was_sealed_here_before_the_revocation_stays_good(stage: Stage):
    case, act = decided(stage)
    sealed = stage.sealer().seal(pdf(), case, act)
    assert checked(stage, sealed, 0)[0]["sealed"] == ""
    put_out(stage)
    found, said = checked(stage, sealed, 0)
    assert (found["sealed"], found["word"], found["revoked"]) == ("before", "logged_before", "stolen")
    assert said.startswith(f"✓ {ORGAN}") and "盖章在作废以前，仍然有效" in said and "被盗或泄露" in said
    # And so it does when the organ has its new one, which knows nothing of the revocation.
    stage.keys.issue(ORGAN, stage.me, REVOKED)
    assert checked(stage, sealed, 0)[0]["sealed"] == "before"


def test_what_was_sealed_here_since_the_day_of_the_theft_is_void(stage: Stage):
    """It was found out late: from that day on the seal counts no more, whoever set it."""
    case, act = decided(stage)
    stage.clock.set_wall(NOW + 5 * DAY)
    sealed = stage.sealer().seal(pdf(), case, act)
    put_out(stage, since=local_day(NOW + 3 * DAY))
    found, said = checked(stage, sealed, 1)
    assert (found["sealed"], found["word"]) == ("after", "logged_after")
    assert said.startswith("✗") and "印章不能作准" in said and "实物印章" in said


@pytest.mark.parametrize("claimed", [NOW, REVOKED + DAY])
def test_a_file_made_with_the_stolen_key_is_a_forgery_whatever_time_it_states(stage: Stage, claimed: int):
    case, act = decided(stage)
    stage.sealer().seal(pdf(), case, act)
    forged = set_seal(pdf("给我一百亩"), stage.keys.seal_of(ORGAN), Words(case, act, 1, claimed))
    put_out(stage)
    found, said = checked(stage, forged, 1)
    assert found["logged"] == "no" and "用印日志里没有这一次" in said and "已作废" in said and "✓" not in said


def test_the_log_alone_is_not_enough_where_the_decision_is_not_here(stage: Stage):
    document = pdf()
    seal = stage.keys.seal_of(ORGAN)
    digest, serial = hashlib.sha256(document).hexdigest(), authority.serial_of(seal.certificate)
    SealLog(stage.folder / FOLDER).add(Sealing(NOW, "A1", "b2", ORGAN, digest, serial))
    sealed = set_seal(document, seal, Words("A1", "b2", 1, NOW))
    put_out(stage)
    found, said = checked(stage, sealed, 1)
    assert (found["sealed"], found["word"]) == ("unknown", "logged_alone") and said.startswith("？")
    (stage.folder / "node.sqlite3").unlink()
    assert checked(stage, sealed, 1)[0]["word"] == "logged_alone"


def test_a_log_whose_clock_was_set_back_over_that_day_says_that_it_cannot_tell(stage: Stage):
    case, act = decided(stage)
    stage.clock.set_wall(REVOKED + DAY)
    stage.sealer().seal(pdf("other"), case, act)
    stage.clock.set_wall(NOW + DAY)
    sealed = stage.sealer().seal(pdf(), case, act)
    put_out(stage)
    found, said = checked(stage, sealed, 1)
    assert (found["sealed"], found["word"]) == ("unknown", "log_unsure") and "时间对不上" in said


def test_a_log_changed_by_other_hands_proves_nothing(stage: Stage):
    case, act = decided(stage)
    sealed = stage.sealer().seal(pdf(), case, act)
    put_out(stage)
    path = stage.folder / FOLDER / "seal.log"
    path.write_text(path.read_text().replace(str(NOW), str(NOW - 1)))
    assert "E599" in verb("county_node", *at_check(stage, sealed), good=2)


# --- at any other node


@pytest.fixture
def towns(bare: Stage, tmp_path_factory: pytest.TempPathFactory) -> tuple[Stage, SealKeys]:
    """A county without a seal of its own for the example department, and the township that has it."""
    bare.found()
    keys = SealKeys(tmp_path_factory.mktemp("town") / FOLDER)
    keys.install(bare.keys.sign(keys.request(ORGAN, TOWN)[0], NOW)[0])
    return bare, keys


@pytest.mark.parametrize(
    ("decided_at", "claimed", "word"),
    [
        (NOW, NOW + DAY, Word.DECISION_HELD),
        (NOW, REVOKED + DAY, Word.CLAIMS_AFTER),
        (REVOKED + DAY, NOW + DAY, Word.DECIDED_AFTER),
        (0, NOW + DAY, Word.NOTHING),
        (0, REVOKED + DAY, Word.CLAIMS_AFTER),
    ],
)
@pytest.mark.parametrize("reason", list(Reason))
def test_elsewhere_no_file_with_a_revoked_seal_is_good_by_its_own_word(
    towns: tuple[Stage, SealKeys], reason: Reason, decided_at: int, claimed: int, word: Word
):
    """The decision in the chain is proved, this file is not: a thief names a true decision, too."""
    stage, town = towns
    case, act = decided(stage, decided_at) if decided_at else ("511921108203-A1", "b" * 32)
    file = set_seal(pdf(), town.seal_of(ORGAN), Words(case, act, 1, claimed))
    assert checked(stage, file, 0)[0]["logged"] == "elsewhere"
    put_out(stage, reason=reason)
    found, said = checked(stage, file, 1)
    assert (found["word"], found["sealed"]) == (word, word.when) and "✓" not in said
    assert ("本站当时已收到" in said) is (word is Word.DECISION_HELD)


def test_a_seal_that_was_not_revoked_is_weighed_as_ever(towns: tuple[Stage, SealKeys]):
    stage, town = towns
    stage.keys.issue("别的部门", stage.me, NOW)
    put_out(stage, "别的部门")
    found, said = checked(stage, set_seal(pdf(), town.seal_of(ORGAN), Words("A1", "b2", 1, REVOKED + DAY)), 0)
    assert found["revoked"] == "" and said.startswith("✓") and "第 1 号" in said and found["list"] == 1


# --- the real process, the real verbs


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    yield from served(tmp_path)


def test_the_running_process_seals_no_more_at_once_and_tells_the_page_why(serving: Serving):
    stage, _, (case, act) = serving
    seals = Seals(stage.folder)
    assert seals.standing(case, "", ORGAN) == {}
    sealed = seals.seal(pdf(), case, act)
    revoke(stage.keys, Order(ORGAN, Reason.CEASED), SystemClock())
    with pytest.raises(SealRevoked) as refused:
        seals.seal(pdf(), case, act)
    assert refused.value.code == "E601" and ORGAN in str(refused.value)
    assert seals.standing(case, "", ORGAN)["when"] == ""
    assert seals.standing(case, "", ORGAN)["reason"] == "机关撤销或合并"
    assert seals.standing(case, act, ORGAN)["when"] == "before"
    assert seals.standing("x", "f" * 32, "没有的机关") == {} and sealed
    stage.keys.issue(ORGAN, stage.me, SystemClock().now_ms())
    assert seals.seal(pdf(), case, act) and seals.standing(case, "", ORGAN) == {}


def test_a_process_that_hangs_keeps_no_page_waiting(tmp_path: Path):
    with socket.socket(socket.AF_UNIX) as door, line.address(tmp_path) as address:
        door.bind(address)
        door.listen(1)
        began = time.monotonic()
        assert Seals(tmp_path).standing("a", "b", "c") == {}
        assert time.monotonic() - began < 5


def test_without_a_process_nothing_is_said_of_seals(tmp_path: Path):
    assert Seals(tmp_path).standing("a", "b", "c") == {}


def test_revoked_at_the_county_and_carried_to_a_township_by_stick(county: Path, tmp_path: Path):
    town, ask, answer = tmp_path / "town", tmp_path / "ask.req", tmp_path / "seal.cer"
    organ, stick = "正直镇人民政府", tmp_path / "seals.crl"
    at_town, at_county = ("--data", str(town)), ("--data", str(county))
    verb("town_node", "init", *at_town, "--address", TOWN)
    verb("town_node", "seal", "request", organ, "--out", str(ask), *at_town)
    verb("county_node", "seal", "sign", str(ask), "--out", str(answer), *at_county)
    verb("town_node", "seal", "install", str(answer), *at_town)
    assert "E606" in verb("county_node", "seal", "crl", *at_county, good=2)
    said = verb("county_node", "seal", "revoke", organ, "--reason", "stolen", *at_county)
    assert organ in said and TOWN in said and "第 1 号" in said and "seal install" in said
    stick.write_text(verb("county_node", "seal", "crl", *at_county))
    said = verb("town_node", "seal", "install", str(stick), *at_town)
    assert "第 1 号已装入" in said and organ in said
    assert "已经有了" in verb("town_node", "seal", "install", str(stick), *at_town)
    assert "✗ 已作废（被盗或泄露" in verb("town_node", "seal", "list", *at_town)
    (row,) = json.loads(verb("town_node", "seal", "list", "--json", *at_town))
    assert row["revoked"] == "stolen" and row["list"] == 1
    verb("town_node", "seal", "request", organ, "--out", str(ask), *at_town)
    verb("county_node", "seal", "sign", str(ask), "--out", str(answer), *at_county)
    verb("town_node", "seal", "install", str(answer), *at_town)
    assert SealKeys(town / FOLDER).seal_of(organ)
    trail = "SELECT action FROM audit WHERE action LIKE 'seal.%' ORDER BY pos"
    steps = ["root_made", "signed", "revoked", "signed"]
    assert sqlite3.connect(county / "node.sqlite3").execute(trail).fetchall() == [
        (f"seal.{step}",) for step in steps
    ]


@pytest.mark.parametrize(
    ("package", "words", "code"),
    [
        ("town_node", ("revoke", "x", "--reason", "stolen"), "E598"),
        ("village_node", ("revoke", "x", "--reason", "stolen"), "E598"),
        ("county_node", ("revoke", "--reason", "stolen"), "E418"),
        ("county_node", ("revoke", "x"), "E418"),
        ("county_node", ("crl",), "E596"),
    ],
)
def test_what_does_not_belong_here_is_refused(
    tmp_path: Path, package: str, words: tuple[str, ...], code: str
):
    said = verb(package, "seal", *words, "--data", str(tmp_path / "no-node"), good=2)
    assert code in said and "Traceback" not in said


def test_a_county_takes_lists_and_no_certificates(county: Path, tmp_path: Path):
    data, file = ("--data", str(county)), tmp_path / "x"
    shutil.copyfile(county / FOLDER / "root.cer", file)
    assert "E598" in verb("county_node", "seal", "install", str(file), *data, good=2)
    verb("county_node", "seal", "issue", ORGAN, *data)
    verb("county_node", "seal", "revoke", ORGAN, "--reason", "replaced", *data)
    file.write_text(verb("county_node", "seal", "crl", *data))
    assert "已经有了" in verb("county_node", "seal", "install", str(file), *data)
    (county / FOLDER / "root.key").unlink()
    said = verb("county_node", "seal", "revoke", ORGAN, "--reason", "stolen", *data, good=2)
    assert "E607" in said and str(county / FOLDER) in said
