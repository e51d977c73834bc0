"""Whole counties with right clocks and with wrong ones: neither what is applied differs, nor its order."""

from __future__ import annotations

import pytest

from sync.protocol.incoming import intake
from tests.simulation import __main__ as command
from tests.simulation.clock_pairs import told_apart
from tests.simulation.world import Shape

SHAPE = Shape(13, 1.0, 24)
HOUR_MS = 3_600_000


@pytest.mark.parametrize("seed", [5, 12])
def test_no_clock_changes_what_a_county_accepts_and_applies(seed):
    assert told_apart(seed, SHAPE) == ""


def test_a_rule_that_believes_a_clock_is_told(monkeypatch, capsys):
    """A node that keeps no frame from the future, as its own clock has it."""
    honest = intake._take_one

    def take(core, batch, frame, now_ms):
        if frame.header.clock.wall < now_ms + HOUR_MS:
            honest(core, batch, frame, now_ms)

    monkeypatch.setattr(intake, "_take_one", take)
    assert command.main(["--clocks", "--seeds", "5-5", "--nodes", "6", "--days", "0.5", "--json"]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("seed 5: ") and "; wrong " in said.err and '"failed_seeds": [5]' in said.out
