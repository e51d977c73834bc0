"""A spool of a former version, full of what it may hold, becomes one of the next that knows all it must."""

from __future__ import annotations

from pathlib import Path

import pytest
from peewee import SqliteDatabase

from common.store.migrate import DIRECTORY, migrate
from sync.adapters.spool import SqlSpool
from sync.adapters.spool_schema import alter_v2, alter_v3, alter_v4, alter_v5, create, create_v1
from sync.protocol import signed
from sync.protocol.frame import SIGNED_AS, make_body, rebuild
from sync.protocol.spool import GAP, UNKNOWN_KEY, Aside, Neighbour, Placed
from tests.sync.made import (
    COUNTY,
    DOWN,
    SUITE,
    TOWN,
    UP,
    VILLAGE,
    blob_ref,
    key_pair,
    make_frame,
    make_header,
    make_statement,
    with_blobs,
)
from tests.sync.spool_store import act, open_file, sql_unit

FIRST, SECOND = blob_ref(b"first"), blob_ref(b"second")
ADD_FRAME = "INSERT INTO sync_frame VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def brief_of(content: bytes, seq: int, position: int) -> tuple[object, ...]:
    """Return a row of a brief from the county to the village."""
    body = make_body(bytes(16), content)
    header = make_header(DOWN, seq, body=body)._replace(kind="sync.brief")
    frame = rebuild(header, body, SUITE.sign(key_pair(COUNTY), SIGNED_AS, header.encode()))
    return position, 2, seq, frame.act, frame.header_bytes, body, frame.signature, b""


def fill_v1(database: SqliteDatabase) -> dict[str, object]:
    """Write what a program before version 2 may have left; return what must be found again."""
    placed, loose = with_blobs(make_frame(UP, 1), FIRST), with_blobs(make_frame(UP, 9), FIRST, SECOND)
    shelf = make_statement(signed.SHELF, COUNTY, word="in force")
    receipt = make_statement(signed.RECEIPT, COUNTY, word="no document")
    run = database.execute_sql
    run("INSERT INTO sync_stream VALUES (1, ?, ?, ?, 0, x'', 1, x'', 0, 1, 0, 0)", UP)
    run("INSERT INTO sync_stream VALUES (2, ?, ?, ?, 0, x'', 4, x'', 0, 1, 0, 0)", DOWN)
    for position, stream, frame in ((1, 1, placed), (7, 0, loose)):
        values = (frame.act, frame.header_bytes, frame.body, frame.signature, b"")
        run(ADD_FRAME, (position, stream, frame.header.seq, *values))
    run(ADD_FRAME, brief_of(b'{"ids":["%s","x",7]}' % loose.act.encode(), 1, 2))
    for seq, content in enumerate((b"", b"[]", b'{"ids":5}', b"[" * 60_000, b"\xff"), 2):
        run(ADD_FRAME, brief_of(content, seq, seq + 10))
    run("INSERT INTO sync_blob VALUES (?, ?, ?)", FIRST)
    for sort, statement in ((signed.SHELF, shelf), (signed.RECEIPT, receipt)):
        run(
            "INSERT INTO sync_held VALUES (?, 'key', 1, 0, 0, ?, x'', ?, 5)",
            (sort, statement.payload, b"content"),
        )
    names = "instance, incarnation, counter, taken, mine, acked_stamp, need_full, ask_full, contact_at, more"
    run(
        f"INSERT INTO sync_neighbour (address, {names}, soon_ms, wanted_acts, wanted_blobs, sent, dicts)"
        " VALUES (?, 'i', 1, 2, 3, 4, 5, 0, 0, 6, 0, 7, '[]', '[]', '[]', '[]')",
        (TOWN,),
    )
    return {"loose": loose, "shelf": shelf}


