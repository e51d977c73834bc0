"""Root, seals, requests by stick: what belongs together is taken, all else refused and nothing changed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common import pki
from common.seal import authority
from common.seal.errors import (
    AlreadyIssued,
    BadSealFile,
    ClockImplausible,
    NoRoot,
    NoSealKey,
    SealKeysDamaged,
)
from common.seal.keys import FOLDER, SealKeys
from tests.seal.stage import NOW

COUNTY, TOWN, ORGAN = "511921", "511921108", "南江县民政局"


@pytest.fixture
def county(tmp_path: Path) -> SealKeys:
    keys = SealKeys(tmp_path / "county" / FOLDER)
    keys.folder.parent.mkdir()
    keys.found("南江县政务服务中心", COUNTY, NOW)
    return keys


@pytest.fixture
def town(tmp_path: Path) -> SealKeys:
    keys = SealKeys(tmp_path / "town" / FOLDER)
    keys.folder.parent.mkdir()
    return keys


def files(keys: SealKeys) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in sorted(keys.folder.rglob("*")) if p.is_file()}


def test_a_seal_is_p256_and_issued_by_the_root(county: SealKeys):
    county.issue(ORGAN, COUNTY, NOW)
    seal = county.seal_of(ORGAN)
    assert isinstance(seal.key.curve, ec.SECP256R1)
    seal.certificate.verify_directly_issued_by(county.root())
    assert authority.organ_of(seal.certificate) == ORGAN
    assert [authority.organ_of(one) for one in county.organs()] == [ORGAN]


def test_a_seal_may_sign_documents_and_nothing_else(county: SealKeys):
    made = county.issue(ORGAN, COUNTY, NOW).extensions
    usage = made.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature and usage.content_commitment and not usage.key_cert_sign
    assert not made.get_extension_for_class(x509.BasicConstraints).value.ca
    assert county.root().extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0


def test_every_file_is_for_its_owner_alone_and_no_key_lies_open(county: SealKeys):
    county.issue(ORGAN, COUNTY, NOW)
    assert {stat.S_IMODE(p.stat().st_mode) for p in county.folder.rglob("*") if p.is_file()} == {0o600}
    assert {stat.S_IMODE(p.stat().st_mode) for p in (county.folder, county.folder / "organs")} == {0o700}
    keys = [p.read_bytes() for p in county.folder.rglob("*.key") if p.name != "secret.key"]
    assert len(keys) == 2 and all(b"ENCRYPTED PRIVATE KEY" in content for content in keys)


def test_without_the_secret_a_copy_of_the_folder_seals_nothing(county: SealKeys):
    county.issue(ORGAN, COUNTY, NOW)
    secret = county.folder / "secret.key"
    kept = secret.read_bytes()
    secret.write_bytes(b"another")
    with pytest.raises(SealKeysDamaged):
        county.seal_of(ORGAN)
    secret.unlink()
    with pytest.raises(SealKeysDamaged):
        county.seal_of(ORGAN)
    secret.write_bytes(kept)
    assert county.seal_of(ORGAN).organ == ORGAN


def test_the_secret_may_be_kept_elsewhere(county: SealKeys, tmp_path: Path):
    elsewhere = tmp_path / "stick"
    os.replace(county.folder / "secret.key", elsewhere)
    (county.folder / "secret.key").symlink_to(elsewhere)
    county.issue(ORGAN, COUNTY, NOW)
    assert county.seal_of(ORGAN).organ == ORGAN
    elsewhere.unlink()
    # A link that leads nowhere is no reason to make another secret.
    with pytest.raises(SealKeysDamaged):
        county.issue("另一机关", COUNTY, NOW)


def test_neither_root_nor_seal_is_made_twice(county: SealKeys):
    county.issue(ORGAN, COUNTY, NOW)
    before = files(county)
    for again in (
        lambda: county.found("南江县政务服务中心", COUNTY, NOW),
        lambda: county.issue(ORGAN, COUNTY, NOW),
        lambda: county.request(ORGAN, COUNTY),
    ):
        with pytest.raises(AlreadyIssued):
            again()
    assert files(county) == before


def test_without_a_root_key_nothing_is_issued(town: SealKeys, county: SealKeys):
    with pytest.raises(NoRoot):
        town.issue(ORGAN, TOWN, NOW)
    (county.folder / "root.key").rename(county.folder.parent / "on-a-stick")
    with pytest.raises(NoRoot):
        county.issue(ORGAN, COUNTY, NOW)


@pytest.mark.parametrize("organ", ["", " ", "局" * 65, "县\n局"])
def test_a_name_no_certificate_can_hold_is_refused(county: SealKeys, organ: str):
    before = files(county)
    with pytest.raises(BadSealFile):
        county.issue(organ, COUNTY, NOW)
    assert files(county) == before


def test_with_a_clock_that_cannot_be_right_nothing_is_issued(county: SealKeys, town: SealKeys):
    for make in (lambda: county.issue(ORGAN, COUNTY, 0), lambda: town.found("县", COUNTY, 1_000_000)):
        with pytest.raises(ClockImplausible):
            make()


def test_a_seal_counts_in_its_life_alone(county: SealKeys):
    made = county.issue(ORGAN, COUNTY, NOW)
    authority.check_time(made, NOW)
    for wrong in (0, NOW - 3 * 86_400_000, NOW + 16 * 365 * 86_400_000):
        with pytest.raises(ClockImplausible):
            authority.check_time(made, wrong)


def test_a_township_gets_its_seal_by_two_files(county: SealKeys, town: SealKeys):
    request, town_print = town.request("正直镇人民政府", TOWN)
    with pytest.raises(NoSealKey):
        town.seal_of("正直镇人民政府")
    answer, wanted = county.sign(request, NOW)
    assert (wanted.organ, wanted.address) == ("正直镇人民政府", TOWN)
    assert pki.key_print(wanted.public_key) == town_print
    town.install(answer)
    seal = town.seal_of("正直镇人民政府")
    assert seal.root == county.root() and seal.certificate.public_key() == seal.key.public_key()
    assert not (town.folder / "root.key").exists()


def test_a_request_made_again_is_for_the_same_key(town: SealKeys):
    assert town.request(ORGAN, TOWN)[1] == town.request(ORGAN, TOWN)[1]


def test_a_request_changed_on_the_way_is_refused(county: SealKeys, town: SealKeys):
    """The organ's name rewritten in the request, which its signature covers."""
    request = x509.load_pem_x509_csr(town.request("正直镇人民政府", TOWN)[0]).public_bytes(Encoding.DER)
    forged = request.replace("正直镇".encode(), "长赤镇".encode())
    assert forged != request
    with pytest.raises(BadSealFile):
        county.sign(x509.load_der_x509_csr(forged).public_bytes(Encoding.PEM), NOW)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=300), cut=st.integers(0, 600))
