"""The seal process: holds the keys, looks at the case itself, writes its log, and only then signs."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import logging
import os
import select
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from common.casework import ledger
from common.casework.errors import CaseNotFound
from common.clock import Clock
from common.days import local_day
from common.errors import LiandongError
from common.seal import authority, line
from common.seal.errors import ClockImplausible, NotDecided, PdfTooLarge, SealFault, SealNotRunning
from common.seal.keys import FOLDER, SealKeys
from common.seal.log import Sealing, SealLog
from common.seal.records import open_read_only
from common.seal.rules.deed import Deed, deed_of
from common.seal.rules.revoked import REASON_WORDS, Revocation, weigh
from common.seal.signer import Words, inspect, set_seal
from common.seal.weighing import known_of

log = logging.getLogger(__name__)

LOCK_FILE = "serve.lock"
_REQUEST_S = 10.0
_LOCK_S = 20.0
_TICK_S = 1.0
# A clock that was put right by a little since the decision is no reason.
_EARLY_MS = 10 * 60_000


class Sealer:
    """Seals one document after the other. `me` is the node's address."""

    def __init__(self, data_dir: Path, me: str, clock: Clock) -> None:
        self._me = me
        self._clock = clock
        self._keys = SealKeys(data_dir / FOLDER)
        self._log = SealLog(data_dir / FOLDER)

    def seal(self, pdf: bytes, case: str, act: str) -> bytes:
        """Return the document with the seal of the organ in charge.

        Raises:
            SealRefusal: the class says why; nothing was signed or logged.
            SealKeysDamaged, SealLogBroken: nothing was signed.
        """
        if len(pdf) > line.PDF_BYTES_MAX:
            raise PdfTooLarge
        deed = self._deed(case, act)
        with self._keys.register.sealing():
            return self._set(pdf, deed)

    def _set(self, pdf: bytes, deed: Deed) -> bytes:
        seal = self._keys.seal_of(deed.organ)
        now = self._clock.now_ms()
        authority.check_time(seal.certificate, now)
        if now < deed.at - _EARLY_MS:
            # The time inside the seal is believed for decades: no decision was sealed before it was made.
            raise ClockImplausible
        inspect(pdf)
        document = hashlib.sha256(pdf).hexdigest()
        serial = authority.serial_of(seal.certificate)
        pos = self._log.add(Sealing(now, deed.case, deed.act, deed.organ, document, serial))
        return set_seal(pdf, seal, Words(deed.case, deed.act, pos, now))

    def standing(self, case: str, act: str, organ: str) -> dict[str, str]:
        """Return what a page is told of a revoked seal, nothing where none is.

        `reason` and `day` say how it was revoked; `when` on which side of that the decision was sealed here
        ("" where it was not: the seal of the organ in charge is meant).

        Raises:
            SealKeysDamaged, SealLogBroken: it cannot be told.
        """
        revoked = self._keys.register.list(self._keys.root()).revoked
        # A county that never revoked any reads no log for each page.
        sealed = self._log.of_act(act) if act and revoked else []
        if not sealed:
            return self._of_organ(organ)
        # The newest one is kept and given out: one before it came to nothing.
        serial, span = sealed[-1]
        found = revoked.get(serial)
        if found is None:
            return {}
        word = weigh(found.since, known_of(case, act, organ, span, 0))
        return {**_told(found), "when": word.when.value}

    def _of_organ(self, organ: str) -> dict[str, str]:
        found = self._keys.revoked(organ)
        return {**_told(found), "when": ""} if found else {}

    def _deed(self, case: str, act: str) -> Deed:
        try:
            opened = ledger.load(case)
        except CaseNotFound as problem:
            raise NotDecided from problem
        return deed_of(opened.state, opened.events, act, self._me)


def _told(found: Revocation) -> dict[str, str]:
    return {"reason": REASON_WORDS[found.reason], "day": local_day(found.since)}


class Counter:
    """Answers requests at the socket, one at a time, until `ends` becomes readable."""

    def __init__(self, sealer: Sealer, data_dir: Path) -> None:
        self._sealer = sealer
        self._folder = data_dir

    def serve(self, ends: IO[bytes] | None = None) -> None:
        """Serve until `ends` is closed at its other side (None: until the process is told to stop).

        Raises:
            SealNotRunning: another seal process of this node does not go away.
        """
        with self._alone(), self._listening() as door:
            watched: list[Any] = [door, ends] if ends is not None else [door]
            log.info("the seal process is ready")
            while True:
                ready, _, _ = select.select(watched, [], [])
                if ends in ready:
                    return
                with contextlib.suppress(OSError):
                    connection, _ = door.accept()
                    with connection:
                        connection.settimeout(_REQUEST_S)
                        self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        if not line.is_own_user(connection):
            return
        head, pdf = line.receive(connection, line.PDF_BYTES_MAX)
        case, act = str(head.get("case", "")), str(head.get("act", ""))
        try:
            if "organ" in head:
                line.send(connection, {"code": "", **self._sealer.standing(case, act, str(head["organ"]))})
                return
            if head["bytes"] > line.PDF_BYTES_MAX:
                raise PdfTooLarge
            sealed = self._sealer.seal(pdf, case, act)
        except LiandongError as refused:
            log.warning("not sealed: %s case %s", refused.code, case[:40])
            line.send(connection, {"code": refused.code, "details": refused.details})
        except Exception as fault:
            # The class alone: a message may quote the document.
            log.error("not sealed: %s case %s", type(fault).__name__, case[:40])
            line.send(connection, {"code": SealFault.code, "details": {}})
        else:
            line.send(connection, {"code": ""}, sealed)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock: the former seal process of a node that started anew may still be ending."""
        with (self._folder / FOLDER / LOCK_FILE).open("wb") as file:
            ends_at = time.monotonic() + _LOCK_S
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > ends_at:
                        raise SealNotRunning(sentence="另一个印章程序正在运行。") from None
                    time.sleep(_TICK_S / 10)
            yield

    @contextlib.contextmanager
    def _listening(self) -> Iterator[socket.socket]:
        path = self._folder / line.SOCKET
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as door, line.address(self._folder) as address:
            before = os.umask(0o177)
            try:
                door.bind(address)
            finally:
                os.umask(before)
            door.listen(8)
            try:
                yield door
            finally:
                path.unlink(missing_ok=True)


def run(data_dir: Path, me: str, clock: Clock, ends: IO[bytes] | None = None) -> None:
    """Open a node's database for reading and serve its seals; see `Counter.serve`."""
    open_read_only(data_dir / "node.sqlite3")
    Counter(Sealer(data_dir, me, clock), data_dir).serve(ends)
