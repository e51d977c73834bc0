"""A disk that rots: any value of any row may become any other one, and SQLite hands it out as it is.

A township amid three nodes, with something in each table of the sync layer and of cases; one value of it is
replaced past the program, whatever the table declares, and all that people and neighbours ask of the node
is asked. `wrong` says what must never come of it.
"""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from common.casework.jobs import write_lists, write_terms
from common.errors import LiandongError
from common.node import cli
from common.people.rules.roles import Role
from common.store.database import close_database, refusal_of
from sync.adapters.bundle_file import export, import_file
from sync.protocol.errors import SyncError
from tests.desk.three import COUNTY, PROFILES, TOWN, VILLAGE, ThreeNodes

# What a value may become, as SQL has it.
VALUES = {
    "nothing": "NULL",
    "below": "-1",
    "lowest": "-9223372036854775808",
    "highest": "9223372036854775807",
    "other": "7",
    "real": "1e300",
    "word": "'x'",
    "empty": "''",
    "list": "'[1]'",
    "bytes": "x'00ff'",
    "no bytes": "x''",
    "many bytes": "zeroblob(40)",
    "no text": "CAST(x'ff78' AS TEXT)",
}
ROWS = (0, 1)  # The first one of a table, and the last.
TABLES = re.compile(r"sync_|case_")
_FRAME = (
    "f.header, f.body, f.signature, f.wraps, f.act FROM sync_frame f JOIN sync_stream s ON s.no = f.stream"
)
# For the tables that a quiet week leaves empty.
_FILLED = (
    "INSERT INTO sync_aside"
    " (hash, src, epoch, dst, share, seq, why, since, header, body, signature, wraps, act)"
    f" SELECT zeroblob(32), s.src, s.epoch, s.dst, s.src, f.seq, 'evidence', 0, {_FRAME} LIMIT 1",
    "INSERT INTO sync_gap SELECT no, 1, lower(hex(zeroblob(32))), 100, 'image/jpeg' FROM sync_stream LIMIT 1",
    "INSERT INTO sync_loose_gap SELECT 1, id, lower(hex(zeroblob(32))), 9, 'a/b' FROM sync_act LIMIT 1",
    f"INSERT INTO sync_brief SELECT id, '{COUNTY}', '{TOWN}' FROM sync_act LIMIT 1",
    f"INSERT INTO sync_wanted SELECT 1, lower(hex(zeroblob(16))), '{VILLAGE}'",
)
_CODE = re.compile(r"\b[ES]\d{3}\b")


class Rot(NamedTuple):
    """Which value becomes what: `row` 0 is the first of its table, 1 the last."""

    table: str
    column: str
    value: str
    row: int


class Looked(NamedTuple):
    """What came of looking: `said` by who was asked, `acts` and `cases` at the county and the village."""

    said: dict[str, str]
    acts: dict[str, set[bytes]]
    cases: dict[str, set[str]]


def lived_in(three: ThreeNodes) -> None:
    """Let the three nodes have cases on their way, one of which has not left its village."""
    three.open(VILLAGE)
    case = three.file()
    three.file(name="李四", seed=3)
    three.carry(VILLAGE, TOWN)
    three.move(case, "forward", Role.CHECKER)
    three.carry(TOWN, COUNTY)
    three.move(case, "accept", Role.CLERK)
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    three.carry(VILLAGE, TOWN)
    node = three.open(TOWN)
    # As the leading process of a node does: before that they are not compared with the steps.
    write_lists(node.unit, node.casework.ctx.calendar())
    write_terms(node.unit)
    three.open(VILLAGE)
    three.file(name="王五", seed=4)
    close_database()
    with _opened(three.folder / TOWN) as database:
        for filling in _FILLED:
            database.execute(filling)


def rots(folder: Path) -> Iterator[Rot]:
    """Yield every value of the first and the last row of each table there, made each other one."""
    with _opened(folder / TOWN) as database:
        names = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        ).fetchall()
        for (table,) in names:
            if TABLES.match(table) and database.execute(f'SELECT 1 FROM "{table}"').fetchone():
                for _, column, *_ in database.execute(f'PRAGMA table_info("{table}")').fetchall():
                    yield from (Rot(table, column, value, row) for value in VALUES for row in ROWS)


def put(folder: Path, rot: Rot) -> int:
    """Replace the value; return 0 where SQLite itself can have no such one there."""
    with _opened(folder) as database:
        (declared,) = database.execute(
            "SELECT sql FROM sqlite_master WHERE name = ?", (rot.table,)
        ).fetchone()
    _declare(folder, rot.table, _undeclared(declared, rot.column))
    try:
        with _opened(folder) as database:
            info = database.execute(f'PRAGMA table_info("{rot.table}")').fetchall()
            key = ", ".join(f'"{one[1]}"' for one in info if one[5])
            order = key.replace(",", " DESC,") + " DESC" if rot.row else key
            at = f'SELECT {key} FROM "{rot.table}" ORDER BY {order} LIMIT 1'
            to = f'"{rot.column}" = {VALUES[rot.value]}'
            database.execute(f'UPDATE "{rot.table}" SET {to} WHERE ({key}) IN ({at})')
    except (sqlite3.IntegrityError, sqlite3.OperationalError):
        return 0
    finally:
        _declare(folder, rot.table, declared)
    return 1


