"""Values that no program of ours has written: of another sort than their column's, or of no form it has.

SQLite keeps them as they are, and whatever reads such a row fails somewhere in the middle, with a fault that
looks like one of the program; or it does not fail, and believes it.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import peewee

from common.errors import LiandongError
from common.store.database import DatabaseDamaged, DiskFault, database, driver, refusal_of
from sync.adapters.spool_values import ODD, READ_ALWAYS
from sync.protocol.errors import SyncError

# What a column is declared as → what its values are.
_SORTS = {"INTEGER": "integer", "BIGINT": "integer", "BLOB": "blob", "TEXT": "text", "VARCHAR(255)": "text"}
# Beyond these no number is in anything that was ever signed or counted.
_LEAST, _MOST = -(2**53), 2**53
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
# What reading one raises, and what writing it anew does.
_RAISED = (AttributeError, ArithmeticError, LookupError, TypeError, ValueError, peewee.IntegrityError)
_UNDECODABLE = "could not decode to utf-8"
# A fault of the program would have all of a large database read for each page that meets it.
_LOOKED_AGAIN_S = 600.0
# Until when what was found in a database stands.
_found: dict[Any, tuple[float, list[str]]] = {}


class OddValues(DiskFault):
    """The database holds values that no program of ours has written; nothing was changed."""

    code = "E499"
    sentence = (
        "数据库里有本程序没有写过的值（{where}）：磁盘写坏了，或者被人改过。"
        "请停止服务，保存数据文件夹并报县管理员，再用最近的备份恢复（restore）。"
    )
    advice = "请立即停止录入并联系管理员：先保存数据文件夹，再恢复备份。"

    def __init__(self, columns: list[str]) -> None:
        self.columns = columns
        super().__init__(where="、".join(columns))


def check_read_always() -> None:
    """Look at what every start and each exchange goes by; it is little, and read at once.

    Raises:
        OddValues: there is one: whatever this node signed would go by it.
    """
    if columns := odd_columns(tables=READ_ALWAYS):
        raise OddValues(columns)


def odd_columns(opened: Any = database, tables: Collection[str] = ()) -> list[str]:
    """Return the columns, as `table.column`, with a value nobody wrote; of all tables where none is named.

    Args:
        opened: a database made ready by `lets_read`.
    """
    found: list[str] = []
    for (table,) in opened.execute_sql(_TABLES).fetchall():
        if tables and table not in tables:
            continue
        asked = list(_asked(opened, table))
        told = opened.execute_sql(f'SELECT {", ".join(sql for _, sql in asked)} FROM "{table}"').fetchone()
        found += [f"{table}.{name}" for (name, _), is_odd in zip(asked, told, strict=True) if is_odd]
    return found


def _asked(opened: Any, table: str) -> Iterator[tuple[str, str]]:
    """Yield each column with the question whether a value in it is odd."""
    yield "", "0"  # For a table none of whose columns is looked at.
    forms = ODD.get(table, {})
    for _, name, declared, is_needed, *_ in opened.execute_sql(f'PRAGMA table_info("{table}")').fetchall():
        if sort := _SORTS.get(declared):
            column = f'"{name}"'
            asked = [f"{column} IS NULL THEN {is_needed}", f"typeof({column}) <> '{sort}' THEN 1"]
            if sort == "text":
                asked.append(f"NOT legible(CAST({column} AS BLOB)) THEN 1")
            if sort == "integer" and name not in forms:
                asked.append(f"{column} NOT BETWEEN {_LEAST} AND {_MOST} THEN 1")
            if name in forms:
                asked.append(f"{forms[name].format(column)} THEN 1")
            yield name, f"MAX(CASE WHEN {' WHEN '.join(asked)} ELSE 0 END)"


@contextmanager
def told_if_odd() -> Iterator[None]:
    """Say of a fault that only such a value causes what it is; any other one stays what it was.

    Raises:
        OddValues: there is one.
    """
    try:
        yield
    except Exception as fault:
        odd = odd_behind(fault)
        if odd is None:
            raise
        raise odd from fault


def odd_behind(fault: BaseException) -> DiskFault | None:
    """Return what people are told of a fault that such a value causes; None of any other.

    A database in which nobody can look for one any more is told of as damaged. What was found stands for
    some minutes: where all is as it should be, a fault is the program's, and who meets the same row again and
    again has not all of a large database read each time.
    """
    behind = fault.__cause__ if isinstance(fault, DatabaseDamaged) else fault
    if behind is None or not _may_be_of_values(behind) or database.obj is None:
        return None
    now = time.monotonic()
    until, columns = _found.get(database.obj, (0.0, []))
    if now >= until:
        try:
            columns = odd_columns()
        except (peewee.DatabaseError, driver.Error) as failed:
            told = refusal_of(failed)
            return told if isinstance(told, DiskFault) else None
        _found.clear()
        _found[database.obj] = now + _LOOKED_AGAIN_S, columns
    return OddValues(columns) if columns else None


def _may_be_of_values(fault: BaseException) -> bool:
    if isinstance(fault, LiandongError | SyncError):
        return False
    if isinstance(fault, peewee.OperationalError | driver.OperationalError):
        return _UNDECODABLE in str(fault).lower()
    return isinstance(fault, _RAISED)
