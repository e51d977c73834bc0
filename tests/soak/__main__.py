"""python -m tests.soak: real nodes under kills, on a bad line, on torn and full disks; one JSON line each."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; return 0 when nothing was lost, nothing applied twice, nothing wrong."""
    options = _read(arguments)
    failed = 0
    with tempfile.TemporaryDirectory(prefix="liandong-soak-") as name:
        if options.kills:
            from tests.soak.kills import soak

            row, wrong = soak(Path(name) / "kills", options.kills, options.seed)
            failed |= _told({"soak": "kills", **row}, wrong, options)
    return failed


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./deploy.sh soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=0, metavar="N", help="SIGKILLs of each tier under load")
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other moments")
    parser.add_argument("--json", action="store_true", help="one JSON line for each")
    return parser.parse_args(arguments)


def _told(row: dict[str, object], wrong: int, options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps(row, ensure_ascii=False), flush=True)
    else:
        print("\n".join(f"{name}: {value}" for name, value in row.items()), flush=True)
    return wrong


if __name__ == "__main__":
    raise SystemExit(main())
