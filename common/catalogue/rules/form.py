"""Checks what was typed into an item's form: every problem at once, in Chinese, and the values to be filed.

Pure, and never raises whatever was typed. It decides nothing about the case; it only says whether the form
can be filed as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from common.catalogue.rules import identity
from common.catalogue.rules.item import FieldSpec, ServiceItem
from common.catalogue.rules.signs import ROUND_NUMBERS, UNSEEN, is_storable
from common.errors import LiandongError, Problem
from common.places.rules import trim_code

Value = str | int

# Integers are signed and stored in 64 bits; nobody's form needs more digits than this.
_DIGITS_MAX = 15
# The code of a county; a province or prefecture is no place somebody files a case for.
_ADDRESS_SHORTEST = 6
_NUMBER_SHAPE = re.compile(r"-?[0-9]+")
_MONEY_SHAPE = re.compile(r"([0-9]+)(?:\.([0-9]{1,2}))?")
# A comma that stands anywhere else may have been meant for the point beside it on the keyboard.
_IN_THOUSANDS = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?")
_DATE_SHAPES = (
    re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})"),
    re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?"),
)
_YES_NO = {"是": 1, "1": 1, "有": 1, "否": 0, "0": 0, "无": 0}
_FULL_WIDTH_DIGITS = {0xFF10 + digit: 0x30 + digit for digit in range(10)}
# Full-width forms of all printable ASCII signs, the dashes that look like one of them, and all other blanks.
_FULL_WIDTH = {
    **{0xFF01 + offset: 0x21 + offset for offset in range(94)},
    **dict.fromkeys((*range(0x2010, 0x2016), 0x2212), 0x2D),
    **dict.fromkeys((0xA0, *range(0x2000, 0x200B), 0x202F, 0x3000), 0x20),
}


@dataclass(frozen=True, slots=True)
class FormResult:
    """`values` may be filed when `problems` is empty; `typed` holds every field as typed, to show it again.

    Values are strings and integers: a number as itself, an amount in fen, a date as YYYY-MM-DD, yes/no as
    1/0, a place as its address, anything else as trimmed text. A field left empty has no value.
    """

    values: dict[str, Value]
    problems: list[Problem]
    typed: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Setting:
    """What a check may know beside the field: the local date, the addresses that exist (None: unknown)."""

    today: date | None
    places: Container[str] | None


class _Wrong(Exception):
    """Inside this module only: a field cannot be used; carries the problem's code and sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


def check_form(
    item: ServiceItem,
    typed: Mapping[str, str],
    *,
    today: date | None = None,
    places: Container[str] | None = None,
) -> FormResult:
    """Check every field of the item's form; see `check_fields`."""
    return check_fields(item.fields, typed, today=today, places=places)


def check_fields(
    fields: Sequence[FieldSpec],
    typed: Mapping[str, str],
    *,
    today: date | None = None,
    places: Container[str] | None = None,
) -> FormResult:
    """Check all these fields. Keys of `typed` that are none of them are passed over.

    A field whose condition does not hold is not asked: whatever was typed there has no value and no problem.

    Args:
        typed: field key → text as typed; full-width digits are read as half-width, blanks around are dropped.
        today: local date; an ID number with a later birth date is then a problem.
        places: the addresses that exist; a place outside is then a problem.
    """
    setting = _Setting(today, places)
    result = FormResult({}, [], {})
    for spec in fields:
        raw = typed.get(spec.key, "")
        raw = raw if isinstance(raw, str) else ""
        result.typed[spec.key] = raw
        if not is_asked(spec, result.values):
            continue
        try:
            value = _value(spec, raw, setting)
        except _Wrong as wrong:
            sentence = f"{spec.label}：{wrong.sentence}。"
            result.problems.append(Problem(spec.key, spec.label, wrong.code, sentence))
        else:
            if value is not None:
                result.values[spec.key] = value
    return result


def is_asked(spec: FieldSpec, values: Mapping[str, Value]) -> bool:
    """Say whether a field is asked, given the checked values of those before it."""
    return spec.show_if is None or values.get(spec.show_if.field) == spec.show_if.equals


def asked(fields: Sequence[FieldSpec], values: Mapping[str, Value]) -> list[FieldSpec]:
    """Return the fields that are asked, given the checked values of a whole form."""
    return [spec for spec in fields if is_asked(spec, values)]


def condition_words(spec: FieldSpec, fields: Sequence[FieldSpec]) -> str:
    """Return when a field is asked, in words for its page; empty when it is always asked."""
    other, words = _looked_at(spec, fields), awaited(spec, fields)
    return f"“{other.label}”为“{words}”时填写" if other else ""


def awaited(spec: FieldSpec, fields: Sequence[FieldSpec]) -> str:
    """Return what stands in the field a condition looks at while it holds; empty without a condition."""
    other = _looked_at(spec, fields)
    if spec.show_if is None or other is None:
        return ""
    equals = spec.show_if.equals
    return ("是" if equals == 1 else "否") if other.kind == "yesno" else str(equals)


def _looked_at(spec: FieldSpec, fields: Sequence[FieldSpec]) -> FieldSpec | None:
    return next((found for found in fields if spec.show_if and found.key == spec.show_if.field), None)


def _value(spec: FieldSpec, raw: str, setting: _Setting) -> Value | None:
    text = raw.translate(UNSEEN).translate(_FULL_WIDTH_DIGITS).strip()
    if not text:
        if spec.required:
            raise _Wrong("required", "请选择" if spec.kind in ("choice", "yesno") else "请填写")
        return None
    return _READERS[spec.kind](spec, text, setting)


def _half_width(text: str) -> str:
    return text.translate(ROUND_NUMBERS).translate(_FULL_WIDTH).strip()


