"""A thin line made by the kernel: two network namespaces, a cable between them, a token bucket at each end.

`python -m bench` starts itself again inside a fresh namespace, where the township runs; the village runs in a
second one and reaches the first over the cable alone. Needs root, `unshare`, `nsenter`, `ip` and `tc`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_MARK = "LIANDONG_BENCH_SHAPED"
NEAR, _FAR = "10.77.0.1", "10.77.0.2"


class CannotShape(RuntimeError):
    """This machine makes no namespaces or shapes no lines."""


def inside(what: str) -> bool:
    """Say whether this process is in the namespace; if not, run the measurement `what` there.

    Raises:
        CannotShape: `unshare`, `ip` or `tc` is missing or may not.
    """
    if os.environ.get(_MARK):
        return True
    if not all(map(shutil.which, ("unshare", "nsenter", "ip", "tc"))):
        raise CannotShape("unshare, nsenter, ip and tc are needed")
    if subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode:
        raise CannotShape("not allowed to make a network namespace")
    command = ["unshare", "--net", sys.executable, "-m", "bench", what, *sys.argv[2:]]
    subprocess.run(command, env={**os.environ, _MARK: "1"}, check=True)
    return False


@contextmanager
def cable(rate: str) -> Iterator[tuple[str, ...]]:
    """Lay a cable of `rate` to a new namespace; yield the words that start a command there.

    Here the end has the address `NEAR`. The buckets are those that the peers were measured with.
    """
    far = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
    try:
        there = ("nsenter", f"--target={far.pid}", "--net")
        while Path(f"/proc/{far.pid}/ns/net").readlink() == Path("/proc/self/ns/net").readlink():
            time.sleep(0.01)
        _run("ip link set lo up")
        _run("ip link add name near type veth peer name far")
        _run(f"ip link set far netns {far.pid}")
        _end((), "near", NEAR, rate)
        _end(there, "far", _FAR, rate)
        yield there
    finally:
        far.kill()
        far.wait()


def _end(there: tuple[str, ...], name: str, address: str, rate: str) -> None:
    _run("ip link set lo up", there)
    _run(f"ip link set {name} gso_max_segs 1", there)
    _run(f"ip address add {address}/24 dev {name}", there)
    _run(f"ip link set {name} up", there)
    _run(f"tc qdisc add dev {name} root tbf rate {rate} burst 4kb latency 400ms", there)


def _run(line: str, there: tuple[str, ...] = ()) -> None:
    subprocess.run([*there, *line.split()], check=True)
