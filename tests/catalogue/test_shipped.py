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
from common.catalogue.rules.schema import ITEM
from common.catalogue.service import matching, shipped_items

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


# GB/T 39046—2020, table 4, and what the national exchange asks of papers and fees beside it: name → place.
TABLE_4 = {
    "事项名称": "name", "基本编码": "base_code", "实施编码": "code", "事项类型": "type_code",
    "设定依据": "basis.document", "行使层级": "level_code", "权限划分": "authority.split",
    "行使内容": "authority.content", "实施主体": "department", "统一社会信用代码": "department_code",
    "实施主体性质": "department_nature", "共同实施部门": "joint.department",
    "共同实施部门代码": "joint.code", "承办机构": "office", "承办机构代码": "office_code",
    "中介服务": "intermediary", "法定办结时限": "statutory.days", "法定办结时限单位": "statutory.unit",
    "法定办结时限说明": "statutory.note", "承诺办结时限": "promised.days",
    "承诺办结时限单位": "promised.unit", "承诺办结时限说明": "promised.note", "受理条件": "conditions",
    "办理流程": "steps.name", "数量限制": "quantity_limit", "特别程序": "special.kind",
    "办理形式": "channels", "办理地点": "place", "办理时间": "hours", "通办范围": "reach",
    "运行系统层级": "system_level", "预约": "supports.appointment", "网上支付": "supports.online_payment",
    "物流快递": "supports.delivery", "网办": "supports.online", "网办地址": "online_address",
    "结果名称": "result.name", "结果样本": "result.sample", "收费": "fees.fen", "收费依据": "fees.basis",
    "服务对象": "subjects", "服务主题": "themes", "咨询方式": "contact.consult_way",
    "咨询电话": "contact.consult_phone", "监督电话": "contact.complaint_phone", "常见问题": "questions.q",
    "行政管辖": "contact.jurisdiction", "材料名称": "papers.name", "出具机构": "papers.issuer",
    "出具时间要求": "papers.issued_within", "办理说明": "papers.how", "材料办理地点": "papers.place",
    "使用说明": "papers.use", "原件份数": "papers.originals", "复印件份数": "papers.copies",
    "是否必备": "papers.required", "受理标准": "papers.standard", "来源渠道": "papers.source",
    "收费标准": "fees.standard", "允许减免": "fees.reducible", "减免依据": "fees.reduction",
    "到现场次数": "visits", "版本": "version", "生效日期": "effective_from",
}  # fmt: skip


def test_an_item_has_every_part_of_the_standards_table() -> None:
    parts = {part.key: {inner.key for inner in part.parts} for part in ITEM}
    for name, path in TABLE_4.items():
        first, _, rest = path.partition(".")
        assert first in parts and (not rest or rest in parts[first]), name
    for item in catalogue().values():
        assert item.system_level and item.office_code and all(paper.use for paper in item.papers), item.code


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


def test_what_was_not_read_is_said_where_sources_are_and_in_no_words_of_the_office() -> None:
    """A fee notice quotes its basis; only `source` may speak of how an item came to be written."""
    told = {stem: [str(leaf) for leaf in leaves(_without_sources(read(stem)))] for stem in STEMS}
    said = {
        stem: [w for w in words if re.search("未读到|没有读到|[仅只]列", w)] for stem, words in told.items()
    }
    assert {stem: words for stem, words in said.items() if words} == {}


def _without_sources(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_sources(part) for key, part in value.items() if key != "source"}
    return [_without_sources(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("typed", ["ｌｓｊｚ", "临时 救助", "　临时救助(小额)", "临时救助（小额）", "LSJZ"])
def test_an_item_is_found_however_wide_it_is_typed(typed: str) -> None:
    items = [parse_item(obj) for obj in shipped_items()]
    assert "临时救助（小额）" in [item.name for item in matching(items, typed)]
