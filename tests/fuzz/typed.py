"""Golden forms, service items and bodies of acts, and how a node reads them."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

from flask import Request

from common.casework.rules import shape
from common.catalogue.rules.form import check_form
from common.catalogue.rules.item import parse_item
from common.papers.rules import media_type
from sync.protocol import canonical
from tests.fuzz.refusals import refused_or
from tests.sync.made import COUNTY, TOWN, VILLAGE

ITEMS_FOLDER = Path(__file__).parents[2] / "common" / "catalogue" / "data" / "items"
BOUNDARY = "liandong"

# --- what people and their browsers send: a form's body, a service item, a picture
ITEM = json.loads((ITEMS_FOLDER / "birth_registration.json").read_text(encoding="utf-8"))
SERVICE_ITEM = parse_item(ITEM)
TYPED = {"csrf_token": "x"} | {spec.key: spec.hint or "2026-02-28" for spec in SERVICE_ITEM.fields}
URLENCODED = urlencode(TYPED).encode()
_PART = f"--{BOUNDARY}\r\nContent-Disposition: form-data; name="
MULTIPART = (
    "".join(f'{_PART}"{key}"\r\n\r\n{text}\r\n' for key, text in TYPED.items()).encode()
    + f'{_PART}"papers"; filename="户口簿.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'.encode()
    + b"\xff\xd8\xff\xe0"
    + bytes(40)
    + f"\r\n--{BOUNDARY}--\r\n".encode()
)


def read_form(data: bytes) -> None:
    """Read a posted form with its papers, as a page does."""
    multipart = data[:2] == b"--"
    kind = f"multipart/form-data; boundary={BOUNDARY}" if multipart else "application/x-www-form-urlencoded"
    request = Request(
        {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": kind,
            "CONTENT_LENGTH": str(len(data)),
            "wsgi.input": BytesIO(data),
        }
    )
    request.max_form_memory_size = 2_000_000
    check_form(SERVICE_ITEM, request.form)
    for file in request.files.getlist("papers"):
        media_type(file.stream.read(64))


ITEM_CORPUS = [
    canonical.dumps(json.loads(path.read_text(encoding="utf-8")))
    for path in sorted(ITEMS_FOLDER.glob("*.json"))[:4]
]


def read_item(data: bytes) -> None:
    """Read a service item."""
    parse_item(canonical.loads(data))


# --- the bodies of acts about cases
CASE = {
    "case": "511921108203-A1-K7QMX", "apex": COUNTY, "action": "file", "state": "RECEIVED",
    "item": "birth", "item_version": 1, "place": VILLAGE, "holder": VILLAGE, "to": [COUNTY, TOWN],
    "follows": "", "answers": [],
    "parties": {"village": VILLAGE, "town": TOWN, "county": COUNTY},
    "data": {
        "applicant": {"name": "何", "id_type": "id", "id_number": "1", "phone": "1", "address": ""},
        "form": {"a": 1, "b": "x"}, "item_name": "x", "papers": [{"key": "a", "name": "b", "blob": 0}],
        "actor": {"name": "王", "role": "AGENT", "login": "w"}, "at": 1_790_000_000_000,
        "note": "", "green": "",
        "tolerance": {"papers": [], "due": "2026-12-01"}, "originals": "at_filing",
    },
}  # fmt: skip
CASES = [canonical.dumps(CASE)]


def read_case(data: bytes) -> None:
    """Check the body of an act about a case, as any kind of act."""
    body = canonical.loads(data)
    if type(body) is dict:
        for check in (shape.check_moved, shape.check_reported, shape.check_taken_over):
            refused_or(check, body, 1)
        refused_or(shape.check_struck, body)
        shape.check_filed(body, 1)
