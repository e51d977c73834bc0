"""The process-wide database and the one unit of work that every change happens in.

Entries (page, message, job, command) open the unit; services only require it. Nothing here knows
what is stored.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peewee
from peewee import DatabaseProxy, Model, SqliteDatabase

from common.errors import LiandongError, Unavailable

database = DatabaseProxy()

# One writer at a time in the process. SQLite allows no more in any case; waiting here is fair and never
# meets a busy timeout, and no writer can race an automatic checkpoint (the rare write-ahead-log reset
# fault of SQLite before 3.51.3 needs that race).
_writer = threading.RLock()
_owner: int | None = None

_BUSY_TIMEOUT_MS = 15_000
# As long as the log grows by itself before it begins anew (1,000 pages). While a check or a backup reads for
# long it cannot, and grows; without a limit its file would stay so long for ever.
_LOG_BYTES_KEPT = 4 << 20
_LEAST_ROOM_BYTES = 1 << 20

# peewee's own choice of driver. Another copy of SQLite on the same file in the same process would not see
# this one's locks, and would drop them when it closes the file: nothing else here may import one.
driver: Any = vars(peewee)["sqlite3"]


class DiskFull(Unavailable):
    """No room was left while writing; the whole unit of work was undone."""

    code = "E401"
    sentence = "磁盘已满，本次没有受理任何内容。"
    kept = "以前受理的内容都在，没有丢失。"
    advice = "请先用纸质表登记，并联系管理员清理磁盘；腾出空间后再录入。"


class DatabaseBusy(Unavailable):
    """Another program held the database too long; the whole unit of work was undone."""

    code = "E402"
    sentence = "数据库正被其他程序占用，本次操作没有生效。"
    advice = "请稍等一分钟再试；如一直如此，请联系管理员检查是否正在备份或升级。"


class DiskFault(Unavailable):
    """The disk or the database file failed while writing; the unit of work was not committed."""

    code = "E405"
    sentence = "磁盘读写出错，本次操作没有生效。"
    advice = "请立即停止录入并联系管理员检查磁盘。"


class DatabaseDamaged(DiskFault):
    """The database file is damaged, or is none; the unit of work was not committed."""

    code = "E479"
    sentence = "数据库文件已损坏，本次操作没有生效：请停止服务，用最近的备份恢复（restore）。"
    advice = "请立即停止录入并联系管理员：先恢复备份，再检查磁盘。"


class UnitMisuse(LiandongError):
    """The program opened a unit of work inside another, or needed one and had none: a bug of ours."""

    code = "E406"
    sentence = "程序内部错误：数据库事务使用不当。"


class Base(Model):
    """The parent of every table of ours; bound to whatever database the process has open."""

    class Meta:
        database = database
        legacy_table_names = False


def open_database(path: Path | str, busy_timeout_ms: int = _BUSY_TIMEOUT_MS) -> SqliteDatabase:
    """Open the node's SQLite file and make it the database of this process.

    A commit returns only after the bytes are on the disk (synchronous FULL), and every transaction
    takes the write lock at its start (BEGIN IMMEDIATE): a reader that turns writer half way would fail
    at once, whatever the busy timeout. Opening another file re-binds the process to it.
    """
    opened = SqliteDatabase(
        str(path),
        timeout=busy_timeout_ms / 1000,
        lock_type="IMMEDIATE",
        pragmas=[
            ("journal_mode", "wal"),
            ("synchronous", "full"),
            ("foreign_keys", 1),
            ("cache_size", -2000),
            ("journal_size_limit", _LOG_BYTES_KEPT),
        ],
    )
    lets_read(opened)
    database.initialize(opened)
    return opened


def lets_read(opened: SqliteDatabase) -> None:
    """Let statements ask whether a text is one: SQLite gives out what is none, and whoever reads it fails."""
    opened.register_function(_is_legible, "legible", 1)


def _is_legible(text: bytes) -> int:
    try:
        text.decode()
    except UnicodeDecodeError:
        return 0
    return 1


def close_database() -> None:
    """Close this thread's connection, if any; it is opened again by the next query."""
    if database.obj is not None and not database.is_closed():
        database.close()


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Hold the write lock for one change: on leaving everything is on disk, or on an error nothing is.

    Raises:
        UnitMisuse: this thread already has a unit open.
        DiskFull: no room on the disk; nothing was changed.
        DatabaseBusy: another process kept the lock beyond the busy timeout; nothing was changed.
        DiskFault: the disk failed; nothing was committed.
    """
    with _held("IMMEDIATE"):
        yield


@contextmanager
def _held(lock: str) -> Iterator[None]:
    global _owner
    me = threading.get_ident()
    if _owner == me:
        raise UnitMisuse(sentence="程序内部错误：一个事务里又开了一个事务。")
    with _writer:
        _owner = me
        try:
            with database.atomic(lock):
                yield
        except (peewee.DatabaseError, driver.Error, OSError) as error:
            told = refusal_of(error)
            if told is None:
                raise
            raise told from error
        finally:
            _owner = None


@contextmanager
def reading() -> Iterator[None]:
    """Hold one state of the database for a long look, while other processes go on writing.

    It counts as this thread's unit, but nothing may be written in it: with `unit_of_work` a check of all
    records would keep the node from taking cases in for as long as it lasts.

    Raises:
        UnitMisuse: this thread already has a unit open.
        DatabaseBusy: something was to be written; nothing was changed.
    """
    with _held("DEFERRED"):
        yield


@contextmanager
def savepoint() -> Iterator[None]:
    """Inside the open unit, undo only this block when it raises.

    Raises:
        UnitMisuse: no unit is open in this thread.
    """
    require_unit()
    with database.atomic():
        yield


def require_unit() -> None:
    """Assert that this thread has a unit of work open; services call it before they write.

    Raises:
        UnitMisuse: it has none.
    """
    if _owner != threading.get_ident():
        raise UnitMisuse(sentence="程序内部错误：没有打开事务就要写数据库。")


def is_unit_open() -> bool:
    """Say whether this thread has a unit of work open."""
    return _owner == threading.get_ident()


def run(sql: str, values: tuple[Any, ...] = ()) -> Any:
    """Run one plain statement on the open database and return its cursor; for the hot paths of records."""
    return database.execute_sql(sql, values)


def refusal_of(error: BaseException) -> Unavailable | None:
    """Return what people are told when the disk or the lock caused `error`, None when neither did.

    Looks also into what `error` hides: on a full disk SQLite has rolled back by itself, so that our own
    rollback fails too, and it is this second error that arrives.
    """
    seen: BaseException | None = error
    while seen is not None:
        told = _told(seen)
        if told is not None:
            return told
        seen = seen.__cause__ or seen.__context__
    return None


def _told(error: BaseException) -> Unavailable | None:
    if isinstance(error, OSError):
        return DiskFull() if error.errno in (errno.ENOSPC, errno.EDQUOT) else None
    if not isinstance(error, peewee.DatabaseError | driver.Error):
        return None
    text = str(error).lower()
    if "disk is full" in text:
        return DiskFull()
    if "is locked" in text or "is busy" in text:
        return DatabaseBusy()
    if ("disk i/o error" in text or "unable to open" in text) and not _is_room_left():
        # With no room at all SQLite cannot even make the files beside the database by which it reads.
        return DiskFull()
    if "malformed" in text or "not a database" in text or "could not decode to utf-8" in text:
        return DatabaseDamaged()
    if "disk i/o error" in text or "readonly database" in text:
        return DiskFault()
    return None


def _is_room_left() -> bool:
    try:
        room = os.statvfs(Path(database.obj.database).parent)
    except (AttributeError, OSError):
        return True
    return room.f_bavail * room.f_frsize >= _LEAST_ROOM_BYTES
