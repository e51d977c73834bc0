"""The list of revoked seals as the county's root signs it: a full CRL by RFC 5280, section 5.

Any reader takes it. What is not such a list of this very root says nothing. Nothing here reads or writes
files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from common import pki
from common.seal.errors import BadSealFile
from common.seal.rules.revoked import Reason, Revocation, RevocationList

# Some ten thousand seals; no county has as many.
LIST_BYTES_MAX = 1_000_000
_FLAGS = {
    Reason.STOLEN: x509.ReasonFlags.key_compromise,
    Reason.CEASED: x509.ReasonFlags.cessation_of_operation,
    Reason.REPLACED: x509.ReasonFlags.superseded,
}
_REASONS = {flag: reason for reason, flag in _FLAGS.items()}
# With any other extension a list may be one of changes alone, or speak for somebody else.
_LIST_HAS = {x509.CRLNumber.oid, x509.AuthorityKeyIdentifier.oid}
_ENTRY_HAS = {x509.CRLReason.oid, x509.InvalidityDate.oid}
_ODD = (
    ValueError, TypeError, OverflowError, UnsupportedAlgorithm,
    x509.InvalidVersion, x509.DuplicateExtension, x509.ExtensionNotFound,
)  # fmt: skip


def make_list(root: x509.Certificate, root_key: ec.EllipticCurvePrivateKey, wanted: RevocationList) -> bytes:
    """Return a list signed by the root (PEM)."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.subject)
        .last_update(pki.time_of(wanted.at))
        # Nothing renews it over a bad line: it counts until a newer one comes.
        .next_update(root.not_valid_after_utc)
        .add_extension(x509.CRLNumber(wanted.number), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
        )
    )
    for one in sorted(wanted.revoked.values(), key=lambda one: (one.at, one.serial)):
        builder = builder.add_revoked_certificate(_entry(one))
    return builder.sign(root_key, hashes.SHA256()).public_bytes(Encoding.PEM)


def read_list(content: bytes, root: x509.Certificate) -> tuple[RevocationList, bytes]:
    """Return what a list says, and its bytes without whatever lay around them in the file.

    Raises:
        BadSealFile: it is no such list, it is damaged, or another root signed it.
    """
    if len(content) > LIST_BYTES_MAX:
        raise BadSealFile(why="名单太大")
    try:
        found = x509.load_pem_x509_crl(content)
        is_ours = found.issuer == root.subject and _is_signed(found, root)
        # Nothing of it is believed, or even looked at, before.
        said = _read(found) if is_ours else None
        plain = found.public_bytes(Encoding.PEM)
    except _ODD as problem:
        raise BadSealFile(why="不是印章作废名单，或者已损坏") from problem
    if said is None:
        raise BadSealFile(why="名单不是本县的根证书签发的，或者被改动过")
    return said, plain


def _is_signed(found: x509.CertificateRevocationList, root: x509.Certificate) -> bool:
    key = root.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(
        found.signature_hash_algorithm, hashes.SHA256
    ):
        return False
    return found.is_signature_valid(key)


def _read(found: x509.CertificateRevocationList) -> RevocationList:
    if {one.oid for one in found.extensions} - _LIST_HAS:
        raise ValueError("no full list")
    number = found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    return RevocationList(number, _ms(found.last_update_utc), {one.serial: one for one in _entries(found)})


def _entries(found: Iterable[x509.RevokedCertificate]) -> Iterable[Revocation]:
    for one in found:
        if {more.oid for more in one.extensions} - _ENTRY_HAS:
            raise ValueError("an entry for another issuer")
        at = since = _ms(one.revocation_date_utc)
        flag = None
        for more in one.extensions:
            if isinstance(more.value, x509.InvalidityDate):
                since = min(at, _ms(more.value.invalidity_date_utc))
            elif isinstance(more.value, x509.CRLReason):
                flag = more.value.reason
        if flag is x509.ReasonFlags.remove_from_crl:
            raise ValueError("no full list")
        # A reason of a later program: the worst is taken for it.
        reason = Reason.STOLEN if flag is None else _REASONS.get(flag, Reason.STOLEN)
        yield Revocation(f"{one.serial_number:x}", reason, at, since)


def _entry(one: Revocation) -> x509.RevokedCertificate:
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(int(one.serial, 16))
        .revocation_date(pki.time_of(one.at))
        .add_extension(x509.CRLReason(_FLAGS[one.reason]), critical=False)
    )
    if one.since != one.at:
        builder = builder.add_extension(x509.InvalidityDate(pki.time_of(one.since)), critical=False)
    return builder.build()


def _ms(at: dt.datetime) -> int:
    return int(at.timestamp()) * 1000
