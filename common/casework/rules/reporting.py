"""What each kind of report has to say before it may be sent: all that is missing, at once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from common.casework.rules.facts import DOOR_VERDICTS, LACKING, RATINGS, VERDICTS
from common.casework.rules.number import is_address
from common.casework.rules.words import Report
from common.errors import Problem

_RECEIVER = (("name", "领取人姓名"), ("id_number", "领取人证件号码"), ("how", "送达方式"))


def report_problems(what: Report, data: Mapping[str, Any]) -> list[Problem]:
    """Return everything wrong with what a person wants to report; empty when it may be sent."""
    check = _CHECKS.get(what)
    return check(data) if check else []


def _required(field: str, label: str, sentence: str = "") -> Problem:
    return Problem(field, label, "required", sentence or f"请填写{label}。")


def _object(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key, {})
    return value if isinstance(value, Mapping) else {}


def _papers(data: Mapping[str, Any]) -> list[Problem]:
    if data.get("papers") or str(data.get("note", "")).strip():
        return []
    return [_required("papers", "材料", "请附上补来的材料，或写明补来了什么。")]


def _handed(data: Mapping[str, Any]) -> list[Problem]:
    receiver = _object(data, "receiver")
    return [
        _required(f"receiver.{key}", name)
        for key, name in _RECEIVER
        if not str(receiver.get(key, "")).strip()
    ]


def _opinion(data: Mapping[str, Any]) -> list[Problem]:
    verdict = data.get("verdict")
    if verdict not in (*VERDICTS, *DOOR_VERDICTS):
        return [_required("verdict", "意见", "请选择意见。")]
    if verdict == LACKING and not data.get("lacking"):
        return [_required("lacking", "缺少的材料", "请列出缺少的材料，至少一项。")]
    if verdict in VERDICTS[1:] and not str(data.get("note", "")).strip():
        return [_required("note", "理由", "不同意或有条件同意的，请写明理由或条件。")]
    return []


def _paid(data: Mapping[str, Any]) -> list[Problem]:
    receipt, problems = _object(data, "receipt"), []
    if type(receipt.get("fen")) is not int or receipt["fen"] <= 0:
        problems.append(_required("receipt.fen", "缴费金额"))
    if not str(receipt.get("number", "")).strip():
        problems.append(_required("receipt.number", "票据号码"))
    return problems


def _originals(data: Mapping[str, Any]) -> list[Problem]:
    if str(data.get("note", "")).strip():
        return []
    return [_required("note", "核对情况", "请写明核对了哪些原件、是否一致。")]


def _call(data: Mapping[str, Any]) -> list[Problem]:
    if str(data.get("note", "")).strip():
        return []
    return [_required("note", "回访情况", "请写明回访方式和申请人怎么说。")]


def _place(data: Mapping[str, Any]) -> list[Problem]:
    place = data.get("place")
    if type(place) is str and is_address(place):
        return []
    return [_required("place", "新的领取地点", "请选择领取地点。")]


def _rating(data: Mapping[str, Any]) -> list[Problem]:
    return [] if data.get("rating") in RATINGS else [_required("rating", "满意程度", "请选择满意程度。")]


_CHECKS: Mapping[Report, Callable[[Mapping[str, Any]], list[Problem]]] = {
    Report.PAPERS_BROUGHT: _papers,
    Report.HANDED_OVER: _handed,
    Report.OPINION: _opinion,
    Report.PAID: _paid,
    Report.ORIGINALS_SEEN: _originals,
    Report.COLLECT_AT: _place,
    Report.RATED: _rating,
    Report.CALLED_BACK: _call,
}
