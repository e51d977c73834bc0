"""The life of the printing process: started, killed, bounded in time and memory, at rest, absent."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from common.documents import fonts, printer, wire
from common.documents.errors import (
    PaperTooLarge,
    PrinterBusy,
    PrintFailed,
    PrintFromBrowser,
)
from common.documents.press import Press, PressLimits
from common.documents.service import Documents
from tests.documents.paper import notice, text_of


@pytest.fixture(scope="module")
def documents() -> Iterator[Documents]:
    made = Documents()
    yield made
    made.close()


@pytest.fixture
def press() -> Iterator[Callable[..., Press]]:
    """A maker of presses with bounds of their own; all are closed at the end."""
    made: list[Press] = []

    def make(**limits: float) -> Press:
        made.append(Press(PressLimits(**limits)))
        return made[-1]

    yield make
    for one in made:
        one.close()


def wait_until(true: Callable[[], bool], within_s: float = 15.0) -> None:
    ends = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.02)


def test_a_killed_printer_is_replaced_at_the_next_paper(documents: Documents):
    documents.render("<p>一")
    old = documents._press.pid()
    os.kill(old, signal.SIGKILL)
    assert "二" in text_of(documents.render("<p>二"))
    assert documents._press.pid() not in (0, old)


def test_a_printer_killed_at_work_is_replaced_and_the_paper_printed(press: Callable[..., Press]):
    one = press()
    one.pdf(b"<p>1")
    old = one.pid()
    threading.Timer(0.15, os.kill, (old, signal.SIGKILL)).start()
    assert one.pdf(notice(rows=200).encode()).startswith(b"%PDF-")
    assert one.pid() not in (0, old)


def test_the_printer_goes_to_rest_and_leaves_no_files_behind(press: Callable[..., Press]):
    one = press(idle_s=0.3)
    one.pdf(b"<p>1")
    folder = Path(one._child.folder)
    assert folder.exists()
    wait_until(lambda: one.pid() == 0 and not folder.exists())
    assert one.pdf(b"<p>2").startswith(b"%PDF-")


def test_the_printer_ends_with_its_node():
    """The process that started it is killed; the kernel closes the line, and that is its end."""
    code = (
        "from common.documents.press import Press\nimport time\n"
        "p = Press(); p.pdf(b'<p>1'); print(p.pid(), p._child.folder, flush=True); time.sleep(60)"
    )
    node = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert node.stdout is not None
    pid, folder = node.stdout.readline().split()
    printer = int(pid)
    assert Path(folder).exists()
    node.kill()
    node.wait()
    node.stdout.close()
    wait_until(lambda: not _runs(printer) and not Path(folder).exists())


def _runs(pid: int) -> bool:
    """Say whether a process is alive; one that only waits to be buried is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_paper_that_takes_too_long_is_given_up_and_the_next_printed(press: Callable[..., Press]):
    one = press(paper_s=1.0)
    one.pdf(b"<p>1")
    with pytest.raises(PrintFailed):
        one.pdf(notice(rows=3_000).encode())
    assert one.pdf(b"<p>2").startswith(b"%PDF-")


def test_a_paper_that_takes_too_much_memory_is_given_up_and_the_next_printed(press: Callable[..., Press]):
    one = press(memory_bytes=210_000_000)
    with pytest.raises(PrintFailed):
        one.pdf(notice(rows=4_000).encode())
    assert one.pdf(b"<p>2").startswith(b"%PDF-")


def test_a_page_beyond_all_bounds_is_refused_before_it_is_sent(press: Callable[..., Press]):
    one = press(page_bytes=1_000)
    with pytest.raises(PaperTooLarge):
        one.pdf(b"x" * 1_001)
    assert one.pid() == 0


def test_who_waits_too_long_for_others_is_told(press: Callable[..., Press]):
    one = press(wait_s=0.05)
    with one._lock, pytest.raises(PrinterBusy):
        one.pdf(b"<p>1")


def test_several_threads_each_get_their_own_paper(documents: Documents):
    found: dict[int, str] = {}

    def print_one(number: int) -> None:
        found[number] = text_of(documents.render(f"<p>第{number}份"))

    threads = [threading.Thread(target=print_one, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(f"第{n}份" in found[n] for n in range(6))


def test_without_the_extra_the_browser_prints(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Press, "is_installed", staticmethod(lambda: False))
    documents = Documents()
    with pytest.raises(PrintFromBrowser) as refused:
        documents.render(notice())
    assert "浏览器" in refused.value.advice and not documents.is_installed()


def test_without_the_fonts_nobody_guesses_what_is_missing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fonts, "find_spec", lambda name: None)
    fonts.coverages.cache_clear()
    with pytest.raises(PrintFromBrowser):
        Documents().missing_characters("张")
    fonts.coverages.cache_clear()


def test_without_the_system_libraries_the_printer_says_so():
    """The printer in this process, its set-up made to fail as it does where Pango is missing."""

    class Broken:
        def __init__(self) -> None:
            raise OSError("cannot load library")

    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.MonkeyPatch.context() as patch:
        patch.setattr(printer, "Printer", Broken)
        printer.serve(theirs, 1.0)
        assert wire.receive(ours) == (wire.ABSENT, b"")


def test_the_node_itself_loads_no_printing_engine():
    code = (
        "import sys\nfrom common.documents.service import Documents\nd = Documents()\n"
        "d.missing_characters('张䶮'); d.render('<p>好'); d.close()\n"
        "print([m for m in ('weasyprint', 'fontTools', 'PIL', 'pylopdf_fonts_zh_cn') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
