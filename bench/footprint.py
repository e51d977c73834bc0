"""What a village node weighs, at rest and with an agent at work, and how soon after its start it answers."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

from bench.county import ROOT, NodeProcess, make
from common.node.demo.browser import Browser

REQUESTS = 60
_LOGIN, _PASSWORD = "bench", "Qing-yu2026"
_MAPPING = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ \S+ \S+ \S+\s*(\S*)")
_LINK = re.compile(r'href="(/[a-z][a-z/-]*)"')


def _mappings(site: NodeProcess) -> list[list[tuple[str, dict[str, int]]]]:
    """Return of each process of a node its mappings: the file, and what the kernel says of it in KiB."""
    assert site.process is not None
    found = []
    for smaps in Path("/proc").glob("[0-9]*/smaps"):
        try:
            if os.getpgid(int(smaps.parent.name)) == site.process.pid:
                found.append(_read(smaps.read_text()))
        except OSError:
            continue
    return found


def _read(smaps: str) -> list[tuple[str, dict[str, int]]]:
    found: list[tuple[str, dict[str, int]]] = []
    for line in smaps.splitlines():
        if begun := _MAPPING.match(line):
            found.append((begun[1], {}))
        elif line.endswith(" kB"):
            name, size = line.split()[:2]
            found[-1][1][name] = int(size)
    return found


def _pss_mb(site: NodeProcess) -> float:
    """Return the proportional set size of all processes of a node, in MiB."""
    return sum(sizes["Pss:"] for process in _mappings(site) for _, sizes in process) / 1024


def _alone_mb(site: NodeProcess) -> float:
    """Return what it would be if no other program had the same libraries open: their pages counted whole."""
    processes = _mappings(site)
    written, files = 0.0, defaultdict[str, int](int)
    for process in processes:
        clean = defaultdict[str, int](int)
        for file, sizes in process:
            written += sizes["Private_Dirty:"] + sizes["Shared_Dirty:"] / len(processes)
            clean[file] += sizes["Private_Clean:"] + sizes["Shared_Clean:"]
        for file, size in clean.items():
            files[file] = max(files[file], size)
    return (written + sum(files.values())) / 1024


def _page(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/sign-in")
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def _employ(village: NodeProcess) -> None:
    words = [_LOGIN, "--name", "石青", "--roles", "AGENT,ADMIN"]
    subprocess.run(
        [sys.executable, "-m", village.package, "staff", "--data", str(village.folder), *words],
        cwd=ROOT,
        input=f"{_PASSWORD}\n",
        text=True,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _work(village: NodeProcess) -> None:
    """Sign in and open every page that the menu leads to."""
    browser = Browser(village.port)
    browser.get("/sign-in")
    home = browser.post("/sign-in", {"login": _LOGIN, "password": _PASSWORD})
    paths = set(_LINK.findall(home.text))
    if "/line" not in paths:
        raise RuntimeError(f"no menu on the page after signing in: {sorted(paths)}")
    for path in sorted(paths):
        browser.get(path)


def measure(runs: int) -> list[dict[str, object]]:
    """Return medians over `runs` starts of a village with its line down."""
    folder = Path(tempfile.mkdtemp(prefix="liandong-bench-"))
    figures = defaultdict[str, list[float]](list)
    try:
        village, _, _ = make(folder)
        _employ(village)
        for _ in range(runs):
            began = time.perf_counter()
            village.start()
            while _page(village.port) >= 500:
                time.sleep(0.02)
            figures["village_first_page_s"].append(time.perf_counter() - began)
            for _ in range(REQUESTS):
                _page(village.port)
            figures["village_pss_mb"].append(_pss_mb(village))
            figures["village_alone_mb"].append(_alone_mb(village))
            _work(village)
            figures["village_at_work_mb"].append(_alone_mb(village))
            village.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return [
        {"metric": name, "value": round(statistics.median(found), 2 if unit == "s" else 1), "unit": unit}
        for name, found in figures.items()
        for unit in ("s" if name.endswith("_s") else "MiB",)
    ]
