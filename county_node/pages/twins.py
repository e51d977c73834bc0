"""The alarm that two computers speak for one site, as pages of the county show it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import g

from common.node import twins
from common.web.ports import current_node
from sync.protocol.entries import Entry


def alarms(entries: Iterable[Entry]) -> dict[str, int]:
    """Return the sites with an alarm nobody has looked after, each with when last (UTC ms)."""
    since = {one.address: _none_older(one) for one in entries}
    return {a: at for a, at in current_node().twins(g.now_ms) if not at < since.get(a, 0) <= g.now_ms}


def _none_older(entry: Entry) -> int:
    """Return since when all keys of a site are newer that still count (UTC ms): its twin is a stranger then.

    A key that it went over to by itself, be it the twin, ends nothing as long as the former one counts.
    """
    good = {key.id for key in entry.good_keys}
    keys = entry.statement.fields()["keys"]
    return min((int(key["from"]) for key in keys if key["id"] in good), default=0)


def told_on(entry: Entry) -> dict[str, Any]:
    """Return what the page of a site says: of the alarm, or of who looked after the last one."""
    settled = twins.settled(entry.address, g.now_ms)
    people = {person.login: person.name for person in current_node().people.staff()} if settled else {}
    return {
        "twins_at": alarms([entry]).get(entry.address, 0),
        "settled_at": settled.at if settled else 0,
        "settled_by": people.get(settled.login, settled.login) if settled else "",
    }
