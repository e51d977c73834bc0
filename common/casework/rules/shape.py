"""The form of the bodies of casework events: which parts must be there, of which type; nothing of meaning.

Pure. Keys that are not named here are let through: later versions add some, and what is signed stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.casework.errors import BadShape
from common.casework.rules.number import is_address
from common.casework.rules.parts import (
    FILED_BODY,
    FILED_DATA,
    LIST_MAX,
    MOVED_DATA,
    REPORT_NEEDS,
    REPORTED_DATA,
    TAKEN_OVER_DATA,
    check_parts,
    is_named_list,
    is_time,
)

FILED = "case.filed"
MOVED = "case.moved"
REPORTED = "case.reported"
STRUCK = "case.struck"
TAKEN_OVER = "case.taken_over"
KINDS = (FILED, MOVED, REPORTED, STRUCK, TAKEN_OVER)
# An act of the sync layer: it names acts its reader should have; kept with the case at the node that sent it.
BRIEF = "sync.brief"

_APPLICANT = ("name", "id_type", "id_number", "phone", "address")
_ITEM_LENGTH_MAX = 100


def check_filed(body: Mapping[str, Any], blob_count: int) -> None:
    """Check the first body of a case.

    Raises:
        BadShape: a part is missing or has the wrong type.
    """
    for key in ("case", "apex", "action", "state", "item"):
        _text(body, key)
    if len(body["item"]) > _ITEM_LENGTH_MAX:
        raise BadShape(part="item")
    _address(body, "place")
    _address(body, "holder")
    _to(body)
    if body.get("follows") != "" or body.get("answers") != [] or type(body.get("item_version")) is not int:
        raise BadShape(part="follows")
    _addresses(body.get("parties"))
    data = _data(body, blob_count)
    applicant = data.get("applicant")
    if type(applicant) is not dict or type(data.get("form")) is not dict:
        raise BadShape(part="applicant")
    for key in _APPLICANT:
        if type(applicant.get(key)) is not str:
            raise BadShape(part=key)
    if not applicant["name"] or type(data.get("item_name", "")) is not str:
        raise BadShape(part="name")
    check_parts(body, FILED_BODY)
    check_parts(data, FILED_DATA)


def check_moved(body: Mapping[str, Any], blob_count: int) -> None:
    """Check the body of a step.

    Raises:
        BadShape: a part is missing or has the wrong type.
    """
    for key in ("case", "follows", "action", "state"):
        _text(body, key)
    _address(body, "holder")
    _to(body)
    _texts(body.get("answers"))
    _addresses(body.get("parties_added", {}))
    check_parts(_data(body, blob_count), MOVED_DATA)


def check_reported(body: Mapping[str, Any], blob_count: int) -> None:
    """Check the body of a report.

    Raises:
        BadShape: a part is missing or has the wrong type.
    """
    _text(body, "case")
    _text(body, "report")
    _to(body)
    data = _data(body, blob_count)
    check_parts(data, REPORTED_DATA)
    for part in REPORT_NEEDS.get(body["report"], ()):
        if part not in data:
            raise BadShape(part=part)


def check_taken_over(body: Mapping[str, Any], blob_count: int) -> None:
    """Check the body by which the apex takes a case over.

    Raises:
        BadShape: a part is missing or has the wrong type, or it brings papers, which it cannot.
    """
    _text(body, "case")
    _text(body, "follows")
    _address(body, "holder")
    _to(body)
    data = _data(body, blob_count)
    if data.get("papers") or blob_count:
        raise BadShape(part="papers")
    _text(data, "cause")
    check_parts(data, TAKEN_OVER_DATA)


def check_struck(body: Mapping[str, Any]) -> None:
    """Check the body by which the apex strikes acts out.

    Raises:
        BadShape: a part is missing or has the wrong type.
    """
    _text(body, "case")
    _to(body)
    _texts(body.get("ids"))
    data = body.get("data", {})
    if type(body.get("reason")) is not str or type(data) is not dict or not is_time(data.get("at", 0)):
        raise BadShape(part="reason")


def _address(body: Mapping[str, Any], key: str) -> None:
    value = body.get(key)
    if type(value) is not str or not is_address(value):
        raise BadShape(part=key)


def _text(body: Mapping[str, Any], key: str) -> None:
    value = body.get(key)
    if type(value) is not str or not value:
        raise BadShape(part=key)


def _texts(values: object) -> None:
    if type(values) is not list:
        raise BadShape(part="list")
    for value in values:
        if type(value) is not str or not value:
            raise BadShape(part="list")


def _to(body: Mapping[str, Any]) -> None:
    targets = body.get("to")
    if type(targets) is not list or not targets:
        raise BadShape(part="to")
    for target in targets:
        if type(target) is not str or not is_address(target):
            raise BadShape(part="to")


def _addresses(parties: object) -> None:
    if type(parties) is not dict or len(parties) > LIST_MAX:
        raise BadShape(part="parties")
    for address in parties.values():
        if type(address) is not str or not is_address(address):
            raise BadShape(part="parties")


def _data(body: Mapping[str, Any], blob_count: int) -> dict[str, Any]:
    data = body.get("data")
    if type(data) is not dict:
        raise BadShape(part="data")
    actor = data.get("actor")
    if type(actor) is not dict or not is_time(data.get("at")):
        raise BadShape(part="actor")
    if type(actor.get("name")) is not str or type(actor.get("role")) is not str:
        raise BadShape(part="actor")
    if type(actor.get("login", "")) is not str or type(actor.get("department", "")) is not str:
        raise BadShape(part="actor")
    if type(data.get("note", "")) is not str:
        raise BadShape(part="note")
    papers = data.get("papers", [])
    if not is_named_list(papers):
        raise BadShape(part="papers")
    for paper in papers:
        index = paper.get("blob")
        if type(index) is not int or not 0 <= index < blob_count:
            raise BadShape(part="blob")
    return data
