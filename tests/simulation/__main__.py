"""python -m tests.simulation: simulated counties from many seeds; the last line says what came of it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from hashlib import sha256

from tests.simulation.recovery import recover
from tests.simulation.run import Outcome, replay_command, run_seed
from tests.simulation.world import Shape

TOLD_EVERY = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the seeds asked for; return 0 when no invariant was violated."""
    options = _read(arguments)
    if options.villages:
        return _recover(options)
    shape = Shape.of(options.nodes, options.days)
    first, last = options.seeds
    outcomes = list(_told(_run(range(first, last + 1), shape, options), last - first + 1, shape))
    report = summed(sorted(outcomes, key=lambda outcome: outcome.seed))
    _print(report, options.json)
    return 1 if report["violations"] else 0


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./deploy.sh simulate", description=__doc__)
    parser.add_argument("--seeds", type=_span, default=(1, 20), help="A-B, or one seed")
    parser.add_argument("--nodes", type=int, default=Shape().nodes, help="nodes of the county")
    parser.add_argument("--days", type=float, default=Shape().days, help="virtual days with faults")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument(
        "--villages", type=int, default=0, help="instead: so many villages after --days without any line"
    )
    parser.add_argument("--json", action="store_true", help="one JSON line at the end")
    parser.add_argument(
        "--trace", action="store_true", help="tell everything that happens, one seed after another"
    )
    return parser.parse_args(arguments)


def _recover(options: argparse.Namespace) -> int:
    figures = recover(options.seeds[0], options.villages, options.days)
    _print(figures, options.json)
    return int(figures["whole"] < figures["of"] or figures["unfinished"] > 0)


def _span(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    found = int(first), int(last or first)
    if not 0 <= found[0] <= found[1]:
        raise argparse.ArgumentTypeError("A-B with 0 <= A <= B")
    return found


def _run(seeds: range, shape: Shape, options: argparse.Namespace) -> Iterator[Outcome]:
    if options.trace:
        for seed in seeds:
            yield run_seed(seed, shape, _say)
    elif options.workers < 2 or len(seeds) == 1:
        for seed in seeds:
            yield run_seed(seed, shape)
    else:
        with ProcessPoolExecutor(min(options.workers, len(seeds))) as pool:
            # As they end: what a later seed shows must not wait for a slow one.
            for done in as_completed([pool.submit(run_seed, seed, shape) for seed in seeds]):
                yield done.result()


def _told(outcomes: Iterator[Outcome], count: int, shape: Shape) -> Iterator[Outcome]:
    """Pass on what ends, and say at once which seed has failed, how, and how to run it again."""
    violations, cpu_s = 0, 0.0
    for number, outcome in enumerate(outcomes, 1):
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
