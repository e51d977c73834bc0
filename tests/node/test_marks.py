"""What the audit row of a revocation keeps of the receipts on a node's streams, however many there are."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from common.node.keyring import marks
from common.store.audit import AuditRow
from sync.protocol import canonical
from sync.protocol.own.issue import open_epoch
from tests.sync.network import COUNTY, START_MS, TOWN, VILLAGE, make_network, settle


def test_a_thief_with_many_streams_makes_the_row_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    sites = make_network()
    county, _, village = sites.values()
    with village.unit():
        open_epoch(village.core, village.key, "enrolled", START_MS, 8)
    village.submit(b"{}", (COUNTY,))
    settle(sites, 4)
    genuine = village.stream(VILLAGE, COUNTY).id
    # As words, the names of its streams stand before that of the node's own.
    for n in range(3):
        with village.unit():
            village.peer.open_epoch(village.key, "thief", START_MS)
        village.submit(b'{"n":%d}' % n, (COUNTY, TOWN))
        settle(sites, 3)
    whole = marks.marks_now(county.core, VILLAGE)
    assert list(whole) == ["receipts"] and len(whole["receipts"]) > 6
    assert {mark[1] for mark in whole["receipts"]} == {COUNTY, TOWN}

    monkeypatch.setattr(marks, "RECEIPTS_MAX", 2)
    kept = marks.marks_now(county.core, VILLAGE)
    assert kept["receipts"] == whole["receipts"][:2]
    assert {mark[0] for mark in kept["receipts"]} == {str(genuine)}
    digest = sha256(canonical.dumps(whole["receipts"])).hexdigest()
    assert kept["receipts_all"] == {"of": len(whole["receipts"]), "sha256": digest}

    detail = json.dumps({"keys": [village.key.id], "why": "stolen", **kept})
    row = AuditRow(1, START_MS, "admin", marks.REVOKED, VILLAGE, detail, "")
    monkeypatch.setattr(marks.audit, "rows", lambda address: [row])
    before = marks.marks_before(county.core, genuine)
    assert before is not None and {mark.signer for mark in before} == {COUNTY, TOWN}
    last = next(s.id for s in county.spool.streams() if s.id.epoch.startswith("12-"))
    assert marks.marks_before(county.core, last) == ()
