"""What a node knows of keys when a paper is checked: all that is kept, however it came."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from common.proofs.rules.text import from_text
from common.proofs.rules.verdict import Verdict
from common.proofs.trust import Trust
from common.proofs.wire import from_bytes
from sync.protocol import signed
from sync.protocol.spool import Held
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes
from tests.proofs.test_claims import Slip, enter


class _BetweenTwoReads:
    """The store of a node at which something is written right after the reading of one sort."""

    def __init__(self, store: Any, sort: str, write: Callable[[], None]) -> None:
        self._store = store
        self._sort = sort
        self._writes = [write]

    def all_held(self, sort: str, after_stamp: int = 0) -> list[Held]:
        found: list[Held] = self._store.all_held(sort, after_stamp)
        if sort == self._sort and self._writes:
            self._writes.pop()()
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_a_slip_by_a_key_the_village_went_over_to_counts_at_once(three: ThreeNodes) -> None:
    """The line is down: the county cannot write the new key into the roster yet."""
    village = three.open(VILLAGE)
    with village.unit():
        village.trust.rotate(b"\x05" * 64, "admin", "电脑送修")
    number = three.file()
    text = village.proofs.claim("slip", village.casework.case(number), three.now())
    checked = village.proofs.check(text)
    assert (checked.verdict, checked.site) == (Verdict.VALID, "鹿角坪村")
    # Whoever has heard nothing of it cannot tell, and says so.
    assert three.open(TOWN).proofs.check(text).verdict is Verdict.UNKNOWN_SIGNER
    three.carry(VILLAGE, TOWN)
    assert three.node.proofs.check(text).verdict is Verdict.VALID
    three.carry(TOWN, COUNTY)
    assert three.node.proofs.check(text).verdict is Verdict.VALID


def test_a_key_gone_over_to_falls_with_the_one_that_spoke_for_it(three: ThreeNodes, slip: Slip) -> None:
    village = three.open(VILLAGE)
    with village.unit():
        village.trust.rotate(b"\x05" * 64, "admin", "")
    number = three.file(seed=1)
    text = village.proofs.claim("slip", village.casework.case(number), three.now())
    former = from_bytes(from_text(slip[1])).claim.key
    three.carry(VILLAGE, TOWN)
    assert three.node.proofs.check(text).verdict is Verdict.VALID
    enter(three.open(COUNTY), VILLAGE, revoked=[{"key": former, "cut": {}, "ids": []}])
    three.carry(COUNTY, TOWN)
    assert three.node.proofs.check(text).verdict is Verdict.UNKNOWN_SIGNER


def test_a_revocation_written_while_the_roster_is_read_is_not_passed_over(
    three: ThreeNodes, slip: Slip
) -> None:
    county = three.open(COUNTY)
    former = from_bytes(from_text(slip[1])).claim.key
    proofs = county.proofs

    def revoke() -> None:
        enter(county, VILLAGE, revoked=[{"key": former, "cut": {}, "ids": []}])

    for sort in (signed.ENTRY, signed.HEAD):
        store = _BetweenTwoReads(proofs.trust._store, sort, revoke)
        trust = Trust(store, proofs.suite)
        trust.roster()
        entry = trust.roster().entries[VILLAGE]
        assert entry.revoked, sort
