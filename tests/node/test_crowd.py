"""A real node with more slow lines than it has places: people are answered, who comes too many is told."""

from __future__ import annotations

import http.client
import select
import socket
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from common.config import NodeConfig
from common.node.assembly import node_seats
from common.node.demo.county import NodeProcess, free_ports
from sync.adapters.http_client import EXCHANGE_PATH, EXCHANGE_TYPE, HttpLine, ParentBusy

HEAD = (
    f"POST {EXCHANGE_PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: {EXCHANGE_TYPE}\r\n"
    "Content-Length: 200000\r\n\r\nLDX1"
).encode()
CALLERS = 14


def test_people_are_answered_while_more_slow_lines_call_than_there_are_places(tmp_path: Path) -> None:
    node = NodeProcess("511921", tmp_path / "county", free_ports(1)[0])
    node.run("init", "--address", node.address, "--bind", f"127.0.0.1:{node.port}")
    node.start()
    try:
        with ExitStack() as stack:
            callers = [
                stack.enter_context(closing(socket.create_connection(("127.0.0.1", node.port), timeout=10)))
                for _ in range(CALLERS)
            ]
            for caller in callers:
                caller.sendall(HEAD)
            _wait_until_turned_away(callers, CALLERS - node_seats(NodeConfig(data_dir=tmp_path)))
            began = time.monotonic()
            for path in ("/healthz", "/sign-in", "/guide"):
                connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=10)
                connection.request("GET", path)
                assert connection.getresponse().status == 200
            assert time.monotonic() - began < 8.0
            with pytest.raises(ParentBusy) as caught:
                # In the middle of a long body: the word is heard though the other has hung up.
                list(HttpLine().exchange(node.url, iter([b"LDX1" + bytes(3_000_000)])))
            assert caught.value.retry_after_s > 0
            # Whoever has a place goes on waiting.
            time.sleep(0.3)
            told = [_answer(caller) for caller in select.select(callers, [], [], 0)[0]]
            assert len(told) == CALLERS - node_seats(NodeConfig(data_dir=tmp_path))
            assert all(b" 503 " in answer and b"Retry-After" in answer for answer in told)
    finally:
        node.stop()


def _wait_until_turned_away(callers: list[socket.socket], count: int) -> None:
    until = time.monotonic() + 10.0
    while len(select.select(callers, [], [], 0.1)[0]) < count and time.monotonic() < until:
        time.sleep(0.02)


def _answer(caller: socket.socket) -> bytes:
    caller.settimeout(0.2)
    return caller.recv(4_096)
