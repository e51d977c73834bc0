"""The list of revoked seals as the root signs it, and what lists from elsewhere come to."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import shutil
from base64 import encodebytes
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.days import local_day
from common.seal import authority, crl
from common.seal.errors import (
    BadSealFile,
    OldList,
    SealRevoked,
)
from common.seal.keys import FOLDER, SealKeys
from common.seal.register import LIST
from common.seal.rules.revoked import Reason, Revocation, RevocationList
from tests.seal.county import (
    BUREAU,
    COUNTY,
    DAY,
    TOWN_ORGAN,
    file_of,
    list_of,
    put_out,
    serial_of,
)
from tests.seal.stage import NOW


def test_the_list_is_a_full_one_by_the_standard_with_number_reason_and_day(county: SealKeys):
    put_out(county, BUREAU, Reason.STOLEN, since=local_day(NOW))
    found = x509.load_pem_x509_crl(file_of(county))
    assert found.is_signature_valid(county.root().public_key()) and found.issuer == county.root().subject
    assert found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 1
    assert found.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    (one,) = found
    assert f"{one.serial_number:x}" == serial_of(county, BUREAU)
    reason = one.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert reason is x509.ReasonFlags.key_compromise
    day = one.extensions.get_extension_for_class(x509.InvalidityDate).value.invalidity_date_utc
    assert (day + dt.timedelta(hours=8)).isoformat()[:16] == f"{local_day(NOW)}T00:00"
    assert one.revocation_date_utc.timestamp() * 1000 == NOW + DAY
    # Nobody renews it over a bad line: no reader is to drop it before the root ends.
    assert found.next_update_utc == county.root().not_valid_after_utc


@pytest.mark.parametrize(("reason", "flag"), list(crl._FLAGS.items()))
def test_what_is_read_back_is_what_was_written(county: SealKeys, reason: Reason, flag: x509.ReasonFlags):
    put_out(county, BUREAU, reason)
    (one,) = x509.load_pem_x509_crl(file_of(county))
    assert one.extensions.get_extension_for_class(x509.CRLReason).value.reason is flag
    assert [more.oid for more in one.extensions] == [x509.CRLReason.oid]
    serial = serial_of(county, BUREAU)
    assert list_of(county).revoked == {serial: Revocation(serial, reason, NOW + DAY, NOW + DAY)}


def test_another_reader_takes_it_and_believes_the_other_seals_on(county: SealKeys):
    """pyHanko, asked to believe nothing without a list: what Adobe Reader and others do with the file."""
    from pyhanko_certvalidator import CertificateValidator, ValidationContext
    from pyhanko_certvalidator.errors import RevokedError

    from common.seal.signer import _asn1

    put_out(county, BUREAU)
    der = x509.load_pem_x509_crl(file_of(county)).public_bytes(Encoding.DER)

    def weigh(organ: str) -> None:
        context = ValidationContext(
            trust_roots=[_asn1(county.root())],
            crls=[der],
            revocation_mode="require",
            moment=dt.datetime.fromtimestamp((NOW + 2 * DAY) / 1000, tz=dt.UTC),
        )
        one = next(one for one in county.organs() if authority.organ_of(one) == organ)
        validator = CertificateValidator(_asn1(one), validation_context=context)
        asyncio.run(validator.async_validate_usage({"digital_signature"}))

    weigh("南江县财政局")
    with pytest.raises(RevokedError):
        weigh(BUREAU)


def signed(
    keys: SealKeys, *more: x509.ExtensionType, number: int = 9, name: x509.Name | None = None
) -> bytes:
    """Return a list that the county's root signed, with anything in it."""
    root, key = keys.root_pair()
    at = dt.datetime.fromtimestamp(NOW / 1000, tz=dt.UTC)
    builder = x509.CertificateRevocationListBuilder().issuer_name(name or root.subject)
    builder = builder.last_update(at).next_update(at + dt.timedelta(days=1))
    if number:
        builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    for one in more:
        builder = builder.add_extension(one, critical=True)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def test_what_is_no_full_list_of_this_root_is_refused_and_changes_nothing(
    county: SealKeys, town: SealKeys, tmp_path: Path
):
    stranger = SealKeys(tmp_path / "stranger" / FOLDER)
    stranger.folder.parent.mkdir()
    # A root of the very same name.
    stranger.found("南江县政务服务中心", COUNTY, NOW)
    stranger.issue(BUREAU, COUNTY, NOW)
    put_out(stranger, BUREAU)
    put_out(county, BUREAU)
    town.register.install(file_of(county), town.root())
    before = (town.folder / LIST).read_bytes()
    der = bytearray(x509.load_pem_x509_crl(signed(county)).public_bytes(Encoding.DER))
    der[len(der) // 3] ^= 1
    with contextlib.suppress(ValueError):
        changed = x509.load_der_x509_crl(bytes(der)).public_bytes(Encoding.PEM)
        with pytest.raises(BadSealFile):
            town.register.install(changed, town.root())
    point = x509.IssuingDistributionPoint(None, None, True, False, None, False, False)
    for wrong in (
        file_of(stranger),
        signed(county, x509.DeltaCRLIndicator(1)),
        signed(county, point),
        signed(county, number=0),
        signed(county, name=x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "他县")])),
        county.root_file(),
        b"-----BEGIN X509 CRL-----\n",
        b"",
        file_of(county) + b" " * 1_000_000,
    ):
        with pytest.raises(BadSealFile):
            town.register.install(wrong, town.root())
    assert (town.folder / LIST).read_bytes() == before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=300), cut=st.integers(0, 600), place=st.integers(0, 10_000))