def test_what_was_held_before_is_known_by_hash_and_by_name(tmp_path: Path) -> None:
    database = open_file(tmp_path / "node.db")
    with database.atomic():
        create_v1(database)
        told = fill_v1(database)
        alter_v2(database)
        alter_v3(database)
    spool, loose, shelf = SqlSpool(database), told["loose"], told["shelf"]
    assert spool.doc_names() == [shelf.hash]
    assert spool.doc(shelf.hash) == (shelf._replace(signatures=()), b"content")
    assert spool.ways_of_paper(FIRST.hash) == spool.ways_of_paper(SECOND.hash) == [(VILLAGE, COUNTY)]
    assert spool.briefs_of_act(loose.act) == spool.briefs_of_paper(SECOND.hash) == [(COUNTY, VILLAGE)]
    assert spool.loose_gaps(9) == [(loose.act, SECOND.hash)]
    assert spool.missing_blob(SECOND.hash) == SECOND
    assert spool.neighbours() == [Neighbour(TOWN, "i", 1, 2, 3, 4, 5, 0, 0, 6, 0, 7)]
    with sql_unit(spool, database):
        spool.add_loose_gaps(act(1), [FIRST])
    assert spool.loose_gaps(9) == [(loose.act, SECOND.hash), (act(1), FIRST.hash)]
    database.close()


def test_more_frames_than_one_page_are_all_looked_at(tmp_path: Path) -> None:
    database = open_file(tmp_path / "node.db")
    papers = [blob_ref(b"%d" % n) for n in range(1_003)]
    with database.atomic():
        create_v1(database)
        for n, paper in enumerate(papers):
            frame = with_blobs(make_frame(UP, 1), paper)
            values = (frame.act, frame.header_bytes, frame.body, frame.signature, b"")
            database.execute_sql(ADD_FRAME, (3 * n + 1, 1, n + 1, *values))
        alter_v2(database)
    spool = SqlSpool(database)
    assert all(spool.ways_of_paper(paper.hash) == [(VILLAGE, COUNTY)] for paper in papers)
    database.close()


def test_a_node_that_starts_with_the_new_program_is_altered_by_migration_9(tmp_path: Path) -> None:
    database = open_file(tmp_path / "node.db")
    before = tmp_path / "before"
    before.mkdir()
    for script in DIRECTORY.glob("000[1-8]_*.py"):
        (before / script.name).write_bytes(script.read_bytes())
    migrate(database, tmp_path / "lock", before)
    with database.atomic():
        fill_v1(database)
    assert "0009_shelf_and_papers" in migrate(database, tmp_path / "lock")
    assert len(SqlSpool(database).doc_names()) == 1
    database.close()


def test_altering_fails_whole(tmp_path: Path) -> None:
    """The power goes in the middle: the tables are as before, and the next start begins again."""
    database = open_file(tmp_path / "node.db")
    with database.atomic():
        create_v1(database)
        fill_v1(database)
    with pytest.raises(ZeroDivisionError), database.atomic():
        alter_v2(database)
        raise ZeroDivisionError
    assert not database.table_exists("sync_doc")
    with database.atomic():
        alter_v2(database)
    database.close()


