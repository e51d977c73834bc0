"""Practice nodes and real ones: told apart on every page and print, and shut to each other on every way."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from common.config import read_config
from common.documents.service import Documents
from common.node.assembly import build_app, build_node
from common.node.backups import backup
from common.node.cli import main
from common.node.enrolling.joining import prepare
from common.node.practice import ForPractice, NotForPractice, OtherKindOfNetwork
from common.node.serve import serve_package
from common.node.verbs import commands
from common.proofs.rules.verdict import Verdict
from common.store.database import close_database
from sync.adapters.bundle_file import export, import_file
from sync.adapters.http_client import EXCHANGE_PATH, EXCHANGE_TYPE
from sync.protocol.enrolment import read_code
from sync.protocol.errors import BadEnrolment
from sync.protocol.practice import PRACTICE, REAL, is_practice, practice_name, real_name
from tests.architecture.source_tree import ROOT
from tests.archive.conftest import report
from tests.desk import three as nodes
from tests.desk.three import COUNTY, PROFILES, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes, copy_of, made, post

BAND = '<aside class="practice"'
MARK = "00000000"


@pytest.fixture(scope="module")
def founded(enrolled: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the folders of two networks of the same addresses: one real, one for practice."""
    folder = tmp_path_factory.mktemp("two")
    written = nodes.write_config
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nodes, "write_config", lambda at, settings: written(at, {**settings, "practice": 1}))
        nodes.found_network(folder / "practice")
    return {"real": enrolled, "practice": folder / "practice"}


@pytest.fixture
def pair(founded: dict[str, Path], tmp_path: Path) -> Iterator[dict[str, ThreeNodes]]:
    """Return both networks as this test's own."""
    yield {kind: copy_of(folder, tmp_path / kind) for kind, folder in founded.items()}
    close_database()


def ways() -> list[tuple[str, str]]:
    return [("real", "practice"), ("practice", "real")]


def test_the_name_of_a_network_says_what_it_is() -> None:
    assert practice_name(bytes(range(8))) == MARK + "04050607"
    assert is_practice(practice_name(os.urandom(8))) and not is_practice("")
    assert not is_practice(real_name(bytes(8))) and len(real_name(bytes(8))) == 16
    assert real_name(bytes(range(8))) == bytes(range(8)).hex()