def test_noise_is_no_list(county: SealKeys, noise: bytes, cut: int, place: int):
    good = x509.load_pem_x509_crl(signed(county))
    whole = good.public_bytes(Encoding.PEM)
    der = bytearray(good.public_bytes(Encoding.DER))
    der[place % len(der)] ^= 0xFF
    armoured = b"-----BEGIN X509 CRL-----\n" + encodebytes(bytes(der)) + b"-----END X509 CRL-----\n"
    for content in (noise, whole[: min(cut, len(whole) - 40)] + noise, armoured):
        with pytest.raises(BadSealFile):
            crl.read_list(content, county.root())


def test_a_list_that_is_not_newer_is_refused(county: SealKeys, town: SealKeys):
    put_out(county, BUREAU)
    old = file_of(county)
    put_out(county, TOWN_ORGAN)
    town.register.install(file_of(county), town.root())
    for other in (old, signed(county, number=1), signed(county, number=2)):
        with pytest.raises(OldList):
            town.register.install(other, town.root())
    with pytest.raises(SealRevoked):
        town.seal_of(TOWN_ORGAN)


def test_a_reason_that_only_a_later_program_knows_is_taken_for_the_worst(county: SealKeys):
    root, key = county.root_pair()
    at = dt.datetime.fromtimestamp(NOW / 1000, tz=dt.UTC)
    entry = x509.RevokedCertificateBuilder().serial_number(0xAB).revocation_date(at)
    entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.privilege_withdrawn), critical=False)
    builder = (
        x509.CertificateRevocationListBuilder().issuer_name(root.subject).last_update(at).next_update(at)
    )
    builder = builder.add_extension(x509.CRLNumber(3), critical=False)
    for one in (entry.build(), x509.RevokedCertificateBuilder().serial_number(1).revocation_date(at).build()):
        builder = builder.add_revoked_certificate(one)
    content = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    said, _ = crl.read_list(content, root)
    assert {one.reason for one in said.revoked.values()} == {Reason.STOLEN} and set(said.revoked) == {
        "ab",
        "1",
    }


def test_a_county_put_back_to_before_a_revocation_brings_no_seal_back(
    county: SealKeys, town: SealKeys, tmp_path: Path
):
    """Its folder is from an image of last month; meanwhile a township has the list of last week."""
    image = shutil.copytree(county.folder, tmp_path / "image")
    put_out(county, TOWN_ORGAN)
    town.register.install(file_of(county), town.root())
    shutil.rmtree(county.folder)
    shutil.copytree(image, county.folder)
    put_out(county, BUREAU)
    put_out(county, "南江县财政局")
    with pytest.raises(OldList) as refused:
        town.register.install(file_of(county), town.root())
    (lost,) = list_of(town).revoked
    assert lost in str(refused.value)
    # What the township knows is revoked once more at the county, by its number, and all is well.
    put_out(county, lost)
    town.register.install(file_of(county), town.root())
    assert len(list_of(town).revoked) == 3


def test_a_county_takes_its_own_newer_list_back_from_a_township(
    county: SealKeys, town: SealKeys, tmp_path: Path
):
    image = shutil.copytree(county.folder, tmp_path / "image")
    put_out(county, BUREAU)
    town.register.install(file_of(county), town.root())
    shutil.rmtree(county.folder)
    shutil.copytree(image, county.folder)
    assert county.seal_of(BUREAU)
    county.register.install(file_of(town), county.root())
    with pytest.raises(SealRevoked):
        county.seal_of(BUREAU)


def test_another_kind_of_key_signs_no_list(county: SealKeys):
    """A list that says the root's name, signed with a seal of the very county."""
    root = county.root()
    seal = county.seal_of(BUREAU)
    assert isinstance(seal.key, ec.EllipticCurvePrivateKey)
    content = crl.make_list(root, seal.key, RevocationList(9, NOW, {}))
    with pytest.raises(BadSealFile):
        crl.read_list(content, root)