def _read_text(spec: FieldSpec, text: str, _: _Setting) -> Value:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    if spec.kind == "text" and "\n" in text:
        raise _Wrong("line_break", "只能填一行")
    if not all(sign == "\n" or is_storable(sign) for sign in text):
        raise _Wrong("bad_character", "含有无法保存的字符，请重新输入")
    if len(text) > spec.max_length:
        raise _Wrong("too_long", f"最多 {spec.max_length} 个字，现在是 {len(text)} 个字")
    return text


def _read_number(spec: FieldSpec, text: str, _: _Setting) -> Value:
    text = _without_commas(_half_width(text), "not_a_number", "逗号的位置不对，请填整数，不用写逗号")
    if not _NUMBER_SHAPE.fullmatch(text):
        raise _Wrong("not_a_number", "请填整数")
    if len(text) > _DIGITS_MAX:
        raise _Wrong("too_large", "数字太大")
    number = int(text)
    if spec.minimum is not None and number < spec.minimum:
        raise _Wrong("too_small", f"不能小于 {spec.minimum}")
    if spec.maximum is not None and number > spec.maximum:
        raise _Wrong("too_large", f"不能大于 {spec.maximum}")
    return number


def _without_commas(text: str, code: str, sentence: str) -> str:
    if "," in text and not _IN_THOUSANDS.fullmatch(text):
        raise _Wrong(code, sentence)
    return text.replace(",", "")


def _read_money(spec: FieldSpec, text: str, _: _Setting) -> Value:
    sentence = "逗号的位置不对，小数点请写“.”，例如 12.50"
    found = _MONEY_SHAPE.fullmatch(
        _without_commas(_half_width(text).removesuffix("元").strip(), "not_money", sentence)
    )
    if not found:
        raise _Wrong("not_money", "请填金额，单位为元，最多两位小数")
    if len(found[1]) > _DIGITS_MAX - 2:
        raise _Wrong("too_large", "金额太大")
    fen = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
    if spec.minimum is not None and fen < spec.minimum:
        raise _Wrong("too_small", f"不能少于 {_yuan(spec.minimum)} 元")
    if spec.maximum is not None and fen > spec.maximum:
        raise _Wrong("too_large", f"不能多于 {_yuan(spec.maximum)} 元")
    return fen


def _yuan(fen: int) -> str:
    return str(fen // 100) if fen % 100 == 0 else f"{fen // 100}.{fen % 100:02d}"


def _read_date(spec: FieldSpec, text: str, _: _Setting) -> Value:
    # Text programs put blanks between digits and Chinese signs.
    day = _day(_half_width(text).replace(" ", ""))
    as_number = day.year * 10_000 + day.month * 100 + day.day
    if spec.minimum is not None and as_number < spec.minimum:
        raise _Wrong("too_small", f"不能早于 {_dashed(spec.minimum)}")
    if spec.maximum is not None and as_number > spec.maximum:
        raise _Wrong("too_large", f"不能晚于 {_dashed(spec.maximum)}")
    return day.isoformat()


def _day(text: str) -> date:
    found = next((match for shape in _DATE_SHAPES if (match := shape.fullmatch(text))), None)
    if not found:
        raise _Wrong("not_a_date", "请填日期，例如 2026-03-05")
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise _Wrong("no_such_date", "没有这一天") from None


def _dashed(day: int) -> str:
    return f"{day // 10_000:04d}-{day // 100 % 100:02d}-{day % 100:02d}"


def _read_choice(spec: FieldSpec, text: str, _: _Setting) -> Value:
    for choice in spec.choices:
        # As what is typed: a choice published with a sign that nobody sees could else never be chosen.
        if text == choice.translate(UNSEEN).translate(_FULL_WIDTH_DIGITS).strip():
            return choice
    raise _Wrong("not_a_choice", f"请从选项中选择：{'、'.join(spec.choices)}")


def _read_yes_no(_: FieldSpec, text: str, __: _Setting) -> Value:
    if text not in _YES_NO:
        raise _Wrong("not_yes_or_no", "请选择“是”或“否”")
    return _YES_NO[text]


def _read_phone(_: FieldSpec, text: str, __: _Setting) -> Value:
    number = re.sub(r"[ ()]", "", _half_width(text)).removeprefix("+86")
    mobile = number.replace("-", "")
    if identity.is_mobile(mobile):
        return mobile
    if not identity.is_phone(number):
        raise _Wrong("not_a_phone", "请填 11 位手机号码，或带区号的固定电话，例如 0827-7221234")
    return number


def _read_id_number(_: FieldSpec, text: str, setting: _Setting) -> Value:
    number = re.sub("[ -]", "", _half_width(text)).upper()
    code = identity.citizen_number_problem(number, setting.today)
    if code:
        raise _Wrong(code, identity.ID_NUMBER_SENTENCES[code])
    return number


def _read_place(_: FieldSpec, text: str, setting: _Setting) -> Value:
    try:
        address = trim_code(_half_width(text))
    except LiandongError:
        address = ""
    if len(address) < _ADDRESS_SHORTEST:
        raise _Wrong("not_a_place", "请选择所在的乡镇、村（社区）")
    if setting.places is not None and address not in setting.places:
        raise _Wrong("unknown_place", "没有这个乡镇或村（社区），请重新选择")
    return address


_READERS: Mapping[str, Callable[[FieldSpec, str, _Setting], Value]] = {
    "text": _read_text,
    "textarea": _read_text,
    "number": _read_number,
    "money_fen": _read_money,
    "date": _read_date,
    "choice": _read_choice,
    "yesno": _read_yes_no,
    "phone": _read_phone,
    "id_number": _read_id_number,
    "place": _read_place,
}
