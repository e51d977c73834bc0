"""The published text of the item lies with the case: no other text, author or version passes for it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from common.archive.verify import check_package
from common.notices.shelf import PdfShelf
from sync.protocol import canonical, signed
from sync.protocol.signing import KeyPair
from tests.archive.conftest import Packed, pack
from tests.archive.parts import SUITE, Tool, listed_again, parts_of, put_together
from tests.archive.test_altered import Parts, both, key, ours
from tests.desk.three import COUNTY, ThreeNodes

__all__ = ("key",)


def _document(parts: Parts) -> tuple[str, str]:
    """Return the names of the item's text and of the statement it was signed under."""
    statement = next(n for n in parts if n.startswith("trust/shelf-") and n.endswith(".json"))
    return next(name for name in parts if name.startswith("documents/")), statement


def test_another_text_of_the_item_is_found_by_both(
    packed: Packed, tmp_path: Path, tool: Tool, key: KeyPair
) -> None:
    parts = parts_of(packed.data)
    text, statement = _document(parts)
    for changed in (
        {**parts, text: parts[text].replace(b"1", b"2", 1)},
        {name: data for name, data in parts.items() if name != text},
        {**parts, statement.replace(".json", ".sig"): b"[]"},
        {**parts, statement: parts[statement].replace(b'"version":1', b'"version":2')},
    ):
        theirs, others = both(packed, listed_again(changed, key), tmp_path, tool)
        assert "事项文本" in theirs and "trust/shelf" in others


def test_a_text_that_the_case_does_not_name_is_found(packed: Packed, tmp_path: Path, key: KeyPair) -> None:
    """Signed by the county like any other, and yet not what the case was filed under."""
    parts = parts_of(packed.data)
    content = b'{"name":"another"}'
    fields = {"author": COUNTY, "kind": "catalogue.item", "key": "x", "version": 1, "prev": "", "at": 1}
    fields |= {"audience": COUNTY, "content": hashlib.sha256(content).hexdigest()}
    made = signed.make(signed.SHELF, fields, (key,), SUITE)
    pairs = canonical.dumps([[name, signature.hex()] for name, signature in made.signatures])
    extra = {
        f"documents/{fields['content']}.json": content,
        f"trust/shelf-{made.hash[:32]}.json": made.payload,
    }
    extra[f"trust/shelf-{made.hash[:32]}.sig"] = pairs
    data = put_together(listed_again({**parts, **extra}, key))
    assert ours(data, packed.root, tmp_path) == [f"事项文本 {made.hash[:16]} 不是办件所依据的"]


def test_the_text_of_the_item_lies_with_the_case(packed: Packed) -> None:
    parts = parts_of(packed.data)
    (name,) = [name for name in parts if name.startswith("documents/")]
    assert "最低生活保障".encode() in parts[name]
    assert len([name for name in parts if name.startswith("trust/shelf-")]) == 2
    assert check_package(packed.path, packed.root, SUITE).documents == 1


def test_papers_sealed_here_lie_with_their_case(packed: Packed, three: ThreeNodes, tmp_path: Path) -> None:
    """The node's shelf of notices knows them by act; those of other acts stay out."""
    node = three.open(COUNTY)
    act = node.casework.case(packed.case).chain[-1]
    shelf = PdfShelf(node.config.path("notices"))
    for owner in (act, "f" * 32):
        shelf.keep_sealed(f"{owner}-0123456789abcdef", b"%PDF-1.7 sealed")
    shelf.keep_plain(f"{act}-0123456789abcdef", b"%PDF-1.7 plain")
    path = pack(three, packed.case, tmp_path / "with.zip")
    names = [name for name in parts_of(path.read_bytes()) if name.startswith("notices/")]
    assert names == [f"notices/{act}-0123456789abcdef.pdf"]
    found = check_package(path, packed.root, SUITE)
    assert (found.problems, found.notices) == ([], 1)
