"""Whatever is done to both spools, kept or given up half-way, every question gets one answer from both."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import peewee
import pytest

from sync.adapters.memory_spool import MemorySpool
from sync.adapters.spool import SqlSpool
from sync.adapters.spool_schema import create
from sync.protocol.spool import APPLIED, GAP, PARKED, Aside, Neighbour, Part, Placed
from tests.sync.made import (
    BESIDE,
    DOWN,
    ROOT,
    TOWN,
    UP,
    blob_ref,
    chain,
    make_frame,
    make_statement,
    stream_upto,
    with_blobs,
)
from tests.sync.spool_store import Cut, act, held, open_file, row

STREAMS = (UP, DOWN, BESIDE)
FROM_TOWN = UP._replace(src=TOWN)
PAPERS = [blob_ref(b"%d" % n) for n in range(7)]
DOCS = [make_statement(version=n)._replace(sort="shelf") for n in range(7)]
FRAMES = {stream: chain(stream, 60) for stream in STREAMS}


class Pair:
    """A memory spool and a SQL spool that get the same calls."""

    def __init__(self, database: peewee.SqliteDatabase, seed: int) -> None:
        self.database = database
        self.memory, self.sql = MemorySpool(), SqlSpool(database)
        self.random = random.Random(seed)
        self.position = 0
        self.upto = dict.fromkeys(STREAMS, 0)
        self.given_up = 0

    def both(self, ask: Callable[[Any], Any]) -> Any:
        """Return the answer both spools give."""
        one, two = ask(self.memory), ask(self.sql)
        assert one == two
        return one

    def unit(self) -> None:
        """One unit of a few writes; every third is given up and must leave no trace."""
        kept = dict(self.upto)
        try:
            with ExitStack() as stack:
                stack.enter_context(self.database.atomic())
                stack.enter_context(self.sql.unit())
                stack.enter_context(self.memory.unit())
                for _ in range(self.random.randint(1, 6)):
                    self.random.choice((self.extend, self.change, self.block))()
                self.perhaps_give_up(0.3)
        except Cut:
            self.upto = kept
        self.compare()

    def block(self) -> None:
        """A block within the unit; every second is given up."""
        kept = dict(self.upto)
        try:
            with self.database.atomic(), self.memory.savepoint():
                self.extend()
                self.change()
                self.perhaps_give_up(0.5)
        except Cut:
            self.upto = kept

    def perhaps_give_up(self, chance: float) -> None:
        if self.random.random() < chance:
            self.given_up += 1
            raise Cut

    def extend(self) -> None:
        """Give a stream its next few frames."""
        stream = self.random.choice(STREAMS)
        start = self.upto[stream]
        placed = []
        for line in FRAMES[stream][start : start + self.random.randint(1, 3)]:
            self.position += 1
            placed.append(Placed(self.position, line.frame))
        if not placed:
            return
        self.upto[stream] += len(placed)
        rows = [
            row(p.frame.act, self.random.choice((APPLIED, PARKED)), f"act:{p.position % 4}", p.position)
            for p in placed
        ]
        self.both(lambda s: s.put_stream(stream_upto(placed)))
        self.both(lambda s: s.add_frames(placed))
        self.both(lambda s: s.add_acts(rows))

    def change(self) -> None:
        """Make one other write, drawn from all there are."""
        number, stamp = self.random.randint(1, 6), self.random.randint(1, 50)
        stream = self.random.choice(STREAMS)
        blob = blob_ref(b"%d" % number)
        self.position += 1
        loose = Placed(self.position, with_blobs(make_frame(FROM_TOWN, number), blob, PAPERS[0]))
        changes: tuple[Callable[[Any], Any], ...] = (
            lambda s: s.put_held(held(f"k{number}", stamp)),
            lambda s: s.drop_held("receipt", f"k{number}"),
            lambda s: s.want(act(number)),
            lambda s: s.unwant([act(number), act(number + 1)]),
            lambda s: s.put_neighbour(Neighbour(TOWN, mine=number, sent={stamp: number})),
            lambda s: s.put_vector(TOWN, {stream: Part(0, stamp, ROOT)}, [UP] if number > 3 else []),
            lambda s: s.put_aside(Aside(make_frame(stream, 70 + number), GAP, stamp)),
            lambda s: s.drop_aside(make_frame(stream, 70 + number)),
            lambda s: s.stream(stream) and s.add_gaps(s.stream(stream), [(number, blob), (stamp, blob)]),
            lambda s: s.close_gap(blob.hash),
            lambda s: s.put_blob(blob),
            lambda s: s.drop_blob(blob.hash),
            lambda s: s.add_loose_gaps(act(stamp), [blob, PAPERS[0]]),
            lambda s: s.add_doc(DOCS[number], b"content %d" % number),
            lambda s: s.drop_doc(DOCS[number].hash),
            lambda s: s.point_out(stream, [loose.frame.act, act(stamp)]),
            lambda s: s.add_loose(loose),
            lambda s: [s.set_act(r._replace(state=APPLIED)) for r in s.parked([f"act:{number}"])],
        )
        self.both(self.random.choice(changes))

    def compare(self) -> None:
        """Ask everything there is to ask."""
        start, after = self.random.randint(0, 5), self.random.randint(0, self.position)
        starts = {UP: start, DOWN: 0, BESIDE: start + 2}
        acts = [p.frame.act for stream in STREAMS for p in FRAMES[stream][:20]]
        questions: tuple[Callable[[Any], Any], ...] = (
            lambda s: s.frames_after(starts, after, 5),
            lambda s: s.frames_after(starts, 0, 1000),
            lambda s: [(x.id, x.upto, x.head) for x in s.streams()],
            lambda s: (s.parked(), s.parked(["act:1", "act:3"]), s.known_acts(acts), s.act(acts[0])),
            lambda s: (s.all_held("receipt"), s.all_held("receipt", 25), s.held("receipt", "k3")),
            lambda s: (s.wants(3), s.neighbours(), s.neighbour(TOWN), s.vector(TOWN)),
            lambda s: (s.asides(GAP), s.asides(GAP, UP), s.count_aside()),
            lambda s: [(x, s.gaps(s.stream(x), 9)) for x in s.gap_streams()],
            lambda s: [(s.missing_blob(b.hash), s.blob(b.hash)) for b in PAPERS],
            lambda s: (s.loose_gaps(3), s.loose_gaps(99), s.parked_for("act:", 3), s.parked_for("act:2", 9)),
            lambda s: [s.parked_for_by_author(key, n) for key in ("act:", "act:2") for n in (1, 3, 99)],
            lambda s: (s.doc_names(), [s.doc(doc.hash) for doc in DOCS], s.known_docs([DOCS[1].hash])),
            lambda s: [(s.acts_of_paper(b.hash, 2), s.acts_of_paper(b.hash, 99)) for b in PAPERS],
            lambda s: [(s.ways_of_paper(b.hash), s.briefs_of_paper(b.hash)) for b in PAPERS],
            lambda s: [s.briefs_of_act(act(n)) for n in range(50)],
            lambda s: [(s.frame_of_act(a), s.places_of_act(a)) for a in acts],
            lambda s: s.places_of_acts([*acts, "no id at all"]),
            lambda s: [s.frame_of_act(make_frame(FROM_TOWN, n).act) for n in (1, 2, 3)],
        )
        for ask in questions:
            self.both(ask)


@pytest.mark.parametrize("seed", range(10))
def test_both_spools_answer_alike_whatever_is_done_to_them(tmp_path: Path, seed: int) -> None:
    """Method: 40 seeded units of random writes, some given up whole or in part, then every question."""
    database = open_file(tmp_path / "node.db")
    with database.atomic():
        create(database)
    pair = Pair(database, seed)
    for _ in range(40):
        pair.unit()
    database.close()
    assert pair.given_up > 5
    assert sum(pair.upto.values()) > 40
