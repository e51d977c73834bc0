"""Database files with the tables of some migrations: made once a process, then written anew each time."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from playhouse.migrations import Migration

from common.store import migrate as migration
from common.store.database import close_database, open_database


def lay_tables(path: Path, *names: str) -> None:
    """Write a closed database at `path`, where nothing is yet, with what these migrations make in it."""
    assert not path.exists()
    path.write_bytes(_made(names))


@cache
def _made(names: tuple[str, ...]) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made.sqlite"
        db = open_database(path)
        scripts = [one for one in Migration.load_directory(str(migration.DIRECTORY)) if one.name in names]
        assert len(scripts) == len(names), f"of {names} only {[one.name for one in scripts]} exist"
        for script in scripts:
            script.load().up(None, db)
        close_database()
        return path.read_bytes()
