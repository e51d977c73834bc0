"""The package of an ended case is taken away by those who may, and any package is checked at every node."""

from __future__ import annotations

import io
import re
import time
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from common.archive import here, pages
from common.archive.verify import check_package
from common.journal import records as views
from common.store import audit
from common.store.database import database, unit_of_work
from common.web import own_work
from sync.protocol.frame import BlobRef
from tests.archive.conftest import Packed, report
from tests.archive.parts import SUITE, listed_again, parts_of, put_together
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes, made, post

CHECK = "/archive/verify"
PACK = "/case/{}/package"


def sent(client: FlaskClient, content: bytes, name: str = "case.zip") -> TestResponse:
    return post(client, CHECK, {"file": (io.BytesIO(content), name)}, page=CHECK)


def lights(page: str) -> list[str]:
    """Return the light of each part of a result."""
    return re.findall(r"<span class=\"light (good|bad)\">(?:相符|不符)", page)


@pytest.mark.parametrize(("address", "login"), [(COUNTY, "clerk"), (TOWN, "clerk")])
def test_the_package_is_offered_and_proves_itself(
    packed: Packed, three: ThreeNodes, tmp_path: Path, address: str, login: str
) -> None:
    client = three.client(address, login)
    path, page = PACK.format(packed.case), f"/case/{packed.case}"
    assert f'action="{path}"' in client.get(page).text
    answer = made(client, path, {}, page)
    assert answer.status_code == 200 and answer.mimetype == "application/zip"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{packed.case}.zip"'
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    file = tmp_path / "taken.zip"
    file.write_bytes(answer.data)
    assert check_package(file, packed.root, SUITE).problems == []
    row = audit.rows(packed.case)[-1]
    assert (row.action, row.actor) == ("archive.packed", login)
    assert (views.newest(1)[0].what, views.newest(1)[0].object) == ("export", packed.case)
    # It may be fetched anew for some minutes; then it is no longer here.
    assert client.get("/made/package/file").data == answer.data
    former = three.folder / address / "packages"
    former.mkdir()
    own_work.sweep(three.folder / address, int(time.time() * 1000) + 11 * 60_000)
    assert list((three.folder / address / own_work.FOLDER).glob("*.out*")) == [] and not former.exists()
    assert client.get("/made/package/file").status_code == 404 and "已经取走" in client.get("/made").text


def test_who_may_not_is_not_offered_it_and_is_refused(packed: Packed, three: ThreeNodes) -> None:
    path, page = PACK.format(packed.case), f"/case/{packed.case}"
    client = three.client(COUNTY, "clerk")
    assert post(client, path, {}, page).status_code == 303
    # Who administers the site works on no case: in a package all of it would be read.
    for login in ("admin", "reviewer"):
        client = three.again(login)
        before = audit.head()
        assert "归档包" not in client.get(page).text
        assert post(client, path, {}, "/line").status_code == 403 and audit.head() == before
    # What the clerk had packed is the clerk's.
    assert client.get("/made/package/file").status_code == 404 and packed.case not in client.get("/made").text
    client = three.client(VILLAGE, "admin")
    assert "归档包" not in client.get(page).text
    assert post(client, path, {}, page).status_code == 404
    assert three.app.test_client().post(path).status_code in (303, 400, 404)


def test_who_was_moved_to_another_department_fetches_no_package_of_before(
    packed: Packed, three: ThreeNodes
) -> None:
    """What the case shows them now is how far it is; in the package is all of it."""
    page = f"/case/{packed.case}"
    client = three.client(TOWN, "clerk")
    assert made(client, PACK.format(packed.case), {}, page).status_code == 200
    with three.node.unit():
        three.node.people.set_department("clerk", "农业综合服务中心", "admin", three.clock.now_ms())
    assert post(client, PACK.format(packed.case), {}, "/line").status_code == 403
    assert client.get("/made/package/file").status_code == 404
    assert "/made/package/file" not in client.get("/made").text


def test_an_open_case_is_not_packed(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file(seed=9)
    three.carry(VILLAGE, TOWN)
    client = three.client(TOWN, "clerk")
    assert "归档包" not in client.get(f"/case/{number}").text
    answer = post(client, PACK.format(number), {})
    assert answer.status_code == 409 and "E511" in answer.text
    assert post(client, PACK.format("511921-A1-AAAAA"), {}).status_code == 404


def test_a_damaged_paper_leaves_no_file(packed: Packed, three: ThreeNodes) -> None:
    paper = next(name for name in parts_of(packed.data) if name.startswith("papers/"))[7:71]
    file = three.folder / COUNTY / "papers" / paper[:2] / paper[2:4] / paper
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    client = three.client(COUNTY, "clerk")
    assert post(client, PACK.format(packed.case), {}).location == "/made"
    told = client.get("/made").text
    assert "E512" in told and packed.case in told and "/made/package/file" not in told
    assert list((three.folder / COUNTY / own_work.FOLDER).glob("*.out*")) == []


@pytest.mark.parametrize(("address", "login"), [(COUNTY, "reviewer"), (TOWN, "checker"), (VILLAGE, "agent")])
def test_a_good_package_passes_part_by_part_at_every_node(
    packed: Packed, three: ThreeNodes, address: str, login: str
) -> None:
    client = three.client(address, login)
    assert f'href="{CHECK}"' in client.get("/v").text
    page = sent(client, packed.data).text
    assert "核验通过" in page and packed.case in page and lights(page) == ["good"] * 8
    assert "王秀英" not in page


def test_what_is_wrong_is_told_at_its_part(packed: Packed, three: ThreeNodes) -> None:
    client = three.client(VILLAGE, "agent")
    parts = parts_of(packed.data)
    name = next(name for name in parts if name.startswith("papers/"))
    page = sent(client, put_together({**parts, name: b"another"})).text
    assert "核验没有通过" in page and f"{name} 被改动过" in page and "bad" in lights(page)
    assert lights(page)[0] == "bad" and lights(page)[1] == "good"
    node = three.open(COUNTY)
    other = listed_again(parts, next(iter(node.keys.values())), root="ab" * 32)
    page = sent(three.client(VILLAGE, "agent"), put_together(other)).text
    assert "另一个网络" in page and lights(page) == []


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("manifest.json", bytes(50_000_000))
    return out.getvalue()


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"no package at all", bomb(), put_together({"manifest.json": b"[" * 100_000})]
)
def test_any_other_file_is_refused_in_words(three: ThreeNodes, content: bytes) -> None:
    answer = sent(three.client(VILLAGE, "agent"), content)
    assert answer.status_code == 400 and "E515" in answer.text