def test_a_fresh_spool_is_the_same_as_an_altered_one(tmp_path: Path) -> None:
    def schema(*steps: object) -> list[object]:
        database = open_file(tmp_path / f"{len(steps)}.db")
        with database.atomic():
            for step in steps:
                step(database)
        found = database.execute_sql("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        database.close()
        return found

    assert schema(create) == schema(create_v1, alter_v2, alter_v3, alter_v4, alter_v5)


def test_what_was_aside_before_takes_its_authors_room(tmp_path: Path) -> None:
    """Migration 32: who brought a frame of an unknown key was not kept before version 3."""
    database = open_file(tmp_path / "node.db")
    before = tmp_path / "before"
    before.mkdir()
    for script in DIRECTORY.glob("*.py"):
        if script.name < "0032":
            (before / script.name).write_bytes(script.read_bytes())
    migrate(database, tmp_path / "lock", before)
    found = [Aside(make_frame(UP, 7), GAP, 5, VILLAGE), Aside(make_frame(DOWN, 8), UNKNOWN_KEY, 6, COUNTY)]
    names = "hash, src, epoch, dst, seq, why, since, header, body, signature, wraps, act"
    with database.atomic():
        for frame, why, since, _ in found:
            header, rest = frame.header, (frame.header_bytes, frame.body, frame.signature, b"", frame.act)
            values = (frame.hash, *header.stream, header.seq, why, since, *rest)
            database.execute_sql(f"INSERT INTO sync_aside ({names}) VALUES ({', '.join('?' * 12)})", values)
    assert "0032_aside_shares" in migrate(database, tmp_path / "lock")
    spool = SqlSpool(database)
    assert [*spool.asides(GAP), *spool.asides(UNKNOWN_KEY)] == found
    assert (spool.count_aside(GAP, VILLAGE), spool.count_aside("", COUNTY), spool.count_aside()) == (1, 1, 2)
    database.close()


def test_frames_without_a_place_are_found_without_going_through_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Migration 33. Method: the plan of what the spool asks; 50,000 acts took 0.3 s each time before."""
    database = open_file(tmp_path / "node.db")
    before = tmp_path / "before"
    before.mkdir()
    for script in DIRECTORY.glob("*.py"):
        if script.name < "0033":
            (before / script.name).write_bytes(script.read_bytes())
    migrate(database, tmp_path / "lock", before)
    loose, placed = make_frame(UP, 7), make_frame(DOWN, 8)
    for position, stream, frame in ((3, 0, loose), (4, 1, placed)):
        values = (frame.act, frame.header_bytes, frame.body, frame.signature, b"")
        database.execute_sql(ADD_FRAME, (position, stream, frame.header.seq, *values))
    assert "0033_loose_frames" in migrate(database, tmp_path / "lock")
    spool, asked = SqlSpool(database), list[tuple[str, tuple[object, ...]]]()
    read = spool._read
    monkeypatch.setattr(
        spool, "_read", lambda sql, values=(): asked.append((sql, values)) or read(sql, values)
    )
    assert [frame.act for frame in spool.loose_frames(9)] == [loose.act]
    assert [frame.act for frame in spool.loose_frames(9, VILLAGE)] == []
    with sql_unit(spool, database):
        spool.add_loose(Placed(5, loose))
    for sql, values in asked:
        for row in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall():
            assert "SCAN sync_frame" not in row[-1] or "USING COVERING INDEX sync_frame_loose" in row[-1], sql
    database.close()


def test_what_was_wanted_before_is_wanted_still_and_stands_under_who_is_behind_it(tmp_path: Path) -> None:
    """Migration 34. Method: also the plan of what the spool asks, for one may be behind very many."""
    database = open_file(tmp_path / "node.db")
    before = tmp_path / "before"
    before.mkdir()
    for script in DIRECTORY.glob("*.py"):
        if script.name < "0034":
            (before / script.name).write_bytes(script.read_bytes())
    migrate(database, tmp_path / "lock", before)
    run = database.execute_sql
    for row in ((act(1), TOWN, "parked", f"act:{act(7)}"), (act(8), VILLAGE, "applied", "")):
        run("INSERT INTO sync_act VALUES (?, 'k', ?, ?, '', ?, 1)", row)
    for no, wanted in ((2, act(7)), (4, act(8)), (5, act(9)), (9, act(6))):
        run("INSERT INTO sync_want VALUES (?, ?)", (no, wanted))
    assert "0034_want_causes" in migrate(database, tmp_path / "lock")
    rows = run("SELECT no, act, cause FROM sync_wanted ORDER BY no").fetchall()
    assert rows == [(2, act(7), TOWN), (4, act(8), VILLAGE), (5, act(9), ""), (9, act(6), "")]
    spool, asked = SqlSpool(database), list[tuple[str, tuple[object, ...]]]()
    with sql_unit(spool, database):
        spool.want(act(5), TOWN)
    read = spool._read
    spool._read = lambda sql, values=(): asked.append((sql, values)) or read(sql, values)
    assert spool.wants_by_cause(9) == [[act(7), act(5)], [act(8)], [act(9), act(6)]]
    assert len(asked) == 4
    for sql, values in asked:
        for row in run(f"EXPLAIN QUERY PLAN {sql}", values).fetchall():
            assert "SCAN sync_wanted" not in row[-1] and "SCAN w" not in row[-1], row
    database.close()
