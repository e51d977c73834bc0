"""The county's own certificates: a root, and one certificate for each organ below it. P-256, X.509.

A reader that has the root installed shows the organ's name; one that has not still shows that nothing was
changed. Nothing here reads or writes files.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from common import pki
from common.seal.errors import BadSealFile, ClockImplausible

# Nothing renews certificates over a bad line, and a decision is looked at for decades.
ROOT_YEARS, ORGAN_YEARS = 30, 15
# Documents that people read: by RFC 9336, as Windows programs ask for it, and as readers on Linux do (they
# look for the use that signs letters).
_DOCUMENTS = (
    ObjectIdentifier("1.3.6.1.5.5.7.3.36"),
    ObjectIdentifier("1.3.6.1.4.1.311.10.3.12"),
    ExtendedKeyUsageOID.EMAIL_PROTECTION,
)
_NAME_MAX = 64
FILE_BYTES_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Request:
    """What a node below asks for: a certificate for the public key of one of its organs."""

    organ: str
    address: str
    public_key: ec.EllipticCurvePublicKey


def make_root(key: ec.EllipticCurvePrivateKey, site: str, address: str, now_ms: int) -> x509.Certificate:
    """Return the root certificate of a county.

    Raises:
        ClockImplausible: the clock cannot be right, and the dates inside would be wrong for ever.
    """
    subject = _name(f"{site[: _NAME_MAX - 8]}电子印章根证书", address, site)
    builder = pki.draft(subject, subject, key.public_key(), _life(now_ms, ROOT_YEARS))
    return (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(pki.usage("key_cert_sign", "crl_sign"), critical=True)
        .sign(key, hashes.SHA256())
    )


def issue(
    root: x509.Certificate, root_key: ec.EllipticCurvePrivateKey, wanted: Request, now_ms: int
) -> x509.Certificate:
    """Return the certificate of an organ under the root.

    Raises:
        BadSealFile: the organ's name is empty or longer than a certificate holds.
        ClockImplausible: the clock cannot be right.
    """
    organ = wanted.organ.strip()
    if not organ or len(organ) > _NAME_MAX or not organ.isprintable():
        raise BadSealFile(why=f"机关名称为空，或超过 {_NAME_MAX} 个字")
    subject = _name(organ, wanted.address, "")
    builder = pki.draft(subject, root.subject, wanted.public_key, _life(now_ms, ORGAN_YEARS))
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(_p256(root.public_key()))
    return (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(pki.usage("digital_signature", "content_commitment"), critical=True)
        .add_extension(x509.ExtendedKeyUsage(_DOCUMENTS), critical=False)
        .add_extension(authority, critical=False)
        .sign(root_key, hashes.SHA256())
    )


def make_request(key: ec.EllipticCurvePrivateKey, organ: str, address: str) -> bytes:
    """Return a request (PKCS #10, PEM) that proves possession of the key."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(_name(organ, address, ""))
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def read_request(content: bytes) -> Request:
    """Return what a request file asks for.

    Raises:
        BadSealFile: it is no request, its signature is wrong, or its key is of another kind.
    """
    try:
        request = x509.load_pem_x509_csr(content[:FILE_BYTES_MAX])
        is_signed = request.is_signature_valid
        organ = _of(request.subject, NameOID.COMMON_NAME)
        address = _of(request.subject, NameOID.ORGANIZATIONAL_UNIT_NAME)
        key = _p256(request.public_key())
    except (ValueError, TypeError, IndexError, x509.InvalidVersion) as problem:
        raise BadSealFile(why="不是印章申请文件") from problem
    if not is_signed:
        raise BadSealFile(why="申请文件的签名不对，可能被改动过")
    return Request(organ, address, key)


def read_certificates(content: bytes) -> list[x509.Certificate]:
    """Return the certificates in a PEM file.

    Raises:
        BadSealFile: there is none, or one is damaged.
    """
    try:
        return x509.load_pem_x509_certificates(content[:FILE_BYTES_MAX])
    except (ValueError, x509.InvalidVersion) as problem:
        raise BadSealFile(why="不是证书文件") from problem


def check_issued(certificate: x509.Certificate, root: x509.Certificate) -> None:
    """Check that the root issued the certificate and is a root itself.

    Raises:
        BadSealFile: it is not so.
    """
    try:
        root.verify_directly_issued_by(root)
        certificate.verify_directly_issued_by(root)
        is_root = root.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound) as problem:
        raise BadSealFile(why="证书不是所附的县级根证书签发的") from problem
    if not is_root:
        raise BadSealFile(why="所附的不是根证书")


def organ_of(certificate: x509.Certificate) -> str:
    """Return the name of the organ a certificate is for."""
    return _of(certificate.subject, NameOID.COMMON_NAME)


def check_time(certificate: x509.Certificate, now_ms: int) -> None:
    """Check that a time lies in a certificate's life.

    Raises:
        ClockImplausible: it does not.
    """
    now = pki.time_of(now_ms)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise ClockImplausible


def address_of(certificate: x509.Certificate) -> str:
    """Return the address of the node a certificate was issued to."""
    return _of(certificate.subject, NameOID.ORGANIZATIONAL_UNIT_NAME)


def serial_of(certificate: x509.Certificate) -> str:
    """Return the serial number in hex."""
    return f"{certificate.serial_number:x}"


def key_print_of(certificate: x509.Certificate) -> str:
    """Return the print of the public key that a certificate is for."""
    return pki.key_print(_p256(certificate.public_key()))


def _name(common: str, address: str, site: str) -> x509.Name:
    parts = [(NameOID.COUNTRY_NAME, "CN"), (NameOID.ORGANIZATION_NAME, site[:_NAME_MAX])]
    parts += [(NameOID.ORGANIZATIONAL_UNIT_NAME, address), (NameOID.COMMON_NAME, common)]
    try:
        return x509.Name([x509.NameAttribute(kind, value) for kind, value in parts if value])
    except ValueError as problem:
        raise BadSealFile(why=f"机关名称为空，或超过 {_NAME_MAX} 个字") from problem


def _of(name: x509.Name, kind: ObjectIdentifier) -> str:
    return str(name.get_attributes_for_oid(kind)[0].value)


def _p256(key: object) -> ec.EllipticCurvePublicKey:
    if not pki.is_p256(key):
        raise BadSealFile(why="钥匙不是 P-256")
    return key


def _life(now_ms: int, years: int) -> tuple[dt.datetime, dt.datetime]:
    if now_ms < pki.EARLIEST_MS:
        raise ClockImplausible
    now = pki.time_of(now_ms)
    return now - pki.DAY, now + 365 * years * pki.DAY
