"""Invented residents of the demonstration county, and what they would write into an item's form.

Nothing here is about a real person. ID numbers carry valid check digits, but serials (980–999) that no
registry of a village's size reaches; telephone numbers all begin with 1540000. The same arguments always give
the same person and the same form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from common.catalogue.rules.applicant import ID_CARD_TYPE
from common.catalogue.rules.form import check_fields
from common.catalogue.rules.identity import birth_date, id_check_character, sex
from common.catalogue.rules.item import FieldSpec, ServiceItem
from common.desk.rules.intake_checks import begun_by
from common.node.demo_data.sites import spoken_name

_REGION = "511921"
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡"
_GIVEN_OF_MEN = (
    "明", "强", "军", "勇", "建国", "德华", "光荣", "志平", "永福", "大贵",
    "天成", "国清", "家兴", "仕林", "文学", "世明", "才友", "云龙", "启富", "正先",
)  # fmt: skip
_GIVEN_OF_WOMEN = (
    "秀英", "桂兰", "玉梅", "素珍", "翠华", "芳", "霞", "琼", "淑芬", "明珍",
    "春花", "国秀", "小红", "仕碧", "大菊", "永碧", "丽", "先琼", "光玉", "清秀",
)  # fmt: skip
_BORN_FROM = date(1946, 1, 1)
_BORN_DAYS = (date(2004, 12, 31) - _BORN_FROM).days
# Items only some ages ask for: birth dates from, to.
_BORN_FOR_ITEM = {
    "DEMO000503": (date(1931, 1, 1), date(1945, 12, 31)),
    "DEMO002001": (date(1940, 1, 1), date(1964, 12, 31)),
    "DEMO000701": (date(1940, 1, 1), date(1964, 12, 31)),
    "DEMO002002": (date(1972, 1, 1), date(2006, 12, 31)),
    "DEMO000101": (date(1962, 1, 1), date(1999, 12, 31)),
}


@dataclass(frozen=True, slots=True)
class Resident:
    """An invented person: `village` is the address of the place, `address` the one written on the ID card."""

    name: str
    id_number: str
    phone: str
    address: str
    village: str

    @property
    def born(self) -> date:
        """The birth date in the ID number."""
        return birth_date(self.id_number)

    @property
    def sex_name(self) -> str:
        """男 or 女, from the ID number."""
        return "男" if sex(self.id_number) == 1 else "女"

    def as_applicant(self) -> dict[str, str]:
        """Return the applicant's part of a filing: name, id_type, id_number, phone, address."""
        return {
            "name": self.name,
            "id_type": ID_CARD_TYPE,
            "id_number": self.id_number,
            "phone": self.phone,
            "address": self.address,
        }


def resident(seed: int, village: str) -> Resident:
    """Return the grown-up resident number `seed` of a village; the same arguments give the same person."""
    rng = Random(f"resident/{seed}/{village}")
    return _born_on(_BORN_FROM + timedelta(days=rng.randint(0, _BORN_DAYS)), village, rng)


def resident_for(item: ServiceItem, seed: int, village: str) -> Resident:
    """Return a resident of an age that suits the item: nobody of forty asks for the old-age allowance."""
    if item.base_code not in _BORN_FOR_ITEM:
        return resident(seed, village)
    rng = Random(f"{item.base_code}/{seed}/{village}")
    earliest, latest = _BORN_FOR_ITEM[item.base_code]
    return _born_on(earliest + timedelta(days=rng.randint(0, (latest - earliest).days)), village, rng)


def _born_on(born: date, village: str, rng: Random) -> Resident:
    serial = rng.randint(980, 999)
    given = _GIVEN_OF_MEN if serial % 2 else _GIVEN_OF_WOMEN
    first_17 = f"{_REGION}{born:%Y%m%d}{serial}"
    return Resident(
        name=rng.choice(_SURNAMES) + rng.choice(given),
        id_number=first_17 + id_check_character(first_17),
        phone=f"1540000{rng.randint(0, 9999):04d}",
        address=f"四川省{spoken_name(village)}{rng.randint(1, 9)}组{rng.randint(1, 120)}号",
        village=village,
    )


def fill(item: ServiceItem, person: Resident, rng: Random) -> dict[str, str]:
    """Return what this person types into the item's form: every required field, and most of the others.

    The result passes `check_form` for every item, also for one this module does not know; what has a begin
    and an end does not end before it.
    """
    typed: dict[str, str] = {}
    for spec in item.fields:
        if spec.required or rng.random() < 0.7:
            typed[spec.key] = _answer(spec, person, rng)
    for spec in item.fields:
        begun = begun_by(item, spec)
        if begun is not None and {spec.key, begun.key} <= typed.keys():
            typed[begun.key], typed[spec.key] = sorted((typed[begun.key], typed[spec.key]))
    return typed


def _answer(spec: FieldSpec, person: Resident, rng: Random) -> str:
    by_key = _BY_KEY.get(spec.key)
    if by_key is not None and by_key.kind == spec.kind:
        fitting = by_key.answer(person, rng)[: spec.max_length]
        if not check_fields((replace(spec, show_if=None),), {spec.key: fitting}).problems:
            return fitting
    return _BY_KIND[spec.kind](spec, person, rng)


