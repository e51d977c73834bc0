"""python -m tests.fuzz [NAME…]: hostile inputs for the parsers; nothing but refusals may come out."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from tests.fuzz.run import Outcome, run
from tests.fuzz.targets import NAMES


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the targets asked for; return 0 when nothing was found."""
    parser = argparse.ArgumentParser(prog="./deploy.sh fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)}; all when left out")
    parser.add_argument("--inputs", type=int, default=10_000, help="inputs for each parser")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other inputs")
    parser.add_argument("--json", action="store_true", help="one JSON line a parser")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in NAMES]
    if unknown:
        parser.error(f"no parser {', '.join(unknown)}; there are {', '.join(NAMES)}")
    if options.inputs < 1:
        parser.error("--inputs: a number from 1 on")
    names = options.names or NAMES
    outcomes = [_told(run(name, options.inputs, options.seed), options.json) for name in names]
    return int(any(outcome.findings for outcome in outcomes))


def _told(outcome: Outcome, as_json: bool) -> Outcome:
    told = {
        "target": outcome.target,
        "inputs": outcome.inputs,
        "read": outcome.read,
        "per_second": outcome.rate,
        "slowest_ms": round(outcome.slowest_s * 1000, 1),
        "findings": [
            {"input": found.number, "what": found.what, "hex": found.data[:4000].hex()}
            for found in outcome.findings
        ],
    }
    if as_json:
        print(json.dumps(told), flush=True)
    else:
        print(
            f"{outcome.target}: {outcome.inputs} inputs, {outcome.read} read, {outcome.rate}/s, "
            f"slowest {told['slowest_ms']} ms, {len(outcome.findings)} findings",
            flush=True,
        )
        for finding in outcome.findings:
            print(f"  input {finding.number}: {finding.what}\n  {finding.data[:400].hex()}", flush=True)
    return outcome


if __name__ == "__main__":
    sys.exit(main())