def test_noise_is_no_request_and_no_certificate(county: SealKeys, town: SealKeys, noise: bytes, cut: int):
    good, _ = town.request(ORGAN, TOWN)
    for content in (noise, good[: min(cut, len(good) - 40)] + noise):
        with pytest.raises(BadSealFile):
            county.sign(content, NOW)
        with pytest.raises(BadSealFile):
            town.install(content)


def test_a_key_of_another_kind_is_not_certified(county: SealKeys):
    key = ec.generate_private_key(ec.SECP384R1())
    with pytest.raises(BadSealFile):
        county.sign(authority.make_request(key, ORGAN, TOWN), NOW)


def test_an_answer_for_another_key_or_by_another_county_is_not_installed(
    county: SealKeys, town: SealKeys, tmp_path: Path
):
    stranger = SealKeys(tmp_path / FOLDER)
    stranger.found("他县", "511922", NOW)
    mine, _ = town.request(ORGAN, TOWN)
    other = authority.make_request(pki.new_key(), ORGAN, TOWN)
    before = files(town)
    answer = county.sign(other, NOW)[0]
    with pytest.raises(BadSealFile):
        town.install(answer)
    good, bad = county.sign(mine, NOW)[0], stranger.sign(mine, NOW)[0]
    mixed = good[: len(good) // 2] + bad[len(bad) // 2 :]
    for wrong in (mixed, good + bad, x509.load_pem_x509_certificates(good)[0].public_bytes(Encoding.PEM)):
        with pytest.raises(BadSealFile):
            town.install(wrong)
    assert files(town) == before
    town.install(good)
    with pytest.raises(BadSealFile):
        town.install(bad)
    assert town.root() == county.root()


@pytest.mark.parametrize("name", ["root.cer", "organs/*.cer", "organs/*.key"])
def test_a_damaged_file_is_named_and_nothing_signed(county: SealKeys, name: str):
    county.issue(ORGAN, COUNTY, NOW)
    next(county.folder.glob(name)).write_bytes(b"-----BEGIN NOTHING-----")
    with pytest.raises(SealKeysDamaged) as refused:
        county.seal_of(ORGAN)
    assert name.rpartition("/")[2].strip("*") in str(refused.value)


def test_a_key_put_in_place_of_another_is_noticed(county: SealKeys):
    county.issue(ORGAN, COUNTY, NOW)
    county.issue("南江县财政局", COUNTY, NOW)
    one, other = sorted((county.folder / "organs").glob("*.key"))
    one.write_bytes(other.read_bytes())
    with pytest.raises(SealKeysDamaged):
        for organ in (ORGAN, "南江县财政局"):
            county.seal_of(organ)


def test_a_seal_has_no_readable_form(county: SealKeys):
    county.issue(ORGAN, COUNTY, NOW)
    assert "PrivateKey" not in repr(county.seal_of(ORGAN)) and ORGAN not in repr(county.seal_of(ORGAN))
