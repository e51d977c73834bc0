"""`python -m bench NAME [--runs N]`: prints one JSON line a metric."""

from __future__ import annotations

import argparse
import json

from bench import catalogue, documents, drain, fold, footprint, intake, queue, restore, search, thin

_RUNS_MIN = 3
_KNOWN = {
    "intake": intake.measure,
    "footprint": footprint.measure,
    "documents": documents.measure,
    "catalogue": catalogue.measure,
    "queue": queue.measure,
    "fold": fold.measure,
    "thin": thin.measure_thin,
    "cut": thin.measure_cut,
    "restore": restore.measure,
    "search": search.measure,
}


def _runs(text: str) -> int:
    if not text.isdecimal() or int(text) < _RUNS_MIN:
        raise argparse.ArgumentTypeError(f"a number from {_RUNS_MIN} on")
    return int(text)


def main() -> None:
    """Run the measurement named and print its metrics."""
    parser = argparse.ArgumentParser(prog="./deploy.sh bench")
    parser.add_argument("what", choices=[*_KNOWN, "drain", "wire"])
    parser.add_argument("--runs", type=_runs, default=3, help="runs to take the median of, at least 3")
    parser.add_argument("--json", action="store_true", help="print JSON lines (the default form too)")
    options = parser.parse_args()
    runs = options.runs
    measure = _KNOWN.get(options.what, drain.measure)
    metrics = measure(runs)
    if options.what == "wire":
        metrics = [m for m in metrics if str(m["metric"]).startswith("wire")]
    for metric in metrics:
        print(json.dumps(metric, ensure_ascii=False))


if __name__ == "__main__":
    main()
