"""Documents of the shelf: content and statement belong together; the audience is a subtree."""

from __future__ import annotations

import hashlib
from typing import Any

from pytest import mark, raises

from sync.protocol import signed
from sync.protocol.address import Tree
from sync.protocol.errors import BadRoster
from sync.protocol.shelf import CONTENT_BYTES_MAX, Draft, ShelfDoc, publish, read_doc
from tests.sync.made import COUNTY, SUITE, TOWN, VILLAGE, key_pair, make_statement

CONTENT = '{"名称":"老年人优待证"}'.encode()
DRAFT = Draft("item", "1001", 2, "ab" * 32, COUNTY, CONTENT, 1_790_000_000_000)
FAR_TOWN, FAR = "511921109", "511921109200"
TREE = Tree({COUNTY: "", TOWN: COUNTY, VILLAGE: TOWN, FAR_TOWN: COUNTY, FAR: FAR_TOWN})


def published(**changes: Any) -> ShelfDoc:
    """Return a published document; `changes` go into the draft."""
    values = {name: getattr(DRAFT, name) for name in Draft.__dataclass_fields__}
    return publish(Draft(**{**values, **changes}), COUNTY, key_pair(COUNTY), SUITE)


def test_a_document_is_read_as_it_was_published() -> None:
    doc = published()
    assert read_doc(doc.statement, CONTENT) == doc
    assert (doc.author, doc.kind, doc.key, doc.version) == (COUNTY, "item", "1001", 2)
    assert doc.content_hash == hashlib.sha256(CONTENT).hexdigest()
    assert doc.statement.signed_by(key_pair(COUNTY).public, SUITE)


def test_the_newest_version_is_kept_under_author_kind_and_key() -> None:
    assert published(version=9, content=b"other", prev="").slot == published().slot == f"{COUNTY}|item|1001"
    assert published(key="1002").slot != published().slot
    assert published(kind="notice").slot != published().slot


@mark.parametrize("content", [b"", CONTENT[:-1], CONTENT + b" ", CONTENT.upper() + b"x"])
def test_content_that_is_not_the_published_one_is_refused(content: bytes) -> None:
    with raises(BadRoster):
        read_doc(published().statement, content)


@mark.parametrize(
    "change",
    [
        *[{"kind": value} for value in ("", "Item", "1item", "item kind", "a" * 49, "条目")],
        *[{"key": value} for value in ("", "a|b", "x" * 65)],
        *[{"version": value} for value in (0, -1, 10**9)],
        *[{"audience": value} for value in ("", "511", "00", "511921000000")],
        {"content": bytes(CONTENT_BYTES_MAX + 1)},
    ],
)
def test_a_malformed_draft_is_not_published(change: dict[str, Any]) -> None:
    with raises(BadRoster):
        published(**change)


DAMAGE: list[tuple[str, Any]] = [
    *[(name, None) for name in ("author", "kind", "key", "version", "prev", "audience", "content")],
    *[(name, value) for name in ("author", "audience") for value in (7, [], "", "51192")],
    *[(name, value) for name in ("kind", "key", "content") for value in (7, [], {}, "")],
    *[("version", value) for value in ("1", [], {}, 0)],
]


@mark.parametrize(("field", "value"), DAMAGE)
def test_a_statement_with_one_field_damaged_is_refused(field: str, value: Any) -> None:
    fields = {**published().statement.fields(), field: value}
    fields = {name: given for name, given in fields.items() if given is not None and name != "v"}
    with raises(BadRoster):
        read_doc(make_statement(signed.SHELF, COUNTY, **fields), CONTENT)


@mark.parametrize(
    ("audience", "readers"),
    [
        (COUNTY, {COUNTY, TOWN, VILLAGE, FAR_TOWN, FAR}),
        (TOWN, {COUNTY, TOWN, VILLAGE}),
        (VILLAGE, {COUNTY, TOWN, VILLAGE}),
    ],
)
def test_the_audience_is_a_subtree_and_the_way_to_it(audience: str, readers: set[str]) -> None:
    doc = published(audience=audience)
    assert {address for address in TREE.addresses() if doc.may_go_to(address, TREE)} == readers
