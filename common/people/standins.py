"""Standing in while an agent is away: arranged at the agent's node or at one above it, known on the way up.

The acting person signs in as themselves; nobody gets another's password. What they do in the lent post bears
the absent person's login (`Actor.stands_in_for`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from common.days import local_day
from common.errors import BadInput, Problem
from common.people.accounts import row_of
from common.people.errors import ArrangementsClash, NoSuchArrangement, NotBelow
from common.people.records import wider as records
from common.people.rules.below import is_agent, read_rows
from common.people.rules.roles import Role, read_roles
from common.people.rules.staff import is_login
from common.people.rules.standing import StandIn, lent_at, period_problems
from common.store import audit
from common.store.database import require_unit
from common.store.outbox import TreeSource
from sync.protocol.address import is_address

_ID_BYTES = 8


@dataclass(frozen=True, slots=True)
class Absence:
    """What is asked for: who is away, who acts (empty: whoever the hall above has), from day to day.

    `node` and `desk` as in `rules.standing.StandIn`; `absent_name` is only read where the absent person
    works at another node.
    """

    node: str
    absent: str
    desk: str
    acting: str
    from_day: str
    to_day: str
    absent_name: str = ""


class StandIns:
    """The arrangements a node knows.

    Args:
        me: this node's address.
        tree: who is above whom, now.
        random: gives so many unpredictable bytes.
    """

    def __init__(self, me: str, tree: TreeSource, random: Callable[[int], bytes]) -> None:
        self._me = me
        self._tree = tree
        self._random = random

    def arrange(self, wish: Absence, by: str, now_ms: int) -> StandIn:
        """Store an arrangement and return it; the nodes above learn of it with the next report.

        Raises:
            BadInput: a day is missing or wrong, or absent and acting are one person, or nobody may act.
            NoSuchStaff: nobody of this node has a login that was named.
            NotBelow: the absent person's node is not this one nor below, or the desk is not on the way up.
            ArrangementsClash: the absent person is replaced on some of these days already.
        """
        require_unit()
        today = local_day(now_ms)
        problems = period_problems(wish.from_day, wish.to_day, today) + self._person_problems(wish)
        if problems:
            raise BadInput(problems=problems)
        self._check_places(wish)
        self._check_clash(wish)
        made = StandIn(
            self._random(_ID_BYTES).hex(),
            wish.node,
            wish.absent,
            row_of(wish.absent).name if wish.node == self._me else wish.absent_name,
            wish.desk,
            wish.acting,
            row_of(wish.acting).name if wish.acting else "",
            wish.from_day,
            wish.to_day,
            self._me,
        )
        records.add_own_arrangement(made, by, now_ms)
        told = {"for": made.absent, "by": made.acting, "node": made.node, "desk": made.desk}
        days = {"from": made.from_day, "to": made.to_day}
        audit.record(by, "people.stand_in", made.absent, {**told, **days}, now_ms)
        return made

    def call_off(self, arrangement: str, by: str, now_ms: int) -> None:
        """End an arrangement made here, from now on.

        Raises:
            NoSuchArrangement: none with this id was made here, or it ended already.
        """
        require_unit()
        found = self._own(arrangement)
        records.end_arrangement(self._me, arrangement, max(1, now_ms))
        audit.record(by, "people.stand_in_off", found.absent, {"id": arrangement}, now_ms)

    def arrangement(self, arrangement: str) -> StandIn:
        """Return an arrangement made here that has not ended.

        Raises:
            NoSuchArrangement: there is none.
        """
        return self._own(arrangement)

    def known(self, now_ms: int) -> list[StandIn]:
        """Return what is arranged here or at nodes below and whose last day has not passed, newest first."""
        return self._standing(local_day(now_ms))

    def today(self, now_ms: int) -> list[StandIn]:
        """Return the arrangements that hold today at this desk or for somebody of this node."""
        day = local_day(now_ms)
        return [one for one in self.known(now_ms) if one.is_on(day) and self._me in (one.desk, one.node)]

    def absent_agents(self, login: str, node: str, now_ms: int) -> list[str]:
        """Return in whose stead `login` of this desk works for the site `node` today, most often nobody's.

        An arrangement that names no acting person holds for everybody of this desk.
        """
        day = local_day(now_ms)
        return [
            one.absent
            for one in self.known(now_ms)
            if one.node == node and one.desk == self._me and one.is_on(day) and one.acting in (login, "")
        ]

    def villages(self, login: str, now_ms: int) -> list[str]:
        """Return the nodes below for whose agents `login` of this desk stands in today."""
        day = local_day(now_ms)
        found = [
            one.node
            for one in self.known(now_ms)
            if one.desk == self._me != one.node and one.is_on(day) and one.acting in (login, "")
        ]
        return sorted(set(found))

    def made_here(self, since: str) -> list[StandIn]:
        """Return what was arranged at this node and lasts until `since` or longer, ended ones included."""
        return [one for one in records.arrangements_since(since) if one.source == self._me]

    def take_over(self, source: str, said: Sequence[StandIn], now_ms: int) -> None:
        """Store what a node below says of its stand-ins, in place of what it said before."""
        require_unit()
        records.drop_arrangements(source)
        for one in said:
            records.add_told_arrangement(replace(one, source=source), now_ms)

    def _standing(self, since: str) -> list[StandIn]:
        """Return what lasts until `since` or longer, was not called off, and holds as nodes stand now.

        Who was put below another hall, or whose hall stands above nobody any more, is out of its reach.
        """
        tree = self._tree()
        return [
            one
            for one in records.arrangements_since(since)
            if not one.ended_at
            and (one.node == self._me or tree.is_below(one.node, self._me))
            and (one.node == one.desk or tree.is_below(one.node, one.desk))
        ]

    def _own(self, arrangement: str) -> StandIn:
        for one in records.arrangements_since(""):
            if (one.source, one.id) == (self._me, arrangement) and not one.ended_at:
                return one
        raise NoSuchArrangement()

    def _person_problems(self, wish: Absence) -> list[Problem]:
        if not wish.absent:
            return [Problem("absent", "谁外出", "missing", "请选择外出人。")]
        if not self._is_agent(wish):
            return [Problem("absent", "谁外出", "post", "只有代办员外出才安排代岗。")]
        if wish.acting and wish.acting == wish.absent and wish.desk == wish.node:
            return [Problem("acting", "由谁代岗", "same", "代岗人不能是外出人自己。")]
        if not wish.acting:
            is_left_to_others = wish.desk != self._me
            told = Problem("acting", "由谁代岗", "missing", "请选择代岗人。")
            return [] if is_left_to_others else [told]
        row = row_of(wish.acting)
        if not row.active or not read_roles(row.roles):
            return [Problem("acting", "由谁代岗", "gone", "代岗人的账号已停用。")]
        return []

    def _is_agent(self, wish: Absence) -> bool:
        if wish.node == self._me:
            return Role.AGENT in read_roles(row_of(wish.absent).roles)
        told = records.roster_of(wish.node)
        found = [] if told is None else read_rows(told[1])
        # Of a node that has not told of its staff yet anybody may be named.
        return is_login(wish.absent) and (
            told is None or any(one.login == wish.absent and is_agent(one) for one in found)
        )

    def _check_places(self, wish: Absence) -> None:
        tree = self._tree()
        is_known = wish.node == self._me or (is_address(wish.node) and tree.is_below(wish.node, self._me))
        if not is_known:
            raise NotBelow(node=wish.node[:12])
        if wish.desk != self._me and wish.desk not in tree.up(self._me):
            raise NotBelow(node=wish.desk)

    def _check_clash(self, wish: Absence) -> None:
        for one in self._standing(wish.from_day):
            is_meant = (one.node, one.absent) == (wish.node, wish.absent)
            # A wish without a name may be filled in by the hall it went to.
            is_open_wish = not one.acting and one.source != self._me
            if is_meant and not is_open_wish and one.from_day <= wish.to_day:
                who = one.acting_name or one.desk
                raise ArrangementsClash(who=f"{one.from_day} 至 {one.to_day}，{who}")


def lent_today(login: str, now_ms: int) -> tuple[tuple[Role, str], ...]:
    """Return (post, absent login) pairs that a person of this node holds today in the stead of colleagues."""
    return lent_at(login, records.arrangements_of(login, local_day(now_ms)))