def test_a_folder_is_served_only_as_what_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By both ways into the program; neither `init` nor the environment makes one out of the other."""
    served: list[object] = []
    monkeypatch.setattr("common.node.serve.serve", lambda *given: served.append(given))
    monkeypatch.setattr("common.node.cli.serve", lambda *given: served.append(given))
    profile = PROFILES[COUNTY]
    for kind, flag in (("real", []), ("practice", ["--practice"])):
        data, other = str(tmp_path / kind), [] if flag else ["--practice"]
        code = NotForPractice.code if kind == "real" else ForPractice.code
        assert main(profile, ["init", "--address", COUNTY, "--data", data, *flag]) == 0
        assert build_node(read_config(tmp_path / kind, {}), profile).me == COUNTY
        assert main(profile, ["serve", "--data", data, *other]) == 2
        assert serve_package(tmp_path / kind, "county_node", {}, len(other)) == 2
        assert main(profile, ["init", "--address", COUNTY, "--data", data, *other]) == 2
        assert capsys.readouterr().err.count(code) == 3 and not served
        with pytest.raises(OtherKindOfNetwork):
            build_node(read_config(tmp_path / kind, {"LIANDONG_PRACTICE": str(len(other))}), profile)
        assert main(profile, ["serve", "--data", data, *flag]) == 0
        assert serve_package(tmp_path / kind, "county_node", {}, len(flag)) == 0
        assert len(served) == 2 and served.clear() is None
    close_database()


@pytest.mark.parametrize(("inside", "outside"), ways())
def test_a_sheet_of_the_other_kind_lets_nobody_in(
    pair: dict[str, ThreeNodes], tmp_path: Path, inside: str, outside: str
) -> None:
    """The right code for the right address, typed at a node of the other kind: it is taken for wrong."""
    settings = {"address": "511921126200", "practice": int(outside == "practice")}
    nodes.write_config(tmp_path, settings)  # type: ignore[arg-type]
    stranger = commands.init(read_config(tmp_path, {}), PROFILES[VILLAGE])
    code = commands.enrol_issue(pair[inside].open(TOWN), stranger.me, "")
    stranger = build_node(read_config(tmp_path, {}), PROFILES[VILLAGE])
    candidate = commands._candidate(stranger, code)
    with pytest.raises(BadEnrolment):
        commands.enrol_answer(pair[inside].open(TOWN), _file(tmp_path, candidate.request), tmp_path / "a")
    assert stranger.me not in pair[inside].node.tree()

    # Even a node that keyed its request as the other kind does, and got its answer, does not take it.
    _, secret = read_code(code, PRACTICE if inside == "practice" else REAL)
    stranger = build_node(read_config(tmp_path, {}), PROFILES[VILLAGE])
    key = next(iter(stranger.keys.values()))
    forced = prepare(stranger.me, secret, candidate.epoch, key, candidate.nonce)
    commands.enrol_answer(pair[inside].open(TOWN), _file(tmp_path, forced.request), tmp_path / "a")
    stranger = build_node(read_config(tmp_path, {}), PROFILES[VILLAGE])
    with pytest.raises(OtherKindOfNetwork):
        commands._finish(stranger, forced, (tmp_path / "a").read_bytes())
    identity = stranger.spool.identity()
    assert identity is not None and not identity.epoch and not stranger.fingerprint()


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "request"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(("source", "target"), ways())
def test_no_exchange_of_the_other_kind_is_taken_in(
    pair: dict[str, ThreeNodes], tmp_path: Path, source: str, target: str
) -> None:
    """As a stick and over the line, though sender and receiver have addresses that both networks know."""
    done = export(pair[source].open(TOWN).engine, COUNTY, tmp_path)
    county = pair[target].open(COUNTY)
    before = [s.upto for s in county.spool.streams()]
    report = import_file(county.engine, done.path)
    assert (report.code, report.sender, report.records) == ("S116", "", 0)
    answer = (
        build_app(county)
        .test_client()
        .post(EXCHANGE_PATH, data=done.path.read_bytes(), content_type=EXCHANGE_TYPE)
    )
    assert (answer.status_code, answer.headers["X-Liandong-Code"]) == (422, "S116")
    assert [s.upto for s in county.spool.streams()] == before
    # The line of the one leads to the other: nothing of the answer is taken in either.
    assert import_file(pair[source].open(TOWN).engine, _file(tmp_path, answer.data)).records == 0


def test_every_page_and_print_of_practice_says_so(
    pair: dict[str, ThreeNodes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real node's say nothing of it; what practice printed is told apart when it is checked there."""
    practice, real = pair["practice"], pair["real"]
    client = practice.client(VILLAGE, "agent")
    case = practice.file(SUBSISTENCE)
    pages = ["/", "/sign-in", "/nowhere", "/line", f"/case/{case}", f"/file/slip/{case}"]
    for path in [*pages, f"/file/slip/{case}?paper=80"]:
        assert BAND in client.get(path).text, path
    claim = practice.node.proofs.claim("slip", practice.node.casework.case(case), practice.now())
    assert "演练站点的凭证" in post(client, "/v", {"claim": claim}, "/v").text

    report(practice, case, "withdraw", note="不办了")
    practice.carry(VILLAGE, TOWN)
    client = practice.client(TOWN, "clerk")
    package = made(client, f"/case/{case}/package", {}).data
    listed = made(client, "/register/export", {"scope": "own"}, "/register")
    assert "%E6%BC%94%E7%BB%83-register-" in listed.headers["Content-Disposition"]
    assert listed.data.decode("utf-8-sig").startswith("演练：")
    with zipfile.ZipFile(io.BytesIO(package)) as parts:
        assert "演练：办件归档" in parts.read("index.html").decode()
    act = practice.node.casework.page(case).timeline[-1].act
    assert BAND in client.get(f"/case/{case}/notice/{act}").text
    printed: list[str] = []
    monkeypatch.setattr(Documents, "render", lambda _, html: printed.append(html) or b"%PDF-")
    assert client.get(f"/case/{case}/notice/{act}.pdf").status_code == 200
    assert "本件没有效力" in printed[0] and '<p class="water">演练</p>' in printed[0]
    assert "演练站点的归档包" in _checked(client, package)

    client = real.client(TOWN, "clerk")
    assert real.node.proofs.check(claim).verdict is Verdict.PRACTICE
    assert "演练用的凭证" in post(client, "/v", {"claim": claim}, "/v").text
    page = _checked(client, package)
    assert "演练站点的归档包" in page and "核验没有通过" in page
    for path in ("/", "/sign-in", "/nowhere"):
        assert BAND not in client.get(path).text


