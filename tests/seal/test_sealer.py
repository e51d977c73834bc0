"""The seal process's inside on a real database, then the process itself behind its socket."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.seal import line
from common.seal.errors import (
    BadPdf,
    ClockImplausible,
    NoSealKey,
    NotADecision,
    NotDecided,
    PdfTooLarge,
    SealFault,
    SealLogBroken,
    SealNotRunning,
    error_of,
)
from common.seal.keys import FOLDER
from common.seal.log import SealLog
from common.seal.records import open_read_only
from common.seal.service import Seals
from common.seal.signer import check_seal
from common.store.database import close_database, run
from tests.casework.build import COUNTY
from tests.seal.stage import NOW, NOW_EARLIEST, ORGAN, Stage, decided, pdf


def test_a_stored_decision_is_sealed_and_logged(stage: Stage):
    case, act = decided(stage)
    open_read_only(stage.folder / "node.sqlite3")
    document = pdf()
    sealed = stage.sealer().seal(document, case, act)
    found = check_seal(sealed, stage.keys.root())
    assert found.trusted and found.organ == ORGAN and case in found.reason and act in found.reason
    (entry,) = SealLog(stage.folder / FOLDER).lines()
    assert (entry["case"], entry["act"], entry["organ"], entry["at"]) == (case, act, ORGAN, NOW)
    assert entry["document"] == hashlib.sha256(document).hexdigest()


def test_the_database_is_open_for_reading_alone(stage: Stage):
    decided(stage)
    open_read_only(stage.folder / "node.sqlite3")
    with pytest.raises(Exception, match="readonly"):
        run("DELETE FROM case_event")


def test_what_is_refused_is_neither_signed_nor_logged(stage: Stage):
    case, act = decided(stage)
    sealer = stage.sealer()
    log = stage.folder / FOLDER / "seal.log"
    for wrong, refusal in (
        ((pdf(), case, "0" * 32), NotDecided),
        ((pdf(), "511921108203-X", act), NotDecided),
        ((b"%PDF-", case, act), BadPdf),
        ((b"x" * (line.PDF_BYTES_MAX + 1), case, act), PdfTooLarge),
    ):
        with pytest.raises(refusal):
            sealer.seal(*wrong)
    assert not log.exists()


def test_an_organ_without_a_seal_is_named(bare: Stage):
    bare.found("别的部门")
    case, act = decided(bare)
    with pytest.raises(NoSealKey) as refused:
        bare.sealer().seal(pdf(), case, act)
    assert ORGAN in str(refused.value)


def test_with_a_clock_before_the_seals_time_nothing_is_signed(stage: Stage):
    case, act = decided(stage)
    stage.clock.set_wall(0)
    with pytest.raises(ClockImplausible):
        stage.sealer().seal(pdf(), case, act)


def test_a_log_changed_by_other_hands_stops_the_seal(stage: Stage):
    case, act = decided(stage)
    stage.sealer().seal(pdf(), case, act)
    path = stage.folder / FOLDER / "seal.log"
    path.write_text(path.read_text().replace(act, "0" * len(act)))
    with pytest.raises(SealLogBroken):
        stage.sealer().seal(pdf(), case, act)


Serving = tuple[Stage, subprocess.Popen[bytes], tuple[str, str]]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    """The real process on the folder of a stage; it ends with the pipe that is its standard input."""
    yield from served(tmp_path)


@pytest.fixture(scope="module")
def at_work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One such process for all tests that leave it as it is."""
    yield from served(tmp_path_factory.mktemp("county"))


