"""The demonstration itself: seven real sites play their day and prove it; a key ends all of it at once."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEMO = [sys.executable, "-m", "common.node.demo"]
# The same command with three of its sites: cases are taken in a third of the time after it began.
SHORT = """
import sys
from common.node.demo import __main__ as demo
from common.node.demo.small import TOWNSHIP, VILLAGE, SmallCounty
from common.node.demo_data.sites import COUNTY

class Short(SmallCounty):
    def __init__(self, network, show):
        super().__init__(network.folder, show)
        self.network = network
        self.join, network.enrol = network.enrol, self.enrol

    def play(self):
        self.found()
        super().play()

    def enrol(self, parents):
        self._show.good("已建站")
        return self.join(parents)

demo.SITES = [site for site in demo.SITES if site.address in (COUNTY, TOWNSHIP, VILLAGE)]
demo.Story = Short
sys.exit(demo.main())
"""


def processes_of(folder: Path) -> list[str]:
    """The command lines of running processes that name the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in words and int(path.parent.name) != os.getpid():
            found.append(words)
    return found


def test_the_demonstration_plays_its_day_and_nothing_is_lost(tmp_path):
    """Method: `demo --exit --json` as a newcomer runs it, in a folder of its own; every check is its own."""
    folder = tmp_path / "county"
    done = subprocess.run(
        [*DEMO, "--exit", "--json", "--keep", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert set(said) == {
        *("filed", "at_county", "decided", "handed_over", "lost"),
        *("applied_twice", "parked", "papers", "papers_intact", "seconds"),
    }
    assert (said["lost"], said["applied_twice"], said["parked"]) == (0, 0, 0)
    assert said["at_county"] == said["filed"] >= 40
    assert said["decided"] >= 20
    assert said["handed_over"] >= 10
    assert said["papers_intact"] == said["papers"] >= said["filed"]
    assert done.stderr.count("SIGKILL") >= 1
    assert processes_of(folder) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_middle_leaves_nothing_running(tmp_path, number):
    """Method: one signal comes while cases are taken in, the other while sites are still being made."""
    awaited = {signal.SIGINT: " 收件 ", signal.SIGTERM: "已建站"}[number]
    folder = tmp_path / "county"
    with subprocess.Popen(
        [sys.executable, "-c", SHORT, "--keep", str(folder)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as demo:
        said = next((line for line in demo.stdout if awaited in line), "")
        assert said, "the demonstration ended before it got that far"
        assert processes_of(folder), "nothing runs that could be left over"
        demo.send_signal(number)
        rest = demo.stdout.read()
        assert demo.wait(60) == 130, rest
    assert "已全部停止" in rest
    limit = time.monotonic() + 10
    while processes_of(folder) and time.monotonic() < limit:
        time.sleep(0.1)
    assert processes_of(folder) == []


def test_a_folder_with_something_in_it_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("not yours")
    done = subprocess.run(
        [*DEMO, "--keep", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert "不是空文件夹" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
