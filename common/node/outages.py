"""Times when the line upward was down, recorded by the node itself; nobody is blamed for transport."""

from __future__ import annotations

from common.node.node import Node
from common.node.records import LineOutage


def note_line_state(node: Node, now_ms: int) -> None:
    """Open an outage when the line has failed, close it when it works again."""
    if node.runner is None:
        return
    failed = node.runner.state.failures > 0
    with node.unit():
        open_one = LineOutage.get_or_none(LineOutage.ended_at == 0)
        if failed and open_one is None:
            LineOutage.insert(began_at=now_ms, code=node.runner.state.last_code).execute()
        elif not failed and open_one is not None and node.runner.state.last_ok_at:
            open_one.ended_at = now_ms
            open_one.save()
