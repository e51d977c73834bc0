"""What a stick that is taken in twice may change, and what not."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tests.simulation import carriers
from tests.simulation.carriers import Stick, Sticks
from tests.simulation.intended import Violation
from tests.simulation.oracle import Oracle

TOP, TOWN = "511921", "511921102"
DOCUMENT = "doc:ab"


def take_again(monkeypatch: pytest.MonkeyPatch, changes: Callable[[Any], None]) -> int:
    """Take a stick in once more at a node where an act waits for a document; return how often it was read."""
    site = SimpleNamespace(address=TOWN, has=set(), waiting={DOCUMENT}, read=0)

    def receive(data: list[bytes]) -> None:
        site.read += 1
        changes(site)

    def parked() -> list[Any]:
        return [SimpleNamespace(waits_for=one) for one in site.waiting]

    site.engine, site.spool = SimpleNamespace(receive=receive), SimpleNamespace(parked=parked)
    monkeypatch.setattr(carriers, "kept", lambda one: (sorted(one.has), sorted(one.waiting)))
    county = SimpleNamespace(sites={TOWN: site}, oracle=Oracle())
    Sticks(county).again(Stick(TOP, TOWN, b"data"))
    return site.read


def test_a_document_that_an_act_in_the_stick_asks_for_may_come_the_second_time(monkeypatch):
    def brings_it(site):
        site.waiting.discard(DOCUMENT)
        site.has.add(DOCUMENT)

    assert take_again(monkeypatch, brings_it) == 2
    assert take_again(monkeypatch, lambda site: None) == 1


@pytest.mark.parametrize("is_wanted", [0, 1])
def test_nothing_else_may_change(monkeypatch, is_wanted):
    def brings_more(site):
        site.waiting -= {DOCUMENT} if is_wanted else set()
        site.has.add(site.read)

    with pytest.raises(Violation, match="invariant 19"):
        take_again(monkeypatch, brings_more)
