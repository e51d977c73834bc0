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
    # With another key since, its twin is a stranger.
    since = {one.address: max(key["from"] for key in one.statement.fields()["keys"]) for one in entries}
    return {a: at for a, at in current_node().twins(g.now_ms) if at >= since.get(a, 0)}


def told_on(entry: Entry) -> dict[str, Any]:
    """Return what the page of a site says: of the alarm, or of who looked after the last one."""
    settled = twins.settled(entry.address, g.now_ms)
    people = {person.login: person.name for person in current_node().people.staff()} if settled else {}
    return {
        "twins_at": alarms([entry]).get(entry.address, 0),
        "settled_at": settled.at if settled else 0,
        "settled_by": people.get(settled.login, settled.login) if settled else "",
    }
