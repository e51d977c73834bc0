"""Cases that nodes with the fifth to the ninth table have signed fold as they did there, in any order.

`data/flow5.json` to `data/flow9.json` were written by those programs: the events of each case at the county,
and what they made of them. They are never written anew; what facts are known of a case since is no matter of
them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from common.casework.rules.case import fold
from common.casework.rules.event import CaseEvent
from tests.casework.build import COUNTY

# What is known since of what was known then.
_SINCE = frozenset({"since", "told_by", "dated_by"})
DATA = Path(__file__).with_name("data")
RECORDED = [
    (flow, case)
    for flow in (5, 6, 7, 8, 9)
    for case in json.loads(DATA.joinpath(f"flow{flow}.json").read_text(encoding="utf-8"))
]


def plain(value: Any) -> Any:
    if is_dataclass(value):
        names = {one.name for one in fields(value)} - _SINCE
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, frozenset | list | tuple):
        found = [plain(one) for one in value]
        return sorted(found) if isinstance(value, frozenset) else found
    return value


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(("flow", "case"), RECORDED, ids=[case["name"] for _, case in RECORDED])
def test_a_recorded_case_folds_as_it_did(flow: int, case: dict[str, Any], order: int) -> None:
    events = [CaseEvent(**{**one, "blobs": tuple(one["blobs"])}) for one in case["events"]]
    assert {event.body.get("flow") for event in events if event.kind == "case.moved"} == {flow}
    state = fold(events[::order], apex=COUNTY)
    then, now = dict(case["state"]), plain(state)
    assert {act: report.answered_by for act, report in state.reports.items()} == then.pop("answered")
    facts = then.pop("facts")
    assert {key: now["facts"][key] for key in facts} == facts
    assert {key: now[key] for key in then} == then
