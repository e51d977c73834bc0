"""Values of another sort than their column's: no program of ours writes one, and SQLite keeps it as it is.

Whatever reads such a row fails somewhere in the middle, with a fault that looks like one of the program.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from common.store.database import DiskFault, database

# What a column is declared as → what its values are.
_SORTS = {"INTEGER": "integer", "BIGINT": "integer", "BLOB": "blob", "TEXT": "text", "VARCHAR(255)": "text"}
# Texts that are lists: what is kept of the exchange with a node is read at every start.
_LISTS = {"sync_neighbour": ("wanted_acts", "wanted_blobs", "wanted_docs", "sent", "dicts")}
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name"
# What reading one raises.
_RAISED = (AttributeError, LookupError, TypeError, ValueError)


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


def odd_columns(opened: Any = database) -> list[str]:
    """Return the columns, as `table.column`, with a value of another sort; it reads all of the database."""
    found: list[str] = []
    for (table,) in opened.execute_sql(_TABLES).fetchall():
        asked = list(_asked(opened, table))
        told = opened.execute_sql(f'SELECT {", ".join(sql for _, sql in asked)} FROM "{table}"').fetchone()
        found += [f"{table}.{name}" for (name, _), is_odd in zip(asked, told, strict=True) if is_odd]
    return found


def _asked(opened: Any, table: str) -> Iterator[tuple[str, str]]:
    """Yield each column with the question whether a value in it is odd."""
    yield "", "0"  # For a table none of whose columns is looked at.
    for _, name, declared, *_ in opened.execute_sql(f'PRAGMA table_info("{table}")').fetchall():
        if declared in _SORTS:
            odd = f"typeof(\"{name}\") NOT IN ('{_SORTS[declared]}', 'null')"
            if name in _LISTS.get(table, ()):
                is_none = f'NOT json_valid("{name}") THEN 1 ELSE json_type("{name}") <> \'array\' END'
                odd = f"CASE WHEN {odd} THEN 1 WHEN {is_none}"
            yield name, f"MAX({odd})"


@contextmanager
def told_if_odd() -> Iterator[None]:
    """Say of a fault that only such a value causes what it is; any other one stays what it was.

    Raises:
        OddValues: there is one.
    """
    try:
        yield
    except _RAISED as fault:
        columns = odd_columns() if database.obj is not None else []
        if not columns:
            raise
        raise OddValues(columns) from fault
