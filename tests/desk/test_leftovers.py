"""Papers that came to nothing go after a while; what a case, an act, a draft or the line needs never does."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.casework import days
from common.casework.jobs import do_what_days_bring
from common.clock import BUILT_MS
from common.desk import jobs
from common.desk.rules.drafts import DraftPaper
from common.store.database import run
from sync.protocol.frame import BlobRef
from tests.desk.three import DAY_MS, JPEG, RELIEF, TOWN, VILLAGE, ThreeNodes

HOUR_MS = 3_600_000
# Every column that may hold the hash of a paper → what keeps that paper, or why it names none.
KNOWN = {
    "case_event.blobs": "an act: the sync layer holds its papers",
    "case_paper.hash": "lists.named_papers",
    "draft.papers": "Drafts.papers",
    "letter.blob": "Letters.photographs",
    "sync_blob.hash": "Spool.have_blobs",
    "sync_gap.hash": "Spool.missing_blob",
    "sync_loose_gap.hash": "Spool.missing_blob",
    "sync_named.hash": "an act: held, or missing",
    "sync_neighbour.wanted_blobs": "what others asked for: given only when held",
    "sync_aside.hash": "the hash of a frame",
    "sync_doc.hash": "the hash of a document",
    "sync_stream.papers": "a count",
    "sync_stream.r_papers": "a count",
    "staff.password_hash": "of a password",
    "sign_in_session.token_hash": "of a session's token",
}


@pytest.fixture
def village(three: ThreeNodes) -> ThreeNodes:
    three.open(VILLAGE)
    return three


def taken_in(three: ThreeNodes, mark: bytes) -> BlobRef:
    """Take a photograph in at the open node, as a page does before anything names it."""
    return three.node.papers.take_in(io.BytesIO(JPEG + mark))


def drafted(three: ThreeNodes, mark: bytes) -> tuple[Any, BlobRef]:
    """Begin a draft with one photograph."""
    node, ref = three.node, taken_in(three, mark)
    item = node.catalogue.item(RELIEF)
    assert item is not None
    with node.unit():
        draft = node.drafts.begin("agent", item, three.now())
        paper = DraftPaper("id_card", "身份证", "a.jpg", ref.hash, ref.size, ref.type)
        return node.drafts.add_papers(draft, [paper], three.now()), ref


def make_old(three: ThreeNodes, hours: int = 49) -> None:
    """Let everything put so far be so many hours old, by the clock of the node."""
    at = (three.now() - hours * HOUR_MS) / 1000
    for note in Path(three.folder / three.node.me / "papers" / "part").glob("*.put"):
        os.utime(note, (at, at))


def look_twice(three: ThreeNodes) -> None:
    """Let the job run, and again an hour later."""
    jobs.sweep(three.node)
    three.clock.advance(HOUR_MS)
    jobs.sweep(three.node)


def test_the_photographs_of_a_discarded_draft_go(village: ThreeNodes) -> None:
    draft, ref = drafted(village, b"discarded")
    make_old(village)
    look_twice(village)
    assert village.node.blobs.has(ref.hash)
    with village.node.unit():
        village.node.drafts.discard(draft, village.now())
    jobs.sweep(village.node)
    assert village.node.blobs.has(ref.hash)
    village.clock.advance(HOUR_MS)
    jobs.sweep(village.node)
    assert not village.node.blobs.has(ref.hash)
    assert list((village.folder / VILLAGE / "papers" / "part").iterdir()) == []


def test_the_photographs_of_a_draft_nobody_touched_go_with_it(village: ThreeNodes) -> None:
    _, ref = drafted(village, b"forgotten")
    village.clock.advance(31 * DAY_MS)
    make_old(village)
    look_twice(village)
    assert not village.node.blobs.has(ref.hash)


def test_no_draft_goes_while_the_date_is_in_doubt(village: ThreeNodes) -> None:
    """A battery that gave up sets the clock far ahead: by it everything is old."""
    node = village.node
    village.clock.set_wall(BUILT_MS + DAY_MS)
    draft, ref = drafted(village, b"typed this morning")
    do_what_days_bring(node.casework, node.unit, "c", village.now())
    village.clock.set_wall(village.now() + 400 * DAY_MS)
    make_old(village)
    look_twice(village)
    assert node.drafts.of("agent") == [draft] and node.blobs.has(ref.hash)
    # Somebody says that the date is right: the draft is old indeed.
    with node.unit():
        days.confirm(village.now(), "admin")
    jobs.sweep(node)
    assert node.drafts.of("agent") == []


def test_a_draft_typed_under_a_clock_that_showed_years_ago_has_its_days_anew(village: ThreeNodes) -> None:
    """The clock began in 2010 as the battery was empty, and is set right an hour after the draft."""
    village.clock.set_wall(1_262_304_000_000)
    drafted(village, b"typed this morning")
    now = BUILT_MS + DAY_MS
    village.clock.set_wall(now)
    assert "天内不接着办" not in village.client(VILLAGE, "agent").get("/").text
    jobs.sweep(village.node)
    (kept,) = village.node.drafts.of("agent")
    assert kept.updated_at == now
    village.clock.set_wall(now + 31 * DAY_MS)
    jobs.sweep(village.node)
    assert village.node.drafts.of("agent") == []


def test_what_is_younger_than_the_setting_stays(village: ThreeNodes) -> None:
    ref = taken_in(village, b"young")
    make_old(village, hours=46)
    look_twice(village)
    assert village.node.blobs.has(ref.hash)
    village.clock.advance(2 * HOUR_MS)
    look_twice(village)
    assert not village.node.blobs.has(ref.hash)


def test_the_papers_of_a_case_stay_and_are_looked_at_no_more(village: ThreeNodes) -> None:
    number = village.file(RELIEF, papers=2)
    names = {name for papers in village.node.casework.case(number).papers.values() for name in papers}
    assert len(names) == 2
    make_old(village)
    look_twice(village)
    assert all(village.node.blobs.has(name) for name in names)
    assert village.node.blobs.unclaimed(2**50) == []


def test_a_paper_taken_in_again_the_moment_before_stays(village: ThreeNodes) -> None:
    """It was left over from a discarded draft; somebody has just photographed the same card again."""
    ref = taken_in(village, b"card")
    make_old(village)
    jobs.sweep(village.node)
    village.clock.advance(HOUR_MS)
    assert taken_in(village, b"card") == ref
    jobs.sweep(village.node)
    assert village.node.blobs.has(ref.hash)


def test_a_clock_that_jumps_ahead_takes_no_paper_from_an_open_form(village: ThreeNodes) -> None:
    ref = taken_in(village, b"being entered")
    village.clock.set_wall(village.now() + 400 * DAY_MS)
    make_old(village)
    jobs.sweep(village.node)
    jobs.sweep(village.node)
    assert village.node.blobs.has(ref.hash)


def test_a_restart_begins_the_second_look_anew(village: ThreeNodes) -> None:
    ref = taken_in(village, b"left over")
    make_old(village)
    jobs.sweep(village.node)
    village.open(VILLAGE)
    village.clock.advance(HOUR_MS)
    jobs.sweep(village.node)
    assert village.node.blobs.has(ref.hash)
    village.clock.advance(HOUR_MS)
    jobs.sweep(village.node)
    assert not village.node.blobs.has(ref.hash)


def test_a_paper_the_line_still_waits_for_is_not_thrown_away_when_it_is_put_here(three: ThreeNodes) -> None:
    """The frame came, its papers have not; a clerk photographs the same card, and drops the draft."""
    three.open(VILLAGE)
    number = three.file(RELIEF, papers=1)
    three.carry(VILLAGE, TOWN)
    (name,) = next(iter(three.node.casework.case(number).papers.values()))
    path = next((three.folder / TOWN / "papers").rglob(name))
    content = path.read_bytes()
    path.unlink()
    run("DELETE FROM sync_blob WHERE hash = ?", (name,))
    run("DELETE FROM case_paper WHERE hash = ?", (name,))
    run("INSERT INTO sync_gap (stream, seq, hash, size, type) VALUES (1, 1, ?, ?, 'image/jpeg')", (name, 9))
    assert three.node.papers.take_in(io.BytesIO(content)).hash == name
    make_old(three)
    look_twice(three)
    assert three.node.blobs.has(name)


def hash_columns() -> Iterator[str]:
    for (table,) in run("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for _, column, *_rest in run(f'PRAGMA table_info("{table}")').fetchall():
            if re.search(r"hash|blob|paper|photo|sha256|digest_of", column):
                yield f"{table}.{column}"


def test_every_table_that_may_name_a_paper_is_asked(village: ThreeNodes) -> None:
    """Whoever adds a table that names papers adds it to `common/desk/jobs.py`, then here."""
    assert set(hash_columns()) <= set(KNOWN)
