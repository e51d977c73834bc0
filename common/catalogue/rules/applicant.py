"""Who may apply: the fields every case asks of its applicant, and the papers people and units are known by.

Pure. `form.check_fields` checks the fields too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from common.catalogue.rules import identity
from common.catalogue.rules.item import FieldSpec
from common.catalogue.rules.signs import ROUND_NUMBERS

# GA/T 2000.156-2016 (常用证件代码), to which GB/T 39046 refers, as listed in github.com/tourze/ga-t-2000
# (src/DocumentType.php): 111, 414, 511 (several entries), 516, 553 and 990 have these meanings there.
ID_CARD_TYPE = "111"
# The unified social credit code. It identifies units, whom GA/T 2000.156 does not know: the code is our own.
CREDIT_TYPE = "001"
# The subject of an item (GB/T 39046 annex A) that is a person; all others are units.
PERSON = "1"
_HAN = "[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
# What keyboards and telephones give for the dot in the names of many peoples, which cards write as U+00B7.
_DOT = re.compile(rf"(?<={_HAN})\s*[·•․‧∙⋅・･.．。｡]\s*(?={_HAN})")
_BLANK = re.compile(rf"(?<={_HAN})\s+(?={_HAN})")
_PAPER_SHAPE = re.compile(r"[A-Z0-9][A-Z0-9()/-]{3,29}")
_PAPER_SENTENCE = "应为 4 至 30 位字母或数字，与证件上的一致"


@dataclass(frozen=True, slots=True)
class IdType:
    """One kind of paper somebody identifies themselves with; `label` is what its number is called."""

    code: str
    name: str
    label: str
    is_units: bool = False


ID_TYPES = (
    IdType(ID_CARD_TYPE, "居民身份证", "身份证号码"),
    IdType("516", "港澳居民来往内地通行证", "证件号码"),
    IdType("511", "台湾居民来往大陆通行证", "证件号码"),
    IdType("553", "外国人永久居留证", "证件号码"),
    IdType("414", "护照", "证件号码"),
    IdType("990", "其他身份证件", "证件号码"),
    IdType(CREDIT_TYPE, "统一社会信用代码", "统一社会信用代码", is_units=True),
)
ID_TYPE_NAMES = {kind.code: kind.name for kind in ID_TYPES}


def id_types_for(subjects: Iterable[str]) -> tuple[IdType, ...]:
    """Return the kinds of papers by which those whom an item serves are known; `subjects` as in the item."""
    served = set(subjects)
    serves_units, serves_people = bool(served - {PERSON}), PERSON in served
    return tuple(kind for kind in ID_TYPES if (serves_units if kind.is_units else serves_people))


def id_type(code: str) -> IdType:
    """Return the kind of paper with this code; any other code is that of another paper."""
    return next((kind for kind in ID_TYPES if kind.code == code), IdType(code, "其他身份证件", "证件号码"))


def tidy_number(typed: str) -> str:
    """Return a number as it is kept: half-width, capitals, without blanks and what nobody sees.

    A citizen's loses the signs between its groups; on other papers they may belong to the number.
    """
    number = "".join(unicodedata.normalize("NFKC", typed.translate(ROUND_NUMBERS)).upper().split())
    bare = number.replace("-", "")
    return number if identity.citizen_number_problem(bare) else bare


def tidy_name(typed: str) -> str:
    """Return a person's name as it is kept: without blanks between Chinese signs, the dot the one of cards.

    So that one person is not two for what compares names. Of foreign names nothing is changed.
    """
    return _BLANK.sub("", _DOT.sub("·", typed.strip()))


def number_problem(kind: IdType, number: str, today: date | None = None) -> tuple[str, str]:
    """Return code and sentence of what is wrong with a tidy number, ("", "") when nothing is.

    Of papers from elsewhere only the signs are looked at: their rules change, and nobody is turned away for
    a form we do not know.
    """
    if kind.code == ID_CARD_TYPE:
        code = identity.citizen_number_problem(number, today)
        return code, identity.ID_NUMBER_SENTENCES.get(code, "")
    if kind.code == CREDIT_TYPE:
        code = identity.credit_code_problem(number)
        return code, identity.CREDIT_CODE_SENTENCES.get(code, "")
    return ("", "") if _PAPER_SHAPE.fullmatch(number) else ("paper_format", _PAPER_SENTENCE)


APPLICANT_FIELDS = (
    FieldSpec("name", "申请人姓名", "text", True, (), None, None, 50, "与身份证上的姓名一致"),
    FieldSpec("id_number", "身份证号码", "id_number", True, (), None, None, 18, "18 位，最后一位可能是 X"),
    FieldSpec("phone", "联系电话", "phone", True, (), None, None, 18, "手机号码，或带区号的固定电话"),
    FieldSpec("address", "居住地址", "text", True, (), None, None, 100, "乡镇、村（社区）、组、门牌号"),
)
