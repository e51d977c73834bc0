"""A site of the small network that answers over real HTTP on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from flask import Flask
from werkzeug.serving import make_server

from sync.adapters.engine import Report
from sync.adapters.http_client import HttpLine, Timeouts
from sync.adapters.http_server import Door, make_blueprint
from sync.protocol.errors import BadEnrolment
from sync.protocol.offer import Budget
from tests.sync.network import TOWN, Site

QUICK = Timeouts(2.0, 2.0)
# An answer is read before its seat is given back, and who asks at once again must not find the door full.
_SEATS = 4


@dataclass
class Parent:
    """A town that really listens."""

    site: Site
    url: str = ""
    port: int = 0
    arrived: list[int] = field(default_factory=list)
    door: Door | None = None


@contextmanager
def listening(app: Flask) -> Iterator[int]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def enrol(data: bytes) -> bytes:
    if data != b"please":
        raise BadEnrolment
    return b"welcome"


@contextmanager
def serving(site: Site, seats: int = _SEATS) -> Iterator[Parent]:
    """Let a site answer on a port of its own."""
    found = Parent(site)
    lock, plain_unit = threading.RLock(), found.site.unit

    @contextmanager
    def locked() -> Iterator[None]:
        with lock, plain_unit():
            yield

    found.site.unit = locked  # type: ignore[method-assign]
    engine = found.site.engine()
    found.door = Door(engine, lambda room: Budget(500_000), enrol, lambda: found.arrived.append(1), seats)
    app = Flask(__name__)
    app.register_blueprint(make_blueprint(found.door))
    with listening(app) as port:
        found.port, found.url = port, f"http://127.0.0.1:{port}"
        yield found


def run(village: Site, line: HttpLine, url: str) -> Report:
    _, chunks = village.engine().make(TOWN, Budget(500_000))
    return village.engine().receive(line.exchange(url, chunks))
