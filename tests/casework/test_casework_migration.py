"""Migration 0006 makes exactly the tables the models describe, and keeps what is put into them."""

from __future__ import annotations

import peewee
import pytest

from common.casework import ledger, records
from common.casework.context import load_calendar
from common.casework.messages import apply
from common.casework.records import CaseAsked, CaseEventRow, CaseFile, CaseHeap, CaseMark, CasePaper, CaseTerm
from common.casework.rules.flow import Action
from common.store.database import database, unit_of_work
from tests.casework.build import COUNTY, NOON, as_act
from tests.casework.story import Story

MODELS = (CaseFile, CaseEventRow, CasePaper, CaseAsked, CaseHeap, CaseMark, CaseTerm)


def described() -> dict[str, tuple]:
    """Columns, keys and indexes of each table as the database has them."""
    found = {}
    for model in MODELS:
        name = model._meta.table_name
        # SQLite has one integer type; BIGINT in the script is for readers and for other databases.
        columns = [
            (c.name, c.data_type.upper().replace("BIGINT", "INTEGER"), c.null, c.primary_key)
            for c in database.get_columns(name)
        ]
        indexes = sorted(
            (tuple(i.columns), i.unique) for i in database.get_indexes(name) if "autoindex" not in i.name
        )
        found[name] = (sorted(columns), indexes, sorted(database.get_primary_keys(name)))
    return found


def test_the_migrated_schema_is_that_of_the_models(store):
    migrated = described()
    database.drop_tables(MODELS)
    database.create_tables(MODELS)
    assert described() == migrated


def test_rows_of_the_models_and_of_the_plain_statements_are_the_same(store, node):
    story = Story().go_to(Action.FORWARD)
    with unit_of_work():
        apply(node(COUNTY).ctx, [as_act(event) for event in story.events], NOON)
    row = CaseFile.get_by_id(story.case)
    expected = ledger.file_row(story.state, NOON, load_calendar())
    assert [getattr(row, name) for name in records.FileRow._fields] == list(expected)
    assert [e.pos for e in CaseEventRow.select().order_by(CaseEventRow.pos)] == [1, 2]


def test_no_act_and_no_case_is_stored_twice(store, node):
    story = Story()
    state = ledger.file_row(story.state, NOON, load_calendar())
    event = ledger.event_row(story.filed, 1, "{}", (), NOON)
    with unit_of_work():
        records.add_case(state, event, ())
    for again in (lambda: records.add_files([state]), lambda: records.add_events([event._replace(pos=2)])):
        with pytest.raises(peewee.IntegrityError), unit_of_work():
            again()


def test_the_script_runs_once_in_the_row_of_all_scripts(tmp_path):
    """A second run does nothing; the tables it made are there."""
    from playhouse.migrations import Runner

    from common.store import migrate as migration

    db = peewee.SqliteDatabase(str(tmp_path / "fresh.sqlite"))
    only = tmp_path / "scripts"
    only.mkdir()
    script = migration.DIRECTORY / "0006_casework.py"
    (only / script.name).write_text(script.read_text(encoding="utf-8"), encoding="utf-8")
    assert Runner(db, str(only)).up() == ["0006_casework"]
    assert Runner(db, str(only)).up() == []
    assert {"case_file", "case_event", "case_paper"} <= set(db.get_tables())
    db.close()
