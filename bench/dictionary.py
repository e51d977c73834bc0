"""Grows a preset dictionary for the wire: `python -m bench.dictionary DEMO_FOLDER FORMER OUT`.

Dictionaries are named by their hash and kept for ever; a node writes with the
newest it has and reads all. Grow a new one only under a new file name. It is
made of the former one, of what the nodes of a demonstration have signed, and of
one filing of every item by people who are in no workload.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import sqlite3
import sys
import tempfile
import zlib
from collections import Counter
from pathlib import Path

from bench.county import VILLAGE, make
from common.casework.context import Applicant, Filing
from common.catalogue.rules.form import check_form
from common.config import read_config
from common.node.assembly import build_node
from common.node.demo_data import people
from common.people.rules.roles import Actor
from sync.protocol.hexes import MARK, take_out
from village_node.profile import PROFILE

SIZE = 32_000
_SEED = 7
_SALT = 16
# Ids, hashes and long numbers never come again; they would only waste room.
_UNIQUE = re.compile(
    rb"(?<![0-9a-f])[0-9a-f]{16,31}X?|(?<![0-9])1[0-9]{10}(?:[0-9]{2})?(?![0-9])|(?<=-)[0-9A-Z]{5}(?=\")"
)


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
        chosen += sorted(set(sorts[name]))[:3]
    return chosen


def filings() -> list[bytes]:
    """Return one filing of every item of the catalogue that comes with the program."""
    folder = Path(tempfile.mkdtemp(prefix="liandong-dictionary-"))
    try:
        village, _, _ = make(folder)
        node = build_node(read_config(village.folder, {}), PROFILE)
        agent = Actor("agent", "王代办", "AGENT", "")
        for number, item in enumerate(node.catalogue.items_for("village")):
            rng = random.Random(f"{_SEED}/{number}")
            person = people.resident(_SEED + number, VILLAGE)
            shown = person.as_applicant()
            who = Applicant(shown["name"], "111", shown["id_number"], shown["phone"], shown["address"])
            form = dict(check_form(item, people.fill(item, person, rng)).values)
            with node.unit():
                node.casework.file_case(Filing(item.code, VILLAGE, who, form), agent, node.clock.now_ms())
        database = sqlite3.connect(f"file:{village.folder / 'node.sqlite3'}?mode=ro", uri=True)
        bodies = [body[_SALT:] for (body,) in database.execute("SELECT body FROM sync_frame ORDER BY rowid")]
        database.close()
        return bodies
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def plain(text: bytes) -> bytes:
    """Return a text as it is compressed: hashes taken out, and nothing that never comes again."""
    return _UNIQUE.sub(b"", take_out(text)[0])


def grow(texts: list[bytes], former: bytes) -> bytes:
    """Return a dictionary: the former one before texts that it does not explain, the commonest at the end."""
    grown = former
    for text in texts:
        squeezer = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_DEFAULT_STRATEGY, grown[-32_000:])
        cost = len(squeezer.compress(text) + squeezer.flush())
        if cost > len(text) // 14:
            grown += text
    return MARK + grown[-(SIZE - len(MARK)) :]


def main() -> None:
    """Write the dictionary of a demo folder."""
    folder, former, out = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    texts = [plain(text) for text in (*samples(folder), *filings())]
    dictionary = grow(texts, former.read_bytes())
    out.write_bytes(dictionary)
    print(f"{len(dictionary)} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