def _checked(client: FlaskClient, package: bytes) -> str:
    page = "/archive/verify"
    return post(client, page, {"file": (io.BytesIO(package), "case.zip")}, page).text


def test_no_template_makes_a_page_of_its_own_without_the_band() -> None:
    """Every whole page stands on base.html, which has the band, or has it itself."""
    for folder in ("common/web/templates", "county_node", "town_node", "village_node"):
        for path in sorted((ROOT / folder).rglob("*.html")):
            text = path.read_text(encoding="utf-8")
            if not path.name.startswith("_") and "desk/parts" not in str(path):
                whole = '{% extends "base.html" %}' in text or "is_practice" in text
                assert whole or "<body" not in text, path


def test_one_pc_gets_a_practice_county_that_can_work_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "county"
    words = ["practice", "--data", str(folder), "--port", "8790"]
    assert main(PROFILES[COUNTY], words) == 0
    told = capsys.readouterr().out
    village = build_node(read_config(folder / "511921126200", {}), PROFILES[VILLAGE])
    assert village.catalogue.all_items() and is_practice(village.peer.core.roster.network)
    assert [one.login for one in village.people.staff()] == ["agent"]
    assert village.config.parent_url == "http://127.0.0.1:8791"
    with village.heart.reading():
        assert village.trust.entry(COUNTY).url == "http://127.0.0.1:8790"
    assert told.count("--practice") == 3
    with pytest.raises(SystemExit):
        main(PROFILES[VILLAGE], words)
    with pytest.raises(SystemExit):
        main(PROFILES[COUNTY], [*words[:2], str(folder / "more"), "--port", "65534"])
    assert main(PROFILES[COUNTY], words) == 2 and "E448" in capsys.readouterr().err
    close_database()


@pytest.mark.parametrize(("kind", "other"), ways())
def test_a_backup_of_the_other_kind_takes_nobodys_place(
    pair: dict[str, ThreeNodes], tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, other: str
) -> None:
    """It was found out when the database was in its place: every verb was refused until somebody found the
    folder it had been put aside into.
    """
    backup.back_up(pair[other].open(COUNTY), tmp_path / "kept")
    close_database()
    folder = pair[kind].folder / COUNTY
    before = sorted(path.name for path in folder.iterdir())
    for words in ([], ["--yes"]):
        asked = ["restore", str(tmp_path / "kept"), *words, "--data", str(folder)]
        assert main(PROFILES[COUNTY], asked) == 2
        assert "E447" in capsys.readouterr().err
    assert {*before} <= {path.name for path in folder.iterdir()}
    assert not list(folder.glob("before-restore-*"))
    assert pair[kind].open(COUNTY).has_joined()
