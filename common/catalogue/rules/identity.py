"""Checks of the numbers people identify themselves with, and their masking for lists.

Pure. A number is never refused because of its region digits: they are those of the day it was given out, and
divisions are merged and renamed since.
"""

from __future__ import annotations

import re
from datetime import date

# GB 11643: weight of place i (1…17) is 2^(18−i) mod 11; the weighted sum mod 11 selects the check character.
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECK = "10X98765432"
_ID_SHAPE = re.compile(r"[0-9]{17}[0-9X]")
# The number of the first cards, until 1999: no century, no check character. Some old people know no other.
_OLD_ID_SHAPE = re.compile(r"[0-9]{15}")

# GB 32100: 31 signs without I, O, S, V, Z; weight of place i is 3^(i−1) mod 31.
_CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_CREDIT_SHAPE = re.compile(f"[{_CREDIT_SIGNS}]{{2}}[0-9]{{6}}[{_CREDIT_SIGNS}]{{10}}")

_MOBILE_SHAPE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE_SHAPE = re.compile(r"0[0-9]{2,3}-?[0-9]{7,8}")

# What a problem code means to the person at the counter.
ID_NUMBER_SENTENCES = {
    "id_format": "身份证号码应为 18 位，前 17 位是数字，最后一位是数字或 X",
    "id_birth_date": "身份证号码中的出生日期不存在",
    "id_future": "身份证号码中的出生日期晚于今天",
    "id_check_digit": "身份证号码的最后一位校验码不对，请核对是否抄错",
}
CREDIT_CODE_SENTENCES = {
    "credit_format": "统一社会信用代码应为 18 位数字或大写字母（不含 I、O、S、V、Z）",
    "credit_check_digit": "统一社会信用代码的最后一位校验码不对，请核对是否抄错",
}


def id_check_character(first_17: str) -> str:
    """Return the check character (0–9 or X) for the first 17 digits of a citizen's ID number (GB 11643)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_17, _ID_WEIGHTS, strict=True))
    return _ID_CHECK[total % 11]


def id_number_problem(number: str, today: date | None = None) -> str:
    """Return the code of what is wrong with an 18-character ID number, or "" when nothing is.

    Args:
        number: trimmed, half-width, X in upper case.
        today: local date; a birth date after it is refused. Without it no birth date is too late.

    Returns:
        "", or a key of ID_NUMBER_SENTENCES. The birth date is looked at before the check character, because
        it tells the clerk where to look.
    """
    if not _ID_SHAPE.fullmatch(number):
        return "id_format"
    born = _birth_date_or_none(number)
    if born is None:
        return "id_birth_date"
    if today is not None and born > today:
        return "id_future"
    if id_check_character(number[:17]) != number[17]:
        return "id_check_digit"
    return ""


def citizen_number_problem(number: str, today: date | None = None) -> str:
    """Return the same of a citizen's number in either form: of 18 places, or the 15 digits of before 1999."""
    if not _OLD_ID_SHAPE.fullmatch(number):
        return id_number_problem(number, today)
    try:
        date(1900 + int(number[6:8]), int(number[8:10]), int(number[10:12]))
    except ValueError:
        return "id_birth_date"
    return ""


def both_forms(number: str) -> tuple[str, ...]:
    """Return the number, and the other one by which the same citizen is known where there is one: the 15
    digits of the first cards are those of 18 places without century and check character.
    """
    if _OLD_ID_SHAPE.fullmatch(number):
        first_17 = f"{number[:6]}19{number[6:]}"
        return number, first_17 + id_check_character(first_17)
    if _ID_SHAPE.fullmatch(number) and number[6:8] == "19":
        return number, number[:6] + number[8:17]
    return (number,)


def written_birth_date(number: str) -> str:
    """Return the birth date in a citizen's number of either form as YYYY-MM-DD, "" when it has none."""
    if _OLD_ID_SHAPE.fullmatch(number):
        number = f"{number[:6]}19{number[6:]}0"
    born = _birth_date_or_none(number) if _ID_SHAPE.fullmatch(number) else None
    return born.isoformat() if born else ""


def _birth_date_or_none(number: str) -> date | None:
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def birth_date(number: str) -> date:
    """Return the birth date written in an ID number.

    Raises:
        ValueError: the number has not 18 places, or the date does not exist.
    """
    born = _birth_date_or_none(number) if _ID_SHAPE.fullmatch(number) else None
    if born is None:
        raise ValueError("no birth date can be read from this number")
    return born


def sex(number: str) -> int:
    """Return the sex written in an ID number as GB/T 2261.1 codes it: 1 male (odd serial), 2 female.

    Raises:
        ValueError: the number has not 18 places.
    """
    if not _ID_SHAPE.fullmatch(number):
        raise ValueError("not an ID number of 18 places")
    return 1 if int(number[16]) % 2 else 2


def credit_check_character(first_17: str) -> str:
    """Return the check character for the first 17 places of a unified social credit code (GB 32100).

    Raises:
        ValueError: a sign the code does not know.
    """
    signs = zip(first_17, _CREDIT_WEIGHTS, strict=True)
    total = sum(_CREDIT_SIGNS.index(sign) * weight for sign, weight in signs)
    return _CREDIT_SIGNS[(31 - total % 31) % 31]


def credit_code_problem(code: str) -> str:
    """Return "", or the key of CREDIT_CODE_SENTENCES that says what is wrong with a credit code."""
    if not _CREDIT_SHAPE.fullmatch(code):
        return "credit_format"
    return "" if credit_check_character(code[:17]) == code[17] else "credit_check_digit"


def is_mobile(number: str) -> bool:
    """Tell whether this is a mainland mobile number: 11 digits, the first 1, the second 3 to 9."""
    return _MOBILE_SHAPE.fullmatch(number) is not None


def is_phone(number: str) -> bool:
    """Tell whether this is a mobile number, or a landline with its area code (`0827-7221234`)."""
    return is_mobile(number) or _LANDLINE_SHAPE.fullmatch(number) is not None


def mask_name(name: str) -> str:
    """Return a name as lists show it: 王小明 → 王*明, 王明 → 王*, 欧阳小明 → 欧**明."""
    if len(name) <= 2:
        return name[:1] + "*" * (len(name) - 1) if len(name) == 2 else "*" * len(name)
    return name[0] + "*" * (len(name) - 2) + name[-1]


def mask_id_number(number: str) -> str:
    """Return an ID number as lists show it, 5119**********1234; under ten places all are hidden."""
    if len(number) < 10:
        return "*" * len(number)
    return number[:4] + "*" * (len(number) - 8) + number[-4:]


def mask_phone(number: str) -> str:
    """Return a telephone number as lists show it, 138****1234; under nine places all are hidden."""
    if len(number) < 9:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 7) + number[-4:]
