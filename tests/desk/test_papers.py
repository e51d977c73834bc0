"""The papers of cases: who sees them, as what they come, and that nothing else can be asked for."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable

import pytest

from common.store import audit
from common.store.database import run
from tests.desk.three import JPEG, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes, post


def first_paper(three: ThreeNodes, number: str) -> str:
    return next(iter(three.node.casework.case(number).papers.values()))[0]


def test_a_paper_comes_whole_with_its_type_and_a_policy_that_runs_nothing(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    blob = first_paper(three, three.file())
    answer = three.client(VILLAGE, "agent").get(f"/paper/{blob}")
    assert answer.status_code == 200 and answer.data.startswith(JPEG)
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_stranger_is_sent_to_sign_in(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    blob = first_paper(three, three.file())
    three.client(VILLAGE, "agent")
    answer = three.app.test_client().get(f"/paper/{blob}")
    assert answer.status_code == 303 and "/sign-in" in answer.location


def test_a_paper_of_no_case_here_is_not_found_though_its_bytes_are(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    loose = three.node.papers.take_in(io.BytesIO(JPEG + b"of nobody"))
    number = three.file()
    answer = three.client(VILLAGE, "agent").get(f"/paper/{loose.hash}")
    assert answer.status_code == 404 and "E241" in answer.text
    blob = first_paper(three, number)
    # The case never went to the township.
    assert three.client(TOWN, "clerk").get(f"/paper/{blob}").status_code == 404


@pytest.mark.parametrize("name", ["x", "0" * 63, "0" * 64, "G" * 64, "..%2f..%2fkeys.json"])
def test_what_is_no_hash_of_ours_is_not_found(three: ThreeNodes, name: str) -> None:
    assert three.client(VILLAGE, "agent").get(f"/paper/{name}").status_code == 404


def test_a_paper_still_on_its_way_says_so(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file(SUBSISTENCE)
    blob = first_paper(three, number)
    shutil.rmtree(three.folder / VILLAGE / "papers")
    client = three.client(VILLAGE, "agent")
    answer = client.get(f"/paper/{blob}")
    assert answer.status_code == 404 and "现在不在本站" in answer.text
    assert "（未传到）" in client.get(f"/case/{number}").text


def test_the_type_is_what_the_bytes_say_whatever_the_act_claims(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file()
    blob = first_paper(three, number)
    run("UPDATE case_paper SET type = 'text/html' WHERE hash = ?", (blob,))
    assert three.client(VILLAGE, "agent").get(f"/paper/{blob}").mimetype == "image/jpeg"
    script = three.node.blobs.put(iter([b"<script>alert(1)</script>"]), "image/jpeg")
    run("UPDATE case_paper SET hash = ? WHERE hash = ?", (script.hash, blob))
    answer = three.client(VILLAGE, "agent").get(f"/paper/{script.hash}")
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def short(content: bytes) -> bytes:
    return content[: len(content) // 2]


def longer(content: bytes) -> bytes:
    return content + b"more"


def one_bit(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


def damage_of(three: ThreeNodes, blob: str, damage: Callable[[bytes], bytes]) -> bytes:
    path = next((three.folder / VILLAGE / "papers").rglob(blob))
    content = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(damage(content))
    return content


@pytest.mark.parametrize("damage", [short, longer, one_bit, lambda content: b""])
def test_a_damaged_paper_is_refused_whole_and_asked_for_as_soon_as_somebody_sees_it(
    three: ThreeNodes, caplog: pytest.LogCaptureFixture, damage: Callable[[bytes], bytes]
) -> None:
    three.open(VILLAGE)
    number = three.file()
    three.carry(VILLAGE, TOWN)
    client = three.client(VILLAGE, "agent")
    first, second = (paper[0] for paper in three.node.casework.case(number).papers.values())
    content, other = damage_of(three, first, damage), damage_of(three, second, damage)
    answer = client.get(f"/paper/{first}")
    assert answer.status_code == 500 and answer.mimetype == "text/html"
    assert "E326" in answer.text and "已损坏" in answer.text and "补来材料" in answer.text
    assert content[10:60] not in answer.data
    assert "E326" in caplog.text
    caplog.clear()
    page = client.get(f"/case/{number}?paper=2").text
    assert page.count("E326") == 1 and "已开始取回" in page and 'class="sheet"' not in page
    assert "E326" in caplog.text and other[10:60].decode() not in page
    # Put aside, they are asked for, once; nothing else is touched.
    assert "现在不在本站" in client.get(f"/paper/{first}").text
    assert "（未传到）" in client.get(f"/case/{number}").text
    for blob in (first, second):
        assert three.node.spool.missing_blob(blob)
        assert [row.detail for row in audit.rows(blob)] == ['{"why":"seen"}']
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, VILLAGE)
    client = three.client(VILLAGE, "agent")
    assert client.get(f"/paper/{first}").data == content
    assert "E326" not in client.get(f"/case/{number}?paper=2").text
    # One of a draft nobody else has: it stays where it is, and is told of whenever it is looked at.
    taken = three.node.papers.take_in(io.BytesIO(JPEG + b"of a draft"))
    damage_of(three, taken.hash, damage)
    assert not three.node.ask_for_damaged(taken.hash) and three.node.blobs.has(taken.hash)


def test_a_pdf_is_given_as_one(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    number = three.file(papers=0)
    client = three.client(VILLAGE, "agent")
    brought = {"paper-id_card": (io.BytesIO(b"%PDF-1.4 a scanned card"), "卡.pdf")}
    assert post(client, f"/case/{number}/report/papers_brought", brought).status_code == 303
    answer = client.get(f"/paper/{first_paper(three, number)}")
    assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF-1.4")
    assert "<iframe" in client.get(f"/case/{number}").text
