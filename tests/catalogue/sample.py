"""Two items for tests with every part of their format: one in format 2, one as format 1 was written."""

from __future__ import annotations

import copy
from typing import Any

CODE = "DEMO-511921-9001"
FIRST_CODE = "DEMO-511921-9002"


def an_item(**parts: Any) -> dict[str, Any]:
    """Return an item in format 2 whose every part is filled; `parts` replace some."""
    return copy.deepcopy(_SECOND) | parts


def a_first_item(**parts: Any) -> dict[str, Any]:
    """Return an item in format 1."""
    return copy.deepcopy(_FIRST) | parts


def put(obj: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a copy of `obj` with the value at a path like `papers.0.name`; `...` takes it out."""
    changed = copy.deepcopy(obj)
    *way, last = path.split(".")
    place: Any = changed
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    key: Any = int(last) if isinstance(place, list) else last
    if value is ...:
        del place[key]
    else:
        place[key] = value
    return changed


_SECOND: dict[str, Any] = {
    "format": 2,
    "code": CODE,
    "base_code": "DEMO009001",
    "name": "临时占用道路许可",
    "version": 1,
    "kind": "promised",
    "type_code": "01",
    "level_code": "4",
    "basis": [
        {"document": "示例条例", "article": "第三十条", "text": "占路要先批准。", "source": "示例"},
        {"document": "示例办法", "article": "", "text": "示例：写明时限。", "source": "示例"},
    ],
    "authority": {"split": "县级批准", "content": "占道的审查和批准"},
    "department": "通江县综合行政执法局",
    "department_code": "示例",
    "department_nature": "1",
    "office": "市政股（示例）",
    "office_code": "示例",
    "intermediary": "不需要",
    "subjects": ["1", "2"],
    "themes": ["城市管理"],
    "conditions": ["确需占用道路", "有恢复措施"],
    "quantity_limit": "同一路段不重复批准",
    "steps": [
        {"name": "收件", "who": "乡镇窗口", "days": 0, "text": "清点材料"},
        {"name": "决定", "who": "执法局", "days": 5, "text": "批或不批"},
    ],
    "channels": ["1", "2"],
    "place": "县政务服务中心（示例）",
    "hours": "工作日 9:00—17:00（示例）",
    "reach": "跨县",
    "visits": 1,
    "supports": {"appointment": 1, "online_payment": 0, "delivery": 1, "online": 0},
    "online_address": "示例",
    "system_level": "4",
    "papers": [
        {"key": "application", "name": "占道申请表", "required": 1, "tolerant": 0, "originals": 1,
         "copies": 0, "issuer": "申请人", "issued_within": "三个月内", "how": "签名", "standard": "填写完整",
         "source": "form", "place": "收件站点窗口", "use": "归档"},
        {"key": "plan", "name": "恢复方案", "required": 1, "tolerant": 1, "originals": 0, "copies": 1,
         "issuer": "施工单位", "how": "", "standard": "写明期限", "source": "applicant"},
    ],
    "fields": [
        {"key": "reason", "label": "占用原因", "kind": "choice", "required": 1, "choices": ["施工", "其他"],
         "group": "占用情况"},
        {"key": "other_reason", "label": "其他原因", "kind": "text", "required": 1, "max_length": 50,
         "group": "占用情况", "show_if": {"field": "reason", "equals": "其他"}},
        {"key": "area", "label": "面积（平方米）", "kind": "number", "required": 1, "min": 1, "max": 500,
         "hint": "取整数", "group": "占用情况"},
        {"key": "digs", "label": "是否挖掘", "kind": "yesno", "required": 1, "group": "恢复"},
        {"key": "depth", "label": "深度（厘米）", "kind": "number", "required": 1, "group": "恢复",
         "show_if": {"field": "digs", "equals": 1}},
        {"key": "until", "label": "恢复日期", "kind": "date", "required": 0, "group": "恢复"},
    ],
    "statutory": {"days": 20, "unit": "work", "note": "示例"},
    "promised": {"days": 8, "unit": "work"},
    "extension_days": 10,
    "special": [{"kind": "inspection", "name": "现场检验", "days": 5, "basis": "示例"}],
    "fees": [
        {"name": "占道费", "standard": "每平方米 2 元（示例）", "fen": 20000, "unit": "平方米",
         "basis": "示例文件", "reducible": 1, "reduction": "残疾人免收（示例）"},
    ],
    "result": {"name": "临时占用道路许可证", "kind": "certificate", "valid": "三个月", "sample": "示例"},
    "contact": {
        "consult_phone": "0827-0000000（示例）", "complaint_phone": "12345（示例）",
        "consult_way": "窗口、电话", "jurisdiction": "通江县",
    },
    "questions": [{"q": "可以代办吗？", "a": "可以，带委托书。"}, {"q": "要交费吗？", "a": "按面积交。"}],
    "remedies": "六十日内申请行政复议，或六个月内起诉。",
    "route": {
        "intake_levels": ["township", "county"], "checker": "", "acceptor": "county", "competent": "county",
        "department": "县综合行政执法局", "window": "centre",
    },
    "joint": [{"department": "县公安局", "code": "示例", "matter": "交通影响意见", "days": 3, "deemed": 1}],
    "originals": "after_review",
    "green": ["抢修工程"],
    "checklist": ["面积与图一致", "有恢复措施"],
    "tolerance_days": 5,
    "supervision": {"check_days": 0, "accept_days": 2, "review_days": 3, "decide_days": 3, "deliver_days": 5},
    "source": "测试用例，全部为示例。",
    "more": {"note": "示例"},
}  # fmt: skip

_FIRST: dict[str, Any] = {
    "code": FIRST_CODE,
    "base_code": "DEMO009002",
    "name": "老年人优待证登记",
    "version": 1,
    "kind": "promised",
    "type_code": "20",
    "basis": [{"document": "示例办法", "article": "", "text": "示例", "source": "示例"}],
    "department": "县民政局",
    "conditions": ["年满 65 周岁"],
    "papers": [
        {"key": "id_card", "name": "身份证", "required": 1, "originals": 1, "copies": 1, "note": "正反面"},
    ],
    "fields": [{"key": "income", "label": "年收入", "kind": "money_fen", "required": 1, "hint": ""}],
    "statutory_days": 20,
    "promised_days": 5,
    "fee_fen": 500,
    "result_name": "优待证",
    "consult_phone": "0827-0000000（示例）",
    "complaint_phone": "12345（示例）",
    "route": {
        "intake_levels": ["village", "township"], "checker": "township", "acceptor": "county",
        "competent": "county", "department": "县民政局",
    },
    "source": "示例",
    "more": {},
}  # fmt: skip
