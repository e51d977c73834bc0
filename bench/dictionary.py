"""Grows a preset dictionary for the wire: `python -m bench.dictionary DEMO_FOLDER OUT`.

Dictionaries are named by their hash and kept for ever; a node writes with the
newest it has and reads all. Grow a new one only under a new file name.
"""

from __future__ import annotations

import json
import re
import sqlite3
import sys
import zlib
from collections import Counter
from pathlib import Path

SIZE = 24_000
_SALT = 16
# Ids, hashes and long numbers never come again; they would only waste room.
_UNIQUE = re.compile(rb"[0-9a-f]{16,64}X?|(?<![0-9])1[0-9]{10}(?:[0-9]{2})?(?![0-9])|(?<=-)[0-9A-Z]{5}(?=\")")


def samples(folder: Path) -> list[bytes]:
    """Return bodies and statements of a demo's nodes, rare sorts first, each without what never repeats."""
    sorts: dict[str, list[bytes]] = {}
    for path in sorted(folder.glob("*/node.sqlite3")):
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        for kind, body in database.execute(
            "SELECT a.kind, f.body FROM sync_frame f JOIN sync_act a ON a.id = f.act"
        ):
            fields = json.loads(body[_SALT:])
            name = f"{kind} {fields.get('action', fields.get('report', ''))} {fields.get('item', '')}"
            sorts.setdefault(name, []).append(body[_SALT:])
        for sort, payload in database.execute("SELECT sort, payload FROM sync_held WHERE sort != 'shelf'"):
            sorts.setdefault(f"statement {sort}", []).append(payload)
        database.close()
    counts = Counter({name: len(found) for name, found in sorts.items()})
    chosen = []
    for name, _ in reversed(counts.most_common()):
        chosen += [_UNIQUE.sub(b"", text) for text in sorted(set(sorts[name]))[:3]]
    return chosen


def grow(texts: list[bytes]) -> bytes:
    """Return a dictionary: texts that the ones already in it do not explain, the commonest at the end."""
    grown = b""
    for text in reversed(texts):
        squeezer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, grown[:32_000])
        cost = len(squeezer.compress(text) + squeezer.flush())
        if cost > len(text) // 6 and len(grown) + len(text) <= SIZE:
            grown = text + grown
    return grown


def main() -> None:
    """Write the dictionary of a demo folder."""
    folder, out = Path(sys.argv[1]), Path(sys.argv[2])
    dictionary = grow(samples(folder))
    out.write_bytes(dictionary)
    print(f"{len(dictionary)} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
