"""Whatever arrives is parked with a reason; nothing raises, here or on a page that shows it later."""

from __future__ import annotations

from typing import Any

import pytest

from common.casework import queues
from common.casework.messages import apply
from common.casework.rules.flow import Action, Report
from common.store.database import unit_of_work
from sync.protocol import canonical
from sync.protocol.frame import Act
from tests.casework.build import COUNTY, NOON, VILLAGE, act_id
from tests.casework.nodes import acts_of, take
from tests.casework.story import Story

A = Action


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'"case"',
        b"{}",
        b'{"case":1}',
        b'{"case":["x"]}',
        b'{"case": "x"}',
        b'{"case":"511921108203-A1-00070"}',
        b'{"case":"x","case":"y"}',
        b"\xff",
        b'{"case":1.5}',
    ],
)
@pytest.mark.parametrize("kind", ["case.filed", "case.moved", "case.reported", "case.struck"])
def test_any_content_is_parked_and_nothing_raises(node, content, kind):
    act = Act(act_id(content, kind), kind, VILLAGE, content, (), "", NOON)
    result = take(node(COUNTY), act)
    assert set(result.parked) == {act.id}
    assert queues.newest() == []


def broken_bodies(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Every body that lacks one part, or has a part of another type, two levels deep."""
    found = []
    for key, value in body.items():
        found.append({k: v for k, v in body.items() if k != key})
        found.extend({**body, key: wrong} for wrong in (7, "", "x", [], ["x"], [7], {}, {"x": 7}))
        if isinstance(value, dict):
            found.extend({**body, key: inner} for inner in broken_bodies(value))
    return found


def test_no_malformed_body_of_a_known_case_raises(node):
    """Method: filing, move, report and strike with each part missing or of another type."""
    story = Story().go_to(A.FORWARD, A.ACCEPT, A.REVIEW)
    county = node(COUNTY)
    take(county, *acts_of(story))
    kinds = [
        Story(counter=2).filed,
        story.draft(A.APPROVE),
        story.branch().report(Report.HANDED_OVER),
        story.strike(act_id("nobody")),
    ]
    acts = [
        Act(act_id(event.kind, n), event.kind, event.author, canonical.dumps(body), (), "", NOON)
        for event in kinds
        for n, body in enumerate(broken_bodies(dict(event.body)))
    ]
    assert len(acts) > 600
    for act in acts:
        try:
            with unit_of_work():
                result = apply(county.ctx, [act], NOON)
                county.page(story.case)
                raise _Undo
        except _Undo:
            assert set(result.parked) <= {act.id}


class _Undo(Exception):
    """Leaves the unit of work so that nothing of it stays."""
