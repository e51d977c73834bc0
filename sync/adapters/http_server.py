"""The parent's end of the line: a blueprint that hands bytes to the engine. It trusts only signatures."""

from __future__ import annotations

import socket
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from flask import Blueprint, Response, request
from werkzeug.exceptions import ClientDisconnected

from sync.adapters.engine import INTRODUCTION_BYTES, Engine
from sync.adapters.http_client import (
    BUSY_BODY,
    BUSY_TYPE,
    CODE_HEADER,
    ENROLMENT_PATH,
    ENROLMENT_TYPE,
    EXCHANGE_PATH,
    EXCHANGE_TYPE,
    REFUSAL_TYPE,
    REFUSED,
)
from sync.adapters.line import ParentBusy
from sync.adapters.seats import Seat, Seats
from sync.protocol.enrolment import MESSAGE_BYTES_MAX
from sync.protocol.errors import NotEnrolled, SyncError
from sync.protocol.offer import Budget

RETRY_AFTER_S = 5
# Small, so that a slow line's records are taken in as they come and a cut loses little.
_CHUNK = 1 << 12
# More than this is read of a known node's exchange alone: whatever else it is, it is refused before.
_STRANGER_BYTES = INTRODUCTION_BYTES + 2 * _CHUNK


@dataclass(frozen=True, slots=True)
class Door:
    """What the blueprint needs.

    `budget` says how much an answer may carry, given how much the other says its line takes
    (bytes, 0 for no idea); `enrol` answers enrolment
    requests; `arrived` is told after an exchange that brought something;
    `seats` is how many exchanges may run at once, so that slow lines never
    take the threads that people's pages need.
    """

    engine: Engine
    budget: Callable[[int], Budget]
    enrol: Callable[[bytes], bytes]
    arrived: Callable[[], None]
    seats: int = 2


def make_blueprint(door: Door) -> Blueprint:
    """Return the blueprint with the two node routes; mark them exempt from CSRF, signatures guard them."""
    pages = Blueprint("node_line", __name__)
    seats = Seats(door.seats)

    def in_a_seat(answer: Callable[[Seat], Response]) -> Response:
        seat = seats.take(request.environ.get("gunicorn.socket"))
        if seat is None:
            return _busy()
        try:
            response = answer(seat)
        except BaseException:
            seat.leave()
            raise
        # Until it has left: a reader that takes nothing must not hold a thread beyond the seats.
        response.call_on_close(seat.leave)
        weakref.finalize(response, seat.leave)
        return response

    @pages.post(EXCHANGE_PATH)
    def exchange() -> Response:
        """Take in the exchange in the body and answer with one."""
        return in_a_seat(lambda seat: _exchange(door, seat))

    @pages.post(ENROLMENT_PATH)
    def enrolment() -> Response:
        """Answer an enrolment request made with a code this node gave out."""
        # Anybody can knock here: who guesses codes takes no more threads than slow lines may.
        return in_a_seat(lambda seat: _enrolment(door, seat))

    for view in (exchange, enrolment):
        view.guard = "signed"  # type: ignore[attr-defined]
    return pages


def _enrolment(door: Door, seat: Seat) -> Response:
    try:
        data = request.stream.read(MESSAGE_BYTES_MAX + 1)
        seat.hear()
        return Response(door.enrol(data), content_type=ENROLMENT_TYPE)
    except SyncError as problem:
        return _refuse(problem.code, problem.sentence)


def _exchange(door: Door, seat: Seat) -> Response:
    if request.content_type != EXCHANGE_TYPE:
        return _refuse("S104", "不是节点之间的数据。")
    try:
        report = door.engine.receive(_body(seat))
    except NotEnrolled as problem:
        return _refuse(problem.code, problem.sentence)
    if not report.sender:
        return _refuse(report.code, report.sentence, report.told)
    if not report.complete:
        _hear_no_more()
    if report.fresh or report.pieces:
        door.arrived()
    try:
        _, chunks = door.engine.make(report.sender, door.budget(report.room))
    except SyncError as problem:
        return _refuse(problem.code, problem.sentence)
    return Response(b"".join(chunks), content_type=EXCHANGE_TYPE)


def _body(seat: Seat) -> Iterator[bytes]:
    # A line cut half way ends the body early or raises; either way the records before it were taken in.
    got = 0
    while True:
        try:
            chunk = request.stream.read(_CHUNK)
        except (OSError, ClientDisconnected):
            return
        got += len(chunk)
        if got > _STRANGER_BYTES or not chunk:
            seat.hear()
        if not chunk:
            return
        yield chunk


def _hear_no_more() -> None:
    """Read nothing more of a request: a thread of the server would wait for the rest of a slow body."""
    sock = request.environ.get("gunicorn.socket")
    if sock is not None:
        with suppress(OSError):
            # Of the plain socket beneath TLS too: the answer still goes out encrypted.
            socket.socket.shutdown(sock, socket.SHUT_RD)


def _busy() -> Response:
    _hear_no_more()
    response = Response(BUSY_BODY, status=503, content_type=BUSY_TYPE)
    response.headers[CODE_HEADER] = ParentBusy.code
    response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _refuse(code: str, sentence: str, told: bytes = b"") -> Response:
    _hear_no_more()
    response = Response(f"{code} {sentence}\n", status=REFUSED, content_type="text/plain; charset=utf-8")
    if told:
        response = Response(told, status=REFUSED, content_type=REFUSAL_TYPE)
    response.headers[CODE_HEADER] = code
    return response
