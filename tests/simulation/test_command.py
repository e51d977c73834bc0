"""The command tells of a failing seed at once; what it tells of many is the same in whatever order."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from sync.protocol import offer
from sync.protocol.incoming import intake
from tests.simulation import __main__ as command
from tests.simulation import mutation
from tests.simulation.faults import KINDS, PLANNED
from tests.simulation.kept import KEPT, SEEDS, WEEKS_MAX, listed, two_hundred, whole_weeks
from tests.simulation.run import Outcome, replay_command
from tests.simulation.stores import WatchedSpool
from tests.simulation.troubles import UPHEAVAL
from tests.simulation.world import Shape


def test_a_seed_that_fails_is_told_while_others_still_run(monkeypatch, capsys):
    told, lines = Event(), list[str]()

    def run(seed: int, shape: Shape, _tell: object = None) -> Outcome:
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
    command.main([*words, "1", "--harsh"])
    assert any(line.endswith("--nodes 13 --days 2 --harsh --trace") for line in lines)
    command.main([*words, "1", "--upheaval"])
    assert any(line.endswith("--nodes 13 --days 2 --upheaval --trace") for line in lines)


def test_every_seed_that_once_failed_runs_by_command_as_it_failed(monkeypatch, capsys):
    """With the tests run all but the older whole weeks, which take two fifths of the time of them all."""
    runs, lines = list[tuple[int, Shape]](), list[str]()

    def run(seed: int, shape: Shape, _tell: object = None) -> Outcome:
        runs.append((seed, shape))
        return Outcome(seed, "invariant 3 lost" if shape.trouble == UPHEAVAL else "", dict.fromkeys(KINDS, 1))

    monkeypatch.setattr(command, "run_seed", run)
    monkeypatch.setattr(command, "_say", lines.append)
    assert command.main(["--kept", "--workers", "1", "--json"]) == 1
    kept, tested = listed(KEPT), two_hundred()
    assert runs == kept and json.loads(capsys.readouterr().out)["seeds"] == len(kept)
    seed, shape = next(one for one in kept if one[1].trouble == UPHEAVAL)
    assert f"  again with: {replay_command(seed, shape)}" in lines
    older = [one for one in kept if one not in tested]
    assert older == whole_weeks(kept)[:-WEEKS_MAX] and len(set(tested)) == len(tested) == SEEDS


def test_a_broken_rule_is_looked_for_by_command_and_stands_again_afterwards(monkeypatch, capsys):
    honest, tried = offer.plan, list[int]()

    def run(seed: int, shape: Shape) -> Outcome:
        tried.append(seed)
        assert offer.plan is not honest
        return Outcome(seed, "invariant 20 at 511921: moved" if seed == 7 else "")

    monkeypatch.setattr(mutation, "run_seed", run)
    words = ["--mutants", "export_moves_the_cursor", "--json", "--seeds"]
    assert command.main([*words, "5-9"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["caught"], found["missed"], tried) == (1, [], [5, 6, 7])
    assert found["seeds_needed"] == {"export_moves_the_cursor": 3}
    assert found["noticed_by"] == {"export_moves_the_cursor": "invariant 20"}
    assert command.main([*words, "1-3"]) == 1
    assert json.loads(capsys.readouterr().out)["missed"] == ["export_moves_the_cursor"]
    assert offer.plan is honest


def test_rules_that_were_broken_stand_again():
    """Also where a class that has a method from above gets one of its own for a while."""
    before = dict(vars(WatchedSpool)), WatchedSpool.known_acts, intake.Batch.place
    broken = mutation.Broken()
    for mutant in mutation.BY_NAME.values():
        mutant(broken)
    assert WatchedSpool.known_acts is not before[1] and intake.Batch.place is not before[2]
    broken.mend()
    assert (dict(vars(WatchedSpool)), WatchedSpool.known_acts, intake.Batch.place) == before


@pytest.mark.parametrize(
    "wrong",
    [
        "--seeds 5-2",
        "--seeds x",
        "--nodes 2",
        "--days 0.1",
        "--days nan",
        "--workers 0",
        "--villages -1",
        "--mutants x",
    ],
)
def test_what_cannot_be_run_is_said_and_is_no_violation(wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        command.main(wrong.split())
    said = capsys.readouterr()
    assert (
        ended.value.code == 2
        and wrong.split()[0] in said.err
        and "Traceback" not in said.err
        and not said.out
    )


def test_a_kind_of_fault_that_never_fires_in_two_hundred_seeds_fails_the_run(monkeypatch, capsys):
    fired = dict.fromkeys((*KINDS, *PLANNED), 1)
    monkeypatch.setattr(command, "run_seed", lambda seed, shape, _tell: Outcome(seed, faults=fired))
    assert command.main(["--seeds", "1-200", "--workers", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["never"] == []
    del fired["disk_lied"]
    assert command.main(["--seeds", "1-200", "--workers", "1", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["never"] == ["disk_lied"]
    assert command.main(["--seeds", "1-199", "--workers", "1", "--json"]) == 0
