"""python -m tests.simulation: simulated counties from many seeds; the last line says what came of it."""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from hashlib import sha256

from tests.simulation import clock_pairs, mutation
from tests.simulation.faults import KINDS, PLANNED
from tests.simulation.kept import KEPT, listed
from tests.simulation.recovery import recover
from tests.simulation.run import Outcome, replay_command, run_seed
from tests.simulation.troubles import HARSH, UPHEAVAL, USUAL
from tests.simulation.world import Shape

TOLD_EVERY = 20
SEEDS_FOR_ALL = 200
NODES_MIN = 3
DAYS_MIN = 0.2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; return 0 when nothing was violated and, of many seeds, all faults happened."""
    options = _read(arguments)
    # As the suite does: of what a county makes hardly anything is a cycle, and looking takes a tenth.
    gc.set_threshold(50_000, 20, 50)
    if options.mutants is not None:
        return _hunt(options)
    if options.villages:
        return _recover(options)
    if options.clocks:
        return _compare_clocks(options)
    runs = listed(KEPT) if options.kept else _asked(options)
    outcomes = list(_told(_run(runs, options), len(runs)))
    report = summed(sorted(outcomes, key=lambda outcome: outcome.seed))
    _print(report, options.json)
    # Of so many seeds each kind of fault has its turn, or something is wrong with the faults.
    is_vain = len(outcomes) >= SEEDS_FOR_ALL and bool(report["never"])
    return int(bool(report["violations"]) or is_vain)


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./deploy.sh simulate", description=__doc__)
    parser.add_argument("--seeds", type=_span, help="A-B, or one seed (1-20)")
    parser.add_argument("--nodes", type=_nodes, default=Shape().nodes, help="nodes of the county (13)")
    parser.add_argument("--days", type=_days, help="virtual days with faults (5)")
    _add_troubles(parser)
    parser.add_argument(
        "--kept", action="store_true", help="instead of A-B: every seed that once failed, as it failed"
    )
    parser.add_argument("--workers", type=_count, default=os.cpu_count() or 1, help="processes")
    parser.add_argument(
        "--villages", type=_count, default=0, help="instead: so many villages after --days without any line"
    )
    parser.add_argument(
        "--mutants",
        nargs="*",
        metavar="NAME",
        type=_mutant,
        help="instead: break these rules, or all, each by itself, and look which seed of A-B is the first to"
        f" notice (two days; seeds 100001-100200): {', '.join(mutation.BY_NAME)}",
    )
    parser.add_argument(
        "--clocks",
        action="store_true",
        help="instead: each seed with right and with wrong clocks; what is applied must be the same",
    )
    parser.add_argument("--json", action="store_true", help="one JSON line at the end")
    parser.add_argument(
        "--trace", action="store_true", help="tell everything that happens, one seed after another"
    )
    return parser.parse_args(arguments)


def _add_troubles(parser: argparse.ArgumentParser) -> None:
    harsh = "in every seed several nodes are put back, and most have keys changed, lost and stolen"
    more = "the same, and townships relieved, cases taken over, all nodes of a way put back at once"
    for option, trouble, told in (("--harsh", HARSH, harsh), ("--upheaval", UPHEAVAL, more)):
        parser.add_argument(
            option, dest="trouble", action="store_const", const=trouble, default=USUAL, help=told
        )


def _asked(options: argparse.Namespace) -> list[tuple[int, Shape]]:
    shape = Shape.of(options.nodes, options.days or Shape().days, options.trouble)
    first, last = options.seeds or (1, 20)
    return [(seed, shape) for seed in range(first, last + 1)]


def _recover(options: argparse.Namespace) -> int:
    first = options.seeds[0] if options.seeds else 1
    figures = recover(first, options.villages, options.days or Shape().days)
    _print(figures, options.json)
    return int(figures["whole"] < figures["of"] or figures["unfinished"] > 0)


def _hunt(options: argparse.Namespace) -> int:
    """Break one rule after the other; return 0 when each was noticed."""
    first, last = options.seeds or mutation.SEEDS
    shape = Shape.of(options.nodes, options.days) if options.days else mutation.SHAPE
    names = options.mutants or list(mutation.BY_NAME)
    found = []
    for one in mutation.hunt_all(names, range(first, last + 1), shape, options.workers):
        by = f"by seed {one.seed}, {one.tried} tried: {one.violation[:100]}" if one.violation else "by none"
        _say(f"{one.mutant}: noticed {by}")
        found.append(one)
    figures = mutation.summed(found)
    _print(figures, options.json)
    return int(bool(figures["missed"]))


def _compare_clocks(options: argparse.Namespace) -> int:
    """Run each seed twice; return 0 when no clock changed anything."""
    first, last = options.seeds or (1, 20)
    shape, seeds = Shape.of(options.nodes, options.days or Shape().days), range(first, last + 1)
    failed = []
    for seed, apart in zip(seeds, clock_pairs.all_told_apart(seeds, shape, options.workers), strict=True):
        if apart:
            failed.append(seed)
            _say(f"seed {seed}: {apart}")
    _print({"seeds": len(seeds), "failed_seeds": failed}, options.json)
    return int(bool(failed))


def _span(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not first.isdecimal() or not (last or first).isdecimal() or int(first) > int(last or first):
        raise argparse.ArgumentTypeError("A-B with 0 <= A <= B, or one number")
    return int(first), int(last or first)


def _mutant(text: str) -> str:
    if text not in mutation.BY_NAME:
        raise argparse.ArgumentTypeError(f"there is no mutant {text}")
    return text


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError("a number from 1 on")
    return int(text)


def _nodes(text: str) -> int:
    if not text.isdecimal() or int(text) < NODES_MIN:
        raise argparse.ArgumentTypeError(f"a county has at least {NODES_MIN} nodes")
    return int(text)


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = 0.0
    # Less leaves no room for an outage, and for what else is planned.
    if not (math.isfinite(days) and days >= DAYS_MIN):
        raise argparse.ArgumentTypeError(f"a number of days from {DAYS_MIN} on")
    return days


def _run(runs: Sequence[tuple[int, Shape]], options: argparse.Namespace) -> Iterator[tuple[Outcome, Shape]]:
    """Run seeds in their shapes, and yield what became of each as it ends."""
    if options.trace or options.workers < 2 or len(runs) == 1:
        for seed, shape in runs:
            yield run_seed(seed, shape, _say if options.trace else None), shape
    else:
        with ProcessPoolExecutor(min(options.workers, len(runs))) as pool:
            # As they end: what a later seed shows must not wait for a slow one.
            shapes = {pool.submit(run_seed, seed, shape): shape for seed, shape in runs}
            for done in as_completed(shapes):
                yield done.result(), shapes[done]


def _told(outcomes: Iterable[tuple[Outcome, Shape]], count: int) -> Iterator[Outcome]:
    """Pass on what ends, and say at once which seed has failed, how, and how to run it again."""
    violations, cpu_s = 0, 0.0
    for number, (outcome, shape) in enumerate(outcomes, 1):
        violations += bool(outcome.violation)
        cpu_s += outcome.cpu_s
        if outcome.violation:
            _say(f"seed {outcome.seed}: {outcome.violation}")
            _say(f"  again with: {replay_command(outcome.seed, shape)}")
        if number % TOLD_EVERY == 0 or number == count or outcome.violation:
            _say(f"{number}/{count} seeds, {violations} violations, {cpu_s / number:.2f} CPU s a seed")
        yield outcome


def summed(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Return the figures of many seeds as one.

    A hop is an act that a node has taken in from the one before it; `hops_per_cpu_s` is how many cases, times
    the hops of each, a second of one processor simulates.
    """
    faults: Counter[str] = Counter()
    for outcome in outcomes:
        faults.update(outcome.faults)
    hops, cpu_s = sum(outcome.hops for outcome in outcomes), sum(outcome.cpu_s for outcome in outcomes)
    return {
        "seeds": len(outcomes),
        "violations": sum(bool(outcome.violation) for outcome in outcomes),
        "failed_seeds": [outcome.seed for outcome in outcomes if outcome.violation],
        "faults": dict(sorted(faults.items())),
        "never": [kind for kind in (*KINDS, *PLANNED) if not faults[kind]],
        "cases": sum(outcome.cases for outcome in outcomes),
        "acts": sum(outcome.acts for outcome in outcomes),
        "hops": hops,
        "exchanges": sum(outcome.exchanges for outcome in outcomes),
        "cpu_s": round(cpu_s, 2),
        "hops_per_cpu_s": round(hops / cpu_s) if cpu_s else 0,
        "trace": sha256("".join(outcome.trace for outcome in outcomes).encode()).hexdigest()[:16],
    }


def _print(figures: Mapping[str, object], as_json: int) -> None:
    if as_json:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name}: {value}" for name, value in figures.items()))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
