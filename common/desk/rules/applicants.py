"""Who applies, as typed at the desk: people by any of their papers, units by their credit code. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from common.catalogue.rules.applicant import (
    APPLICANT_FIELDS,
    ID_CARD_TYPE,
    IdType,
    id_types_for,
    number_problem,
    tidy_name,
    tidy_number,
)
from common.catalogue.rules.form import FormResult, check_fields
from common.catalogue.rules.item import FieldSpec, ServiceItem
from common.catalogue.rules.signs import ROUND_NUMBERS
from common.desk.rules.drafts import Ground
from common.errors import Problem

PLACE, HAND_OVER = "place", "hand_over"
ID_TYPE, ID_NUMBER, ID_SURE, NO_PHONE = "id_type", "id_number", "id_sure", "no_phone"
REPRESENTATIVE = FieldSpec(
    "representative", "法定代表人（负责人）", "text", True, (), None, None, 50, "单位申请的才填"
)
APPLICANT_KEYS = (
    *(spec.key for spec in APPLICANT_FIELDS),
    ID_TYPE, ID_SURE, NO_PHONE, REPRESENTATIVE.key, PLACE, HAND_OVER,
)  # fmt: skip
_PLACE_LABEL, _FETCH_LABEL = "申请人所在的村（社区）", "结果领取地点"


def kind_of(item: ServiceItem, typed: Mapping[str, str]) -> IdType | None:
    """Return the kind of paper chosen: the first the item knows when none was, None when it knows no such."""
    kinds = id_types_for(item.subjects)
    chosen = typed.get(ID_TYPE, "").strip()
    return next((kind for kind in kinds if chosen in ("", kind.code)), None)


def check_applicant(item: ServiceItem, typed: Mapping[str, str], ground: Ground) -> FormResult:
    """Check who applies, for which place, and where the result is fetched: every problem at once.

    A citizen's number or credit code must be well formed; the check character of a credit code may be waived
    by `id_sure`, since some of the first ones were given out with another. `no_phone` stands for the phone.
    """
    kind = kind_of(item, typed)
    unit = kind is not None and kind.is_units
    # The number is read as a text, in which signs of direction are refused; round a number they mean nothing.
    plain = {**typed, ID_NUMBER: typed.get(ID_NUMBER, "").translate(ROUND_NUMBERS)}
    result = check_fields(_specs(typed, kind), plain, today=ground.today)
    result.problems[:] = [_told_of_phone(one) for one in result.problems]
    if kind is None:
        result.problems.insert(0, Problem(ID_TYPE, "证件类型", "not_a_choice", "证件类型：请从列表中选择。"))
    else:
        result.values[ID_TYPE] = kind.code
        _check_number(kind, typed, result, ground)
    if not unit:
        result.values.pop(REPRESENTATIVE.key, None)
    for key in (REPRESENTATIVE.key,) if unit else ("name",):
        if key in result.values:
            result.values[key] = tidy_name(str(result.values[key]))
    _check_places(typed, result, ground)
    result.typed.update({key: typed.get(key, "") for key in APPLICANT_KEYS if key not in result.typed})
    return result


def _specs(typed: Mapping[str, str], kind: IdType | None) -> list[FieldSpec]:
    """Return the fields as they are asked of a person or a unit; the number is looked at apart."""
    unit = kind is not None and kind.is_units
    specs = []
    for spec in APPLICANT_FIELDS:
        if spec.key == "phone" and typed.get(NO_PHONE):
            spec = replace(spec, required=False)
        if spec.key == "name" and unit:
            spec = replace(spec, label="单位名称", max_length=100)
        if spec.key == ID_NUMBER:
            spec = replace(spec, kind="text", label=kind.label if kind else spec.label, max_length=40)
        specs.append(spec)
    return [*specs, REPRESENTATIVE] if unit else specs


def _told_of_phone(problem: Problem) -> Problem:
    """Return a problem as it is told: who finds no phone asked for says so by the tick below it."""
    if (problem.field, problem.code) != ("phone", "required"):
        return problem
    return replace(problem, sentence="联系电话：请填写；没有电话的，勾选下面的“申请人没有电话”。")


def _check_number(kind: IdType, typed: Mapping[str, str], result: FormResult, ground: Ground) -> None:
    number = tidy_number(str(result.values.get(ID_NUMBER, "")))
    if not number:
        return
    if kind.code == ID_CARD_TYPE:
        # As some write it down, in groups; on other papers the sign may belong to the number.
        number = number.replace("-", "")
    result.values[ID_NUMBER] = number
    code, sentence = number_problem(kind, number, ground.today)
    if code and not (code == "credit_check_digit" and typed.get(ID_SURE)):
        told = Problem(ID_NUMBER, kind.label, code, f"{kind.label}：{sentence}。")
        after = sum(problem.field == "name" for problem in result.problems)
        result.problems.insert(after, told)


def _check_places(typed: Mapping[str, str], result: FormResult, ground: Ground) -> None:
    place, hand_over = typed.get(PLACE, "").strip(), typed.get(HAND_OVER, "").strip()
    result.typed.update({PLACE: place, HAND_OVER: hand_over})
    is_place, is_site = place in ground.places or not ground.places, hand_over in ("", *ground.hand_over)
    checks = ((PLACE, _PLACE_LABEL, place, is_place), (HAND_OVER, _FETCH_LABEL, hand_over, is_site))
    for key, label, value, is_known in checks:
        if is_known:
            result.values[key] = value
        else:
            into, said = ground.merged.get(value, ""), f"{label}：请从列表中选择。"
            if key == PLACE and into:
                said = f"{label}：原来的村（社区）已并入{into}，请重新选择。"
            result.problems.append(Problem(key, label, "unknown_place", said))
