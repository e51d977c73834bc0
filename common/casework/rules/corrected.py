"""What a correction may write, and a form as corrections leave it. Pure.

A correction carries texts: a form field as its value written out, an amount in fen, yes or no as 1 or 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from common.casework.errors import FilingIncomplete
from common.casework.rules.facts import FORM, Correction
from common.catalogue.rules.accounts import account_problem, is_account, tidy_account
from common.catalogue.rules.applicant import APPLICANT_FIELDS, id_type, number_problem
from common.catalogue.rules.form import check_fields
from common.catalogue.rules.item import FieldSpec, ServiceItem
from common.errors import Problem

Value = str | int
APPLICANT = "applicant."
ID_NUMBER = "applicant.id_number"
# Names of units are longer than those of people.
_LONGEST = 200
# Kinds whose values are signed as integers.
_COUNTED = ("number", "money_fen", "yesno")
_APPLICANT = {f"{APPLICANT}{spec.key}": spec for spec in APPLICANT_FIELDS}


def spec_of(field: str, item: ServiceItem | None) -> FieldSpec | None:
    """Return the field by whose rules a corrected value was first entered; None when nobody here knows it.

    The identity number has rules of its own for each kind of paper; see `new_problems`. That a name is not
    empty is a demand of the step; a telephone somebody may not have.
    """
    if field in _APPLICANT and field != ID_NUMBER:
        return replace(_APPLICANT[field], required=False, max_length=_LONGEST)
    for spec in item.fields if item and field.startswith(FORM) else ():
        if spec.key == field.removeprefix(FORM):
            return replace(spec, show_if=None)
    return None


def read_new(spec: FieldSpec, typed: str) -> tuple[str, list[Problem]]:
    """Return a new value as corrections carry it, from what a person typed, and what is wrong with it."""
    checked = check_fields((spec,), {spec.key: typed})
    value = str(checked.values.get(spec.key, ""))
    if not value or not is_account(spec):
        return value, checked.problems
    value = tidy_account(value)
    sentence = account_problem(value)
    wrong = Problem(spec.key, spec.label, "not_an_account", f"{spec.label}：{sentence}。")
    return value, [wrong] if sentence else []


def new_problems(line: Mapping[str, str], item: ServiceItem | None, kind_of_paper: str) -> list[Problem]:
    """Return what is wrong with the new value of one line of a correction; its form has been checked.

    Args:
        kind_of_paper: the code of the applicant's identity paper.
    """
    new = line["new"]
    if line["field"] == ID_NUMBER:
        code, sentence = number_problem(id_type(kind_of_paper), new)
        return [_problem(line, code, f"{line['label']}：{sentence}。")] if code else []
    spec = spec_of(line["field"], item)
    if spec is None:
        return []
    typed = _typed(spec, new)
    written, problems = read_new(spec, typed)
    if not problems and written != new:
        return [_problem(line, "not_canonical", f"{line['label']}：新内容的写法不对，请重新填写。")]
    return [_problem(line, found.code, found.sentence) for found in problems]


def check_lines(data: Mapping[str, Any], item: ServiceItem | None, kind_of_paper: str) -> None:
    """Check the new values of a correction; the form of its lines is the demand's to check.

    Raises:
        FilingIncomplete: one could not have been filed.
    """
    lines = data.get("correction")
    found: list[Problem] = []
    for line in lines if isinstance(lines, list) else ():
        if isinstance(line, Mapping) and all(type(line.get(key)) is str for key in ("field", "label", "new")):
            found += new_problems(line, item, kind_of_paper)
    if found:
        raise FilingIncomplete(problems=found)


def _problem(line: Mapping[str, str], code: str, sentence: str) -> Problem:
    return Problem("correct_new", line["label"], code, sentence)


def _typed(spec: FieldSpec, new: str) -> str:
    """Return how one would type a value, so that the rules of typing can look at it."""
    if spec.kind == "money_fen" and _is_digits(new):
        return f"{int(new) // 100}.{int(new) % 100:02d}"
    return new


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 18


def present_form(
    form: Mapping[str, Value], corrections: Iterable[Correction], item: ServiceItem | None
) -> dict[str, Value]:
    """Return what was filed (`form`) as corrections leave it, without what they emptied."""
    found = dict(form)
    for one in corrections:
        if one.field.startswith(FORM):
            key = one.field.removeprefix(FORM)
            found[key] = value_of(one.field, one.new, item)
            if one.new == "":
                del found[key]
    return found


def value_of(field: str, text: str, item: ServiceItem | None) -> Value:
    """Return the value a text of a correction stands for; one that does not fit its field stays a text."""
    spec = spec_of(field, item)
    is_counted = spec is not None and spec.kind in _COUNTED
    return int(text) if is_counted and _is_digits(text.removeprefix("-")) else text
