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
DOCUMENT, ACT, PAPER = "doc:ab", "0123", "4567"


def take_again(monkeypatch: pytest.MonkeyPatch, changes: Callable[[Any], None]) -> int:
    """Take a stick in once more where a document and a proof are wanted; return how often it was read."""
    site = SimpleNamespace(address=TOWN, has=set(), waiting={DOCUMENT}, missing={PAPER}, read=0)

    def receive(data: list[bytes]) -> None:
        site.read += 1
        changes(site)

    def parked() -> list[Any]:
        return [SimpleNamespace(waits_for=one) for one in site.waiting]

    site.engine, site.frames, site.placed = SimpleNamespace(receive=receive), [1], [b"head"]
    on, apart = (
        SimpleNamespace(hash=b, header=SimpleNamespace(prev=p)) for b, p in ((b"on", b"head"), (b"x", b"y"))
    )
    site.spool = SimpleNamespace(
        parked=parked,
        wants=lambda most: [ACT],
        known_acts=set,
        _loose={ACT: site.frames},
        _missing=site.missing,
        streams=lambda: [SimpleNamespace(id="one", upto=len(site.placed), head=site.placed[-1])],
        asides=lambda why, stream: [SimpleNamespace(frame=frame) for frame in (on, apart)],
        hash_at=lambda stream, seq: dict(enumerate(site.placed, 1)).get(seq),
    )
    monkeypatch.setattr(
        carriers,
        "kept",
        lambda one: (sorted(one.has), sorted(one.waiting), [*one.frames], [*one.placed], [*one.missing]),
    )
    county = SimpleNamespace(sites={TOWN: site}, oracle=Oracle())
    Sticks(county).again(Stick(TOP, TOWN, b"data"))
    return site.read


def test_a_document_that_an_act_in_the_stick_asks_for_may_come_the_second_time(monkeypatch):
    def brings_it(site):
        site.waiting.discard(DOCUMENT)
        site.has.add(DOCUMENT)

    assert take_again(monkeypatch, brings_it) == 2
    assert take_again(monkeypatch, lambda site: None) == 1


def test_a_paper_that_an_act_at_the_end_of_the_stick_names_may_come_the_second_time(monkeypatch):
    """Seed 991127 of an upheaval."""
    assert take_again(monkeypatch, lambda site: site.missing.clear()) == 2
    with pytest.raises(Violation, match="invariant 19"):
        take_again(monkeypatch, lambda site: site.missing.add(str(site.read)))


def test_a_frame_that_a_question_in_the_stick_asks_for_may_come_the_second_time(monkeypatch):
    def brings_it(site):
        site.frames[1:] = [2]

    assert take_again(monkeypatch, brings_it) == 2


def test_a_frame_that_was_evidence_until_its_branch_was_taken_may_get_its_place_the_second_time(monkeypatch):
    """Seed 970520 of an upheaval."""

    def places(*frames):
        def change(site):
            site.placed[1:] = frames

        return change

    assert take_again(monkeypatch, places(b"on")) == take_again(monkeypatch, places(b"on", b"next")) == 2
    with pytest.raises(Violation, match="invariant 19"):
        take_again(monkeypatch, places(b"x"))


@pytest.mark.parametrize("is_wanted", [0, 1])
def test_nothing_else_may_change(monkeypatch, is_wanted):
    def brings_more(site):
        site.waiting -= {DOCUMENT} if is_wanted else set()
        site.has.add(site.read)

    with pytest.raises(Violation, match="invariant 19"):
        take_again(monkeypatch, brings_more)
