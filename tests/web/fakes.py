"""A node for web tests: real accounts, real database, real clock interface; only the line is made up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from common.clock import FixedClock
from common.config import NodeConfig
from common.people.rules.roles import Role
from common.people.rules.sessions import SignInLimits
from common.people.rules.staff import NewStaff
from common.people.service import People
from common.store.database import open_database, unit_of_work
from common.web.ports import LineState, MenuEntry
from tests.tables import lay_tables

NOW = 1_772_672_400_000
PASSWORD = "Qing-yu2026"


@dataclass(frozen=True, slots=True)
class FakeProfile:
    """A tier with a menu of its own."""

    title: str = "村（社区）便民服务室"
    menu: Sequence[MenuEntry] = ()
    roles: Sequence[Role] = (Role.AGENT, Role.CLERK, Role.ADMIN)
    home: str = "account.password"


class FakeNode:
    """Keeps the promises of `NodeLike`; two people: `zhou` (agent, clerk), `boss` (administrator)."""

    tables: tuple[str, ...] = ("0002_store", "0003_people", "0010_people", "0021_preferences")

    def __init__(self, folder: Path, **settings: str | int) -> None:
        given = {"address": "511921108203", **settings}
        self.config = NodeConfig(data_dir=folder, **given)  # type: ignore[arg-type]
        self.me = self.config.address
        self.clock = FixedClock(NOW)
        self.line: LineState | None = LineState("good", "线路正常", 3)
        lay_tables(folder / "node.sqlite", *self.tables)
        self.database = open_database(folder / "node.sqlite")
        limits = SignInLimits(
            self.config.session_idle_s * 1000,
            self.config.session_absolute_s * 1000,
            self.config.sign_in_attempts,
            self.config.sign_in_pause_s * 1000,
        )
        self.people = People(Random(7).randbytes, limits)
        # What the pages about accounts ask of a whole node.
        self.catalogue = SimpleNamespace(all_items=list, departments=frozenset)
        self.staffing = SimpleNamespace(report=lambda: 0)
        self._add("zhou", "周建国", Role.AGENT, Role.CLERK)
        self._add("boss", "李桂兰", Role.ADMIN)

    def unit(self) -> Any:
        """Open a unit of work; there is no sync layer to be part of it."""
        return unit_of_work()

    def wake(self) -> None:
        """Nothing is sent from here."""

    def site_name(self) -> str:
        """Return the name in the header."""
        return "青峪口村便民服务室"

    def line_state(self) -> LineState | None:
        """Return what the test set."""
        return self.line

    def _add(self, login: str, name: str, *roles: Role) -> None:
        ready = self.people.ready(NewStaff(login, name, frozenset(roles), "便民服务室", PASSWORD))
        with unit_of_work():
            self.people.add_staff(ready, "setup", NOW)
