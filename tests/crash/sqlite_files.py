"""The files of SQLite seen from below: every write, cut and sync of the very driver a node runs on.

SQLite lets a program put a layer of its own between itself and the disk. This one is put in with ctypes, so
that it lies under the driver that peewee has chosen, whichever it is; it passes everything on to SQLite's
own layer and tells a watcher first. Nothing of it is in a node.
"""

from __future__ import annotations

import ctypes
import importlib
import os
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p
from typing import Any, Protocol

from common.store.database import driver

_OK, _FULL, _CANTOPEN, _IOERR_SHMSIZE = 0, 13, 14, 4874
_CREATE, _JOURNAL_OR_WAL = 0x4, 0x800 | 0x4000 | 0x80000
_NAME = b"liandong-watched"

_Open = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, POINTER(c_int))
_Delete = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)
_Close = CFUNCTYPE(c_int, c_void_p)
_Write = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_Truncate = CFUNCTYPE(c_int, c_void_p, c_int64)
_Sync = CFUNCTYPE(c_int, c_void_p, c_int)
_ShmMap = CFUNCTYPE(c_int, c_void_p, c_int, c_int, c_int, c_void_p)


class Watcher(Protocol):
    """Who is told of each step before it happens; an OSError from one refuses the step."""

    def made(self, path: str) -> None:
        """A file comes into being."""

    def room_for(self, path: str, size: int) -> int:
        """Return how many bytes of a write may still be written."""
        ...

    def wrote(self, path: str, at: int, data: bytes) -> None:
        """Bytes are written at a place."""

    def cut(self, path: str, size: int) -> None:
        """A file is made so long."""

    def synced(self, path: str) -> None:
        """All of a file is on the disk when this step is done."""

    def dropped(self, path: str) -> None:
        """A name goes."""

    def settled(self, folder: str) -> None:
        """All names in a folder are on the disk when this step is done."""


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("version", c_int),
        ("file_bytes", c_int),
        ("path_max", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", c_void_p),
        ("delete", c_void_p),
        ("rest", c_void_p * 14),
    )


class _Methods(ctypes.Structure):
    _fields_ = (
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", c_void_p),
        ("truncate", c_void_p),
        ("sync", c_void_p),
        ("rest", c_void_p * 7),
        ("shm_map", c_void_p),
        ("more", c_void_p * 5),
    )


class CannotWatch(RuntimeError):
    """The SQLite of this interpreter hides what a layer is put in with; `pysqlite3` and Debian's do not."""


