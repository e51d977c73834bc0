"""Which seal is revoked and from when, by whom it cannot be, two at once, and a process killed meanwhile."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

import pytest

from common import pki
from common.days import local_day
from common.seal import authority
from common.seal.errors import (
    AlreadyRevoked,
    BadDay,
    ClockImplausible,
    NoList,
    NoRoot,
    RootKeyAway,
    SealKeysDamaged,
    SealRevoked,
    SeveralSeals,
    UnknownSeal,
)
from common.seal.keys import FOLDER, SealKeys
from common.seal.register import LIST
from common.seal.rules.revoked import Reason
from tests.seal.county import (
    BUREAU,
    COUNTY,
    DAY,
    TOWN,
    TOWN_ORGAN,
    file_of,
    killed_at,
    list_of,
    put_out,
    serial_of,
)
from tests.seal.stage import NOW


def test_of_several_seals_of_an_organ_the_number_must_be_told(county: SealKeys, tmp_path: Path):
    serials = []
    for name in ("old", "new"):
        town = SealKeys(tmp_path / name / FOLDER)
        town.folder.parent.mkdir()
        serials.append(
            authority.serial_of(town.install(county.sign(town.request(TOWN_ORGAN, TOWN)[0], NOW)[0]))
        )
    with pytest.raises(SeveralSeals) as refused:
        put_out(county, TOWN_ORGAN)
    assert all(serial in str(refused.value) for serial in serials)
    assert put_out(county, serials[0].upper()).revoked[0].serial == serials[0]
    assert put_out(county, TOWN_ORGAN).revoked[0].serial == serials[1]


def test_a_seal_that_nobody_knows_is_revoked_by_its_number_alone(county: SealKeys):
    with pytest.raises(UnknownSeal):
        put_out(county, "没有这个机关")
    done = put_out(county, "0A1B2C3D4E5F60718293A4B5C6D7E8F9")
    assert done.revoked[0].serial == "a1b2c3d4e5f60718293a4b5c6d7e8f9" and not done.certificates


@pytest.mark.parametrize("day", ["2027-02-30", "yesterday", "2030-01-01", "2020-01-01"])
def test_a_day_that_cannot_be_is_refused(county: SealKeys, day: str):
    with pytest.raises(BadDay):
        put_out(county, BUREAU, since=day)
    with pytest.raises(NoList):
        file_of(county)


def test_what_is_revoked_can_only_be_so_from_earlier_on(county: SealKeys):
    put_out(county, BUREAU, Reason.REPLACED, at=NOW + 9 * DAY)
    before = file_of(county)
    for since in ("", local_day(NOW + 9 * DAY + DAY)):
        with pytest.raises(AlreadyRevoked):
            put_out(county, BUREAU, since=since, at=NOW + 20 * DAY)
    assert file_of(county) == before
    put_out(county, BUREAU, Reason.STOLEN, since=local_day(NOW + 2 * DAY), at=NOW + 20 * DAY)
    (one,) = list_of(county).revoked.values()
    assert one.reason is Reason.STOLEN and local_day(one.since) == local_day(NOW + 2 * DAY)
    assert one.at == NOW + 9 * DAY and list_of(county).number == 2


@pytest.mark.parametrize("at", [0, NOW - 30 * DAY, NOW + 40 * 365 * DAY])
def test_with_a_clock_that_cannot_be_right_nothing_is_revoked(county: SealKeys, at: int):
    with pytest.raises(ClockImplausible):
        put_out(county, BUREAU, at=at)
    assert county.seal_of(BUREAU)


def test_a_clock_that_was_ahead_once_stops_no_later_revocation(county: SealKeys):
    """No clock decides which list is newer: the number does."""
    put_out(county, BUREAU, at=NOW + 4 * 365 * DAY)
    assert put_out(county, "南江县财政局", at=NOW + DAY).number == 2


def test_with_the_root_key_in_its_safe_it_says_what_to_do_and_changes_nothing(
    county: SealKeys, tmp_path: Path
):
    (county.folder / "root.key").rename(tmp_path / "safe")
    with pytest.raises(RootKeyAway) as refused:
        put_out(county, BUREAU)
    assert str(county.folder) in str(refused.value) and "root.key" in str(refused.value)
    assert county.seal_of(BUREAU)
    (tmp_path / "safe").rename(county.folder / "root.key")
    assert put_out(county, BUREAU).number == 1
    with pytest.raises(NoRoot):
        put_out(SealKeys(tmp_path / "nobody"), BUREAU)


def test_killed_in_the_middle_of_writing_the_list_is_the_old_one_or_the_new_one(county: SealKeys):
    put_out(county, "南江县财政局")
    kept = (county.folder / LIST).read_bytes()
    seen = set()
    for calls in range(1, 5):
        (county.folder / LIST).write_bytes(kept)
        was_killed = killed_at(calls, lambda: put_out(county, BUREAU))
        found = list_of(county)
        assert found.number in (1, 2) and len(found.revoked) == found.number
        seen.add((was_killed, found.number))
        if found.number == 1:
            assert put_out(county, BUREAU).number == 2
    assert seen == {(1, 1), (1, 2), (0, 2)}


def test_a_new_seal_cut_by_a_crash_can_be_issued_once_more(county: SealKeys):
    put_out(county, BUREAU)
    kept = shutil.copytree(county.folder, county.folder.with_name("kept"))
    for calls in range(1, 30):
        shutil.rmtree(county.folder)
        shutil.copytree(kept, county.folder)
        if not killed_at(calls, lambda: county.issue(BUREAU, COUNTY, NOW + 2 * DAY)):
            break
        with contextlib.suppress(SealRevoked):
            assert county.seal_of(BUREAU).certificate in county.register.issued()
            continue
        county.issue(BUREAU, COUNTY, NOW + 2 * DAY)
        assert county.seal_of(BUREAU)
    else:
        pytest.fail("it was killed each time")


def test_two_revocations_at_once_are_both_in_the_list(county: SealKeys):
    organs = [f"机关{number}" for number in range(6)]
    for organ in organs:
        county.issue(organ, COUNTY, NOW)
    children = []
    reading, writing = os.pipe()
    for organ in organs:
        child = os.fork()
        if not child:
            with contextlib.suppress(BaseException):
                os.close(writing)
                # All begin when the pipe ends.
                os.read(reading, 1)
                put_out(county, organ)
                os._exit(0)
            os._exit(1)
        children.append(child)
    os.close(writing)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * len(organs)
    os.close(reading)
    found = list_of(county)
    assert found.number == len(organs)
    assert set(found.revoked) == {serial_of(county, organ) for organ in organs}


@pytest.mark.parametrize("name", ["issued/*.cer", "organs/*.cer"])
def test_a_rotten_file_of_another_seal_stops_no_revocation_and_no_list(county: SealKeys, name: str):
    """A seal is stolen, the disk is old, and the word that stops the thief must get out."""
    paths = sorted(county.folder.glob(name))
    mine = serial_of(county, BUREAU)
    rotten = next(path for path in paths if mine not in path.name and b"-" in path.read_bytes())
    if name.startswith("organs"):
        own = pki.pem(next(one for one in county.organs() if authority.organ_of(one) == BUREAU))
        rotten = next(path for path in paths if path.read_bytes() != own)
    rotten.write_bytes(b"-----BEGIN CERTIFICATE-----")
    assert put_out(county, BUREAU).revoked[0].serial == mine
    assert mine in {authority.serial_of(one) for one in county.register.issued()}


def test_where_a_certificate_cannot_be_read_no_request_is_signed_unseen(county: SealKeys, town: SealKeys):
    """It may be the one of the key that is asked for, and revoked."""
    request, _ = SealKeys(town.folder).request("长赤镇人民政府", TOWN)
    next(county.folder.glob("issued/*.cer")).write_bytes(b"x")
    with pytest.raises(SealKeysDamaged):
        county.sign(request, NOW)