def served(folder: Path) -> Iterator[Serving]:
    stage = Stage(folder)
    case = decided(stage)
    close_database()
    # The process has the machine's clock; where that is set before the program's time, it will say so.
    stage.found(ORGAN, at=max(NOW_EARLIEST, time.time_ns() // 1_000_000))
    (stage.folder / "node.toml").write_text(f'address = "{COUNTY}"\n')
    process = start(stage.folder)
    yield stage, process, case
    if process.stdin:
        process.stdin.close()
    process.wait(10)


def start(folder: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-m", "county_node", "seal", "serve", "--data", str(folder)],
        stdin=subprocess.PIPE,
        stderr=(folder / "log").open("ab"),
    )
    ends = time.monotonic() + 20
    while not Seals(folder).is_running():
        assert process.poll() is None and time.monotonic() < ends, (folder / "log").read_text()
        time.sleep(0.05)
    return process


def test_a_page_gets_its_decision_sealed_through_the_socket(at_work):
    stage, _, (case, act) = at_work
    try:
        sealed = Seals(stage.folder).seal(pdf(), case, act)
    except ClockImplausible:
        assert time.time() * 1000 < NOW_EARLIEST
        return
    assert check_seal(sealed, stage.keys.root()).trusted


def test_refusals_arrive_as_what_they_are(at_work):
    stage, _, (case, act) = at_work
    with pytest.raises(NotDecided):
        Seals(stage.folder).seal(pdf(), case, "0" * 32)
    with pytest.raises(NotDecided):
        Seals(stage.folder).seal(pdf(), "nothing", act)


def test_socket_and_process_are_the_owners_and_end_with_the_node(serving):
    stage, process, _ = serving
    assert (stage.folder / line.SOCKET).stat().st_mode & 0o777 == 0o600
    process.stdin.close()
    assert process.wait(10) == 0
    assert not (stage.folder / line.SOCKET).exists()
    with pytest.raises(SealNotRunning):
        Seals(stage.folder).seal(pdf(), "a", "b")


def test_a_killed_process_can_be_started_again(serving):
    stage, process, (case, _) = serving
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not Seals(stage.folder).is_running()
    second = start(stage.folder)
    with pytest.raises(NotDecided):
        Seals(stage.folder).seal(pdf(), case, "0" * 32)
    second.stdin.close()
    second.wait(10)


NOISE = [
    b"",
    b"\n",
    b"x" * 9_000,
    b'{"bytes": -1}\n',
    b'{"bytes": 5}\nab',
    b"[]\n",
    b'{"bytes": 99999999999}\n',
]


def test_noise_at_the_socket_harms_nobody(at_work):
    stage, process, (case, _) = at_work
    for noise in NOISE:
        with socket.socket(socket.AF_UNIX) as raw, line.address(stage.folder) as address:
            raw.connect(address)
            raw.sendall(noise)
        with pytest.raises(NotDecided):
            Seals(stage.folder).seal(pdf(), case, "0" * 32)
        assert process.poll() is None


def test_what_the_process_logs_names_no_person(at_work):
    stage, _, (case, _) = at_work
    with pytest.raises(NotDecided):
        Seals(stage.folder).seal(pdf(), case, "0" * 32)
    for entry in map(json.loads, (stage.folder / "log").read_text().splitlines()):
        assert "何秀英" not in str(entry)
        assert entry["said"].startswith(("the seal", "not sealed: E583", "not sealed: E592"))


def test_the_process_loads_no_pages_no_peer_and_no_node_keys():
    code = (
        "import sys\nimport common.node.start, common.node.seal_process, common.seal.sealer\n"
        "names = ('flask', 'jinja2', 'requests', 'sync.protocol.peer', 'sync.adapters', "
        "'common.node.keyring.keys')\n"
        "print([m for m in names if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_process_stays_small(at_work):
    _, process, _ = at_work
    status = Path(f"/proc/{process.pid}/status").read_text()
    resident_kb = int(status.partition("VmRSS:")[2].split()[0])
    assert resident_kb < 100_000


def test_a_folder_deeper_than_a_sockets_name_can_be(tmp_path: Path):
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    with socket.socket(socket.AF_UNIX) as door, line.address(deep) as address:
        door.bind(address)
        door.listen(1)
        assert Seals(deep).is_running()


def test_without_a_process_the_page_is_told(tmp_path: Path):
    assert not Seals(tmp_path).is_running()
    with pytest.raises(SealNotRunning):
        Seals(tmp_path).seal(pdf(), "a", "b")


def test_too_large_a_file_is_not_even_sent(tmp_path: Path):
    with pytest.raises(PdfTooLarge):
        Seals(tmp_path).seal(b"x" * (line.PDF_BYTES_MAX + 1), "a", "b")


def test_an_answer_cut_short_is_no_seal(tmp_path: Path):
    """The process dies while it answers: the page has nothing rather than half a file."""
    with socket.socket(socket.AF_UNIX) as door, line.address(tmp_path) as address:
        door.bind(address)
        door.listen(1)

        def half() -> None:
            connection, _ = door.accept()
            with connection:
                line.receive(connection, line.PDF_BYTES_MAX)
                connection.sendall(b'{"code":"","bytes":100}\n%PDF-')

        thread = threading.Thread(target=half)
        thread.start()
        with pytest.raises(SealNotRunning):
            Seals(tmp_path).seal(pdf(), "a", "b")
        thread.join()


def test_a_code_of_a_newer_process_is_a_fault_by_name():
    assert isinstance(error_of("E999", {}), SealFault)
    assert isinstance(error_of("E582", {}), NotADecision)
    assert error_of("E590", {"organ": "县局"}).details == {"organ": "县局"}


def test_the_pages_side_loads_no_key_and_no_signing_engine():
    code = (
        "import sys\nimport common.seal.service\n"
        "print([m for m in ('pyhanko', 'cryptography', 'common.seal.keys', 'peewee') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Put the levels back that the signer turns down for its process."""
    yield
    close_database()
    logging.getLogger("pyhanko").setLevel(logging.NOTSET)
