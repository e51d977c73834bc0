"""The pages of parts: whatever the one style sheet dresses can be looked at there."""

from __future__ import annotations

import re

from tests.architecture.source_tree import ROOT
from tests.desk.three import COUNTY, ThreeNodes

# Class → where it is looked at instead.
ELSEWHERE = {
    **dict.fromkeys(
        (
            "apart",
            "blank-form",
            "dense",
            "ledger",
            "mark",
            "marked",
            "receipt",
            "rest",
            "say",
            "scan",
            "stub",
            "tiny",
            "signature",
            "place",
        ),
        "papers that print: slips, notices, registers, blank forms, each on its own page",
    ),
    "qr": "a drawing of its own, on every slip",
    **dict.fromkeys(
        ("broad", "edit", "entry", "part", "twice", "changes"), "the editor of items, a page by itself"
    ),
    **dict.fromkeys(("camera", "view"), "a window that scripts open where there is a camera"),
    **dict.fromkeys(("frame", "moving", "large"), "what the viewer's script makes of a paper"),
    "htmx-request": "while a part is fetched",
    "line": "the line in the header, at villages and townships",
    **dict.fromkeys(("guide", "keys", "way"), "pages of the guide, the keys and enrolment"),
    **dict.fromkeys(("four", "item", "reading"), "how wide something is"),
}


def test_every_part_of_the_style_sheet_is_on_a_page_of_parts(three: ThreeNodes) -> None:
    sheet = (ROOT / "common/web/static/liandong.css").read_text(encoding="utf-8")
    rules = re.sub(r"/\*.*?\*/|\{[^{}]*\}", " ", sheet, flags=re.S)
    dressed = set(re.findall(r"\.([a-z][a-z0-9-]*)", rules))
    client = three.client(COUNTY, "admin")
    pages = [client.get(path) for path in ("/_gallery", "/_gallery?form=wrong", "/_gallery/work")]
    assert [page.status_code for page in pages] == [200] * 3 and 'href="/_gallery/work"' in pages[0].text
    named = [found for page in pages for found in re.findall(r'class="([^"]*)"', page.text)]
    shown = {name for found in named for name in found.split()}
    assert dressed - shown - ELSEWHERE.keys() == set()
    assert not shown & ELSEWHERE.keys(), "what is shown here needs no excuse"
    assert len(pages[2].data) < 30_000
