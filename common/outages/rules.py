"""When a node was off or cut off: what its clocks show, what is told upward, what comes of many. Pure.

How long something lasted is taken from the clock that never runs back, as long as the machine was not started
anew; across a start the wall clock alone can tell, and it may be wrong. What no clock can tell is called so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from sync.protocol.address import is_address

# No node above answered; the nearest did not but one further up did; the machine or its program stood still.
LINE, PARENT, OFF = "line", "parent", "off"
KINDS = (LINE, PARENT, OFF)
# The line held, and the nodes above asked for patience; readers of before it had a name take it for a `LINE`.
BUSY = "busy"
# A node further up has not heard from it: noted there, never told by the node itself.
SILENT = "silent"

_MINUTE_MS = 60_000
DAY_MS = 24 * 60 * _MINUTE_MS
# What is over sooner troubles nobody.
SHORTEST_MS = 5 * _MINUTE_MS
# What seems to have lasted longer is a clock's fault.
LONGEST_MS = 400 * DAY_MS
# How often a node writes down that it is running, and so how exactly it can say when it stopped.
LOOK_MS = 5 * _MINUTE_MS
# So long that it is told with the next contact; shorter ones wait for the day's report.
LONG_MS = 60 * _MINUTE_MS
# A node in order asks every minute; one that was not heard for so long is silent.
SILENT_MS = 30 * _MINUTE_MS
# What recurs at the same hours of the day is looked for in so many days before.
RHYTHM_DAYS = 15
_HOUR_MS = 60 * _MINUTE_MS
# So many fit one act of about a kilobyte; the rest goes with the next.
ROWS_AT_ONCE = 40
# Whatever begins or ends so much after it came here was written by a clock that is ahead.
_AHEAD_MS = 10 * _MINUTE_MS
_YEAR_9999_MS = 250_000_000_000_000


class Mark(NamedTuple):
    """One reading of the clocks: UTC milliseconds, which run of the machine, milliseconds that only grow."""

    wall_ms: int
    boot: str
    mono_ms: int


class Outage(NamedTuple):
    """One outage, UTC milliseconds. `is_doubtful` is 1 when no clock can tell how long it lasted."""

    kind: str
    began_at: int
    ended_at: int
    is_doubtful: int = 0

    @property
    def lasted_ms(self) -> int:
        """How long it lasted, 0 for what nobody knows."""
        return 0 if self.is_doubtful else self.ended_at - self.began_at


class Running(NamedTuple):
    """What a node last wrote down of itself.

    `mark` is when it was last seen running. `before_ms` is when it was last seen before the machine's latest
    start (0: not open), kept while the wall clock has shown no time gone by, `start_mono_ms` when it came up.
    """

    mark: Mark
    before_ms: int = 0
    start_mono_ms: int = 0


class Tally(NamedTuple):
    """Of a span of time: how often a node was off or cut off, how long in all, how often nobody knows."""

    times: int
    total_ms: int
    doubtful: int


def seen_running(last: Running | None, now: Mark) -> tuple[Running, Outage | None]:
    """Return what a node that is running writes down now, and the standstill this reading shows, if any.

    A machine without a clock of its own comes up with the time at which it went down, or with none at all,
    and is put right later by its line or by hand: the standstill shows only then.
    """
    if last is None:
        return Running(now), None
    if now.boot != last.mark.boot:
        began = max(last.mark.wall_ms, last.before_ms)
        found = _standstill(began, now.wall_ms)
        return Running(now) if found else Running(now, began, now.mono_ms), found
    stood_ms = now.mono_ms - last.mark.mono_ms
    if stood_ms >= LOOK_MS + SHORTEST_MS:
        return last._replace(mark=now), _lasted(OFF, now.wall_ms - stood_ms, now.wall_ms)
    if last.before_ms:
        came_up = now.wall_ms - (now.mono_ms - last.start_mono_ms)
        found = _standstill(last.before_ms, came_up)
        return Running(now) if found else last._replace(mark=now), found
    return last._replace(mark=now), None


def _standstill(began: int, ended: int) -> Outage | None:
    return Outage(OFF, began, ended) if SHORTEST_MS <= ended - began <= LONGEST_MS else None


def over(kind: str, began: Mark, now: Mark) -> Outage:
    """Return an outage that began at one reading of the clocks and is over at another."""
    is_sure = began.boot == now.boot
    return _lasted(
        kind, now.wall_ms - (now.mono_ms - began.mono_ms) if is_sure else began.wall_ms, now.wall_ms
    )


def _lasted(kind: str, began: int, ended: int) -> Outage:
    if 0 <= began <= ended <= began + LONGEST_MS:
        return Outage(kind, began, ended)
    at = min(max(0, ended), _YEAR_9999_MS)
    return Outage(kind, at, at, 1)


def is_worth_keeping(outage: Outage) -> bool:
    """Say whether an outage that is over was long enough to be written down."""
    return bool(outage.is_doubtful) or outage.lasted_ms >= SHORTEST_MS


def is_time_to_tell(untold: Sequence[Outage], told_at: int, now_ms: int) -> bool:
    """Say whether the nodes above are told now: at once of what was long, else once a day.

    Args:
        told_at: when they were told last, 0 for never; in the future by this clock counts as never.
    """
    is_new_day = not told_at <= now_ms < told_at + DAY_MS
    return bool(untold) and (is_new_day or any(one.lasted_ms >= LONG_MS for one in untold))


def as_fields(outages: Iterable[Outage]) -> dict[str, Any]:
    """Return outages that are over as they are signed and sent up; `busy` says which lines were busy."""
    told = list(outages)
    busy = [at for at, one in enumerate(told) if one.kind == BUSY]
    rows = [list(one._replace(kind=LINE) if one.kind == BUSY else one) for one in told]
    return {"outages": rows, **({"busy": busy} if busy else {})}


def read_outages(body: Any) -> list[Outage]:
    """Return the outages in the body of a `node.outages`.

    Raises:
        ValueError: a field is missing or malformed, or there are too many.
    """
    fields: Mapping[str, Any] = body if type(body) is dict else {}
    rows = fields.get("outages")
    if type(rows) is not list or not 1 <= len(rows) <= ROWS_AT_ONCE:
        raise ValueError("outages")
    read, busy = [_read_row(row) for row in rows], fields.get("busy", [])
    if type(busy) is not list or any(type(at) is not int for at in busy):
        raise ValueError("busy")
    return [
        one._replace(kind=BUSY) if at in busy and one.kind == LINE else one for at, one in enumerate(read)
    ]


def _read_row(row: Any) -> Outage:
    if type(row) is not list or len(row) != len(Outage._fields):
        raise ValueError("an outage")
    kind, began, ended, doubt = row
    is_good = (
        type(kind) is str
        and kind in KINDS
        and type(began) is int
        and type(ended) is int
        and type(doubt) is int
        and doubt in (0, 1)
        and 0 <= began <= ended <= _YEAR_9999_MS
        and ended - began <= LONGEST_MS
    )
    if not is_good:
        raise ValueError("an outage")
    return Outage(kind, began, ended, doubt)


def as_believed(outage: Outage, heard_at: int) -> Outage:
    """Return an outage or a silence that was told here at `heard_at`, as it is believed here."""
    return outage._replace(is_doubtful=1) if is_ahead(outage, heard_at) else outage


def is_ahead(outage: Outage, now_ms: int) -> bool:
    """Say whether an outage begins or ends in what is still to come, by more than clocks differ."""
    return max(outage.began_at, outage.ended_at) > now_ms + _AHEAD_MS


def tally(outages: Iterable[Outage], since_ms: int, until_ms: int) -> Tally:
    """Return what outages come to between two instants; those at one time count once.

    Doubtful ones are counted and have no length. A node whose nearest neighbour above was silent while one
    further up answered was not cut off, nor one that was asked for patience.
    """
    cut_off = [one for one in outages if one.kind not in (PARENT, BUSY)]
    told = [one for one in cut_off if one.began_at < until_ms and one.ended_at >= since_ms]
    known = sorted((one.began_at, one.ended_at) for one in told if not one.is_doubtful)
    count, total, upto = 0, 0, -1
    for began, ended in known:
        count += began > upto
        total += max(0, min(ended, until_ms) - max(began, since_ms, upto))
        upto = max(upto, ended)
    doubtful = sum(1 for one in told if one.is_doubtful)
    return Tally(count + doubtful, total, doubtful)


# --- silences: how long a node below was not heard by the node above it
def silence_of(began_at: int, ended_at: int) -> Outage:
    """Return the silence between two words of a node below, as this node's clock says."""
    return _lasted(SILENT, began_at, ended_at)


