"""python -m tests.soak: real nodes under kills, on a bad line, on torn and full disks; one JSON line each."""

from __future__ import annotations

import argparse
import json
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.soak import disks, kills, line

USUAL_KILLS = 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for; return 0 when nothing was lost, nothing applied twice, nothing wrong."""
    options = _read(arguments)
    asked = [(name, getattr(options, name)) for name in _SOAKS if getattr(options, name)]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="liandong-soak-") as folder:
        for name, size in asked or [("kills", USUAL_KILLS)]:
            row, wrong = _SOAKS[name](Path(folder) / name, size, options.seed)
            failed |= _told({"soak": name, **row}, wrong, options)
    return failed


_SOAKS = {"kills": kills.soak, "line": line.soak, "torn": disks.torn, "full": disks.full, "rot": disks.rot}


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./deploy.sh soak", description=__doc__)
    parser.add_argument("--kills", type=_count, metavar="N", help="SIGKILLs of each tier under load (5)")
    parser.add_argument("--line", type=_count, metavar="N", help="cases over 64 kbit/s, 600 ms, 5 %% resets")
    parser.add_argument("--torn", type=_count, metavar="N", help="power cuts at every sync, N draws of each")
    parser.add_argument(
        "--full", type=_count, metavar="N", help="a full disk at every Nth write of each tier"
    )
    parser.add_argument(
        "--rot", type=_count, metavar="N", help="every Nth value of a township's rows, made each wrong one"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed gives other moments")
    parser.add_argument("--json", action="store_true", help="one JSON line for each")
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        # None at all would end well and show nothing.
        raise argparse.ArgumentTypeError("a number from 1 on")
    return int(text)


def _told(row: dict[str, object], wrong: int, options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps(row, ensure_ascii=False), flush=True)
    else:
        print("\n".join(f"{name}: {value}" for name, value in row.items()), flush=True)
    return wrong


def _end(number: int, _frame: object) -> None:
    # Told to end it takes its nodes along, as after Ctrl-C; ended at once they would go on serving.
    raise SystemExit(128 + number)


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    raise SystemExit(main())
