"""What a code can do in wrong hands: nothing twice, nothing late, and never in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from common.config import read_config, write_config
from common.node.assembly import build_app, build_node
from common.node.enrolling.enrolment import VALID_MS, EnrolmentDesk
from common.node.enrolling.enrolment_refusals import NumberedTooHigh
from common.node.enrolling.joining import prepare
from common.node.node import Node
from common.node.verbs import commands
from sync.adapters.http_client import ENROLMENT_PATH, ENROLMENT_TYPE, EXCHANGE_PATH, EXCHANGE_TYPE
from sync.protocol.core import Note
from sync.protocol.enrolment import make_code, read_code
from sync.protocol.frame import Evidence
from sync.protocol.own.issue import open_epoch
from sync.protocol.streams import make_epoch
from sync.protocol.trust.revocation import STOLEN, Revocation
from tests.desk.three import COUNTY, PROFILES, TOWN, VILLAGE, ThreeNodes

HERE = "511921126200"


def newcomer(folder: Path, address: str = HERE) -> Node:
    """Make a new computer for an address; each has keys of its own."""
    folder.mkdir()
    write_config(folder, {"address": address})
    return commands.init(read_config(folder, {}), PROFILES[VILLAGE])


def request_of(folder: Path, code: str) -> bytes:
    node = newcomer(folder)
    return commands._candidate(node, code).request


def knock(app: Flask, request: bytes) -> TestResponse:
    return app.test_client().post(ENROLMENT_PATH, data=request, content_type=ENROLMENT_TYPE)


def test_a_code_lets_one_computer_in_and_a_second_one_is_told_of(three: ThreeNodes, tmp_path: Path) -> None:
    """Whoever copied a sheet comes too late, or is noticed by the one who comes after."""
    code = commands.enrol_issue(three.open(TOWN), HERE, "")
    first, second = request_of(tmp_path / "first", code), request_of(tmp_path / "second", code)
    guessed = request_of(tmp_path / "guessed", make_code(1, bytes(14)))
    app = build_app(three.open(TOWN))
    assert knock(app, guessed).headers["X-Liandong-Code"] == "S301"
    assert knock(app, first).status_code == 200
    keys = three.node.peer.core.roster.vouches
    assert len([one for one in keys.values() if one.child == HERE]) == 1
    # The first answer may have been lost on the line.
    assert knock(app, first).status_code == 200
    assert knock(app, second).headers["X-Liandong-Code"] == "S302"
    assert len([one for one in keys.values() if one.child == HERE]) == 1
    # The first computer, set up once more with the sheet on its desk, is no second one.
    again = build_node(read_config(tmp_path / "first", {}), PROFILES[VILLAGE])
    with again.unit():
        again.config.path("enrolment.json").unlink()
    once_more = commands._candidate(again, code).request
    assert once_more != first
    app = build_app(three.open(TOWN))
    assert knock(app, once_more).headers["X-Liandong-Code"] == "S301"
    told = three.node.notes(5)
    assert [(one.code, one.address) for one in told if one.code == "S302"] == [("S302", HERE)]
    assert "外泄" in next(one.sentence for one in told if one.code == "S302")
    assert "S302" in three.client(TOWN, "admin").get("/line").text


@pytest.mark.parametrize("late", ["late", "reissued", "other"])
def test_a_code_that_lapsed_or_was_replaced_or_is_of_another_address_opens_nothing(
    three: ThreeNodes, tmp_path: Path, late: str
) -> None:
    code = commands.enrol_issue(three.open(TOWN), HERE, "")
    if late == "other":
        node = newcomer(tmp_path / "new", "511921126201")
        request = commands._candidate(node, code).request
        commands.enrol_issue(three.open(TOWN), "511921126201", "")
    else:
        request = request_of(tmp_path / "new", code)
    if late == "late":
        three.clock.advance(VALID_MS + 1)
    if late == "reissued":
        commands.enrol_issue(three.open(TOWN), HERE, "")
    node = three.open(TOWN)
    assert knock(build_app(node), request).headers["X-Liandong-Code"] == "S301"
    assert not {v.child for v in node.peer.core.roster.vouches.values()} & {HERE, "511921126201"}


def test_noise_at_the_door_pushes_no_note_out(three: ThreeNodes) -> None:
    node = three.open(TOWN)
    node.journal([Note("S120", VILLAGE, "kept")])
    client, headers = build_app(node).test_client(), {"Content-Type": EXCHANGE_TYPE}
    for _ in range(3):
        for knock_no in range(5):
            body = (b"LDX7" if knock_no % 2 else b"noise") + bytes(99)
            assert client.post(EXCHANGE_PATH, data=body, headers=headers).status_code == 422
        three.clock.advance(61_000)
    told = [one.code for one in node.notes(50) if one.address == "?"]
    assert sorted(told) == ["S104", "S104", "S104", "S105", "S105", "S105"]
    assert "S120" in [one.code for one in node.notes(50)]
    # Of a node that is believed the very same note is kept once an hour, another one at once.
    node.journal([Note("S120", VILLAGE, "again")] * 2 + [Note("S120", VILLAGE, "another")])
    assert [one.code for one in node.notes(50)].count("S120") == 3
    three.clock.advance(3_600_001)
    node.journal([Note("S120", VILLAGE, "again")])
    assert [one.code for one in node.notes(50)].count("S120") == 4


def test_who_guesses_codes_holds_up_no_writer_and_takes_few_places(
    three: ThreeNodes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = commands.enrol_issue(three.open(COUNTY), HERE, "")
    guess, right = request_of(tmp_path / "a", make_code(1, bytes(14))), request_of(tmp_path / "b", code)
    node = three.open(COUNTY)
    app = build_app(node)
    units: list[int] = []
    with monkeypatch.context() as patch:
        patch.setattr(Node, "unit", lambda _: units.append(1))
        for sent in (guess, b"", b"{}", b"x" * 300_000):
            assert knock(app, sent).headers["X-Liandong-Code"] == "S301"
    assert not units

    # While as many as may are being answered, the next is told to come back.
    seen: list[int] = []
    read = EnrolmentDesk.read

    def nested(desk: EnrolmentDesk, data: bytes) -> object:
        if len(seen) < node.config.node_requests_at_once:
            seen.append(0)
            status = knock(app, right).status_code
            seen[0] = max(seen[0], status)
        return read(desk, data)

    monkeypatch.setattr(EnrolmentDesk, "read", nested)
    assert knock(app, right).status_code == 200
    assert seen[0] == 503


def test_the_number_in_a_request_is_that_of_its_code(three: ThreeNodes, tmp_path: Path) -> None:
    """Whoever has a sheet takes no number that leaves none above it for the next computer."""
    code = commands.enrol_issue(three.open(TOWN), HERE, "")
    node = newcomer(tmp_path / "new")
    n, secret = read_code(code)
    pair = next(iter(node.keys.values()))
    fields = {
        "src": HERE,
        "n": n + 900_000,
        "random": "ab" * 8,
        "prev": "",
        "heads": {},
        "reason": "enrolled",
    }
    epoch = make_epoch({**fields, "at": 1}, (pair,), node.peer.core.suite)
    asked = prepare(HERE, secret, epoch, pair, "cd" * 16).request
    answer = knock(build_app(three.open(TOWN)), asked)
    assert answer.headers["X-Liandong-Code"] == "S301"
    used = {row.address: row.used_at for row in three.node.enrolment.issued()}
    assert used[HERE] == 0, "the code is still good"


@pytest.mark.parametrize("above", [999_998, 5_000_000, 999_999_998])
def test_a_stolen_key_that_numbers_its_epochs_high_keeps_no_computer_out(
    three: ThreeNodes, tmp_path: Path, above: int
) -> None:
    """One act in such an epoch, within the cut, and no code for the site could be read any more."""
    node = three.open(VILLAGE)
    with node.unit():
        open_epoch(node.peer.core, node.peer.core.own_key(), "stolen", three.now(), above)
        node.peer.submit(("case.reported", b"{}"), (COUNTY,), (), Evidence(three.now(), "00000000", 1))
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    with pytest.raises(NumberedTooHigh, match="作废"):
        commands.enrol_issue(three.node, VILLAGE, "")
    names = {TOWN: "", VILLAGE: ""}
    # Of a hundred sheets in one go somebody has to know which one it is.
    with pytest.raises(NumberedTooHigh, match=VILLAGE), three.node.unit():
        three.node.enrolment.issue_sheets(names, "admin", three.now())
    with three.node.unit():
        cut = {line.stream: line.upto for line in three.node.trust.lines(VILLAGE)}
        three.node.trust.revoke(Revocation(VILLAGE, STOLEN, cut=cut), "admin")
    code = commands.enrol_issue(three.node, VILLAGE, "")
    request, answer = tmp_path / "request", tmp_path / "answer"
    commands.enrol_request(newcomer(tmp_path / "new", VILLAGE), code, request)
    commands.enrol_answer(three.open(COUNTY), request, answer)
    joined = build_node(read_config(tmp_path / "new", {}), PROFILES[VILLAGE])
    commands.enrol_finish(joined, code, answer)
    assert joined.has_joined()
