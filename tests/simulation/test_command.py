"""The command tells of a failing seed at once; what it tells of many is the same in whatever order."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from tests.simulation import __main__ as command
from tests.simulation.run import Outcome
from tests.simulation.world import Shape


def test_a_seed_that_fails_is_told_while_others_still_run(monkeypatch, capsys):
    told, lines = Event(), list[str]()

    def run(seed: int, shape: Shape) -> Outcome:
        # The first one ends when the failure of the second has been told, or never.
        violation = "" if seed != 2 else "invariant 3 lost"
        assert seed != 1 or told.wait(20), "told only after the last one ran"
        return Outcome(seed, violation, {"cut": seed}, 2, 3, 40, 5, 0.5, f"trace {seed}")

    def say(text: str) -> None:
        lines.append(text)
        if "again with" in text:
            told.set()

    monkeypatch.setattr(command, "run_seed", run)
    monkeypatch.setattr(command, "_say", say)
    monkeypatch.setattr(command, "ProcessPoolExecutor", ThreadPoolExecutor)
    words = ["--seeds", "1-3", "--days", "2", "--json", "--workers"]
    assert command.main([*words, "3"]) == 1
    assert lines[lines.index("seed 2: invariant 3 lost") + 1].endswith(
        "./deploy.sh simulate --seeds 2-2 --nodes 13 --days 2 --trace"
    )
    found = json.loads(capsys.readouterr().out)
    assert (found["failed_seeds"], found["hops"], found["cpu_s"]) == ([2], 120, 1.5)
    assert found["hops_per_cpu_s"] == 80 and found["faults"] == {"cut": 6}
    assert command.main([*words, "1"]) == 1
    assert json.loads(capsys.readouterr().out) == found
