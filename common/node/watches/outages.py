"""Watches for outages as the node itself sees them: a line that fails, a standstill; nobody is blamed."""

from __future__ import annotations

from common.node.node import Node
from common.outages.rules import BUSY, LINE, PARENT, SHORTEST_MS, Mark


class OutageWatch:
    """Looks from time to time in the process that leads the jobs; writes only when there is reason to."""

    def __init__(self, node: Node) -> None:
        self._node = node
        # Kind → when it was first seen, of what has not lasted long enough to be written down.
        self._since: dict[str, Mark] = {}

    def look(self) -> bool:
        """Look at clocks and line, and write down what began or ended; return whether something ended."""
        now = Mark(*self._node.clock.moment())
        states = self._states(now)
        lasting = self._node.outages.lasting()
        ended = [kind for kind, is_out in states.items() if not is_out and kind in lasting]
        for kind in (kind for kind, is_out in states.items() if not is_out):
            self._since.pop(kind, None)
        begun = [kind for kind, is_out in states.items() if is_out and self._has_lasted(kind, now)]
        begun = [kind for kind in begun if kind not in lasting]
        is_look_due = self._node.outages.is_look_due(now)
        if not (begun or ended or is_look_due):
            return False
        with self._node.unit():
            found = [self._node.outages.look(now)] if is_look_due else []
            found += [self._node.outages.end(kind, now) for kind in ended]
            for kind in begun:
                self._node.outages.begin(kind, self._since[kind], self._code())
        return any(found)

    def _states(self, now: Mark) -> dict[str, bool]:
        """Return kind → whether it is so now; a kind of which nothing can be said is left out."""
        runner = self._node.runner
        if runner is None or not runner.uplinks():
            return {}
        state, parent = runner.state, runner.uplinks()[0].address
        if state.is_busy:
            return {BUSY: True, LINE: False}
        if state.failures:
            # Of the parent nothing is known while nobody answers. A try or two in vain end no busy spell.
            return {LINE: True} | ({BUSY: False} if self._has_lasted(LINE, now) else {})
        if not state.last_ok_at:
            return {}
        return {LINE: False, BUSY: False, PARENT: state.uplink != parent}

    def _has_lasted(self, kind: str, now: Mark) -> bool:
        since = self._since.setdefault(kind, now)
        return now.mono_ms - since.mono_ms >= SHORTEST_MS

    def _code(self) -> str:
        return self._node.runner.state.last_code if self._node.runner else ""
