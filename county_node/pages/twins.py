"""The alarm that two computers speak for one site, as pages of the county show it."""

from __future__ import annotations

from typing import Any

from flask import g

from common.node.keyring import twins
from common.web.ports import current_node
from sync.protocol.entries import Entry


def told_on(entry: Entry) -> dict[str, Any]:
    """Return what the page of a site says: of the alarm, or of who looked after the last one."""
    settled = twins.settled(entry.address, g.now_ms)
    people = {person.login: person.name for person in current_node().people.staff()} if settled else {}
    return {
        "twins_at": dict(current_node().twins(g.now_ms)).get(entry.address, 0),
        "settled_at": settled.at if settled else 0,
        "settled_by": people.get(settled.login, settled.login) if settled else "",
    }
