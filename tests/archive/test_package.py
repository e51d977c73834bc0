"""A package holds all that proves a case, and only a case in which nothing more happens is packed."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from common.archive.errors import FrameLacking, NotEnded, PackageTooLarge, PaperLacking
from common.archive.files import write_package
from common.archive.verify import check_package
from common.casework.context import NODE_ACTOR
from common.casework.errors import CaseNotFound
from common.casework.rules.labels import label
from common.casework.rules.words import State
from common.node.cli import main
from common.node.keyring.ceremony import sign_paper
from common.node.keyring.keys import ROOT
from common.store import audit
from common.store.database import close_database
from sync.protocol import canonical
from sync.protocol.practice import practice_name, real_name
from sync.protocol.roots import RootKeys
from tests.archive.conftest import Packed, pack, report
from tests.archive.parts import SCRIPT, SUITE, Tool, load_script, parts_of
from tests.desk.three import COUNTY, PROFILES, SUBSISTENCE, TOWN, VILLAGE, ThreeNodes


def names(parts: dict[str, bytes], start: str) -> list[str]:
    return [name for name in parts if name.startswith(start)]


def test_the_package_is_proved_by_both(packed: Packed, tool: Tool) -> None:
    found = check_package(packed.path, packed.root, SUITE)
    assert found.problems == []
    assert (found.case, found.state, found.node) == (packed.case, "ARCHIVED", COUNTY)
    assert (found.acts, found.papers, found.purged) == (10, 4, 0)
    assert found.frames >= 10 and found.streams >= 3
    assert tool(packed.data, packed.root) == ([], 0)


def test_the_tool_takes_the_fingerprint_as_it_is_typed_and_says_when_it_is_none(packed: Packed) -> None:
    groups = [packed.root[at : at + 4].upper() for at in range(0, 32, 4)]
    for words, code, said in (
        (groups, 0, "核验通过"),
        (["1234"], 1, "不是指纹"),
        (groups[:7], 1, "不是指纹"),
    ):
        run = [sys.executable, str(SCRIPT), str(packed.path), *words]
        done = subprocess.run(run, capture_output=True, text=True, check=False)
        assert done.returncode == code and said in done.stdout + done.stderr


def test_the_fingerprint_as_the_enrolment_sheet_has_it_is_enough(packed: Packed, tool: Tool) -> None:
    assert check_package(packed.path, packed.root[:32].upper(), SUITE).problems == []
    assert tool(packed.data, packed.root[:32].upper()) == ([], 0)
    for short in ("", packed.root[:31]):
        assert check_package(packed.path, short, SUITE).problems
        assert tool(packed.data, short)[0]


def test_the_package_holds_everything_the_brief_of_an_archive_names(packed: Packed) -> None:
    parts = parts_of(packed.data)
    assert len(names(parts, "papers/")) == 4 and all(
        name.endswith(".jpg") for name in names(parts, "papers/")
    )
    assert len(names(parts, "trust/root-")) == len(names(parts, "trust/appointment-")) == 2
    entries = [canonical.loads(parts[n]) for n in names(parts, "trust/entry-") if n.endswith(".json")]
    assert {entry["address"] for entry in entries} == {COUNTY, TOWN, VILLAGE}
    assert len(names(parts, "trust/epoch-")) == 6
    receipts = [canonical.loads(parts[n]) for n in names(parts, "trust/receipt-") if n.endswith(".json")]
    assert receipts and {receipt["kind"] for receipt in receipts} == {"end"}
    assert len(names(parts, "bodies/")) == 10


def test_the_page_for_people_has_the_whole_story_and_no_script(packed: Packed) -> None:
    page = parts_of(packed.data)["index.html"].decode()
    assert packed.case in page and "王秀英" in page
    for word in ("收件", "转报", "受理", "审查", "批准", "制证", "结果送达", "办结", "归档"):
        assert f"<td>{word}</td>" in page, word
    assert "<script" not in page and "http" not in page and page.count("papers/") == 8


def test_what_people_typed_is_text_on_the_page(three: ThreeNodes, tmp_path: Path) -> None:
    three.open(VILLAGE)
    case = three.file(name="<b>王&秀英", seed=5)
    report(three, case, "withdraw", note="<script>alert(1)</script>")
    three.carry(VILLAGE, TOWN)
    page = parts_of(pack(three, case, tmp_path / "p.zip").read_bytes())["index.html"].decode()
    assert "&lt;b&gt;王&amp;秀英" in page and "&lt;script&gt;" in page and "<script" not in page


def test_the_same_case_gives_the_same_bytes(packed: Packed, three: ThreeNodes, tmp_path: Path) -> None:
    three.open(COUNTY)
    three.clock.advance(10**9)
    again = pack(three, packed.case, tmp_path / "again.zip")
    assert again.read_bytes() == packed.data


def test_a_party_below_packs_what_it_holds(
    packed: Packed, three: ThreeNodes, tmp_path: Path, tool: Tool
) -> None:
    three.open(TOWN)
    path = pack(three, packed.case, tmp_path / "town.zip")
    assert check_package(path, packed.root, SUITE).problems == []
    assert tool(path.read_bytes(), packed.root) == ([], 0)


def test_an_open_case_or_none_is_not_packed(three: ThreeNodes) -> None:
    node = three.open(VILLAGE)
    case = three.file(seed=7)
    before = audit.head()
    for number, error in ((case, NotEnded), ("511921126204-A9-0000", CaseNotFound)):
        with pytest.raises(error), node.unit():
            node.archive.collect(number, NODE_ACTOR, three.now())
    assert audit.head() == before


def test_who_had_a_case_packed_is_in_the_audit_trail(packed: Packed, three: ThreeNodes) -> None:
    three.open(COUNTY)
    assert audit.rows(packed.case)[-1].action == "archive.packed"


def test_a_paper_that_is_gone_or_damaged_stops_it_and_leaves_no_file(
    packed: Packed, three: ThreeNodes, tmp_path: Path
) -> None:
    node = three.open(COUNTY)
    paper = names(parts_of(packed.data), "papers/")[0][7:71]
    file = three.folder / COUNTY / "papers" / paper[:2] / paper[2:4] / paper
    whole = file.read_bytes()
    file.chmod(0o600)
    with node.unit():
        collected = node.archive.collect(packed.case, NODE_ACTOR, three.now())
    file.write_bytes(whole[:-1] + b"?")
    target = tmp_path / "case.zip"
    target.write_bytes(b"before")
    with pytest.raises(PaperLacking):
        node.archive.write(collected, target)
    assert target.read_bytes() == b"before" and [p.name for p in tmp_path.glob("*.zip*")] == ["case.zip"]
    assert not list(tmp_path.glob(".case*"))
    file.unlink()
    with pytest.raises(PaperLacking), node.unit():
        node.archive.collect(packed.case, NODE_ACTOR, three.now())


def test_an_act_without_its_signed_bytes_stops_it(packed: Packed, three: ThreeNodes) -> None:
    node = three.open(COUNTY)
    spool = node.archive.core.spool
    with node.unit():
        act = node.casework.case(packed.case).chain[1]
        found = spool.places_of_act(act), spool.frame_of_act(act)
        assert found[0] and found[1]
        spool.places_of_act = lambda _: []  # type: ignore[method-assign]
        spool.frame_of_act = lambda _: None  # type: ignore[method-assign]
        with pytest.raises(FrameLacking):
            node.archive.collect(packed.case, NODE_ACTOR, three.now())


def test_the_file_is_for_its_owner_alone(packed: Packed) -> None:
    assert stat.S_IMODE(packed.path.stat().st_mode) == 0o600


def test_more_than_a_zip_program_reads_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("common.archive.files.FILE_BYTES_MAX", 4 * 1024 * 1024 + 1000)
    with pytest.raises(PackageTooLarge):
        write_package(tmp_path / "x.zip", {"papers/a.bin": lambda: bytes(2000)}, "x")
    assert list(tmp_path.iterdir()) == []


def test_the_verbs_pack_and_prove(
    packed: Packed, three: ThreeNodes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, target = ["--data", str(three.folder / COUNTY)], tmp_path / "out.zip"
    assert main(PROFILES[COUNTY], ["package", packed.case.lower(), "--to", str(target), *data]) == 0
    assert target.read_bytes() == packed.data and str(target) in capsys.readouterr().out
    assert main(PROFILES[COUNTY], ["verify-package", str(target), *data]) == 0
    assert "核验通过" in capsys.readouterr().out
    nowhere = ["--data", str(tmp_path / "nowhere"), "--root", packed.root]
    assert main(PROFILES[COUNTY], ["verify-package", str(target), *nowhere, "--json"]) == 0
    assert re.search(r'"problems": \[\]', capsys.readouterr().out)
    assert main(PROFILES[COUNTY], ["verify-package", str(target), "--root", "0" * 64]) == 1
    target.write_bytes(packed.data[:-1])
    assert main(PROFILES[COUNTY], ["verify-package", str(target), *data]) == 2
    assert "E515" in capsys.readouterr().err


def test_a_package_lies_where_somebody_has_said(
    packed: Packed,
    three: ThreeNodes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It has all there is of a case; no copy is left in the folder in which somebody stood."""
    monkeypatch.chdir(tmp_path)
    before, words = set(tmp_path.iterdir()), ["package", packed.case, "--data", str(three.folder / COUNTY)]
    assert main(PROFILES[COUNTY], words) == 2
    told = capsys.readouterr().err
    assert told.startswith("E415") and "--to" in told and set(tmp_path.iterdir()) == before
    assert main(PROFILES[COUNTY], [*words, "--to", "."]) == 0
    made = tmp_path / f"{packed.case}.zip"
    assert made.read_bytes() == packed.data and str(made) in capsys.readouterr().out


