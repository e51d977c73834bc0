"""Tables of outages: this node's own, and those that nodes below told of. Decides nothing."""

from __future__ import annotations

from peewee import BigIntegerField, CharField, CompositeKey, IntegerField

from common.outages.rules import SILENT, Mark, Outage, Running
from common.store.database import Base, run

_OUTAGE = "kind, began_at, ended_at, is_doubtful"
_SILENCE = "node, noted_by, began_at, ended_at, is_doubtful"


class LineOutage(Base):
    """An outage of this node; `ended_at` is 0 while it lasts, `boot` and `mono` are of its beginning."""

    began_at = BigIntegerField(index=True)
    ended_at = BigIntegerField(default=0)
    code = CharField()
    kind = CharField()
    boot = CharField()
    mono = BigIntegerField()
    is_doubtful = IntegerField()
    is_told = IntegerField()

    class Meta:
        table_name = "line_outage"


class NodeRunning(Base):
    """The one row of what a node last wrote down of itself (`rules.Running`), and when it last told."""

    at = BigIntegerField()
    boot = CharField()
    mono = BigIntegerField()
    before_at = BigIntegerField()
    start_mono = BigIntegerField()
    told_at = BigIntegerField()

    class Meta:
        table_name = "node_running"


class OutageBelow(Base):
    """An outage that a node below told of; `heard_at` is when that came here."""

    node = CharField()
    kind = CharField()
    began_at = BigIntegerField()
    ended_at = BigIntegerField()
    is_doubtful = IntegerField()
    heard_at = BigIntegerField()

    class Meta:
        table_name = "outage_below"
        primary_key = CompositeKey("node", "kind", "began_at")


class Silence(Base):
    """A silence of a node below, as the node `noted_by` above it noted it; `ended_at` is 0 while it lasts.

    `told` is what those above were told by this node: 0 nothing yet, 1 that it began, 2 all, or nothing ever.
    """

    node = CharField()
    noted_by = CharField()
    began_at = BigIntegerField()
    ended_at = BigIntegerField()
    is_doubtful = IntegerField()
    told = IntegerField()

    class Meta:
        table_name = "silence"
        primary_key = CompositeKey("node", "noted_by", "began_at")


# --- this node
def running() -> Running | None:
    """Return what the node last wrote down of itself, None when it never did."""
    row = run("SELECT at, boot, mono, before_at, start_mono FROM node_running WHERE boot <> ''").fetchone()
    return Running(Mark(int(row[0]), str(row[1]), int(row[2])), int(row[3]), int(row[4])) if row else None


def set_running(now: Running) -> None:
    """Write down that the node is running."""
    run(
        "UPDATE node_running SET at = ?, boot = ?, mono = ?, before_at = ?, start_mono = ?",
        (*now.mark, now.before_ms, now.start_mono_ms),
    )


def forget_running() -> None:
    """Let nothing of earlier be known of when the node ran."""
    run("UPDATE node_running SET boot = ''")


def told_at() -> int:
    """Return when the nodes above were last told, 0 for never."""
    return int(run("SELECT told_at FROM node_running").fetchone()[0])


def set_told(numbers: list[int], now_ms: int) -> None:
    """Note that those above were told of outages now."""
    run("UPDATE node_running SET told_at = ?", (now_ms,))
    for number in numbers:
        run("UPDATE line_outage SET is_told = 1 WHERE id = ?", (number,))


def open_ones() -> dict[str, tuple[int, Mark]]:
    """Return kind → (number, when it began) of the outages that last."""
    rows = run("SELECT id, kind, began_at, boot, mono FROM line_outage WHERE ended_at = 0 ORDER BY id")
    return {
        str(kind): (int(n), Mark(int(at), str(boot), int(mono)))
        for n, kind, at, boot, mono in rows.fetchall()
    }


def add(outage: Outage, began: Mark, code: str) -> None:
    """Add an outage of this node; `ended_at` 0 when it lasts."""
    run(
        f"INSERT INTO line_outage ({_OUTAGE}, boot, mono, code, is_told) VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
        (*outage, began.boot, began.mono_ms, code),
    )


def close(number: int, outage: Outage) -> None:
    """Write down how an outage ended."""
    run(
        "UPDATE line_outage SET began_at = ?, ended_at = ?, is_doubtful = ? WHERE id = ?",
        (outage.began_at, max(1, outage.ended_at), outage.is_doubtful, number),
    )


def untold(limit: int) -> list[tuple[int, Outage]]:
    """Return the outages that are over and were not told yet, the oldest first."""
    rows = run(
        f"SELECT id, {_OUTAGE} FROM line_outage WHERE ended_at > 0 AND is_told = 0 ORDER BY id LIMIT ?",
        (limit,),
    )
    return [(int(row[0]), Outage(*row[1:])) for row in rows.fetchall()]


def own(limit: int) -> list[Outage]:
    """Return the newest outages of this node first, one that lasts with `ended_at` 0."""
    rows = run(f"SELECT {_OUTAGE} FROM line_outage ORDER BY id DESC LIMIT ?", (limit,))
    return [Outage(*row) for row in rows.fetchall()]


def keep_newest(count: int) -> None:
    """Drop the oldest outages of this node beyond so many."""
    run("DELETE FROM line_outage WHERE id <= (SELECT MAX(id) FROM line_outage) - ?", (count,))


