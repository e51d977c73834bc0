"""What runs by itself at a node: the line, and small chores. One process of a node leads, by a file lock."""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import threading
from collections.abc import Callable
from pathlib import Path

from common.casework.errors import ClockDoubtful
from common.casework.jobs import do_what_days_bring, write_lists, write_terms
from common.desk import jobs as desk_jobs
from common.desk.pages.stick_jobs import Sticks
from common.node import trail_mark
from common.node.line import look_for_a_way
from common.node.node import Node
from common.node.place import opened_lock
from common.node.sheet import keep_daily
from common.node.watches.chores import Chore, Chores
from common.node.watches.keeper import Keeper
from common.node.watches.outages import OutageWatch
from common.node.watches.paper_watch import PaperWatch
from common.node.watches.room import RoomKeeper
from common.node.watches.silences import SilenceWatch
from common.notices import jobs as notice_jobs
from common.store.database import close_database
from common.web import own_work
from sync.protocol.core import Note
from sync.protocol.errors import NotEnrolled
from sync.protocol.signing import SEED_BYTES

log = logging.getLogger(__name__)

LOCK_FILE = "jobs.lock"
LINE_WATCH_S = 20
SWEEP_S = 3_600
CLEAR_S = 300
CLOCK_LOOK_S = 10


class Jobs:
    """The jobs of one process. `start` returns at once; whoever holds the lock leads while it lives."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._stop = threading.Event()
        self._doubted = ""
        self._has_told = False
        self._room = RoomKeeper(node)
        self._keeper = Keeper(node)
        self._outages = OutageWatch(node)
        self._silences = SilenceWatch(node)
        self._papers = PaperWatch(node)
        self._chores = Chores(self._all_chores(), node.clock)

    def start(self) -> None:
        """Begin to wait for the lead."""
        self._spawn(self._lead, "lead")

    def stop(self) -> None:
        """End all jobs; an exchange under way finishes or is cut, either is safe."""
        self._stop.set()
        self._node.wake()
        self._chores.stop()

    def _spawn(self, target: Callable[[], None], name: str) -> threading.Thread:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        return thread

    def _lead(self) -> None:
        path = Path(self._node.config.path(LOCK_FILE))
        # Blocks until the former leader's process is gone; the kernel frees the lock however it died.
        with opened_lock(path) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if self._stop.is_set():
                return
            log.info("leading the jobs of %s", self._node.me)
            self._begin(lambda: self._node.blobs.sweep(), lambda: notice_jobs.sweep(self._node))
            self._begin(self._clear_made, self._room.keep)
            self._line = self._spawn(self._run_line, "line")
            self._begin(self._days, self._tell_first, self._keep_ends)
            self._chores.start()
            close_database()
            while not self._stop.wait(CLOCK_LOOK_S):
                if self._chores.look():
                    log.warning("the clock was set; chores go on in their time")

    def _begin(self, *steps: Callable[[], object]) -> None:
        """Do what the lead begins with; what fails is logged. Without a lead nobody has chores or lock."""
        for step in steps:
            try:
                step()
            except Exception:
                log.exception("a first step of the lead could not be done now")

    def _all_chores(self) -> dict[str, Chore]:
        return {
            "line_watch": Chore(_closed_after(self._watch_line), LINE_WATCH_S),
            "clear_made": Chore(_closed_after(self._clear_made), CLEAR_S),
            "ends": Chore(_closed_after(self._keep_ends), CLEAR_S),
            "sweep": Chore(_closed_after(self._sweep), SWEEP_S),
            "report": Chore(_closed_after(self._report), SWEEP_S),
            "days": Chore(_closed_after(self._days), SWEEP_S),
            "papers": Chore(_closed_after(self._look_over), SWEEP_S),
            "keep": Chore(_closed_after(self._keeper.keep), SWEEP_S),
        }

    def _run_line(self) -> None:
        runner = self._node.runner
        while runner is not None and not self._stop.is_set():
            try:
                runner.run(self._stop)
            except Exception:
                # A full disk or a bug must not end the line for good: it is logged and tried again.
                log.exception("the line stopped, it starts again in a moment")
                self._stop.wait(5)

    def _watch_line(self) -> None:
        self._room.keep()
        self._keeper.brief_if_moved()
        self._tell_first()
        look_for_a_way(self._node, os.environ)
        is_lined = self._node.runner is not None
        if is_lined and not self._line.is_alive() and not self._stop.is_set():
            self._line = self._spawn(self._run_line, "line")
        # The last: a full disk refuses it, and the line must not wait for that.
        has_ended = self._outages.look()
        if self._silences.look() or has_ended:
            self._report()

    def _report(self) -> None:
        """Tell the nodes above what is new of people here: accounts, stand-ins, views of days past."""
        with self._node.unit():
            told = self._node.staffing.report()
        if told:
            self._node.wake()

    def _tell_first(self) -> None:
        """Report once as soon as the node knows who is above: those would wait an hour for names."""
        node, tree = self._node, self._node.tree()
        is_below = node.me in tree and tree.top not in ("", node.me)
        # With data that were put back alone nobody can be told of anything until this computer has joined.
        if not self._has_told and is_below and node.has_joined():
            self._has_told = True
            self._report()

    def _days(self) -> None:
        """Do what is owed because days have passed; at the start too: nobody knows how long it was off."""
        node = self._node
        try:
            write_terms(node.unit)
            write_lists(node.unit, node.casework.ctx.calendar())
            do_what_days_bring(node.casework, node.unit, node.calendars.mark(), node.clock.now_ms())
        except ClockDoubtful as fault:
            if self._doubted != str(fault):
                self._doubted = str(fault)
                log.warning("%s", fault)
                node.journal([Note(fault.code, node.me, "days")])
        except Exception:
            # Nothing of the batch was kept; the next hour does it again, and the line must not wait for it.
            log.exception("duties of days past could not be done now")
        self._keeper.brief()
        node.wake()
        self._sheet()

    def _sheet(self) -> None:
        """Keep the heads of all streams as they are today; a disk that refuses is asked again in an hour."""
        try:
            keep_daily(self._node, self._node.clock.now_ms())
        except OSError:
            log.exception("the sheet of heads of today could not be kept now")
        except NotEnrolled:
            log.info("no sheet of heads before this node has joined")

    def _clear_made(self) -> None:
        """Clear away files that were made beside the pages and fetched, or left."""
        folder, now_ms = self._node.config.data_dir, self._node.clock.now_ms()
        own_work.sweep(folder, now_ms)
        Sticks(folder).sweep(now_ms)

    def _keep_ends(self) -> None:
        trail_mark.keep(self._node)

    def _look_over(self) -> None:
        self._papers.look()

    def _sweep(self) -> None:
        self._node.blobs.sweep()
        desk_jobs.sweep(self._node)
        with self._node.unit():
            new = self._node.trust.look_after_keys(secrets.token_bytes(SEED_BYTES))
        if new:
            self._node.heart.attest()
            self._node.wake()


def _closed_after(work: Callable[[], None]) -> Callable[[], None]:
    """Return `work` that leaves its thread without a connection: an idle one holds up to 2 MB of pages."""

    def done() -> None:
        try:
            work()
        finally:
            close_database()

    return done
