"""A SQL spool on a file of its own that opens its transactions itself, to put whole sites on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sync.adapters.spool import SqlSpool
from sync.adapters.spool_schema import create
from tests.sync.spool_store import open_file


class FileSpool(SqlSpool):
    """`unit` opens the transaction too, as the memory spool's does."""

    @contextmanager
    def unit(self) -> Iterator[None]:
        """Open a transaction and a unit in it."""
        with self._database.atomic(), super().unit():
            yield


def files_in(folder: Path) -> Callable[[], FileSpool]:
    """Return what makes a spool on the next fresh file in a folder."""
    numbers = count(1)

    def make() -> FileSpool:
        database = open_file(folder / f"node-{next(numbers)}.db")
        with database.atomic():
            create(database)
        return FileSpool(database)

    return make
