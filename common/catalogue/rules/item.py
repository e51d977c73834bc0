"""A service item (事项): what may be asked for, on which basis, with which papers and fields, by which route.

Pure: `parse_item` reads one JSON object (a file under `common/catalogue/data/items/`, or a document of the
shelf) into frozen values. Its schema, integers and strings only, so that it can be signed as it stands
(yes/no is 1/0, a bound that is not set is left out):

    code            implementation code, an opaque string of 1…50 characters, never taken apart
    base_code       base code, opaque, ≤ 50
    name            ≤ 200 characters
    version         integer ≥ 1, rises with every change
    kind            "instant" 即办件 | "promised" 承诺件
    type_code       item type of GB/T 39046 annex A: "01" licence, "05" benefit, "20" public service …
    basis           [{document, article, text, source}]; text is a summary in our words; article is empty
                    when the document is named as an example only
    department      the organ that decides (实施主体)
    conditions      [text]
    papers          [{key, name, required, originals, copies, note}]
    fields          [{key, label, kind, required, choices, min, max, max_length, hint}] (see FieldSpec)
    statutory_days  working days the law allows, 0 when it sets none
    promised_days   working days promised, 0 = on the spot
    fee_fen         fee in fen, 0 = free
    result_name     what the applicant receives
    consult_phone, complaint_phone
    route           {intake_levels, checker, acceptor, competent, department} (see Route)
    source          where the texts were read
    more            object; anything a later version adds, kept as it came

A key that is not in this list belongs under `more`; elsewhere it is a problem, so a misspelt key is seen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.catalogue.rules.reading import Reader
from common.errors import LiandongError

ITEM_KINDS = ("instant", "promised")
LEVELS = ("village", "township", "county")
FIELD_KINDS = (
    "text", "number", "choice", "date", "phone", "id_number", "money_fen", "place", "textarea", "yesno",
)  # fmt: skip
# GB/T 39046 annex A, 事项类型.
TYPE_NAMES = {
    "01": "行政许可", "02": "行政处罚", "03": "行政强制", "04": "行政征收", "05": "行政给付",
    "06": "行政检查", "07": "行政确认", "08": "行政奖励", "09": "行政裁决", "10": "其他行政权力",
    "20": "公共服务",
}  # fmt: skip
DEFAULT_MAX_LENGTH = {"text": 100, "textarea": 1000}


class CatalogueError(LiandongError):
    """A service item cannot be read; `problems` lists everything wrong with it, one Chinese sentence each."""

    code = "E301"
    status = 400
    sentence = "事项数据有误。"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(f"事项数据有 {len(problems)} 处问题：{'；'.join(problems)}。", count=len(problems))
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class Basis:
    """One legal basis: document, article (empty: an example only), what it says in our words, where read."""

    document: str
    article: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class PaperSpec:
    """One paper of the list: how many originals are looked at and how many copies are kept."""

    key: str
    name: str
    required: bool
    originals: int
    copies: int
    note: str


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of the form.

    `minimum` and `maximum` bound a number (itself), an amount (in fen) or a date (as the integer YYYYMMDD),
    both inclusive; None is no bound. `max_length` bounds text in characters. `choices` are the words of a
    choice.
    """

    key: str
    label: str
    kind: str
    required: bool
    choices: tuple[str, ...]
    minimum: int | None
    maximum: int | None
    max_length: int
    hint: str


@dataclass(frozen=True, slots=True)
class Route:
    """The way of a case: at which levels it may be taken in, who checks (level or ""), accepts and decides.

    "village" as acceptor or competent means the node where the case is filed; "township" and "county" the
    node of that level above it, or itself. No role lies below one that comes before it.
    """

    intake_levels: tuple[str, ...]
    checker: str
    acceptor: str
    competent: str
    department: str


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """A service item in one version; see the module's schema for each part and its unit."""

    code: str
    base_code: str
    name: str
    version: int
    kind: str
    type_code: str
    basis: tuple[Basis, ...]
    department: str
    conditions: tuple[str, ...]
    papers: tuple[PaperSpec, ...]
    fields: tuple[FieldSpec, ...]
    statutory_days: int
    promised_days: int
    fee_fen: int
    result_name: str
    consult_phone: str
    complaint_phone: str
    route: Route
    source: str
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def is_instant(self) -> bool:
        """Whether the case is decided on the spot (即办件)."""
        return self.kind == "instant"

    def may_be_filed_at(self, level: str) -> bool:
        """Whether a node of this level (village, township, county) may take the item in."""
        return level in self.route.intake_levels


def parse_item(obj: object) -> ServiceItem:
    """Read one item.

    Args:
        obj: the decoded JSON object.

    Raises:
        CatalogueError: anything is missing, misspelt, of the wrong type or against the rules above; every
            problem is listed.
    """
    reader = Reader(obj, "")
    item = _read_item(reader)
    _check_route(item, reader)
    if reader.problems:
        raise CatalogueError(reader.problems)
    return item


