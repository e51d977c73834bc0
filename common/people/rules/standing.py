"""Standing in while an agent is away (代办员外出): who, for whom, at which desk, from day to day. Pure.

Days are local and both count. The stand-in signs in as themselves; the absent one's account stays their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from common.days import is_date
from common.errors import Problem
from common.people.rules.roles import Role
from sync.protocol.address import is_address

DAYS_MAX = 92
# The only post that is lent: whoever checks, reviews or decides is replaced by another holder of the post.
LENT = Role.AGENT


@dataclass(frozen=True, slots=True)
class StandIn:
    """One arrangement.

    `node` is where the absent person works, `desk` where the work is done meanwhile: the same node, or one
    above it. `acting` is empty when the hall above may send whom it has. `ended_at` is 0 until it is called
    off before its last day (UTC milliseconds). `source` is the node that made it.
    """

    id: str
    node: str
    absent: str
    absent_name: str
    desk: str
    acting: str
    acting_name: str
    from_day: str
    to_day: str
    source: str
    ended_at: int = 0

    def is_on(self, day: str) -> bool:
        """Say whether it holds on a local day, YYYY-MM-DD."""
        return not self.ended_at and self.from_day <= day <= self.to_day


def period_problems(from_day: str, to_day: str, today: str) -> list[Problem]:
    """Return what is wrong with the days of a new arrangement."""
    found = []
    for key, label, day in (("from_day", "从哪天起", from_day), ("to_day", "到哪天止", to_day)):
        if not is_date(day):
            found.append(Problem(key, label, "date", f"{label}：请填写日期，如 2026-03-05。"))
    if found:
        return found
    if to_day < max(from_day, today):
        found.append(Problem("to_day", "到哪天止", "order", "截止日期不能早于起始日期，也不能早于今天。"))
    elif (date.fromisoformat(to_day) - date.fromisoformat(from_day)).days >= DAYS_MAX:
        found.append(Problem("to_day", "到哪天止", "long", f"一次最多安排 {DAYS_MAX} 天。"))
    return found


def as_fields(arrangement: StandIn) -> dict[str, Any]:
    """Return an arrangement as it is signed and sent up; the sender is its source."""
    return {
        "id": arrangement.id,
        "node": arrangement.node,
        "absent": arrangement.absent,
        "absent_name": arrangement.absent_name,
        "desk": arrangement.desk,
        "acting": arrangement.acting,
        "acting_name": arrangement.acting_name,
        "from": arrangement.from_day,
        "to": arrangement.to_day,
        "ended": arrangement.ended_at,
    }


_TEXTS = ("id", "node", "absent", "absent_name", "desk", "acting", "acting_name", "from", "to")


def read_arrangement(fields: Mapping[str, Any], source: str) -> StandIn:
    """Return an arrangement as another node sent it.

    Raises:
        ValueError: a field is missing or malformed, or a day does not exist.
    """
    texts = [fields.get(key) for key in _TEXTS]
    ended = fields.get("ended")
    is_good = (
        all(type(text) is str and len(text) <= 64 for text in texts)
        and type(ended) is int
        and is_address(fields["node"])
        and is_address(fields["desk"])
        and is_date(fields["from"])
        and is_date(fields["to"])
    )
    if not is_good:
        raise ValueError("a stand-in")
    one, node, absent, absent_name, desk, acting, acting_name, first, last = (str(text) for text in texts)
    return StandIn(
        one, node, absent, absent_name, desk, acting, acting_name, first, last, source, int(ended or 0)
    )


def lent_at(login: str, arrangements: Iterable[StandIn]) -> tuple[tuple[Role, str], ...]:
    """Return (post, absent login) pairs that `login` holds through arrangements made at its own node.

    A post is lent only where the absent person works, too; at a hall above people act in their own.
    """
    return tuple(
        (LENT, one.absent)
        for one in arrangements
        if one.acting == login and one.source == one.desk == one.node
    )
