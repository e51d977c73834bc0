"""Puts the page of a package together from the folded case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from common.archive.rules.page import Line, Sheet
from common.casework.ledger import OpenCase
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.labels import label
from common.casework.rules.shape import FILED, KINDS, MOVED
from common.days import local_minute
from sync.protocol.frame import BlobRef


def sheet_of(
    found: OpenCase, papers: Mapping[str, tuple[str, BlobRef]], name_of: Callable[[str], str]
) -> Sheet:
    """Return what the page shows of a case."""
    state = found.state
    facts = [
        ("办件编号", state.case),
        ("事项", f"{state.item_name}（{state.item}，第 {state.item_version} 版）"),
        ("申请人", f"{state.applicant['name']}（{state.applicant['id_number']}）"),
        ("收件站点", _site(state.parties["origin"], name_of)),
        ("决定站点", _site(state.parties["competent"], name_of)),
        ("收件时间", _local(state.filed_at)),
        ("办到", label(state.state.value)),
    ]
    if state.due:
        facts.append(("办理期限", state.due))
    if state.result:
        facts.append(("结果", " ".join(str(one) for one in state.result.values() if one)))
    events = [_line(event, state, name_of) for event in found.events if event.kind in KINDS]
    shown = [(name, part, blob.size) for part, (name, blob) in sorted(papers.items())]
    return Sheet(f"办件归档 {state.case}", facts, events, shown)


def _line(event: CaseEvent, state: CaseState, name_of: Callable[[str], str]) -> Line:
    data: Mapping[str, Any] = event.body.get("data", {})
    actor = data.get("actor", {})
    word = event.body.get("action") or event.body.get("report") or "struck"
    who = f"{actor.get('name', '')}（{label(actor['role'])}）" if actor.get("role") else ""
    note = _said(data, str(event.body.get("reason", "")))
    node = _site(event.author, name_of)
    return Line(_local(data.get("at", 0)), label(word), who, node, note, _out(event, state), event.id)


def _said(data: Mapping[str, Any], reason: str) -> str:
    """Return what an event says beside its name: the note, what is missing, what was brought or decided."""
    found = [str(data.get("note") or reason)]
    for key, words in (("lacking", "所缺"), ("waived", "不需要"), ("papers", "附")):
        listed = data.get(key)
        names = (
            [str(one.get("name", "")) for one in listed if isinstance(one, dict)]
            if isinstance(listed, list)
            else []
        )
        found.append(f"{words}：{'、'.join(dict.fromkeys(names))}" if names else "")
    due, result, receiver = (data.get(key) for key in ("due", "result", "receiver"))
    found.append(f"办理期限：{due}" if due else "")
    if isinstance(result, dict):
        found.append("结果：" + " ".join(str(value) for value in result.values() if value))
    if isinstance(receiver, dict):
        found.append(f"领取人：{receiver.get('name', '')}（{receiver.get('how', '')}）")
    return "；".join(part for part in found if part)


def _out(event: CaseEvent, state: CaseState) -> str:
    """Return why an event does not count, "" when it does."""
    if event.id in state.struck:
        return "已撤销"
    return "不计入" if event.kind in (FILED, MOVED) and event.id not in state.chain else ""


def _site(address: str, name_of: Callable[[str], str]) -> str:
    name = name_of(address)
    return name if name == address else f"{name}（{address}）"


def _local(at_ms: int) -> str:
    return local_minute(at_ms) if at_ms else ""
