"""What the acceptor says of required papers that nobody has brought: they follow, or are not needed.

An organ accepts an application that is complete (行政许可法 32). So a case whose required papers are missing
and may not follow is accepted only when a person says, with a reason, that they are not needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.casework.errors import NotGathered, PapersLacking
from common.casework.ledger import OpenCase
from common.casework.rules.event import CaseState
from common.catalogue.rules.item import PaperSpec, ServiceItem
from common.errors import Problem

WAIVED = "lacking_waived"


def lacking_papers(case: OpenCase, item: ServiceItem | None) -> list[PaperSpec]:
    """Return the required papers that no act of the case has brought and that may not follow (容缺).

    Those that joint departments miss are among them, whatever the filing brought under the same key: to them
    it was not good enough. Without the item nobody here knows which others are required.
    """
    later = set(case.state.facts.tolerated) | _brought_since(case.state)
    here = later | {str(paper["key"]) for paper in case.filing().body["data"].get("papers", ())}
    found = [spec for spec in (item.papers if item else ()) if spec.required and spec.key not in here]
    left_out = later | {spec.key for spec in found}
    missed = missed_by_departments(case.state).items()
    return found + [PaperSpec(key, name, True, 0, 1, "") for key, name in missed if key not in left_out]


def missed_by_departments(state: CaseState) -> dict[str, str]:
    """Return what joint departments said before acceptance that they miss, key → name."""
    return {
        str(paper["key"]): str(paper["name"]) for lacking in state.facts.door.values() for paper in lacking
    }


def _brought_since(state: CaseState) -> set[str]:
    return {paper.key for report in state.reports.values() for paper in report.papers}


def check_gathered(state: CaseState, lacking: object) -> None:
    """Check that the one full notice asks for all that joint departments miss and nobody has brought since.

    What it leaves out may never be asked for again (行政许可法 32): the acceptor's window gathers, and does
    not choose.

    Raises:
        NotGathered: something they miss is not in the list.
    """
    lines = lacking if isinstance(lacking, list) else ()
    told = {one.get("key") for one in lines if isinstance(one, Mapping)} | _brought_since(state)
    problems = [
        Problem(f"lack-{key}", name, "missed", f"联办部门要求“{name}”，请一并勾选。")
        for key, name in missed_by_departments(state).items()
        if key not in told
    ]
    if problems:
        raise NotGathered(problems=problems)


def check_settled(case: OpenCase, item: ServiceItem, data: Mapping[str, Any]) -> None:
    """Check that whoever settled a case on the spot has accounted for every paper that is missing.

    Raises:
        PapersLacking: one is missing, and is not among those that are said not to be needed.
    """
    waived = {paper["key"] for paper in data.get("waived", ())}
    lacking = [spec.name for spec in lacking_papers(case, item) if spec.key not in waived]
    if lacking:
        raise PapersLacking(f"缺少：{'、'.join(lacking)}。必交材料没有交齐，不能当场办结。")


def settle_lacking(case: OpenCase, item: ServiceItem | None, data: dict[str, Any]) -> None:
    """Write into the data of an acceptance, also one that settles at once, which papers are waived; the tick
    itself is not signed.

    Raises:
        PapersLacking: papers are missing, and nobody has said with a reason that they are not needed;
            `data` then is not to be used.
    """
    is_ticked = bool(data.pop(WAIVED, 0))
    data.pop("waived", None)
    lacking = lacking_papers(case, item)
    if not lacking:
        return
    names = "、".join(spec.name for spec in lacking)
    if not is_ticked:
        sentence = f"缺少：{names}。请先补正告知，或者核对后勾选“已核对，所缺材料不需要”并写明理由。"
        raise PapersLacking(problems=[Problem(WAIVED, "缺少的材料", "required", sentence)])
    if not data["note"]:
        sentence = f"请写明为什么不需要：{names}。申请人会看到这段文字。"
        raise PapersLacking(problems=[Problem("note", "理由", "required", sentence)])
    data["waived"] = [{"key": spec.key, "name": spec.name} for spec in lacking]
