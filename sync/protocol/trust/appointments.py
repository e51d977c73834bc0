"""Appointments as a node keeps them: the newest that is believed, and the former ones beside it."""

from __future__ import annotations

from sync.protocol.core import Core
from sync.protocol.errors import BadRoster
from sync.protocol.roots import good_of
from sync.protocol.signed import APPOINTMENT, Statement

NEWEST = "newest"


def keep_appointment(core: Core, statement: Statement) -> None:
    """Keep an appointment that was just taken in; what it ended the word of does not stay the newest."""
    newest, believed = core.spool.held(APPOINTMENT, NEWEST), core.roster.appointment
    if newest is None or believed is None or newest.statement == statement:
        _keep(core, statement, NEWEST)
        return
    former = newest.statement
    if former != believed:
        if former in core.roster.given:
            _keep(core, former)
        else:
            core.note(BadRoster.code, "", f"appointment {_number(former)} by former root keys")
        _keep(core, believed, NEWEST)
    if statement != believed:
        _keep(core, statement)


def _keep(core: Core, statement: Statement, key: str = "") -> None:
    core.keep(statement, key or str(_number(statement)), (1, 0, 0))


def _number(statement: Statement) -> int:
    return int(statement.fields()["version"])


def note_second(core: Core, statement: Statement) -> None:
    """Tell of another appointment of a number, by root keys in force: some nodes may follow that one."""
    root, known = core.roster.root, core.roster.given
    if statement.sort != APPOINTMENT or root is None or statement in known:
        return
    number = _number(statement)
    is_known = any(_number(one) == number and one.payload != statement.payload for one in known)
    if is_known and good_of([statement], root, core.roster.renewals, core.suite):
        core.note(BadRoster.code, "", f"two appointments {number} by the root keys")