def _read_item(reader: Reader) -> ServiceItem:
    item = ServiceItem(
        code=reader.text("code", longest=50),
        base_code=reader.text("base_code", longest=50),
        name=reader.text("name", longest=200),
        version=reader.number("version", lowest=1),
        kind=reader.one_of("kind", ITEM_KINDS),
        type_code=reader.one_of("type_code", tuple(TYPE_NAMES)),
        basis=tuple(_read_basis(part) for part in reader.parts("basis", fewest=1)),
        department=reader.text("department", longest=200),
        conditions=reader.texts("conditions"),
        papers=tuple(_read_paper(part) for part in reader.parts("papers")),
        fields=tuple(_read_field(part) for part in reader.parts("fields", fewest=1)),
        statutory_days=reader.number("statutory_days"),
        promised_days=reader.number("promised_days"),
        fee_fen=reader.number("fee_fen"),
        result_name=reader.text("result_name", longest=200),
        consult_phone=reader.text("consult_phone", longest=50),
        complaint_phone=reader.text("complaint_phone", longest=50),
        route=_read_route(reader.part("route")),
        source=reader.text("source", longest=1000),
        more=reader.anything("more"),
    )
    reader.no_other_keys()
    reader.no_repeats("papers", [paper.key for paper in item.papers])
    reader.no_repeats("fields", [spec.key for spec in item.fields])
    return item


def _read_basis(reader: Reader) -> Basis:
    basis = Basis(
        document=reader.text("document", longest=200),
        article=reader.text("article", shortest=0, longest=100),
        text=reader.text("text", longest=1000),
        source=reader.text("source", longest=500),
    )
    reader.no_other_keys()
    return basis


def _read_paper(reader: Reader) -> PaperSpec:
    paper = PaperSpec(
        key=reader.key("key"),
        name=reader.text("name", longest=200),
        required=reader.flag("required"),
        originals=reader.number("originals", highest=99),
        copies=reader.number("copies", highest=99),
        note=reader.text("note", shortest=0, longest=500),
    )
    reader.no_other_keys()
    return paper


def _read_field(reader: Reader) -> FieldSpec:
    kind = reader.one_of("kind", FIELD_KINDS)
    spec = FieldSpec(
        key=reader.key("key"),
        label=reader.text("label", longest=100),
        kind=kind,
        required=reader.flag("required"),
        choices=reader.texts("choices") if kind == "choice" or reader.has("choices") else (),
        minimum=reader.optional_number("min"),
        maximum=reader.optional_number("max"),
        max_length=reader.optional_number("max_length") or DEFAULT_MAX_LENGTH.get(kind, 100),
        hint=reader.text("hint", shortest=0, longest=200) if reader.has("hint") else "",
    )
    reader.no_other_keys()
    if (kind == "choice") != bool(spec.choices):
        reader.problem("choices", "选项只用于选择项，且不能为空")
    reader.no_repeats("choices", list(spec.choices))
    if spec.minimum is not None and spec.maximum is not None and spec.minimum > spec.maximum:
        reader.problem("min", "下限大于上限")
    if (spec.minimum, spec.maximum) != (None, None) and kind not in ("number", "money_fen", "date"):
        reader.problem("min", "上下限只用于数字、金额和日期")
    return spec


def _read_route(reader: Reader) -> Route:
    route = Route(
        intake_levels=reader.texts("intake_levels", fewest=1, allowed=LEVELS),
        checker=reader.one_of("checker", ("", "township")),
        acceptor=reader.one_of("acceptor", LEVELS),
        competent=reader.one_of("competent", LEVELS),
        department=reader.text("department", longest=100),
    )
    reader.no_other_keys()
    reader.no_repeats("intake_levels", list(route.intake_levels))
    return route


def _check_route(item: ServiceItem, reader: Reader) -> None:
    """Add what the levels of the route, and the item's days, get wrong with each other."""
    route = item.route
    intake = [LEVELS.index(level) for level in route.intake_levels if level in LEVELS]
    if not intake or route.acceptor not in LEVELS or route.competent not in LEVELS:
        return
    acceptor, competent = LEVELS.index(route.acceptor), LEVELS.index(route.competent)
    if acceptor > competent:
        reader.problem("route.acceptor", "受理层级高于决定层级")
    if max(intake) > acceptor:
        reader.problem("route.intake_levels", "收件层级高于受理层级")
    if route.checker and acceptor <= LEVELS.index("township"):
        reader.problem("route.checker", "乡镇初审的事项应由县级受理")
    if item.is_instant and not (intake == [acceptor] == [competent]):
        reader.problem("route.competent", "即办件应在收件的同一层级受理并决定")
    if item.is_instant != (item.promised_days == 0):
        reader.problem("promised_days", "即办件的承诺天数为 0，承诺件的至少为 1")
    if 0 < item.statutory_days < item.promised_days:
        reader.problem("promised_days", "承诺天数多于法定天数")
