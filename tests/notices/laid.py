"""Lays a story into a real node, as if its acts had come over the line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask.testing import FlaskClient

from common.casework.messages import apply
from common.casework.rules.event import CaseEvent
from sync.protocol.frame import BlobRef
from tests.casework.build import as_act, small_tree
from tests.casework.story import Story
from tests.desk.three import NOW, ThreeNodes


def lay(three: ThreeNodes, story: Story, *more: CaseEvent) -> str:
    """Let the open node have a case of the casework tests' small county; return its number."""
    acts = [as_act(event, _blobs(event.blobs)) for event in (*story.events, *more)]
    with three.node.unit():
        result = apply(replace(three.node.casework.ctx, tree=small_tree), acts, NOW)
    assert result.parked == {}, result.parked
    return story.case


def address_of(story: Story, event: CaseEvent) -> str:
    """Return where the notice of an act is shown."""
    return f"/case/{story.case}/notice/{event.id}"


def client_with(three: ThreeNodes, address: str, login: str, story: Story, *more: CaseEvent) -> FlaskClient:
    """Return a browser signed in at a node that has the case."""
    client = three.client(address, login)
    lay(three, story, *more)
    return client


def _blobs(hashes: Sequence[str]) -> tuple[BlobRef, ...]:
    return tuple(BlobRef(one, 1000, "image/jpeg") for one in hashes)
