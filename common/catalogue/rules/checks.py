"""What the parts of a service item must say of each other: route, limits, papers, form. Pure.

Every check looks at well-formed parts only; what could not be read has its own fault already.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import groupby

from common.catalogue.rules.codes import NEVER_DEEMED, SEAT_NAMES, TYPE_NAMES
from common.catalogue.rules.identity import credit_code_problem
from common.catalogue.rules.reading import Fault
from common.catalogue.rules.service_item import ServiceItem
from common.catalogue.rules.values import FieldSpec, Limit, Route

LEVELS = ("village", "township", "county")
EXAMPLE = "示例"
TOPICS_MAX = 4
# Seats from below to above; a village that accepts or decides does so as the node where the case is filed.
_SEATS = tuple(SEAT_NAMES)
# An item is opened, changed and ended by its code in the address of a page: with these it never could be.
_NOT_IN_ADDRESSES, _TAKEN = "/\\", (".", "..", "new")
_CODE_WORDS = "不能含“/”或“\\”，也不能是“.”“..”或“new”：这样的事项网页打不开"
# The page of a form has fields of its own, and its script has names that a field would hide.
_OF_THE_PAGE = ("csrf_token", "dataset", "elements", "then", "topic")
_BOUNDED = ("number", "money_fen", "date")
_DAY_WORDS = "日期的上下限写成八位数字，例如 20260131"
_CONDITIONAL = ("choice", "yesno", "number")


def check_first(item: ServiceItem) -> Iterator[Fault]:
    """Return what is wrong between the parts of an item in format 1."""
    yield from _route(item.route)
    yield from _fields(item.fields)
    route = item.route
    seats = {route.acceptor, route.competent}
    on_the_spot = seats == {"origin"} or {*route.intake_levels} == seats
    if item.is_instant and not on_the_spot:
        yield Fault("route.competent", "即办件应在收件的同一层级受理并决定")
    if item.kind and item.is_instant != (item.promised_days == 0):
        yield Fault("promised_days", "即办件的承诺天数为 0，承诺件的至少为 1")
    if is_above(item.promised, item.statutory):
        yield Fault("promised_days", "承诺天数多于法定天数")


def check_item(item: ServiceItem) -> Iterator[Fault]:
    """Return what is wrong between the parts of an item in format 2."""
    yield from _route(item.route)
    yield from _fields(item.fields)
    yield from _topics(item.fields)
    yield from _limits(item)
    yield from _papers(item)
    if item.is_instant and (item.route.acceptor, item.route.competent, item.route.checker) != (
        "origin",
        "origin",
        "",
    ):
        yield Fault("route.competent", "即办件由收件站点受理并决定（origin），不设初审")
    if item.department_code != EXAMPLE and credit_code_problem(item.department_code):
        yield Fault("department_code", "不是有效的统一社会信用代码；没有来源的写“示例”")


def _route(route: Route) -> Iterator[Fault]:
    intake = [LEVELS.index(level) for level in route.intake_levels]
    if not intake or not route.acceptor or not route.competent:
        return
    acceptor, competent = _SEATS.index(route.acceptor), _SEATS.index(route.competent)
    if acceptor > competent:
        yield Fault("route.acceptor", "受理层级高于决定层级")
    if max(intake) > (acceptor or competent or max(intake)):
        yield Fault("route.intake_levels", "收件层级高于受理、决定层级")
    if route.checker and (route.acceptor, route.competent) != ("county", "county"):
        yield Fault("route.checker", "乡镇初审的事项应由县级受理并决定")


def is_above(promised: Limit, statutory: Limit) -> bool:
    """Say whether a promise is longer than what the law allows; no statutory days allow any."""
    if not statutory.days:
        return False
    if (promised.unit, statutory.unit) == ("calendar", "work"):
        # Five working days take at least seven calendar days.
        return promised.days * 5 > statutory.days * 7
    return promised.days > statutory.days


def _limits(item: ServiceItem) -> Iterator[Fault]:
    if item.kind and item.is_instant != (item.promised_days == 0):
        yield Fault("promised.days", "即办件的承诺天数为 0，承诺件的至少为 1")
    if is_above(item.promised, item.statutory):
        yield Fault("promised.days", "承诺时限长于法定时限")
    if item.is_instant and item.joint:
        yield Fault("joint", "即办件不能联办")
    if item.is_instant and item.special:
        yield Fault("special", "即办件不能有特别程序")


def _papers(item: ServiceItem) -> Iterator[Fault]:
    has_tolerant = any(paper.tolerant for paper in item.papers)
    if has_tolerant != bool(item.tolerance_days):
        yield Fault("tolerance_days", "有容缺材料的要写期限，没有的写 0")
    if item.tolerance_days > item.promised_days:
        yield Fault("tolerance_days", "容缺期限不能长于承诺时限")
    for place, paper in enumerate(item.papers):
        if not paper.originals and not paper.copies:
            yield Fault(f"papers[{place}].originals", "原件和复印件不能都是 0 份")


def check_published(item: ServiceItem) -> Iterator[Fault]:
    """Return what a version that is published now may not say, though an earlier one is read with it."""
    if any(sign in item.code for sign in _NOT_IN_ADDRESSES) or item.code in _TAKEN:
        yield Fault("code", _CODE_WORDS)
    for place, spec in enumerate(item.fields):
        if spec.key in _OF_THE_PAGE:
            yield Fault(f"fields[{place}].key", "这个标识符是网页自己用的，请换一个")
        if spec.kind == "date":
            bounds = (("min", spec.minimum), ("max", spec.maximum))
            wrong = (key for key, bound in bounds if bound is not None and not _is_day(bound))
            yield from (Fault(f"fields[{place}].{key}", _DAY_WORDS) for key in wrong)
    if item.type_code not in NEVER_DEEMED:
        return
    for place, part in enumerate(item.joint):
        if part.deemed:
            yield Fault(f"joint[{place}].deemed", f"{TYPE_NAMES[item.type_code]}类事项，逾期不能视为同意")


def _is_day(bound: int) -> bool:
    """Say whether a bound of a date is a day, as YYYYMMDD: of a year alone every day would be too late."""
    try:
        date(bound // 10_000, bound // 100 % 100, bound % 100)
    except ValueError:
        return False
    return True


def _fields(fields: tuple[FieldSpec, ...]) -> Iterator[Fault]:
    earlier: dict[str, FieldSpec] = {}
    for place, spec in enumerate(fields):
        path = f"fields[{place}]"
        if spec.kind and (spec.kind == "choice") != bool(spec.choices):
            yield Fault(f"{path}.choices", "选项只用于选择项，且不能为空")
        if spec.minimum is not None and spec.maximum is not None and spec.minimum > spec.maximum:
            yield Fault(f"{path}.min", "下限大于上限")
        if (spec.minimum, spec.maximum) != (None, None) and spec.kind not in _BOUNDED:
            yield Fault(f"{path}.min", "上下限只用于数字、金额和日期")
        if spec.show_if is not None and (reason := _condition_fault(spec, earlier)):
            yield Fault(f"{path}.show_if", reason)
        earlier[spec.key] = spec


def _condition_fault(spec: FieldSpec, earlier: dict[str, FieldSpec]) -> str:
    condition = spec.show_if
    asked = earlier.get(condition.field) if condition else None
    if condition is None or asked is None:
        return "所看的项应在这一项前面"
    if asked.kind not in _CONDITIONAL:
        return "只能看选择、是或否、整数的项"
    if asked.kind == "choice" and condition.equals not in asked.choices:
        return f"“{asked.label}”没有这个选项"
    if asked.kind == "yesno" and condition.equals not in (0, 1):
        return "是或否写 1 或 0"
    return "应为整数" if asked.kind == "number" and type(condition.equals) is not int else ""


def _topics(fields: tuple[FieldSpec, ...]) -> Iterator[Fault]:
    runs = [name for name, _specs in groupby(spec.group for spec in fields)]
    if len(set(runs)) > TOPICS_MAX:
        yield Fault("fields", f"题目最多 {TOPICS_MAX} 个")
    if len(set(runs)) < len(runs):
        yield Fault("fields", "同一题目的项应排在一起")
