"""The items that come with the program: each file is whole, and together they are the county's catalogue."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from common.catalogue.rules.item import CatalogueError, ServiceItem, parse_item

FOLDER = Path(__file__).parents[2] / "common" / "catalogue" / "data" / "items"
STEMS = sorted(file.stem for file in FOLDER.glob("*.json"))
CODE_SHAPE = re.compile(r"DEMO-511921-[0-9]{4}")
BASE_SHAPE = re.compile(r"DEMO00[0-9]{4}")


def read(stem: str) -> dict[str, Any]:
    found = json.loads((FOLDER / f"{stem}.json").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def catalogue() -> dict[str, ServiceItem]:
    """Return those of the items that can be read; the test of its own file tells of the others."""
    found = {}
    for stem in STEMS:
        try:
            found[stem] = parse_item(read(stem))
        except CatalogueError:
            continue
    return found


def leaves(value: Any) -> Iterator[Any]:
    """Yield every scalar inside a decoded JSON value."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    if inner is None:
        yield value
        return
    for part in inner:
        yield from leaves(part)


@pytest.mark.parametrize("stem", STEMS)
def test_a_file_is_an_item_of_the_schema(stem: str) -> None:
    """Integers and strings only, so that it can be signed as it stands; the five disclosures are filled."""
    obj = read(stem)
    assert obj["format"] == 2
    item = parse_item(obj, f"{stem}.json")
    assert {type(leaf) for leaf in leaves(obj)} <= {str, int}
    assert re.fullmatch(r"[a-z][a-z0-9_]*", stem) and item.version == 1
    assert CODE_SHAPE.fullmatch(item.code) and BASE_SHAPE.fullmatch(item.base_code)
    assert any(paper.required for paper in item.papers)
    for phone in (item.consult_phone, item.complaint_phone):
        assert phone.endswith("（示例）"), f"{phone}: a phone without a source is marked as an example"


def test_the_catalogue_is_complete() -> None:
    items = catalogue().values()
    assert len(items) == len(STEMS) == 64
    levels = Counter(level for item in items for level in item.route.intake_levels)
    assert (levels["township"], levels["village"]) == (31, 11)
    assert sum(item.is_joint for item in items) >= 6
    assert sum(item.is_instant for item in items) >= 8
    assert sum(not item.is_free for item in items) >= 6
    assert sum(bool(item.special) for item in items) >= 5


def test_codes_and_names_are_unique() -> None:
    items = list(catalogue().values())
    for part in ("code", "base_code", "name"):
        counts = Counter(getattr(item, part) for item in items)
        assert not {value for value, count in counts.items() if count > 1}, part


def test_the_catalogue_has_a_route_of_every_sort() -> None:
    """Village → township; village → township checks → county; on the spot; township hall → county."""
    items = catalogue().values()
    routes = {(i.kind, i.route.intake_levels[0], i.route.checker, i.route.competent) for i in items}
    assert ("promised", "village", "", "township") in routes
    assert ("promised", "village", "township", "county") in routes
    assert ("promised", "township", "", "county") in routes
    assert ("instant", "village", "", "origin") in routes
    assert any(item.is_instant and item.may_be_filed_at("township") for item in items)


def test_every_kind_of_field_is_used() -> None:
    kinds = {spec.kind for item in catalogue().values() for spec in item.fields}
    assert {"text", "number", "choice", "date", "phone", "money_fen", "place", "textarea", "yesno"} <= kinds


def test_an_organ_has_one_name_in_the_whole_catalogue() -> None:
    """Accounts, queues and papers know a department by its name alone: another spelling is another one."""
    items = list(catalogue().values())
    for item in items:
        if item.route.competent == "county":
            assert item.department == f"通江{item.route.department}", item.code
        elif item.route.competent == "township":
            assert item.department.startswith("乡镇人民政府"), item.code
    known = {item.route.department for item in items} | {"县财政局", "县税务局", "县司法局"}
    bureaus = {name for name in known if name.startswith("县") and name.endswith("局")}
    texts = "".join(str(leaf) for stem in STEMS for leaf in leaves(read(stem)))
    # Two sentences in which 县 and 局 stand for something else.
    named = set(re.findall(r"县[\u4e00-\u9fff]{2,10}?局", texts))
    assert {name for name in named if not name.startswith(tuple(bureaus))} <= {"县由县局", "县先找民政局"}