# --- nodes below
def add_below(node: str, outages: list[Outage], heard_at: int, kept: int) -> None:
    """Store outages of a node below, each once; of its oldest none beyond `kept`."""
    for one in outages:
        run(
            f"INSERT OR IGNORE INTO outage_below (node, {_OUTAGE}, heard_at) VALUES (?, ?, ?, ?, ?, ?)",
            (node, *one, heard_at),
        )
    run(
        "DELETE FROM outage_below WHERE node = ? AND rowid NOT IN"
        " (SELECT rowid FROM outage_below WHERE node = ? ORDER BY rowid DESC LIMIT ?)",
        (node, node, kept),
    )


def below(node: str) -> list[tuple[Outage, int]]:
    """Return what a node below told, what was heard last first, each with when it was heard."""
    rows = run(
        f"SELECT {_OUTAGE}, heard_at FROM outage_below WHERE node = ? ORDER BY heard_at DESC, began_at DESC",
        (node,),
    )
    return [(Outage(*row[:4]), int(row[4])) for row in rows.fetchall()]


# --- silences of nodes below
def put_silence(node: str, noted_by: str, one: Outage, kept: int) -> None:
    """Store a silence, or how it ended: what is known of an end stays.

    Of the oldest none is kept beyond `kept`; doubtful ones go first.
    """
    run(
        f"INSERT INTO silence ({_SILENCE}, told) VALUES (?, ?, ?, ?, ?, 0)"
        " ON CONFLICT (node, noted_by, began_at) DO UPDATE"
        " SET ended_at = excluded.ended_at, is_doubtful = excluded.is_doubtful WHERE silence.ended_at = 0",
        (node, noted_by, one.began_at, one.ended_at, one.is_doubtful),
    )
    run(
        "DELETE FROM silence WHERE node = ? AND rowid NOT IN"
        " (SELECT rowid FROM silence WHERE node = ? ORDER BY is_doubtful, began_at DESC LIMIT ?)",
        (node, node, kept),
    )


def silences(node: str, noted_by: str, since: int) -> list[Outage]:
    """Return the silences of a node that another noted and not over before an instant, oldest first."""
    rows = run(
        "SELECT began_at, ended_at, is_doubtful FROM silence WHERE node = ? AND noted_by = ?"
        " AND (ended_at = 0 OR ended_at >= ?) ORDER BY began_at",
        (node, noted_by, since),
    )
    return [Outage(SILENT, *row) for row in rows.fetchall()]


def lasting_silences(noted_by: str) -> dict[str, int]:
    """Return node → since when it is silent."""
    rows = run("SELECT node, began_at FROM silence WHERE noted_by = ? AND ended_at = 0", (noted_by,))
    return {str(node): int(began) for node, began in rows.fetchall()}


def all_lasting() -> dict[tuple[str, str], int]:
    """Return (node, who noted it) → since when it is silent; of what is doubtful nothing."""
    rows = run(
        "SELECT node, noted_by, MAX(began_at), ended_at FROM silence WHERE is_doubtful = 0"
        " GROUP BY node, noted_by"
    )
    return {(str(row[0]), str(row[1])): int(row[2]) for row in rows.fetchall() if not row[3]}


def is_lasting(node: str, noted_by: str, began_at: int) -> bool:
    """Say whether this very silence is known and not over."""
    sql = "SELECT 1 FROM silence WHERE node = ? AND noted_by = ? AND began_at = ? AND ended_at = 0"
    return run(sql, (node, noted_by, began_at)).fetchone() is not None


def is_doubted(node: str, noted_by: str, began_at: int) -> bool:
    """Say whether nobody knows how long this very silence lasts."""
    sql = "SELECT is_doubtful FROM silence WHERE node = ? AND noted_by = ? AND began_at = ?"
    row = run(sql, (node, noted_by, began_at)).fetchone()
    return row is not None and bool(row[0])


def doubt_lasting(noted_by: str) -> None:
    """Let nothing be known of how long the silences last that have not ended."""
    run("UPDATE silence SET is_doubtful = 1 WHERE noted_by = ? AND ended_at = 0", (noted_by,))


def silences_to_tell(noted_by: str) -> list[tuple[str, Outage, int]]:
    """Return silences of which those above were not told all yet: node, silence, what was told."""
    rows = run(
        "SELECT node, began_at, ended_at, is_doubtful, told FROM silence"
        " WHERE noted_by = ? AND told < 2 AND (ended_at > 0 OR told = 0) ORDER BY began_at",
        (noted_by,),
    )
    return [(str(row[0]), Outage(SILENT, *row[1:4]), int(row[4])) for row in rows.fetchall()]


def let_untold(node: str, noted_by: str, began_at: int) -> None:
    """Let those above not be told of a silence of which they know nothing yet."""
    run(
        "UPDATE silence SET told = 2 WHERE node = ? AND noted_by = ? AND began_at = ? AND told = 0",
        (node, noted_by, began_at),
    )


def set_silence_told(node: str, noted_by: str, began_at: int, told: int) -> None:
    """Note what those above were told of a silence."""
    run(
        "UPDATE silence SET told = ? WHERE node = ? AND noted_by = ? AND began_at = ?",
        (told, node, noted_by, began_at),
    )
