"""What is logged: one line a record, whatever is asked for, and nothing that names people or opens doors."""

from __future__ import annotations

import io
import json
import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.config import NodeConfig
from common.node.logs import _OURS, BLOT, JsonLines, configure_logs
from common.node.serve import _Server
from tests.desk.three import COUNTY, ID_NUMBER, PASSWORD, TOWN, VILLAGE, ThreeNodes, post

NAME, PHONE = "欧阳秀英", "15400001234"


def line_of(said: str, problem: BaseException | None = None) -> str:
    info = (type(problem), problem, None) if problem else None
    record = logging.LogRecord("web", logging.ERROR, "", 0, "%s", (said,), info)  # type: ignore[arg-type]
    return JsonLines().format(record)


@pytest.mark.parametrize(
    "said",
    [
        'path=/x\n{"at":"2026","level":"INFO","said":"all is well"}',
        "path=/x\r\n\x1b[2J\x1b[1;1H",
        "path=/x\x9b2J\x85next",
        "path=/x\u2028next\u2029",
        "path=/\u202egnp.tpircs",
    ],
)
def test_no_path_begins_a_line_of_its_own_or_steers_the_terminal(said: str) -> None:
    line = line_of(said)
    assert len(line.splitlines()) == 1 and json.loads(line)["level"] == "ERROR"
    assert all(mark.isprintable() for mark in line)


def test_numbers_of_people_are_blotted_out_and_those_of_the_program_stay() -> None:
    kept = "511921126204 1772500000000 S106 511921126204-A-2XK4 " + "1" * 32
    line = json.loads(line_of(f"{ID_NUMBER} 51192119480305123x {PHONE} 511921480305123 {kept}"))
    assert line["said"] == f"{BLOT} {BLOT} {BLOT} {BLOT} {kept}"


def test_the_text_of_an_error_nobody_foresaw_quotes_nobody() -> None:
    try:
        try:
            int(NAME + PASSWORD)
        except ValueError as first:
            raise KeyError(ID_NUMBER) from first
    except KeyError as problem:
        line = line_of("E225", problem)
    trace = json.loads(line)["trace"]
    assert "KeyError" in trace and "ValueError" in trace and "test_logs.py" in trace
    assert PASSWORD not in trace and ID_NUMBER not in trace and NAME[:2] not in trace
    assert "no such table" in json.loads(line_of("x", OSError("no such table")))["trace"]


def test_the_server_under_the_pages_logs_in_the_same_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It tells what goes wrong while an answer is on its way, and what it refuses to read."""
    out, server = io.StringIO(), logging.getLogger("gunicorn.error")
    monkeypatch.setattr("sys.stderr", out)
    monkeypatch.setattr(server, "handlers", [])
    cfg = _Server(NodeConfig(data_dir=tmp_path), lambda: None).cfg
    log = cfg.logger_class(cfg)
    try:
        raise ValueError(NAME + PASSWORD)
    except ValueError:
        log.exception("Error handling request %s", f"/find?q={ID_NUMBER}&name={NAME}")
    log.warning("Invalid request from ip=%s: %s", "127.0.0.1", "\x9b2J\u202e")
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert lines[0]["said"] == "Error handling request /find"
    assert "ValueError" in lines[0]["trace"] and PASSWORD not in out.getvalue() and NAME not in out.getvalue()
    assert len(lines) == 2 and all(mark.isprintable() for mark in out.getvalue().replace("\n", ""))


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Return all that a node writes that logs as much as the settings allow."""
    out, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    monkeypatch.setattr("sys.stderr", out)
    configure_logs("DEBUG")
    yield out
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_a_day_of_work_and_its_mishaps_leave_no_person_and_no_secret_in_the_log(
    three: ThreeNodes, logged: io.StringIO
) -> None:
    """Sign-ins right and wrong, a filing, searches, a sheet, a bundle; a bug with people's data at hand."""
    stranger = three.client(VILLAGE, "agent").application.test_client()
    post(stranger, "/sign-in", {"login": NAME, "password": "Geheim-" + PASSWORD}, "/sign-in")
    client = three.again("agent")
    case = three.file(name=NAME)
    for path in (f"/case/{case}", f"/file/slip/{case}", "/line", f"/{NAME}/{ID_NUMBER}"):
        client.get(path)
    for typed in (NAME, ID_NUMBER, PHONE):
        post(client, "/queue/find", {"q": typed}, "/line")
    three.carry(VILLAGE, TOWN)
    admin = three.client(COUNTY, "admin")
    sheet = post(admin, "/nodes/code", {"address": "511921126200"}, "/nodes").text
    seed = json.loads((three.folder / COUNTY / "keys.json").read_text())["node"][0]

    three.app.config["PROPAGATE_EXCEPTIONS"] = False
    three.node.people.staff = _broken  # type: ignore[method-assign]
    assert admin.get("/accounts").status_code == 500

    text = logged.getvalue()
    lines = [json.loads(line) for line in text.splitlines()]
    assert any("E225" in line["said"] and "_broken" in line["trace"] for line in lines)
    secrets = [PASSWORD, seed, (three.folder / COUNTY / "secret.key").read_text().strip()]
    for word in (NAME, ID_NUMBER, PHONE, *secrets, *_codes(sheet)):
        assert word not in text, word
    for name in ("keys.json", "secret.key"):
        assert stat.S_IMODE((three.folder / COUNTY / name).stat().st_mode) == 0o600


def _broken() -> None:
    raise ValueError(f"{NAME} {ID_NUMBER} {PHONE} {PASSWORD}")


def _codes(sheet: str) -> list[str]:
    start = sheet.index('class="code digits">') + len('class="code digits">')
    return [sheet[start : sheet.index("<", start)]]
