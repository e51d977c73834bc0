"""A node that was put back, or has lost its keys, gets on again by the commands it is told to use."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from common.node.cli import main
from common.node.verbs import sync_now as verb
from common.node.verbs import told
from common.store.database import close_database
from village_node.profile import PROFILE as VILLAGE

REFUSED = 2


def test_who_learns_that_it_is_an_older_copy_asks_for_the_rest_at_once(monkeypatch) -> None:
    """An exchange that moves nothing is the last, but for one that showed this node what it lacks."""
    steps = [(60_000, True), (0, True), (60_000, False), (60_000, False), (60_000, True), (60_000, True)]
    state = SimpleNamespace(failures=0, last_code="", last_sentence="", uplink="511921")
    now = SimpleNamespace(is_fetching=False)

    def step(passed: object) -> int:
        pause, now.is_fetching = steps.pop(0)
        return pause

    monkeypatch.setattr(verb, "is_fetching", lambda node: now.is_fetching)
    monkeypatch.setattr(verb, "_waits", lambda node, address: int(address == "township"))
    runner = SimpleNamespace(step=step, uplinks=lambda: ["above"], state=state)
    node: Any = SimpleNamespace(runner=runner, profile=VILLAGE, has_joined=lambda: True)
    told_of = [verb.sync_now(node) for _ in range(3)]
    steps, state.uplink, now.is_fetching = [(60_000, False)] * 2, "township", False
    assert verb.sync_now(node)["rounds"] == 2, "it owes an answer"
    assert [done["rounds"] for done in told_of] == [3, 1, 2] and not steps
    assert [len(told.sync_lines(done, str)) for done in told_of] == [1, 1, 2]


def test_a_node_that_has_lost_its_keys_asks_to_join_with_another(tmp_path: Path, capsys) -> None:
    """A file that is damaged is not written over: there may be a copy, or somebody who can read it."""
    folder, request = tmp_path / "village", tmp_path / "request"
    assert main(VILLAGE, ["init", "--address", "511921108203", "--data", str(folder)]) == 0
    close_database()
    keys = folder / "keys.json"
    words = ["enrol", "request", "--code", f"2{'-ABCDEFG' * 3}", "--out", str(request), "--data", str(folder)]
    for wrong in ('{"node": [7]}', "[]", ""):
        keys.write_text(wrong)
        assert main(VILLAGE, words) == REFUSED
        assert "E411" in capsys.readouterr().err and keys.read_text() == wrong
    keys.unlink()
    assert main(VILLAGE, words) == 0
    # What was asked before is asked again; where the disk lost it, anew.
    asked = request.read_bytes()
    assert main(VILLAGE, words) == 0 and request.read_bytes() == asked
    (folder / "enrolment.json").write_text('{"epoch": 7}')
    assert main(VILLAGE, words) == 0 and request.read_bytes() != asked
    assert request.stat().st_size > 0 and len(json.loads(keys.read_text())["node"]) == 1
    close_database()
