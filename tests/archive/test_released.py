"""A step signed by a revoked key past its cut, and released by the county: a package shows why it counts.

Method: a village is robbed, its hand-over held back and released at a real county. Both readers are asked,
and again after each thing that a dishonest packer, with the county's own key, could do to the verdict.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from common.archive.verify import check_package
from common.casework.context import NODE_ACTOR
from common.node.cli import main
from common.store.database import close_database
from sync.protocol import canonical, signed
from sync.protocol.frame import SIGNED_AS, make_body
from sync.protocol.signing import KeyPair
from sync.protocol.trust.revocation import STOLEN, Revocation
from sync.protocol.verdicts import RELEASED, STRUCK, WITHIN, verdict_body
from tests.archive.conftest import Packed
from tests.archive.parts import SCRIPT, SUITE, listed_again, load_script, parts_of, put_together
from tests.desk.three import COUNTY, PROFILES, TOWN, VILLAGE, ThreeNodes, copy_of, post

WHY, FORGED = "本人到场核实", "冒用"
OTHER = "ab" * 16
Parts = dict[str, bytes]
Read = tuple[list[str], list[str]]


@dataclass(frozen=True)
class Robbed:
    """The county's nodes after the theft, the act released there, the package then, and two keys."""

    nodes: Path
    case: str
    root: str
    act: str
    parts: Parts
    county: KeyPair
    town: KeyPair


def proved(three: ThreeNodes, case: str, path: Path) -> Path:
    """Write what the open node can prove of a case."""
    with three.node.unit():
        collected = three.node.archive.prove(case, NODE_ACTOR, three.now())
    three.node.archive.write(collected, path)
    return path


def rob(three: ThreeNodes) -> str:
    """Revoke the village's key at the county, with the hand-over alone past the cut; return its act."""
    node = three.open(COUNTY)
    with node.unit():
        cut = {line.stream: 1 for line in node.trust.lines(VILLAGE)}
        node.trust.revoke(Revocation(VILLAGE, STOLEN, cut=cut), "admin")
        held = [one.row.id for one in node.trust.held_back(9) if one.row.kind.startswith("case.")]
    (act,) = held
    return act


@pytest.fixture(scope="module")
def robbed(packed: Packed, tmp_path_factory: pytest.TempPathFactory) -> Robbed:
    folder = tmp_path_factory.mktemp("robbed")
    three = copy_of(packed.nodes, folder / "nodes")
    town = next(iter(three.open(TOWN).keys.values()))
    act = rob(three)
    with three.node.unit():
        three.node.trust.release([act], WHY, "admin")
    path = proved(three, packed.case, folder / "case.zip")
    county = next(iter(three.node.keys.values()))
    close_database()
    return Robbed(folder / "nodes", packed.case, packed.root, act, parts_of(path.read_bytes()), county, town)


def read(robbed: Robbed, parts: Parts, folder: Path) -> Read:
    """Return what both readers find wrong in these parts, listed anew under the county's signature."""
    path = folder / "read.zip"
    path.write_bytes(put_together(listed_again(parts, robbed.county)))
    ours = check_package(path, robbed.root, SUITE).problems
    return ours, load_script().check(path.read_bytes(), robbed.root)[0]


def said_by(robbed: Robbed, kind: str, ids: list[str], turn: int, **header: Any) -> Parts:
    """Return a verdict, as the county's key or the `key` given would sign it at a place of its own."""
    key = header.pop("key", robbed.county)
    body = make_body(bytes(16), verdict_body(ids, header.pop("reason", WHY), [VILLAGE], turn))
    name = hashlib.sha256(body).hexdigest()
    fields = canonical.loads(robbed.parts[f"verdicts/{robbed.act}.json"])
    place = {"kind": kind, "body": [name, len(body)], "seq": 900 + turn, "prev": "0" * 64}
    data = canonical.dumps({**fields, **place, **header})
    stem = f"verdicts/{ids[0]}"
    signature = SUITE.sign(key, SIGNED_AS, data)
    return {f"{stem}.json": data, f"{stem}.sig": signature, f"bodies/{name}.bin": body}


def without(robbed: Robbed) -> Parts:
    return {name: data for name, data in robbed.parts.items() if not name.startswith("verdicts/")}


def test_a_step_that_was_released_is_proved_and_told_by_both(robbed: Robbed, tmp_path: Path) -> None:
    path = tmp_path / "case.zip"
    path.write_bytes(put_together(robbed.parts))
    found = check_package(path, robbed.root, SUITE)
    assert (found.problems, found.state, found.struck) == ([], "CLOSED", [])
    (ruling,) = found.released
    assert (ruling.act, ruling.is_struck, ruling.reason) == (robbed.act, False, WHY) and ruling.at
    assert found.end_stored <= found.frames
    problems, _, (note,) = load_script().examined(path.read_bytes(), robbed.root)
    assert problems == [] and note.startswith("县级放行了") and "released by the county" in note
    assert WHY in note and "2026-03-03" in note
    run = [sys.executable, str(SCRIPT), str(path), robbed.root]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and WHY in done.stdout


