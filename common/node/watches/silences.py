"""Watches for nodes below that are not heard any more; what stands still here is nobody else's silence."""

from __future__ import annotations

from common.node.node import Node
from common.outages.rules import LOOK_MS, SILENT_MS


class SilenceWatch:
    """Looks from time to time in the process that leads the jobs; writes only when there is reason to.

    How long nothing came is taken from the clock that never runs back, and counts only while this process
    listened: a node above that was off, or whose clock jumps, hears nobody and may blame nobody for it.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        # Node → its last word, and when that was first seen by the clock that only grows.
        self._heard: dict[str, tuple[int, int]] = {}
        self._looked_at = 0

    def look(self) -> bool:
        """Look who was heard; note silences that began or ended; say whether those above are to be told."""
        now_ms, _, mono_ms = self._node.clock.moment()
        # Nobody need be at work at a site that is out of service.
        is_out = self._node.tree().is_relieved
        words = {node: at for node, at in self._node.last_words().items() if not is_out(node)}
        quiet = self._quiet(words, mono_ms)
        lasting = self._node.silences.lasting()
        # A node that is below no longer is another's to listen to: its silence here ends now.
        ended = {node: words.get(node, now_ms) for node, began in lasting.items() if words.get(node) != began}
        begun = {node: at for node, at in quiet.items() if node not in lasting}
        if begun or ended:
            with self._node.unit():
                for node, at in ended.items():
                    self._node.silences.end(node, at)
                for node, at in begun.items():
                    self._node.silences.begin(node, at)
        return self._node.silences.is_time_to_tell(now_ms)

    def _quiet(self, words: dict[str, int], mono_ms: int) -> dict[str, int]:
        """Return those not heard for long while this process listened, with their last word."""
        if not 0 <= mono_ms - self._looked_at < LOOK_MS:
            # Nobody listened in between.
            self._heard.clear()
        self._looked_at = mono_ms
        self._heard = {
            node: self._heard[node] if self._heard.get(node, (0, 0))[0] == at else (at, mono_ms)
            for node, at in words.items()
        }
        return {node: at for node, (at, since) in self._heard.items() if mono_ms - since >= SILENT_MS}
