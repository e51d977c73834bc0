"""What a service item consists of, as one table: reading, the editing page and the differences all follow it.

Pure data. `ITEM` is format 2, the present one; `FIRST` is format 1, in which earlier documents were published
and which is read for ever. A part that is not in the table belongs under `more`; elsewhere it is a fault
where an item is published, so a misspelt key is seen; in a published one it is passed over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from common.catalogue.rules import codes


@dataclass(frozen=True, slots=True)
class Part:
    """One key of an object, with what may stand under it.

    `kind` is one of: text, long (text of several lines), key (identifier), number, flag (1/0), code (one of
    `choices`), codes (list of them), texts (list of text), date (YYYY-MM-DD), scalar (text or integer),
    object (`parts`), objects (list of them, unlike in the part `unique`), anything (kept as it came).
    `least` and `most` bound the characters of text, the value of a number, or the entries of a list.
    """

    key: str
    label: str
    kind: str
    least: int = 0
    most: int = 2**53
    choices: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    unique: str = ""
    optional: bool = False
    hint: str = ""


def _text(key: str, label: str, most: int = 200, least: int = 1, hint: str = "") -> Part:
    return Part(key, label, "text", least, most, hint=hint)


def _long(key: str, label: str, most: int = 1000, least: int = 1, hint: str = "") -> Part:
    return Part(key, label, "long", least, most, hint=hint)


def _number(key: str, label: str, most: int = 9999, least: int = 0, hint: str = "") -> Part:
    return Part(key, label, "number", least, most, hint=hint)


def _flag(key: str, label: str) -> Part:
    return Part(key, label, "flag")


def _code(key: str, label: str, choices: Mapping[str, str]) -> Part:
    return Part(key, label, "code", choices=choices)


def _object(key: str, label: str, *parts: Part) -> Part:
    return Part(key, label, "object", parts=parts)


def _list(key: str, label: str, least: int, unique: str, *parts: Part) -> Part:
    return Part(key, label, "objects", least, 60, parts=parts, unique=unique)


def _optional(part: Part) -> Part:
    return replace(part, optional=True)


_FORMAT = Part("format", "格式", "number", 2, 2)
_CODE = _text("code", "实施编码", 50)
_BASE_CODE = _text("base_code", "基本编码", 50)
_NAME = _text("name", "事项名称")
_VERSION = Part("version", "版本", "number", 1)
_EFFECTIVE = _optional(Part("effective_from", "生效日期", "date", hint="不填为立即生效"))
_KIND = _code("kind", "办件类型", codes.KIND_NAMES)
_TYPE = _code("type_code", "事项类型", codes.TYPE_NAMES)
_DEPARTMENT = _text("department", "实施主体（决定机关）")
_SOURCE = _long("source", "文字来源", hint="清单、时限、收费出自哪份公开文本，哪些是示例")
_MORE = _optional(Part("more", "其他", "anything"))
_BASIS = _list(
    "basis", "设定依据", 1, "",
    _text("document", "文件名称"),
    _text("article", "条款", 100, 0, hint="没有读到的条款不写"),
    _long("text", "规定了什么"),
    _text("source", "在哪里读到", 500),
)  # fmt: skip
_FIELD_PARTS = (
    Part("key", "标识符", "key", hint="小写英文，用于数据，例如 family_size"),
    _text("label", "名称", 100),
    _code("kind", "类型", codes.FIELD_KIND_NAMES),
    _flag("required", "必填"),
    _optional(Part("choices", "选项", "texts", 0, 60, hint="每行一个，只用于选择项")),
    _optional(Part("min", "下限", "number", -(2**53), hint="金额以分计；日期写 20260131 的样子")),
    _optional(Part("max", "上限", "number", -(2**53))),
    _optional(_number("max_length", "最多字数", 10_000, 1)),
    _optional(_text("hint", "填写提示", 200, 0)),
)

_PAPERS = _list(
    "papers", "申请材料", 0, "key",
    Part("key", "标识符", "key", hint="小写英文，例如 id_card"),
    _text("name", "材料名称"),
    _flag("required", "必交"),
    _flag("tolerant", "可以容缺（后补）"),
    _number("originals", "原件份数", 99),
    _number("copies", "复印件份数", 99),
    _text("issuer", "出具机构", 200, 0),
    _optional(_text("issued_within", "出具时间要求", 200, 0)),
    _text("how", "填报须知", 500, 0),
    _text("standard", "受理标准", 500, 0),
    _code("source", "来源", codes.PAPER_SOURCES),
    _optional(_text("place", "办理地点", 200, 0, hint="到哪里领、到哪里办这份材料")),
    _optional(_text("use", "使用说明", 200, 0, hint="收下后怎样用，是否退还")),
)  # fmt: skip
_FIELDS = _list(
    "fields", "表单", 1, "key",
    *_FIELD_PARTS,
    _text("group", "题目（同一页的标题）", 50),
    _optional(_object(
        "show_if", "只在以下情况填写",
        Part("field", "看哪一项（标识符）", "key"),
        Part("equals", "等于", "scalar", hint="是或否写 1、0"),
    )),
)  # fmt: skip
_PROMISED_UNIT = _code("unit", "单位", codes.UNIT_NAMES)
_LIMIT = (_number("days", "天数"), _PROMISED_UNIT, _optional(_text("note", "说明", 500, 0)))
_DEPARTMENTS = _text("department", "部门", 100)
_DEPARTMENT_CODE = _optional(_text("code", "统一社会信用代码", 18, 0))

ITEM: tuple[Part, ...] = (
    _FORMAT, _CODE, _BASE_CODE, _NAME, _VERSION, _EFFECTIVE, _KIND, _TYPE,
    _code("level_code", "行使层级", codes.LEVEL_CODES),
    _BASIS,
    _object("authority", "权限", _long("split", "权限划分"), _long("content", "行使内容")),
    _DEPARTMENT,
    _text("department_code", "统一社会信用代码", 18, hint="没有来源的写“示例”"),
    _code("department_nature", "实施主体性质", codes.NATURE_NAMES),
    _text("office", "承办机构"),
    _optional(_text("office_code", "承办机构代码", 18, 0, hint="没有来源的写“示例”")),
    _optional(_text("intermediary", "中介服务", 500, 0)),
    Part("subjects", "服务对象", "codes", 1, choices=codes.SUBJECT_NAMES),
    Part("themes", "服务主题", "texts", 1, 3),
    Part("conditions", "受理条件", "texts", 1, 60),
    _optional(_text("quantity_limit", "数量限制", 500, 0, hint="不填为无数量限制")),
    _list(
        "steps", "办理流程", 1, "",
        _text("name", "环节", 50), _text("who", "办理人", 100),
        _number("days", "工作日", hint="当天办完写 0"), _text("text", "做什么", 500, 0),
    ),
    Part("channels", "办理形式", "codes", 1, choices=codes.CHANNEL_NAMES),
    _text("place", "办理地点", 500),
    _text("hours", "办理时间", 500),
    _code("reach", "通办范围", codes.REACH_NAMES),
    _number("visits", "到办事现场次数", 99),
    _object(
        "supports", "是否支持",
        _flag("appointment", "预约办理"), _flag("online_payment", "网上支付"), _flag("delivery", "物流快递"),
        _flag("online", "网上办理"),
    ),
    _optional(_text("online_address", "网上办理地址", 500, 0)),
    _optional(_code("system_level", "运行系统层级", {"": "未填写", **codes.LEVEL_CODES})),
    _PAPERS,
    _FIELDS,
    _object("statutory", "法定办结时限", *_LIMIT),
    _object("promised", "承诺办结时限", *_LIMIT),
    _number("extension_days", "可延长工作日", hint="负责人批准可延长一次，不能延长写 0"),
    _list(
        "special", "特别程序", 0, "",
        _code("kind", "种类", codes.SPECIAL_NAMES), _text("name", "名称", 100),
        _number("days", "预计自然日"), _text("basis", "依据", 500),
    ),
    _list(
        "fees", "收费", 0, "",
        _text("name", "收费项目", 100), _text("standard", "标准", 500),
        _number("fen", "通常金额（分）", 10**12, hint="逐件计算的写 0"), _text("unit", "单位", 50),
        _text("basis", "依据", 500), _flag("reducible", "可以减免"),
        _optional(_text("reduction", "减免规定", 500, 0)),
    ),
    _object(
        "result", "办理结果",
        _text("name", "名称"), _code("kind", "种类", codes.RESULT_NAMES), _text("valid", "有效期", 200),
        _optional(_text("sample", "样本", 500, 0)),
    ),
    _object(
        "contact", "联系方式",
        _text("consult_phone", "咨询电话", 50), _text("complaint_phone", "监督投诉电话", 50),
        _text("consult_way", "咨询方式", 500), _optional(_text("jurisdiction", "行政管辖", 500, 0)),
    ),
    _list("questions", "常见问题", 2, "", _text("q", "问", 200), _long("a", "答")),
    _long("remedies", "救济途径"),
    _object(
        "route", "办理路线",
        Part("intake_levels", "收件层级", "codes", 1, choices=codes.INTAKE_NAMES),
        _code("checker", "初审", codes.CHECKER_NAMES),
        _code("acceptor", "受理", codes.SEAT_NAMES),
        _code("competent", "决定", codes.SEAT_NAMES),
        _text("department", "承办部门", 100),
        _code("window", "窗口", codes.WINDOW_NAMES),
    ),
    _list(
        "joint", "联办部门", 0, "department",
        _DEPARTMENTS, _DEPARTMENT_CODE, _text("matter", "办什么", 200), _number("days", "工作日", 9999, 1),
        _flag("deemed", "逾期视为同意（内部）"),
    ),
    _code("originals", "核对原件", codes.ORIGINALS_NAMES),
    Part("green", "绿色通道", "texts", 0, 20),
    Part("checklist", "审查要点", "texts", 2, 60),
    _number("tolerance_days", "容缺期限（工作日）"),
    _object(
        "supervision", "监察参数（工作日）",
        _number("check_days", "初审"), _number("accept_days", "受理", 5), _number("review_days", "审查"),
        _number("decide_days", "决定"), _number("deliver_days", "送达", 10),
    ),
    _SOURCE, _MORE,
)  # fmt: skip

# In format 1 "village" is the word for the node where the case is filed.
_FIRST_SEATS = {"village": "收件站点", "township": "乡镇", "county": "县", "origin": "收件站点"}
FIRST: tuple[Part, ...] = (
    _CODE, _BASE_CODE, _NAME, _VERSION, _EFFECTIVE, _KIND, _TYPE, _BASIS, _DEPARTMENT,
    Part("conditions", "受理条件", "texts", 0),
    _list(
        "papers", "申请材料", 0, "key",
        Part("key", "标识符", "key"), _text("name", "材料名称"), _flag("required", "必交"),
        _number("originals", "原件份数", 99), _number("copies", "复印件份数", 99),
        _text("note", "说明", 500, 0),
    ),
    _list("fields", "表单", 1, "key", *_FIELD_PARTS),
    Part("statutory_days", "法定办结时限", "number"),
    Part("promised_days", "承诺办结时限", "number"),
    Part("fee_fen", "收费（分）", "number"),
    _text("result_name", "办理结果"),
    _text("consult_phone", "咨询电话", 50),
    _text("complaint_phone", "监督投诉电话", 50),
    _object(
        "route", "办理路线",
        Part("intake_levels", "收件层级", "codes", 1, choices=codes.INTAKE_NAMES),
        _code("checker", "初审", codes.CHECKER_NAMES),
        _code("acceptor", "受理", _FIRST_SEATS),
        _code("competent", "决定", _FIRST_SEATS),
        _text("department", "承办部门", 100),
    ),
    _SOURCE, _MORE,
)  # fmt: skip