def test_verbs_and_pages_tell_of_the_release(
    robbed: Robbed, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    three = copy_of(robbed.nodes, tmp_path / "nodes")
    data, target = ["--data", str(three.folder / COUNTY)], str(tmp_path / "case.zip")
    assert main(PROFILES[COUNTY], ["audit", "prove", robbed.case, "--to", target, *data]) == 0
    assert main(PROFILES[COUNTY], ["verify-package", target, *data]) == 0
    out = capsys.readouterr().out
    assert "放行" in out and "released by the county" in out and WHY in out and robbed.act in out
    assert main(PROFILES[COUNTY], ["verify-package", target, "--json", *data]) == 0
    assert f'"reason": "{WHY}"' in capsys.readouterr().out
    client = three.client(COUNTY, "clerk")
    with open(target, "rb") as file:
        told = post(client, "/archive/verify", {"file": (file, "case.zip")}, "/archive/verify").text
    for page in (told, post(client, f"/case/{robbed.case}/check", {}).text):
        assert "核验通过" in page and "县级于2026-03-03" in page and WHY in page and robbed.act in page
    # Who is below has the verdict too, and proves the same.
    three.carry(COUNTY, TOWN)
    found = check_package(proved(three, robbed.case, tmp_path / "town.zip"), robbed.root, SUITE)
    assert found.problems == [] and [one.act for one in found.released] == [robbed.act]
    close_database()


def test_before_the_release_the_case_is_proved_without_the_step(packed: Packed, tmp_path: Path) -> None:
    three = copy_of(packed.nodes, tmp_path / "nodes")
    act = rob(three)
    path = proved(three, packed.case, tmp_path / "case.zip")
    assert not [name for name in parts_of(path.read_bytes()) if name.startswith("verdicts/")]
    found = check_package(path, packed.root, SUITE)
    assert found.problems == [] and found.released == found.struck == []
    assert act not in canonical.loads(parts_of(path.read_bytes())["manifest.json"])["acts"]
    close_database()


def test_a_step_struck_out_after_its_release_is_told_of(robbed: Robbed, tmp_path: Path) -> None:
    """The case has lost it; whoever keeps it in hears that it was struck out."""
    three = copy_of(robbed.nodes, tmp_path / "nodes")
    node = three.open(COUNTY)
    with node.unit():
        node.trust.strike([robbed.act], FORGED, "admin")
    path = proved(three, robbed.case, tmp_path / "struck.zip")
    found = check_package(path, robbed.root, SUITE)
    assert found.problems == [] == found.released and found.state == "ISSUED"
    assert [(one.act, one.is_struck, one.reason) for one in found.struck] == [(robbed.act, True, FORGED)]
    problems, _, (note,) = load_script().examined(path.read_bytes(), robbed.root)
    assert problems == [] and "剔除" in note and FORGED in note and robbed.act in note
    after = parts_of(path.read_bytes())
    strike = {name: data for name, data in after.items() if name.startswith(("verdicts/", "bodies/"))}
    ours, theirs = read(robbed, robbed.parts | strike, tmp_path)
    assert any("剔除" in one and FORGED in one for one in ours)
    assert any("struck out by the county" in one and FORGED in one for one in theirs)
    close_database()


def test_without_its_verdict_the_step_is_refused_as_before(robbed: Robbed, tmp_path: Path) -> None:
    ours, theirs = read(robbed, without(robbed), tmp_path)
    assert any("由已作废的密钥签名" in one for one in ours) and any("revoked key" in one for one in theirs)


def test_a_verdict_that_was_tampered_with_is_found(robbed: Robbed, tmp_path: Path) -> None:
    """A bit of each part of it; another body under a right hash is another header."""
    header = canonical.loads(robbed.parts[f"verdicts/{robbed.act}.json"])
    names = [f"verdicts/{robbed.act}.json", f"verdicts/{robbed.act}.sig", f"bodies/{header['body'][0]}.bin"]
    for name in names:
        data = robbed.parts[name]
        for place in (0, len(data) // 2, len(data) - 1):
            changed = data[:place] + bytes((data[place] ^ 1,)) + data[place + 1 :]
            assert all(read(robbed, robbed.parts | {name: changed}, tmp_path)), (name, place)
        rest = {one: data for one, data in robbed.parts.items() if one != name}
        assert all(read(robbed, rest, tmp_path)), name


def as_stranger(robbed: Robbed) -> Parts:
    """Of another network, whose county has the same address."""
    key = SUITE.pair(b"\x0c" * 64)
    name = next(
        name
        for name, data in robbed.parts.items()
        if name.startswith("trust/epoch-")
        and name.endswith(".json")
        and canonical.loads(data)["src"] == COUNTY
    )
    fields = {k: v for k, v in canonical.loads(robbed.parts[name]).items() if k != "v"}
    epoch = signed.make(signed.EPOCH, {**fields, "key": key.id, "n": 7}, (key,), SUITE)
    stem = f"trust/epoch-{epoch.hash[:32]}"
    pairs = canonical.dumps([[one, signature.hex()] for one, signature in epoch.signatures])
    made = said_by(robbed, RELEASED, [robbed.act], 1, key=key, epoch=f"7-{fields['random']}")
    return {**made, f"{stem}.json": epoch.payload, f"{stem}.sig": pairs}


def by_the_township(robbed: Robbed) -> Parts:
    headers = [canonical.loads(data) for name, data in robbed.parts.items() if is_frame(name)]
    epoch = next(header["epoch"] for header in headers if header["src"] == TOWN)
    return said_by(robbed, RELEASED, [robbed.act], 1, key=robbed.town, src=TOWN, epoch=epoch)


def is_frame(name: str) -> bool:
    return name.startswith("frames/") and name.endswith(".json")


def for_another_act(robbed: Robbed) -> Parts:
    """Rightly signed, and laid where the verdict on the step belongs."""
    made = said_by(robbed, RELEASED, [OTHER], 1)
    return {name.replace(OTHER, robbed.act): data for name, data in made.items()}


def of_another_kind(robbed: Robbed) -> Parts:
    return said_by(robbed, "sync.held", [robbed.act], 1)


@pytest.mark.parametrize("made", [as_stranger, by_the_township, for_another_act, of_another_kind])
def test_no_other_word_lets_the_step_count(
    robbed: Robbed, tmp_path: Path, made: Callable[[Robbed], Parts]
) -> None:
    ours, theirs = read(robbed, without(robbed) | made(robbed), tmp_path)
    assert any("由已作废的密钥签名" in one for one in ours) and any("revoked key" in one for one in theirs)
    assert any("verdicts/" in one for one in ours) and any("verdicts/" in one for one in theirs)


def test_without_the_countys_entry_a_township_is_not_the_county(robbed: Robbed, tmp_path: Path) -> None:
    gone = [
        name[:-5]
        for name, data in robbed.parts.items()
        if name.startswith("trust/entry-")
        and name.endswith(".json")
        and canonical.loads(data)["address"] == COUNTY
    ]
    parts = {name: data for name, data in without(robbed).items() if name.rpartition(".")[0] not in gone}
    ours, theirs = read(robbed, parts | by_the_township(robbed), tmp_path)
    assert any("不是县级的决定" in one for one in ours) and any("no verdict" in one for one in theirs)


@pytest.mark.parametrize(
    ("release", "strike", "reason", "counts"),
    [
        (2, 1, WHY, True),
        (1, 1, WHY, False),
        (1, 2, WHY, False),
        (-1, 1, WHY, False),
        # What the county releases by itself never stands over a person's word.
        (-1, 0, WITHIN, False),
    ],
)
def test_of_two_verdicts_the_later_counts_and_of_one_number_the_strike(
    robbed: Robbed, tmp_path: Path, release: int, strike: int, reason: str, counts: bool
) -> None:
    """The strike lies under another act that it names too: whoever puts it there hides nothing by it."""
    made = said_by(robbed, RELEASED, [robbed.act], release, reason=reason)
    made |= said_by(robbed, STRUCK, [OTHER, robbed.act], strike, reason=FORGED, seq=950)
    ours, theirs = read(robbed, without(robbed) | made, tmp_path)
    assert ((ours, theirs) == ([], [])) is counts
    if not counts:
        assert any(FORGED in one for one in ours) and any(FORGED in one for one in theirs)


@pytest.mark.parametrize(("last", "former"), [(RELEASED, STRUCK), (STRUCK, RELEASED)])
def test_of_two_without_a_number_the_one_that_is_called_by_the_act_counts(
    robbed: Robbed, tmp_path: Path, last: str, former: str
) -> None:
    """To a program of before the last to come counted; packed is that, and the other for an act beside it."""
    made = said_by(robbed, last, [robbed.act], -1)
    made |= said_by(robbed, former, [OTHER, robbed.act], -1, reason=FORGED, seq=950)
    ours, theirs = read(robbed, without(robbed) | made, tmp_path)
    assert ((ours, theirs) == ([], [])) is (last == RELEASED)
    assert any("剔除" in one for one in ours) == any("struck" in one for one in theirs) == (last == STRUCK)


def test_a_verdict_has_its_place_in_the_chain(robbed: Robbed, tmp_path: Path) -> None:
    """At a place of a frame of the case it is a second one there."""
    headers = [canonical.loads(data) for name, data in robbed.parts.items() if is_frame(name)]
    verdict = canonical.loads(robbed.parts[f"verdicts/{robbed.act}.json"])
    place = next(one for one in headers if one["src"] == COUNTY and one["epoch"] == verdict["epoch"])
    at = {name: place[name] for name in ("dst", "seq", "prev")}
    made = said_by(robbed, RELEASED, [robbed.act], 1, **at)
    ours, theirs = read(robbed, without(robbed) | made, tmp_path)
    assert any("两份" in one for one in ours) and any("two frames" in one for one in theirs)
