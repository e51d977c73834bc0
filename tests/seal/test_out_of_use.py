"""What a revoked seal seals no more, and how an organ comes to a new one."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest

from common.clock import FixedClock
from common.seal import authority
from common.seal.errors import (
    BadSealFile,
    ListDamaged,
    SealRevoked,
    StolenKey,
)
from common.seal.keys import FOLDER, SealKeys
from common.seal.log import SealLog
from common.seal.register import LIST
from common.seal.revoking import Done, Order, revoke
from common.seal.rules.revoked import Reason
from common.seal.signer import check_seal
from tests.seal.county import (
    DAY,
    TOWN,
    TOWN_ORGAN,
    file_of,
    killed_at,
    put_out,
)
from tests.seal.stage import NOW, ORGAN, Stage, decided, pdf


def test_a_revoked_seal_seals_nothing_and_a_new_one_goes_on(stage: Stage):
    case, act = decided(stage)
    stage.clock.set_wall(NOW + 1000)
    first = stage.sealer().seal(pdf(), case, act)
    old_key = stage.keys.seal_of(ORGAN).key.public_key()
    revoke(stage.keys, Order(ORGAN, Reason.STOLEN), FixedClock(NOW + DAY))
    stage.clock.set_wall(NOW + 2 * DAY)
    with pytest.raises(SealRevoked) as refused:
        stage.sealer().seal(pdf(), case, act)
    assert refused.value.code == "E601" and ORGAN in str(refused.value) and "被盗" in str(refused.value)
    assert len(SealLog(stage.folder / FOLDER).lines()) == 1
    made = stage.keys.issue(ORGAN, stage.me, NOW + 2 * DAY)
    assert made.public_key() != old_key
    second = check_seal(stage.sealer().seal(pdf(), case, act), stage.keys.root())
    assert second.trusted and second.serial == authority.serial_of(made)
    # Known are both, and what the first one was set on is still told by the log.
    assert len(stage.keys.register.issued()) == 2
    found = check_seal(first, stage.keys.root())
    assert found.trusted and stage.keys.is_own(found.serial)


def test_a_seal_cannot_be_set_while_it_is_revoked_nor_revoked_while_it_is_set(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    """The line in the log is never later than the revocation by one clock: the file would be called void."""
    case, act = decided(stage)
    add, done = SealLog.add, list[Done]()
    order, clock = Order(ORGAN, Reason.STOLEN), stage.clock
    other = threading.Thread(target=lambda: done.append(revoke(stage.keys, order, clock)))

    def slowly(log: SealLog, sealing: object) -> int:
        other.start()
        other.join(0.3)
        assert not done, "it was revoked in the middle of a sealing"
        return add(log, sealing)  # type: ignore[arg-type]

    monkeypatch.setattr(SealLog, "add", slowly)
    stage.clock.set_wall(NOW + 999)
    sealed = stage.sealer().seal(pdf(), case, act)
    other.join(10)
    assert check_seal(sealed, stage.keys.root()).trusted
    (line,) = SealLog(stage.folder / FOLDER).lines()
    assert line["at"] < done[0].revoked[0].since
    with pytest.raises(SealRevoked):
        stage.sealer().seal(pdf(), case, act)


def test_a_damaged_list_stops_the_sealing_until_a_good_one_is_there(stage: Stage):
    """Whether a seal counts cannot be told: nothing is sealed, not everything."""
    case, act = decided(stage)
    stage.keys.issue("别的部门", stage.me, NOW)
    revoke(stage.keys, Order("别的部门", Reason.REPLACED), FixedClock(NOW))
    good = file_of(stage.keys)
    for bad in (b"", good[:-60], good.replace(b"A", b"B", 1), b"x" * 2_000_000):
        (stage.folder / FOLDER / LIST).write_bytes(bad)
        with pytest.raises(ListDamaged):
            stage.sealer().seal(pdf(), case, act)
        with pytest.raises(ListDamaged):
            revoke(stage.keys, Order(ORGAN, Reason.STOLEN), FixedClock(NOW))
    assert not SealLog(stage.folder / FOLDER).lines()
    assert stage.keys.register.install(good, stage.keys.root())[1] == 1
    assert stage.sealer().seal(pdf(), case, act)


def test_a_township_takes_the_list_and_then_asks_for_a_key_that_nobody_has(county: SealKeys, town: SealKeys):
    old_request, _ = town.request("别的镇", TOWN)
    put_out(county, TOWN_ORGAN)
    assert town.seal_of(TOWN_ORGAN), "the list is not here yet"
    assert town.register.install(file_of(county), town.root())[1] == 1
    assert town.register.install(file_of(county), town.root())[1] == 0
    with pytest.raises(SealRevoked):
        town.seal_of(TOWN_ORGAN)
    before = next(one for one in town.organs()).public_key()
    request, key_print = town.request(TOWN_ORGAN, TOWN)
    assert town.request(TOWN_ORGAN, TOWN)[1] == key_print, "the same key until it is answered"
    with pytest.raises(SealRevoked):
        town.seal_of(TOWN_ORGAN)
    town.install(county.sign(request, NOW + 2 * DAY)[0])
    assert town.seal_of(TOWN_ORGAN).key.public_key() != before
    assert len(town.register.issued()) == 2 and authority.read_request(old_request).organ == "别的镇"


def test_neither_the_old_request_nor_the_old_answer_brings_a_stolen_key_back(
    county: SealKeys, tmp_path: Path
):
    town = SealKeys(tmp_path / "town" / FOLDER)
    town.folder.parent.mkdir()
    request, _ = town.request(TOWN_ORGAN, TOWN)
    answer, _ = county.sign(request, NOW)
    town.install(answer)
    put_out(county, TOWN_ORGAN)
    with pytest.raises(StolenKey):
        county.sign(request, NOW + 2 * DAY)
    town.register.install(file_of(county), town.root())
    with pytest.raises(BadSealFile):
        town.install(answer)
    town.request(TOWN_ORGAN, TOWN)
    with pytest.raises(BadSealFile):
        town.install(answer)


def test_a_request_cut_by_a_crash_never_keeps_the_key_of_a_revoked_seal(county: SealKeys, town: SealKeys):
    put_out(county, TOWN_ORGAN)
    town.register.install(file_of(county), town.root())
    stolen = next(one for one in town.organs()).public_key()
    kept, seen = shutil.copytree(town.folder, town.folder.with_name("kept")), set()
    for calls in range(1, 12):
        shutil.rmtree(town.folder)
        shutil.copytree(kept, town.folder)
        seen.add(killed_at(calls, lambda: town.request(TOWN_ORGAN, TOWN)))
        asked = authority.read_request(town.request(TOWN_ORGAN, TOWN)[0])
        assert asked.public_key != stolen, calls
    assert seen == {0, 1}


def test_whoever_signed_an_answer_twice_revokes_both_for_one_key(county: SealKeys, town: SealKeys):
    """The stick with the first answer got lost: two certificates are for the key that was stolen."""
    request, _ = SealKeys(town.folder).request("长赤镇人民政府", TOWN)
    first, second = county.sign(request, NOW)[0], county.sign(request, NOW)[0]
    serials = {authority.serial_of(authority.read_certificates(one)[0]) for one in (first, second)}
    done = put_out(county, sorted(serials)[0])
    assert {one.serial for one in done.revoked} == serials and done.number == 1