def is_usual(one: Outage, past: Sequence[Outage]) -> bool:
    """Say whether a silence is no longer than what is usual of its node; one that lasts ends now.

    Usual is what came twice before: a node that looks in for a moment only, as one served by sticks, was
    silent half as long at least both times before; or the same hours, as those of a night, were silent on
    two days of the last fifteen.

    Args:
        past: the silences of the same node before it, the oldest first.
    """
    earliest = one.began_at - (RHYTHM_DAYS + 1) * DAY_MS
    known = [before for before in past[-2:] if not before.is_doubtful]
    if one.is_doubtful or len(known) < 2:
        return False
    links = zip(known, (known[-1], one), strict=True)
    if all(after.began_at - before.ended_at < SILENT_MS for before, after in links):
        return one.lasted_ms <= 2 * min(before.lasted_ms for before in known)
    recent = takewhile(lambda before: before.began_at >= earliest, reversed(past))
    return len({_days_before(one, before) for before in recent} - {0}) >= 2


def _days_before(one: Outage, before: Outage) -> int:
    """Return how many days earlier the same hours were silent, 0 when they were not."""
    days = (one.began_at - before.began_at + DAY_MS // 2) // DAY_MS
    shift = days * DAY_MS
    began, ended = before.began_at + shift, before.ended_at + shift
    covers = began <= one.began_at + _HOUR_MS and one.ended_at <= ended + _HOUR_MS
    return days if covers and not before.is_doubtful and 1 <= days <= RHYTHM_DAYS else 0


def unusual(silences: Sequence[Outage]) -> list[Outage]:
    """Return those of a node's silences, given the oldest first, that were longer than its usual ones."""
    return [one for at, one in enumerate(silences) if not is_usual(one, silences[:at])]


def as_silences(told: Iterable[tuple[str, Outage]]) -> dict[str, Any]:
    """Return silences of nodes below, each with its node, as they are signed and sent up; 0: it lasts."""
    return {"silences": [[node, one.began_at, one.ended_at, one.is_doubtful] for node, one in told]}


def read_silences(body: Any) -> list[tuple[str, Outage]]:
    """Return the silences in the body of a `node.silences`, each with its node.

    Raises:
        ValueError: a field is missing or malformed, or there are too many.
    """
    fields: Mapping[str, Any] = body if type(body) is dict else {}
    rows = fields.get("silences")
    if type(rows) is not list or not 1 <= len(rows) <= ROWS_AT_ONCE:
        raise ValueError("silences")
    return [_read_silence(row) for row in rows]


def _read_silence(row: Any) -> tuple[str, Outage]:
    if type(row) is not list or len(row) != 4:
        raise ValueError("a silence")
    node, began, ended, doubt = row
    is_good = (
        is_address(node)
        and [type(number) for number in (began, ended, doubt)] == [int, int, int]
        and doubt in (0, 1)
        and 0 < began <= _YEAR_9999_MS
        and 0 <= ended <= _YEAR_9999_MS
        and (bool(doubt) or ended == 0 or began <= ended <= began + LONGEST_MS)
    )
    if not is_good:
        raise ValueError("a silence")
    return node, Outage(SILENT, began, ended, doubt)
