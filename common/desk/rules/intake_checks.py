"""What a form says that cannot be right though each field by itself can; asked at the intake. Pure.

The form's own check knows one field at a time. Here the fields are held against each other and against who
applies, so that a slip of the pen is found while the applicant still sits at the desk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from common.catalogue.rules import identity
from common.catalogue.rules.accounts import account_problem, is_account, tidy_account
from common.catalogue.rules.applicant import ID_CARD_TYPE, tidy_number
from common.catalogue.rules.form import FormResult
from common.catalogue.rules.item import FieldSpec, ServiceItem
from common.errors import Problem

_BORN, _BEGINS, _ENDS = "出生日期", "开始", "结束"
# How the day is called on which whoever applies was born: one beside a child's name is the child's.
_OWN_BIRTHDAY = re.compile("(申请人|本人)?的?(出生|生日)")
_VILLAGE_DIGITS = 12


def check_together(item: ServiceItem, applicant: Mapping[str, str], result: FormResult, today: date) -> None:
    """Add to a checked form what is wrong with accounts, villages and dates; tidy the accounts.

    Args:
        applicant: as typed on the page of the applicant; may be empty.
        today: local date; nobody is born after it.
    """
    numbers = _numbers(item, applicant, result)
    for spec in item.fields:
        value = result.values.get(spec.key)
        if not isinstance(value, str) or not value:
            continue
        if is_account(spec):
            value = result.values[spec.key] = tidy_account(value)
        sentence = _wrong(spec, value, numbers.get(spec.key, "")) or _wrong_day(item, spec, result, today)
        if sentence:
            problem = Problem(spec.key, spec.label, "contradiction", f"{spec.label}：{sentence}。")
            result.problems.append(problem)


def is_own_birthday(spec: FieldSpec) -> bool:
    """Say whether a field asks when whoever applies was born."""
    is_called_so = _OWN_BIRTHDAY.match(spec.label) is not None
    return (spec.key, spec.kind) == ("birthday", "date") and is_called_so


def wants_village(spec: FieldSpec) -> bool:
    """Say whether a field for a place asks for a village or community, not for a township."""
    return spec.kind == "place" and "村" in spec.label


def _wrong(spec: FieldSpec, value: str, number: str) -> str:
    if is_account(spec) and (sentence := account_problem(value)):
        return sentence
    if wants_village(spec) and len(value) < _VILLAGE_DIGITS:
        return "请选到村（社区），不能只选乡镇"
    if spec.kind == "date" and number and identity.written_birth_date(number) != value:
        return f"与身份证号码上的 {identity.written_birth_date(number)} 不一致，请核对"
    return ""


def _wrong_day(item: ServiceItem, spec: FieldSpec, result: FormResult, today: date) -> str:
    """Return what is wrong with a day that lies after today, or before the one on which something began."""
    day = result.values[spec.key]
    if spec.kind != "date" or not isinstance(day, str):
        return ""
    if _BORN in spec.label and day > today.isoformat():
        return "晚于今天，请核对"
    begun = begun_by(item, spec)
    if begun is not None and day < str(result.values.get(begun.key, "")):
        return f"早于{begun.label}，请核对"
    return ""


def begun_by(item: ServiceItem, spec: FieldSpec) -> FieldSpec | None:
    """Return the field for the day on which that begins whose end a field asks for, None if it asks none."""
    label = spec.label.replace(_ENDS, _BEGINS)
    found = (one for one in item.fields if (one.label, one.kind) == (label, "date") and one.key != spec.key)
    return next(found, None) if spec.kind == "date" and label != spec.label else None


def _numbers(item: ServiceItem, applicant: Mapping[str, str], result: FormResult) -> dict[str, str]:
    """Return the ID number by which each birth date of a form is held: the applicant's, or one beside it."""
    found: dict[str, str] = {}
    for spec in item.fields:
        whose = spec.label.partition(_BORN)[0] if spec.kind == "date" and _BORN in spec.label else ""
        beside = [
            one for one in item.fields if one.kind == "id_number" and whose and one.label.startswith(whose)
        ]
        number = str(result.values.get(beside[0].key, "")) if beside else ""
        if is_own_birthday(spec) and _is_citizen(applicant):
            number = tidy_number(applicant.get("id_number", ""))
        if number and not identity.citizen_number_problem(number):
            found[spec.key] = number
    return found


def _is_citizen(applicant: Mapping[str, str]) -> bool:
    return applicant.get("id_type", "") in ("", ID_CARD_TYPE)