def _number(spec: FieldSpec, _: Resident, rng: Random) -> str:
    lowest = spec.minimum if spec.minimum is not None else 1
    highest = spec.maximum if spec.maximum is not None else lowest + 200
    return str(rng.randint(lowest, min(highest, lowest + max(5, (highest - lowest) // 10))))


def _money(spec: FieldSpec, _: Resident, rng: Random) -> str:
    lowest = spec.minimum if spec.minimum is not None else 0
    highest = spec.maximum if spec.maximum is not None else lowest + 500_000
    fen = rng.randint(lowest, min(highest, lowest + 2_000_000))
    return f"{fen // 100}.{fen % 100:02d}"


def _date(spec: FieldSpec, _: Resident, rng: Random) -> str:
    days = timedelta(days=rng.randint(0, 300))
    day = date(2026, 1, 5) + (-days if "出生日期" in spec.label else days)
    lowest = spec.minimum if spec.minimum is not None else 0
    highest = spec.maximum if spec.maximum is not None else 99991231
    bounded = max(lowest, min(highest, int(f"{day:%Y%m%d}")))
    return f"{bounded // 10_000:04d}-{bounded // 100 % 100:02d}-{bounded % 100:02d}"


def _text(spec: FieldSpec, person: Resident, rng: Random) -> str:
    words = ("情况属实", "请予办理", "以所交材料为准", "由村里核实过", "没有其他情况", f"本人{person.name}")
    return "，".join(rng.sample(words, rng.randint(1, 3)))[: spec.max_length]


_BY_KIND: Mapping[str, Callable[[FieldSpec, Resident, Random], str]] = {
    "number": _number,
    "money_fen": _money,
    "date": _date,
    "text": _text,
    "textarea": _text,
    "choice": lambda spec, person, rng: rng.choice(spec.choices),
    "yesno": lambda spec, person, rng: rng.choice(("是", "否")),
    "phone": lambda spec, person, rng: f"1540000{rng.randint(0, 9999):04d}",
    "id_number": lambda spec, person, rng: _relative(person, rng).id_number,
    "place": lambda spec, person, rng: person.village,
}


def _relative(person: Resident, rng: Random) -> Resident:
    return resident(rng.randint(1, 10**6), person.village)


def _hardship(person: Resident, rng: Random) -> str:
    cause = rng.choice(("今年夏天暴雨冲垮了圈舍", "老伴住院三次", "儿子在外务工受伤", "去年冬天房屋起火"))
    burden = rng.choice(("欠下亲戚两万多元", "每月药费八百多元", "地里收成只够口粮", "还要供孙女上学"))
    return f"{person.name}家{cause}，{burden}，现在生活确有困难，请予审核。"


@dataclass(frozen=True, slots=True)
class _Answer:
    """A fitting answer for a field of this key, if the field is of this kind."""

    kind: str
    answer: Callable[[Resident, Random], str]


def _one_of(kind: str, *answers: str) -> _Answer:
    return _Answer(kind, lambda person, rng: rng.choice(answers))


def _old_house(_: Resident, rng: Random) -> str:
    return f"家中{rng.randint(3, 7)}口人，现有土墙房建于{rng.randint(1972, 1995)}年，已成危房，拟另建住房。"


def _certificate(person: Resident, rng: Random) -> str:
    # A disability certificate's number is the ID number, the kind and the grade.
    return f"{person.id_number}{rng.randint(1, 7)}{rng.randint(1, 4)}"


_RELATIVE_NAME = _Answer("text", lambda person, rng: _relative(person, rng).name)

# fmt: off
_BY_KEY: Mapping[str, _Answer] = {
    # Of a household of one, too.
    "able_to_work":       _one_of("number", "0", "1"),
    "bank_name":          _one_of("text", "通江县农商银行（演示）"),
    "bank_account":       _Answer("text", lambda person, rng: f"6200000000{rng.randint(0, 999_999_999):09d}"),
    "birthday":           _Answer("date", lambda person, rng: person.born.isoformat()),
    "account":            _Answer("textarea", _hardship),
    "reason":             _Answer("textarea", _old_house),
    "supporters":         _one_of("textarea", "无", "一女远嫁外省，本人多病，无力供养"),
    "guardian_name":      _RELATIVE_NAME,
    "contact_name":       _RELATIVE_NAME,
    "certificate_number": _Answer("text", _certificate),
    "plot_location":      _one_of("text", "老屋基东侧，北靠公路，南邻水田", "堰塘湾，东邻晒坝，西靠竹林"),
    "location":           _one_of("text", "大湾里，东以山梁为界，西至沟边", "柏林坡，北以机耕道为界"),
    "species":            _one_of("text", "柏木", "马尾松", "桤木", "杉木"),
    "replanting":         _one_of("textarea", "采伐后第二年春天用良种苗补植，成活率不低于百分之八十五。"),
    "stay_address":       _one_of("text", "成都市某区某街道", "重庆市某区某镇"),
    "start_year":         _one_of("number", "2024", "2025", "2026"),
}
# fmt: on