def _undeclared(declared: str, column: str) -> str:
    """Return a table's declaration that lets one of its columns have anything."""
    bare = declared.replace(" NOT NULL", "").replace(" CHECK (one = 1)", "")
    return re.sub(rf'([\s(,"]{column}"?\s+)(TEXT|BLOB|INTEGER|BIGINT)(?! PRIMARY KEY)', r"\1", bare)


def _declare(folder: Path, table: str, declared: str) -> None:
    with _opened(folder) as database:
        (version,) = database.execute("PRAGMA schema_version").fetchone()
        database.execute("PRAGMA writable_schema = ON")
        database.execute("UPDATE sqlite_master SET sql = ? WHERE name = ?", (declared, table))
        database.execute(f"PRAGMA schema_version = {version + 1}")


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(folder / "node.sqlite3")
    database.text_factory = lambda text: text.decode(errors="replace")
    try:
        with database:
            yield database
    finally:
        database.close()


def looked_at(template: Path, folder: Path, rot: Rot | None) -> Looked | None:
    """Return what a copy of three nodes says and does with this value; None where none can be."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder)
    if rot is not None and not put(folder / TOWN, rot):
        return None
    three = ThreeNodes(folder)
    said = {word: _verb(folder / TOWN, word) for word in ("verify", "doctor")}
    said |= _pages(three)
    for source, target in ((VILLAGE, TOWN), (TOWN, COUNTY), (COUNTY, TOWN), (TOWN, VILLAGE)):
        said[f"{source} to {target}"] = _carried(three, source, target)
    said["verify after"] = _verb(folder / TOWN, "verify")
    others = (COUNTY, VILLAGE)
    said |= {f"verify at {one}": _verb(folder / one, "verify") for one in others}
    acts = {one: _all(folder / one, "SELECT CAST(act AS BLOB) FROM sync_frame") for one in others}
    shown = 'SELECT "case" || state || applicant FROM case_file'
    return Looked(said, acts, {one: _all(folder / one, shown) for one in others})


def wrong(found: Looked, sane: Looked) -> list[str]:
    """Return what must not be: a fault of the program, a silent loss, or something untrue believed."""
    said = [f"{who}: {word}" for who, word in found.said.items() if "fault" in word or "E225" in word]
    is_told = found.said["verify"] != "0"
    for one in (COUNTY, VILLAGE):
        if found.acts[one] - sane.acts[one] or found.cases[one] - sane.cases[one]:
            said.append(f"{one} believes what never was")
        if sane.acts[one] - found.acts[one] and not is_told:
            said.append(f"an act did not come to {one}, and nobody is told why")
        if found.said[f"verify at {one}"] != "0" and not is_told:
            said.append(f"{one} is unsound: {found.said[f'verify at {one}']}")
    return said


def _verb(folder: Path, word: str) -> str:
    close_database()
    words = io.StringIO()
    try:
        with contextlib.redirect_stdout(words), contextlib.redirect_stderr(words):
            ended = cli.main(PROFILES[folder.name], [word, "--data", str(folder)])
    except Exception as fault:
        return _fault(fault)
    if ended and not (_CODE.search(words.getvalue()) or "✗" in words.getvalue()):
        return f"fault: {words.getvalue()}"
    return f"{ended} {words.getvalue()}" if ended else "0"


def _pages(three: ThreeNodes) -> dict[str, str]:
    try:
        client = three.client(TOWN, "clerk")
    except Exception as fault:
        return {"start": _fault(fault)}
    said = {"start": "0"}
    for path in ("/", "/queue", "/line", "/register"):
        answer = client.get(path)
        code = _CODE.search(answer.text)
        said[path] = "0" if answer.status_code == 200 else code[0] if code else f"fault {answer.status_code}"
    return said


def _carried(three: ThreeNodes, source: str, target: str) -> str:
    try:
        done = export(three.open(source).engine, target, three.folder)
    except Exception as fault:
        return _fault(fault)
    try:
        return import_file(three.open(target).engine, done.path).code or "0"
    except Exception as fault:
        return _fault(fault)
    finally:
        done.path.unlink()


def _fault(fault: Exception) -> str:
    """Return the code by which people are told of it, or that it is a fault of the program."""
    told: Any = fault if isinstance(fault, LiandongError | SyncError) else refusal_of(fault)
    return told.code if told is not None else f"fault {type(fault).__name__}: {fault}"


def _all(folder: Path, sql: str) -> set[Any]:
    close_database()
    with _opened(folder) as database:
        return {row[0] for row in database.execute(sql)}