def test_size_and_time_of_a_case_of_ten_frames_and_four_papers(packed: Packed, tool: Tool) -> None:
    """What is beside the papers stays small, and proving takes a moment."""
    parts = parts_of(packed.data)
    papers = sum(len(data) for name, data in parts.items() if name.startswith("papers/"))
    start = time.perf_counter()
    found = check_package(packed.path, packed.root, SUITE)
    ours = time.perf_counter() - start
    start = time.perf_counter()
    assert tool(packed.data, packed.root)[0] == found.problems == []
    theirs = time.perf_counter() - start
    print(
        f"{found.frames} frames, {len(packed.data)} bytes, {papers} of papers, {ours:.3f} s, {theirs:.3f} s"
    )
    assert found.frames >= 10 and found.papers == 4
    assert len(packed.data) - papers < 80_000
    assert ours < 1 and theirs < 1
    close_database()


def test_the_package_is_proved_by_both_after_the_root_keys_have_changed(
    three: ThreeNodes, packed: Packed, tool: Tool, tmp_path: Path
) -> None:
    new = tuple(SUITE.pair(bytes([n]) * 64) for n in (1, 2))
    former = three.open(COUNTY).keys.special(ROOT)
    assert former is not None
    named = RootKeys(tuple(pair.public for pair in new), 2)
    for number, signers in ((2, (former, *new)), (3, new)):
        office = three.node.trust.office
        with three.node.unit():
            paper = (
                office.ask_renewal(bytes([9]) * 64, "", named) if number == 2 else office.ask(bytes(64), "")
            )
            office.take(sign_paper(paper, signers, SUITE), "")
        three.open(COUNTY)
    path = pack(three, packed.case, tmp_path / "after.zip")
    parts = parts_of(path.read_bytes())
    assert len([name for name in names(parts, "trust/appointment-") if name.endswith(".json")]) == 2
    assert check_package(path, packed.root, SUITE).problems == []
    assert tool(path.read_bytes(), packed.root) == ([], 0)


