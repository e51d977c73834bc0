"""Files that are odd as a whole: a manifest by a revoked key, bombs, names that lead out of the package."""

from __future__ import annotations

import copy
import io
import resource
import struct
import zipfile
from pathlib import Path

from common.archive.rules.container import read_directory
from common.archive.verify import check_package
from sync.protocol import canonical
from tests.archive.conftest import Packed, pack
from tests.archive.parts import SUITE, Tool, parts_of
from tests.desk.three import COUNTY, ThreeNodes
from tests.proofs.test_claims import enter


def test_a_manifest_by_a_key_that_was_revoked_is_told_apart(
    packed: Packed, tmp_path: Path, tool: Tool, three: ThreeNodes
) -> None:
    """The steps still stand, by their ids; only the packer's word does not, and both say by which entry."""
    county = three.open(COUNTY)
    manifest = canonical.loads(parts_of(packed.data)["manifest.json"])
    acts, key = manifest["acts"], manifest["key"]
    cut = {f"{COUNTY}|1-ab|{COUNTY}": 7}
    enter(county, COUNTY, revoked=[{"key": key, "cut": cut, "ids": acts}])
    version = county.proofs.trust.roster().entries[COUNTY].version
    path = pack(three, packed.case, tmp_path / "revoked.zip")
    found = check_package(path, packed.root, SUITE)
    assert {part for part, problems in found.parts.items() if problems} == {"packer"}
    (told,) = found.problems
    assert (
        "已作废的密钥" in told
        and f"第 {version} 版" in told
        and "第 7 号" in told
        and f"认 {len(acts)} 份" in told
    )
    (said,) = tool(path.read_bytes(), packed.root)[0]
    assert said.startswith("签名的钥匙已作废 / by a revoked key: manifest ← trust/entry-")
    assert said.endswith(f" {COUNTY}|1-ab|{COUNTY}=7 ids={len(acts)}")


def test_the_script_reads_nothing_of_a_bomb_or_of_a_name_that_climbs_out(
    packed: Packed, tmp_path: Path, tool: Tool
) -> None:
    """A hundred files of 64 MB in some kB, one inside another's bytes, and names that lead elsewhere."""
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as file:
        with file.open("papers/a.bin", "w") as part:
            for _ in range(64):
                part.write(bytes(1 << 20))
        one = file.getinfo("papers/a.bin")
        for number in range(100):
            other = copy.copy(one)
            other.filename = other.orig_filename = f"papers/{number}.bin"
            file.filelist.append(other)
            file.NameToInfo[other.filename] = other
    began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    problems = [tool(bomb.getvalue(), packed.root)[0]]
    assert len(bomb.getvalue()) < 1 << 17
    # The same with nothing compressed: the largest part over and over, always the same bytes of the file.
    start = packed.data.index(b"PK\1\2")
    largest = max(read_directory(packed.data[start:], start), key=lambda part: part.size)
    at = packed.data.rindex(largest.name.encode())
    rows = packed.data[start:-22] + packed.data[at - 46 : at + len(largest.name)] * 400
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 500, 500, len(rows), start, 0)
    problems.append(tool(packed.data[:start] + rows + end, packed.root)[0])
    for name in ("../outside.json", "/etc/passwd", "trust/../../x.json", "C:\\x.json", "papers/a/b.bin"):
        climbing = io.BytesIO()
        with zipfile.ZipFile(climbing, "w") as file:
            file.writestr(name, b"{}")
        problems.append(tool(climbing.getvalue(), packed.root)[0])
    assert all("no package has" in found[0] for found in problems), problems
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - began < 40_000, "kB"
    assert not list(tmp_path.iterdir())
