"""`python -m common.node.demo.ledger DIR…`: what each site's records hold of every case, as a JSON list.

It opens each database and the folder of papers by itself, changes nothing, and computes every hash anew; also
beside a running site.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from common.casework import ledger as cases
from common.node.assembly import DATABASE_FILE, PAPERS_FOLDER
from common.store.database import close_database, database, open_database, run
from sync.adapters.blob_files import BlobFiles
from sync.protocol.frame import SALT_BYTES

_PIECE = 1 << 20


def read(folder: Path) -> dict[str, Any]:
    """Return what the site in `folder` holds: cases by number, papers by hash, what stands aside.

    A case: `acts` (id → kind, what it does, its author, SHA-256 of its body), `state` (as the acts make it),
    `papers` ([key, hash]). `unlike` lists acts whose row differs from the signed body, `whole` the hashes of
    papers whose file is complete and has that very hash.
    """
    open_database(folder / DATABASE_FILE)
    with database.atomic():
        bodies, unlike = _bodies()
        found = {
            number: _case(number, bodies) for (number,) in run('SELECT "case" FROM case_file').fetchall()
        }
        named = [row[0] for row in run("SELECT DISTINCT hash FROM case_paper").fetchall()]
        return {
            "cases": found,
            "rows": run("SELECT COUNT(*) FROM case_file").fetchone()[0],
            "unlike": unlike,
            "named": sorted(named),
            "whole": _whole(folder / PAPERS_FOLDER, named),
            "parked": run("SELECT COUNT(*) FROM sync_act WHERE state = 'parked'").fetchone()[0],
            "aside": run("SELECT COUNT(*) FROM sync_aside").fetchone()[0],
            "gaps": run("SELECT COUNT(*) FROM sync_gap").fetchone()[0],
        }


def _bodies() -> tuple[dict[str, str], list[str]]:
    """Return the hash of every act's signed body, and the acts that are kept or applied with other bytes."""
    rows = {act: str(body).encode() for act, body in run("SELECT act, body FROM case_event").fetchall()}
    hashes: dict[str, str] = {}
    unlike = []
    for act, body in run("SELECT act, body FROM sync_frame").fetchall():
        signed = bytes(body)
        found = hashlib.sha256(signed).hexdigest()
        content = signed[SALT_BYTES:]
        if hashes.setdefault(act, found) != found or rows.get(act, content) != content:
            unlike.append(act)
    return hashes, [*unlike, *(act for act in rows if act not in hashes)]


def _case(number: str, bodies: dict[str, str]) -> dict[str, Any]:
    opened = cases.load(number)
    acts = {
        event.id: [event.kind, _word(event.body), event.author, bodies.get(event.id, "")]
        for event in opened.events
    }
    papers = run('SELECT key, hash FROM case_paper WHERE "case" = ? ORDER BY key, hash', (number,)).fetchall()
    return {
        "acts": acts,
        "state": _plain(asdict(opened.state)),
        "papers": [list(row) for row in papers],
    }


def _word(body: Any) -> str:
    return str(body.get("action") or body.get("report") or "")


def _plain(value: Any) -> Any:
    """Return a state as JSON holds it, the same whatever order its sets and mappings had."""
    if isinstance(value, dict):
        return {str(key): _plain(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, (set, frozenset)):
        return sorted(_plain(each) for each in value)
    return [_plain(each) for each in value] if isinstance(value, (list, tuple)) else value


def _whole(folder: Path, named: list[str]) -> list[str]:
    blobs, found = BlobFiles(folder), []
    for name in sorted(named):
        digest, offset = hashlib.sha256(), 0
        while blobs.has(name) and (data := blobs.read(name, offset, _PIECE)):
            digest.update(data)
            offset += len(data)
        if offset and digest.hexdigest() == name:
            found.append(name)
    return found


def words_of(case: dict[str, Any]) -> Counter[str]:
    """Return how often each thing was done to a case by its acts."""
    return Counter(act[1] for act in case["acts"].values() if act[1])


def main() -> None:
    """Print the records of the sites in these folders, in their order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", metavar="DIR")
    found = []
    for folder in parser.parse_args().folders:
        found.append(read(folder))
        close_database()
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