def test_the_tool_says_which_case_has_passed(packed: Packed) -> None:
    script = load_script()
    assert {state.value: label(state.value) for state in State} == script.STATES
    run = [sys.executable, str(SCRIPT), str(packed.path), packed.root]
    said = subprocess.run(run, capture_output=True, text=True, check=False).stdout
    assert f"case: {packed.case}\n" in said and f"（{SUBSISTENCE}）\n" in said and "已归档 ARCHIVED" in said
    assert "last signed 2026-03-03" in said and f" {COUNTY}\n" in said and "python3 verify" in script.__doc__


def test_a_package_of_which_it_cannot_be_said_what_it_is_proves_nothing(
    packed: Packed, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, data = load_script(), packed.path.read_bytes()
    assert script.check(data, packed.root) == ([], 0)

    def odd(_: str) -> None:
        raise TypeError("a text as time")

    monkeypatch.setattr(script, "local", odd)
    problems, _ = script.check(data, packed.root)
    assert len(problems) == 1 and "TypeError" in problems[0]


def test_every_sentence_of_the_tool_is_chinese_first_and_english_beside_it(
    packed: Packed, tmp_path: Path
) -> None:
    """As the table has them, and as a lawyer sees some."""
    for english, chinese in load_script().SAID.items():
        assert re.fullmatch("[一-鿿、，]+", chinese) and english.isascii()
    mark = load_script().PRACTICE
    assert practice_name(b"\xff" * 8).startswith(mark) and not real_name(bytes(8)).startswith(mark)
    broken = tmp_path / "broken.zip"
    broken.write_bytes(packed.data[:-9])
    for words, first in (
        ([str(broken), packed.root], "已损坏、不完整，或不是归档包"),
        ([str(tmp_path / "none.zip"), packed.root], "读不到文件"),
        ([], "核验归档包"),
        ([str(packed.path)], "缺少网络指纹"),
        ([str(packed.path), packed.root], "核验通过"),
    ):
        done = subprocess.run(
            [sys.executable, str(SCRIPT), *words], capture_output=True, text=True, check=False
        )
        assert (done.stdout or done.stderr).startswith(first), done
    plain = {"PYTHONIOENCODING": "ascii:strict", "PATH": ""}
    run = [sys.executable, str(SCRIPT), str(packed.path), packed.root]
    done = subprocess.run(run, capture_output=True, text=True, check=False, env=plain)
    assert done.returncode == 0 and "good: signatures" in done.stdout