class Layer:
    """The layer itself. One is enough for a process; while nobody watches it only passes on."""

    def __init__(self) -> None:
        self.watcher: Watcher | None = None
        self._library = _library()
        self._library.sqlite3_vfs_find.restype = c_void_p
        self._files: dict[int, _File] = {}
        # Connections may outlive the watching: what they point to stays for the life of the process.
        self._kept: list[Any] = []
        self._watched: dict[int, _Methods] = {}
        self._below = _Vfs.from_address(self._library.sqlite3_vfs_find(None))
        self._own = _Vfs.from_buffer_copy(self._below)
        self._own.name = _NAME
        self._own.open = self._entry(_Open, self._opened)
        self._own.delete = self._entry(_Delete, self._deleted)

    def watch(self, watcher: Watcher) -> None:
        """Let every database opened from now on be watched."""
        self.watcher = watcher
        self._library.sqlite3_vfs_register(ctypes.byref(self._own), 1)

    def rest(self) -> None:
        """Watch no more; to be called when the databases are closed."""
        self._library.sqlite3_vfs_unregister(ctypes.byref(self._own))
        self.watcher = None

    def _entry(self, kind: Any, step: Callable[..., int]) -> int:
        entry = kind(step)
        self._kept.append(entry)
        return ctypes.cast(entry, c_void_p).value or 0

    # --- steps
    def _opened(self, vfs: int, name: int, file: int, flags: int, out: Any) -> int:
        path = ctypes.string_at(name).decode() if name else ""
        watcher = self.watcher if path else None
        is_new = bool(watcher and flags & _CREATE and not os.path.exists(path))
        if watcher is not None and is_new:
            try:
                watcher.room_for(path, 1)
            except OSError:
                return _CANTOPEN
        result: int = _Open(self._below.open)(vfs, name, file, flags, out)
        methods = c_void_p.from_address(file)
        if result != _OK or not methods.value or watcher is None:
            return result
        if is_new:
            watcher.made(path)
        # As SQLite's own layer does: the folder is synced with the first sync of a new journal.
        syncs_folder = is_new and bool(flags & _JOURNAL_OR_WAL)
        self._files[file] = _File(path, _Methods.from_address(methods.value), syncs_folder)
        methods.value = ctypes.addressof(self._methods_over(methods.value))
        return result

    def _methods_over(self, address: int) -> _Methods:
        if address not in self._watched:
            own = _Methods.from_buffer_copy(_Methods.from_address(address))
            own.close = self._entry(_Close, self._closed)
            own.write = self._entry(_Write, self._written)
            own.truncate = self._entry(_Truncate, self._truncated)
            own.sync = self._entry(_Sync, self._synced)
            if own.shm_map:
                own.shm_map = self._entry(_ShmMap, self._mapped)
            self._watched[address] = own
        return self._watched[address]

    def _closed(self, file: int) -> int:
        return int(_Close(self._files.pop(file).below.close)(file))

    def _written(self, file: int, data: int, size: int, at: int) -> int:
        known, room = self._files[file], size
        write = _Write(known.below.write)
        try:
            if self.watcher is not None:
                room = self.watcher.room_for(known.path, size)
                self.watcher.wrote(known.path, at, ctypes.string_at(data, room))
        except OSError:
            return _FULL
        if room < size:
            # A disk that runs full takes the front of it.
            write(file, data, room, at)
            return _FULL
        return int(write(file, data, size, at))

    def _truncated(self, file: int, size: int) -> int:
        known = self._files[file]
        if self.watcher is not None:
            self.watcher.cut(known.path, size)
        return int(_Truncate(known.below.truncate)(file, size))

    def _synced(self, file: int, flags: int) -> int:
        known = self._files[file]
        result = int(_Sync(known.below.sync)(file, flags))
        if self.watcher is not None and result == _OK:
            self.watcher.synced(known.path)
            if known.syncs_folder:
                known.syncs_folder = False
                self.watcher.settled(os.path.dirname(known.path))
        return result

    def _mapped(self, file: int, page: int, size: int, grows: int, out: int) -> int:
        known = self._files[file]
        if grows and self.watcher is not None:
            try:
                self.watcher.room_for(known.path + "-shm", 1)
            except OSError:
                return _IOERR_SHMSIZE
        return int(_ShmMap(known.below.shm_map)(file, page, size, grows, out))

    def _deleted(self, vfs: int, name: int, syncs_folder: int) -> int:
        path = ctypes.string_at(name).decode()
        result = int(_Delete(self._below.delete)(vfs, name, syncs_folder))
        if self.watcher is not None and result == _OK:
            self.watcher.dropped(path)
            if syncs_folder:
                self.watcher.settled(os.path.dirname(path))
        return result


class _File:
    """An open file of SQLite: its path and what SQLite's own layer does with it."""

    def __init__(self, path: str, below: _Methods, syncs_folder: bool) -> None:
        self.path = path
        self.below = below
        self.syncs_folder = syncs_folder


def _library() -> Any:
    """Return the library that the driver itself calls, whether it is part of it or the system's."""
    name = "pysqlite3._sqlite3" if driver.__name__.startswith("pysqlite3") else "_sqlite3"
    library = ctypes.CDLL(getattr(importlib.import_module(name), "__file__", None))
    if not hasattr(library, "sqlite3_vfs_register"):
        raise CannotWatch(name)
    return library
