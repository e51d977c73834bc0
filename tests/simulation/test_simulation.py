"""Two hundred seeds of a whole county, every kind of fault at least once, one trace from one seed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from sync.protocol.signing import RealSuite
from tests.simulation import founding
from tests.simulation.faults import KINDS, PLANNED
from tests.simulation.kept import SEEDS, SHORT, WEEK, two_hundred
from tests.simulation.run import Outcome, replay_command, run_seed
from tests.simulation.world import Shape

BATCH = 8


def checked(seed: int, shape: Shape) -> Outcome:
    outcome = run_seed(seed, shape)
    assert not outcome.violation, f"{outcome.violation}\nagain with: {replay_command(seed, shape)}"
    return outcome


@pytest.fixture(scope="session")
def tally(tmp_path_factory) -> Path:
    """A folder that all processes of this run share: each batch leaves its count of faults there."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "faults-fired"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_nothing_is_lost_under_any_mix_of_faults(first, tally):
    """No invariant breaks, the county comes to rest; the batch that ends last sees that every fault fired."""
    fired: Counter[str] = Counter()
    for seed, shape in two_hundred()[first : first + BATCH]:
        outcome = checked(seed, shape)
        assert outcome.cases >= (60 if shape == WEEK else 30), replay_command(seed, shape)
        assert outcome.faults["outage_of_a_day"] >= 1
        fired.update(outcome.faults)
    draft = tally / f"{first}.part"
    draft.write_text(json.dumps(fired), "utf-8")
    draft.replace(tally / f"{first}.json")
    counts = list(tally.glob("*.json"))
    if len(counts) == len(range(0, SEEDS, BATCH)):
        for count in counts:
            if count.name != f"{first}.json":
                fired.update(json.loads(count.read_text("utf-8")))
        never = [kind for kind in (*KINDS, *PLANNED) if not fired[kind]]
        assert not never, f"no seed had {never}: {dict(fired)}"


def test_the_same_seed_gives_the_same_trace_in_another_process():
    """Not even the hash seed of the interpreter may show: a failure must be replayable."""
    command = [sys.executable, "-m", "tests.simulation", "--seeds", "7-7", "--days", "1", "--workers", "1"]
    traces = set()
    for hash_seed in ("1", "4242"):
        done = subprocess.run(
            [*command, "--json"],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        )
        traces.add(json.loads(done.stdout.splitlines()[-1])["trace"])
    traces.add(_trace_here())
    assert len(traces) == 1, traces


def _trace_here() -> str:
    from tests.simulation.__main__ import summed

    return str(summed([run_seed(seed, Shape.of(13, 1)) for seed in (7,)])["trace"])


def test_the_real_cryptography_gives_the_same_end(monkeypatch):
    """The toy suite hides nothing: with real signatures, sealing and ciphers a seed holds as well."""
    monkeypatch.setattr(founding, "ToySuite", RealSuite)
    checked(2, SHORT)


def test_a_larger_county_holds_too():
    """Six townships, three days: another size of everything."""
    checked(3, Shape.of(25, 3))
