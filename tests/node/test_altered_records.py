"""Records that somebody altered by hand: the sheet of a day and the check of everything see it.

Method: rows are changed in the database of a real village, past the program.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from common.casework.jobs import write_lists
from common.journal.rules import Fields, What
from common.node import cli
from common.node.sheet import NoSheet, keep_daily, read_sheet
from common.people.rules.roles import Role
from common.store.database import close_database
from sync.protocol import canonical
from sync.protocol.frame import PLAIN, act_id
from sync.protocol.heads import hash_of
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes, copy_of, post, profile_of


@pytest.fixture
def three(enrolled: Path, tmp_path: Path) -> Iterator[ThreeNodes]:
    yield copy_of(enrolled, tmp_path / "nodes")
    close_database()


def run(three: ThreeNodes, address: str, capsys: Any, *words: str) -> tuple[int, str]:
    close_database()
    capsys.readouterr()
    code = cli.main(profile_of(address), [*words, "--data", str(three.folder / address)])
    return code, capsys.readouterr().out


def alter(three: ThreeNodes, address: str, sql: str) -> None:
    """Change rows past the program; at least one has to be."""
    close_database()
    with sqlite3.connect(three.folder / address / "node.sqlite3") as database:
        assert database.execute(sql).rowcount > 0
    database.close()


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM sync_frame",
        "DELETE FROM sync_frame WHERE seq = 1",
        "UPDATE sync_frame SET header = CAST('{}' AS BLOB) WHERE seq = 1",
        "UPDATE sync_frame SET header = CAST(REPLACE(header, 'mono\":', 'mono\":1') AS BLOB) WHERE seq = 2",
        "UPDATE sync_frame SET header = REPLACE(header, 'x', 'x') WHERE seq = 2",
        "UPDATE sync_frame SET body = zeroblob(LENGTH(body)) WHERE seq = 1",
    ],
)
def test_a_sheet_is_held_against_the_frames_and_not_against_a_note_of_their_head(
    three: ThreeNodes, capsys: Any, sql: str
) -> None:
    three.open(VILLAGE)
    three.file()
    three.file(name="李四", seed=3)
    path = keep_daily(three.node, three.now())
    assert path is not None
    assert run(three, VILLAGE, capsys, "audit", "check", str(path))[0] == 0
    alter(three, VILLAGE, sql)
    code, told = run(three, VILLAGE, capsys, "audit", "check", str(path))
    assert code == 1 and "与当时不同" in told and "核对通过" not in told
    code, told = run(three, VILLAGE, capsys, "verify")
    assert code == 1 and "核对不通过" in told and "核对通过" not in told


@pytest.mark.parametrize("upto", [1, 2])
def test_a_place_before_which_all_was_taken_out_by_hand_is_no_beginning(
    three: ThreeNodes, capsys: Any, upto: int
) -> None:
    """A copy may begin in the middle, but by a word that is kept: it was said that all was there."""
    three.open(VILLAGE)
    three.file()
    three.file(name="李四", seed=3)
    path = keep_daily(three.node, three.now())
    three.file(name="王五", seed=4)
    assert path is not None
    stream = next(one for one in three.node.peer.core.streams() if one.id.src == VILLAGE and one.upto > upto)
    head = three.node.spool.hash_at(stream, upto + 1)
    assert head is not None
    number = f"(SELECT no FROM sync_stream WHERE src = '{VILLAGE}' AND dst = '{stream.id.dst}')"
    alter(three, VILLAGE, f"DELETE FROM sync_frame WHERE stream = {number} AND seq <= {upto + 1}")
    to_base = f"UPDATE sync_stream SET base = {upto + 1}, base_head = x'{head.hex()}' WHERE no = {number}"
    alter(three, VILLAGE, to_base)
    code, told = run(three, VILLAGE, capsys, "audit", "check", str(path))
    assert code == 1 and "与当时不同" in told and "核对通过" not in told


def test_a_sheet_that_says_nothing_of_itself_is_none(three: ThreeNodes, tmp_path: Path, capsys: Any) -> None:
    node = three.open(VILLAGE)
    path = keep_daily(node, three.now())
    assert path is not None
    good = read_sheet(path)["fields"]
    bad = tmp_path / "bad.json"
    empty = {**good, "hash": hash_of([]), "streams": 0}
    nameless = {name: value for name, value in empty.items() if name != "node"}
    for fields in (nameless, {**empty, "at": "x"}, {**empty, "at": 2**53 - 1}, {**empty, "acts": -1}):
        said = canonical.dumps(fields).decode()
        bad.write_text(json.dumps({"signed": said, "signatures": [], "lines": []}))
        with pytest.raises(NoSheet):
            read_sheet(bad)
        assert run(three, VILLAGE, capsys, "audit", "check", str(bad))[0] == 2


def test_what_pages_show_of_cases_is_compared_with_what_was_signed(three: ThreeNodes, capsys: Any) -> None:
    """At each tier nothing is found; then a name is altered, a step taken out, one put in."""
    three.open(VILLAGE)
    case = three.file()
    three.carry(VILLAGE, TOWN)
    three.move(case, "forward", Role.CHECKER)
    three.carry(TOWN, COUNTY)
    three.move(case, "accept", Role.CLERK)
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    for address in (VILLAGE, TOWN, COUNTY):
        code, told = run(three, address, capsys, "verify", "--json")
        assert (code, json.loads(told)["problems"]) == (0, [])
    alter(three, TOWN, "UPDATE case_event SET body = REPLACE(body, '王秀英', '王秀芬')")
    client, page = three.client(TOWN, "clerk"), f"/case/{case}"
    assert "王秀芬" in client.get(page).text
    checked = post(client, f"{page}/check", {}, page=page).text
    assert "核验没有通过" in checked and "与签名的不同" in checked
    code, told = run(three, TOWN, capsys, "verify")
    assert code == 1 and "办件页面上的内容与签名的报文不符" in told and case in told
    alter(three, VILLAGE, "DELETE FROM case_event WHERE pos = 3")
    code, told = run(three, VILLAGE, capsys, "verify")
    assert code == 1 and "签名的一步不在办件里" in told
    put_in = (
        "SELECT '{0}', \"case\", 9, kind, author, follows, at, body, blobs, struck, here_at FROM case_event"
    )
    alter(three, COUNTY, f"INSERT INTO case_event {put_in.format('ab' * 16)} WHERE pos = 3")
    code, told = run(three, COUNTY, capsys, "verify")
    assert code == 1 and "办件里有一步没有签名的报文" in told


@pytest.mark.parametrize("reason", ["'S129', waits_for = 'cut:x'", "'E116', waits_for = 'person'"])
@pytest.mark.parametrize("steps", [1, 2])
def test_a_step_taken_out_whose_act_was_parked_is_seen(
    three: ThreeNodes, capsys: Any, reason: str, steps: int
) -> None:
    """What is parked is in no case, and the check asked of none whether it belongs there."""
    three.open(VILLAGE)
    case = three.file()
    three.carry(VILLAGE, TOWN)
    three.move(case, "forward", Role.CHECKER)
    alter(three, TOWN, f"UPDATE sync_act SET state = 'parked', reason = {reason} WHERE kind = 'case.moved'")
    if steps > 1:
        alter(
            three, TOWN, f"UPDATE sync_act SET state = 'parked', reason = {reason} WHERE kind = 'case.filed'"
        )
        alter(three, TOWN, "DELETE FROM case_file")
    alter(three, TOWN, f"DELETE FROM case_event WHERE pos >= {3 - steps}")
    code, told = run(three, TOWN, capsys, "verify")
    assert code == 1 and told.count(f"按本站的记录却应当在：{case}") == steps


def test_an_act_that_is_parked_for_a_reason_is_none_that_was_taken_out(
    three: ThreeNodes, capsys: Any
) -> None:
    three.open(VILLAGE)
    case = three.file()
    three.carry(VILLAGE, TOWN)
    three.open(TOWN)
    with three.node.unit():
        body = {"case": case, "to": [COUNTY, VILLAGE], "action": "unheard", "flow": 99}
        three.node.heart.submit("case.moved", canonical.dumps(body), (COUNTY, VILLAGE), ())
    three.carry(TOWN, VILLAGE)
    assert [row.kind for row in three.open(VILLAGE).spool.parked()] == ["case.moved"]
    assert run(three, VILLAGE, capsys, "verify")[0] == 0


@pytest.mark.parametrize("body", ["'{'", "''", "'[]'", "x'00ff'", "'{\"case\":1}'"])
def test_a_step_whose_text_is_none_any_more_is_told_of(three: ThreeNodes, capsys: Any, body: str) -> None:
    """The check ended in the middle with a fault of the program, and said of nothing what was found."""
    three.open(VILLAGE)
    case = three.file()
    alter(three, VILLAGE, f"UPDATE case_event SET body = {body}")
    code, told = run(three, VILLAGE, capsys, "verify")
    assert code == 1 and "办件页面上的内容与签名的报文不符" in told and case in told


def test_an_author_written_over_is_seen(three: ThreeNodes, capsys: Any) -> None:
    three.open(VILLAGE)
    case = three.file()
    alter(three, VILLAGE, f"UPDATE case_event SET author = '{TOWN}' WHERE \"case\" = '{case}'")
    assert run(three, VILLAGE, capsys, "verify")[0] == 1


def test_what_lists_are_drawn_from_is_compared_with_the_steps(three: ThreeNodes, capsys: Any) -> None:
    """A case hidden from the heap it waits in would never be worked on."""
    node = three.open(VILLAGE)
    write_lists(node.unit, node.casework.ctx.calendar())
    case = three.file()
    assert run(three, VILLAGE, capsys, "verify")[0] == 0
    alter(three, VILLAGE, "UPDATE case_file SET waits_at = '', alarm_on = ''")
    code, told = run(three, VILLAGE, capsys, "verify")
    assert code == 1 and f"办件列表里的内容与办件经过不符：{case}" in told
    assert "各处待办的件数与办件列表不符" in told


@pytest.mark.parametrize("kind", ["case.x", "sync.brief", "case.reported"])
def test_a_step_called_something_else_is_seen(three: ThreeNodes, capsys: Any, kind: str) -> None:
    """Pages leave out what is no step of a case: one was gone from them, and the check found all good."""
    three.open(VILLAGE)
    case = three.file()
    three.carry(VILLAGE, TOWN)
    three.move(case, "forward", Role.CHECKER)
    alter(three, TOWN, f"UPDATE case_event SET kind = '{kind}' WHERE pos = 2")
    code, told = run(three, TOWN, capsys, "verify")
    assert code == 1 and "办件页面上的内容与签名的报文不符" in told and case in told
    three.open(TOWN)
    client, page = three.client(TOWN, "clerk"), f"/case/{case}"
    checked = post(client, f"{page}/check", {}, page=page).text
    assert "核验没有通过" in checked and "与签名的不同" in checked


@pytest.mark.parametrize("has_frame", [0, 1])
def test_a_step_put_in_with_an_act_of_its_own_is_seen(three: ThreeNodes, capsys: Any, has_frame: int) -> None:
    """Who writes the step as an act, too, or as a frame beside the streams, has signed nothing either."""
    three.open(VILLAGE)
    case = three.file()
    three.carry(VILLAGE, TOWN)
    act = act_id(VILLAGE, "case.moved", PLAIN, sha256(b"{}").digest(), ())
    row = f"SELECT '{act}', \"case\", 9, 'case.moved', author, follows, at, '{{}}', '[]', 0, here_at"
    alter(three, TOWN, f"INSERT INTO case_event {row} FROM case_event WHERE pos = 1")
    row = f"SELECT '{act}', 'case.moved', author, 'applied', '', '', 999"
    alter(three, TOWN, f"INSERT INTO sync_act {row} FROM sync_act LIMIT 1")
    if has_frame:
        spool = three.open(TOWN).spool
        stream = next(one for one in three.node.peer.core.streams() if one.id.src == VILLAGE)
        made = spool.frames_after({stream.id: 0}, 0, 1)[0].frame.header
        made = made._replace(kind="case.moved", body_hash=sha256(b"{}").digest(), body_len=2, blobs=(), seq=9)
        beside = f"SELECT 0, 0, 9, '{act}', x'{made.encode().hex()}', x'7b7d', signature, wraps"
        alter(three, TOWN, f"INSERT INTO sync_frame {beside} FROM sync_frame LIMIT 1")
    code, told = run(three, TOWN, capsys, "verify")
    assert code == 1 and "办件里有一步没有签名的报文" in told and case in told


@pytest.mark.parametrize(
    ("table", "change", "verb"),
    [
        ("sync_held", "signatures = 7", "backup"),
        ("sync_held", "signatures = 7", "status"),
        ("view_log", "login = x'00ff'", "doctor"),
        ("sync_stream", "base = 'x'", "backup"),
        ("sync_held", "payload = 7", "verify"),
        ("sync_held", "signatures = 'x'", "verify"),
        ("sync_doc", "signatures = 7", "verify"),
        ("sync_doc", "payload = 'x'", "verify"),
        ("sync_frame", "body = 7", "verify"),
        ("sync_stream", "base = 'x'", "verify"),
        ("sync_stream", "upto = 'x'", "verify"),
        ("sync_stream", "head = 7", "verify"),
        ("sync_identity", "stamp = 'x'", "verify"),
        ("sync_neighbour", "mine = 'x'", "verify"),
        ("sync_neighbour", "sent = 'x'", "verify"),
        ("sync_neighbour", "dicts = 7", "verify"),
        ("view_log", "login = x'00ff'", "verify"),
    ],
)
def test_a_value_that_nothing_can_read_is_told_of_by_its_column(
    three: ThreeNodes, capsys: Any, tmp_path: Path, table: str, change: str, verb: str
) -> None:
    """The check ended with a fault of the program, and each verb with it: an operator read a traceback."""
    three.open(VILLAGE)
    three.file()
    three.carry(VILLAGE, TOWN)
    with three.open(TOWN).unit():
        three.node.views.record("clerk", (What.CASE, "1", Fields.WHOLE), three.now())
    close_database()
    with sqlite3.connect(three.folder / TOWN / "node.sqlite3") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
    database.close()
    alter(three, TOWN, f"UPDATE {table} SET {change}")
    words = [verb, str(tmp_path / "kept")] if verb == "backup" else [verb]
    code = cli.main(profile_of(TOWN), [*words, "--data", str(three.folder / TOWN)])
    told, column = "".join(capsys.readouterr()), f"{table}.{change.split()[0]}"
    assert code != 0 and column in told
    if verb == "verify":
        assert code == 1 and f"✗ 数据库的这一栏里有本程序没有写过的值：{column}" in told
