"""The page about the protocol says what the code does: every code, every limit, every field."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from sync.adapters.http_client import (
    CODE_HEADER,
    ENROLMENT_PATH,
    EXCHANGE_PATH,
    EXCHANGE_TYPE,
    REFUSED,
)
from sync.adapters.line import ParentBusy
from sync.protocol import (
    canonical,
    documents,
    frame,
    items,
    receipts,
    records,
    roster,
    shelf,
    signed,
    verdicts,
    wants,
)
from sync.protocol.acts import asked, proofs, quarantine
from sync.protocol.acts.deliver import BRIEF, brief_ids
from sync.protocol.exchange import HEAD_BYTES_MAX, Head
from sync.protocol.incoming import asides
from sync.protocol.spool import EVIDENCE, GAP, UNKNOWN_KEY
from sync.protocol.trust import state_in
from tests.sync import golden

ROOT = Path(__file__).parents[2] / "sync"
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
CODES = re.findall(r"\bS\d{3}\b", TEXT.partition("## Codes")[2])


def codes_in_the_program() -> set[str]:
    """Return every word of the form of a code in any string of the sync layer."""
    found: set[str] = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and re.fullmatch(r"S\d{3}", str(node.value)):
                found.add(str(node.value))
    return found


def test_every_code_stands_in_the_table_once():
    assert len(CODES) == len(set(CODES))
    # S125 is told by the application in the sync layer's name.
    assert set(CODES) == codes_in_the_program() | {"S125"}


def test_every_limit_is_the_programs():
    told = re.findall(r"`(\d+)`", TEXT.partition("## Limits")[2].partition("## Codes")[0])
    aside = asides.ASIDE_MAX
    assert [int(n) for n in told] == [
        records.RECORD_BYTES_MAX,
        records.TEXT_BYTES_MAX,
        records.ITEMS_MAX,
        frame.HEADER_BYTES_MAX,
        frame.BODY_BYTES_MAX,
        frame.BLOBS_MAX,
        frame.BLOB_BYTES_MAX,
        signed.STATEMENT_BYTES_MAX,
        shelf.CONTENT_BYTES_MAX,
        aside[GAP],
        aside[UNKNOWN_KEY],
        aside[EVIDENCE],
        asides.EVIDENCE_OF_A_STREAM,
        asides.EVIDENCE_OF_A_PLACE,
        asked.OPEN_MAX,
        proofs.FETCHED_MAX,
        state_in.VECTOR_LINES_MAX,
        documents.HAVE_DOCS_MAX,
        wants.WANTS_MAX,
        receipts.MISSING_MAX,
        roster.VOUCHED_KEYS_MAX,
    ]
    assert f"at most {HEAD_BYTES_MAX}" in TEXT


def test_every_item_kind_has_its_number():
    table = TEXT.partition("| Item | kind |")[2].partition("\n\n")[0]
    told: dict[str, int] = {}
    for row in table.splitlines()[2:]:
        names, numbers = row.split("|")[1:3]
        told |= dict(zip(names.replace(" ", "").split(","), map(int, numbers.split(",")), strict=True))
    assert told == {name: getattr(records, name) for name in told}
    assert len(told) == 14


def test_every_statement_field_is_told():
    table = TEXT.partition("| Statement | signed by |")[2].partition("\n\n")[0]
    told = {row.split("|")[1].strip(): set(row.split("|")[3].split()) for row in table.splitlines()[2:]}
    assert set(told) == set(signed.SORTS)
    for name in golden.names("statement"):
        statement = golden.statement_from(golden.read(name)["statement"])
        assert told[statement.sort] | {"v"} == set(statement.fields()), name


def test_every_field_of_head_hello_and_header_is_told():
    head = Head("", "", "", "", "", "", 1, "", 1, "", b"").fields()
    assert f"`{' '.join(head)}`" in TEXT
    assert f"`{' '.join(items.Hello._fields)}`" in TEXT
    rows = TEXT.partition("| Frame header")[2].partition("\n\n")[0]
    told = set(re.findall(r"`(\w+)`", "".join(row.split("|")[1] for row in rows.splitlines()[2:])))
    header = golden.read("frame-plain.json")["frames"][0]["header"]
    assert told == set(re.findall(r'"(\w+)":', header))


def test_every_field_of_an_act_of_this_layer_is_told():
    table = TEXT.partition("| Body of an act of this layer |")[2].partition("\n\n")[0]
    told = {}
    for row in table.splitlines()[2:]:
        kinds, _, fields = row.strip("|").split("|")
        told |= {kind: set(fields.split()) for kind in re.findall(r"`([\w.]+)`", kinds)}
    acts = [f"{n:032x}" for n in range(verdicts.IDS_MAX + 1)]
    naming, verdict = (verdicts.verdict_body(acts[:1], "", ["3301"], *turn) for turn in ((), (1,)))
    fields = {quarantine.HELD: naming, verdicts.RELEASED: verdict, verdicts.STRUCK: verdict}
    assert {kind: set(canonical.loads(body)) for kind, body in fields.items()} | {
        BRIEF: {"ids", "to"}
    } == told
    long = canonical.dumps({"ids": acts, "reason": verdicts.WITHIN, "to": [], "case": ""})
    assert verdicts.read_body(long) == (acts[: verdicts.IDS_MAX], verdicts.WITHIN, 0)
    assert brief_ids(long) == acts and f"the first {verdicts.IDS_MAX}." in TEXT
    for reason in (asked.PAST, asked.WITHIN, asked.LATER):
        assert f"`{reason}`" in TEXT


def test_every_file_to_read_first_is_there():
    for name in re.findall(r"`((?:protocol|adapters)/[\w/]+\.py)`", TEXT):
        assert (ROOT / name).is_file(), name


def test_the_way_to_another_node_is_told():
    told = TEXT.partition("| Carrier |")[2].partition("\n\n")[0]
    for word in (EXCHANGE_PATH, EXCHANGE_TYPE, str(REFUSED), CODE_HEADER, ParentBusy.code, ENROLMENT_PATH):
        assert word in told, word