def test_what_would_fill_the_memory_is_refused(three: ThreeNodes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("common.archive.verify.KEPT_BYTES_MAX", 1_000)
    content = put_together({f"frames/{n:04d}.json": bytes(600) for n in range(1, 4)})
    answer = sent(three.client(VILLAGE, "agent"), content)
    assert answer.status_code == 400 and "frames/0002.json" in answer.text


def test_a_document_in_a_package_that_would_hang_whoever_opens_it_is_told(
    packed: Packed, three: ThreeNodes
) -> None:
    """What is wrong with it is no matter of proof: a packer may put in what it likes, and sign for it."""
    node = three.open(COUNTY)
    stream = b"%PDF-1.4 7 0 obj<</Filter/FlateDecode>>stream\n" + zlib.compress(bytes(120_000_000), 9)
    parts = {**parts_of(packed.data), "notices/decision.pdf": stream + b"\nendstream"}
    content = put_together(listed_again(parts, next(iter(node.keys.values()))))
    page = sent(three.client(VILLAGE, "agent"), content).text
    assert "请不要打开：notices/decision.pdf" in page and "核验通过" in page
    assert "请不要打开" not in sent(three.again("agent"), packed.data).text


def test_a_file_above_the_limit_and_none_at_all(three: ThreeNodes, monkeypatch: pytest.MonkeyPatch) -> None:
    client = three.client(VILLAGE, "agent")
    answer = post(client, CHECK, {}, page=CHECK)
    assert answer.status_code == 400 and "E516" in answer.text
    monkeypatch.setattr(pages, "UPLOAD_BYTES_MAX", 10_000)
    assert sent(client, bytes(20_000)).status_code == 413


def test_a_case_that_was_withdrawn_has_a_package_too(
    packed: Packed, three: ThreeNodes, tmp_path: Path
) -> None:
    three.open(VILLAGE)
    number = three.file(seed=11)
    report(three, number, "withdraw", note="不办了")
    three.carry(VILLAGE, TOWN)
    answer = made(three.client(TOWN, "clerk"), PACK.format(number), {})
    file = tmp_path / "withdrawn.zip"
    file.write_bytes(answer.data)
    assert check_package(file, packed.root, SUITE).problems == []


def test_a_case_is_checked_where_it_lies(packed: Packed, three: ThreeNodes) -> None:
    """Every node that has the pages says so in words, and notes who asked; one altered byte is found."""
    for address in (COUNTY, TOWN):
        client = three.client(address, "clerk")
        page = f"/case/{packed.case}"
        assert f'action="{page}/check"' in client.get(page).text
        answer = post(client, f"{page}/check", {}, page=page)
        assert answer.status_code == 200 and "核验通过" in answer.text, answer.text
        assert set(lights(answer.text)) == {"good"} and packed.root[:32] in answer.text
        assert audit.rows(packed.case)[-1].action == "case.checked"
        assert views.newest(1)[0].object == packed.case
    assert client.get(f"{page}/check").status_code == 303
    # The first frame here, of the case's filing, with a signature that nobody made.
    with three.node.unit():
        database.execute_sql(
            "UPDATE sync_frame SET signature = zeroblob(64) WHERE act = ?", (_filing(three, packed),)
        )
    refused = post(client, f"{page}/check", {}, page=page).text
    assert "核验没有通过" in refused and "的签名不符" in refused and "bad" in lights(refused)


def test_others_may_write_while_papers_are_read(
    packed: Packed, three: ThreeNodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A paper that goes between being listed and being read is told as absent."""
    hash_of, read = here._hash_of, []

    def hash_while_others_write(blobs: Any, blob: BlobRef) -> str:
        with unit_of_work():
            read.append(blob.hash)
        if len(read) == 1:
            raise FileNotFoundError(blob.hash)
        return hash_of(blobs, blob)

    monkeypatch.setattr(here, "_hash_of", hash_while_others_write)
    client = three.client(COUNTY, "clerk")
    page = f"/case/{packed.case}"
    answer = post(client, f"{page}/check", {}, page=page)
    assert answer.status_code == 200 and set(lights(answer.text)) == {"good"}, answer.text
    assert len(read) > 1 and "1 份材料不在本站" in answer.text


def _filing(three: ThreeNodes, packed: Packed) -> str:
    return str(three.node.casework.page(packed.case).state.chain[0])
