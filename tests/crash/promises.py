"""Whether a node that has lost its power still stands by all it has said when the program runs again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from common.node.node import Node
from common.store import audit
from common.store.database import run
from sync.adapters.witness import FILE, WitnessFile
from sync.protocol.checker import check
from sync.protocol.witness import joined
from tests.crash.story import PHOTO, Said, Slip
from tests.desk.three import ThreeNodes


def broken(three: ThreeNodes, address: str, told: Iterable[object]) -> list[str]:
    """Start a node again after a power cut; return what does not hold of what it told before.

    Invariants 1 to 6 and 16 of the simulation, asked of one node: nothing accepted is gone, nothing is
    there twice or half, receipts cover no gap and hold, chains are whole, papers that it spoke of are there.
    """
    mine = [one for one in told if getattr(one, "at", "") == address]
    found = list(_witness(three.folder / address, mine))
    node = three.open(address)
    if run("SELECT COUNT(*) FROM audit WHERE action = 'node.put_back'").fetchone()[0]:
        found.append("takes itself for an older copy")
    with node.unit():
        found += check(node.peer.core).problems
    if audit.first_broken() is not None:
        found.append("the audit trail is broken")
    found += _records(node)
    for one in mine:
        found += _slip(node, one) if isinstance(one, Slip) else _said(node, one)
    return found


def _witness(folder: Path, told: Iterable[object]) -> Iterator[str]:
    said = [one.word for one in told if isinstance(one, Said)]
    kept = WitnessFile(folder / FILE).read()
    for word in said[-1:]:
        if kept is None or joined(kept, word) != kept:
            yield "the witness has forgotten"


def _records(node: Node) -> Iterator[str]:
    """Every act of a case is a signed one that is here, applied once, and each case can be read."""
    acts = [row[0] for row in run("SELECT act FROM case_event").fetchall()]
    if len(acts) != len(set(acts)):
        yield "an act is applied twice"
    framed = {row[0] for row in run("SELECT act FROM sync_frame").fetchall()}
    yield from (f"act {act} without its frame" for act in acts if act not in framed)
    for act, state in run("SELECT id, state FROM sync_act").fetchall():
        if state == "applied" and act in framed and act not in acts and _is_of_a_case(act):
            yield f"act {act} is called applied and is not in its case"
    for (number,) in run('SELECT "case" FROM case_file').fetchall():
        node.casework.case(number)


def _is_of_a_case(act: str) -> bool:
    return bool(run("SELECT 1 FROM sync_act WHERE id = ? AND kind LIKE 'case.%'", (act,)).fetchone())


def _slip(node: Node, slip: Slip) -> Iterator[str]:
    known = run('SELECT COUNT(*) FROM case_file WHERE "case" = ?', (slip.number,)).fetchone()[0]
    if not known:
        yield f"case {slip.number} is gone"
        return
    case = node.casework.case(slip.number)
    if tuple(case.chain)[: len(slip.chain)] != slip.chain:
        yield f"case {slip.number} has lost a step"
    if case.parties["origin"] == node.me:
        named = run('SELECT hash FROM case_paper WHERE "case" = ?', (slip.number,)).fetchall()
        yield from (f"paper {name[:12]} is gone" for (name,) in named if not node.blobs.is_sound(name))


def _said(node: Node, said: Said) -> Iterator[str]:
    for receipt in said.receipts:
        stream = node.spool.stream(receipt.stream)
        if stream is None or stream.upto < receipt.upto:
            yield f"a receipt promised {receipt.stream} up to {receipt.upto}"
            continue
        head = node.spool.hash_at(stream, receipt.upto)
        if receipt.upto and (head is None or head.hex() != receipt.head):
            yield f"a receipt promised another head of {receipt.stream}"
        gaps = [seq for seq, _ in node.spool.gaps(stream, 1_000)]
        if any(seq <= receipt.papers for seq in gaps):
            yield f"a receipt promised papers of {receipt.stream}"
    for name, offset in said.offsets.items():
        if not node.blobs.is_sound(name) and not _begins_well(node, name, offset):
            yield f"paper {name[:12]} was said to be here up to {offset}"


def _begins_well(node: Node, name: str, offset: int) -> bool:
    part = node.config.data_dir / "papers" / "part" / f"{name}.part"
    data = part.read_bytes() if part.exists() else b""
    return len(data) >= offset and data[: min(offset, len(PHOTO))] == PHOTO[: min(offset, len(PHOTO))]
