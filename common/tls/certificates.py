"""X.509 for the pages of a county without a public name: an authority of its own, P-256, and what it signs.

A certificate is for one host, serves as a server's and signs nothing. Nothing here reads or writes files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from common import pki
from common.tls.errors import BadTlsFile, ClockTooEarly
from common.tls.names import NAME_MAX, host_of

# Browsers refuse a server's certificate that lives longer than 825 days, the authority's own excepted.
AUTHORITY_DAYS, SITE_DAYS = 3_650, 825
FILE_BYTES_MAX = 20_000

Key = ec.EllipticCurvePrivateKey


class Authority(NamedTuple):
    """What signs: a certificate and its key."""

    certificate: x509.Certificate
    key: Key


def key_file(key: Key) -> bytes:
    """Return a key as a file (PEM, not encrypted: a server that starts alone has nobody to ask)."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def read_key(content: bytes) -> Key:
    """Return the key in a file.

    Raises:
        BadTlsFile: there is none, or it is of another kind.
    """
    try:
        key = load_pem_private_key(content[:FILE_BYTES_MAX], None)
    except (ValueError, TypeError) as problem:
        raise BadTlsFile(why="不是私钥文件") from problem
    except UnsupportedAlgorithm as problem:
        raise BadTlsFile(why="钥匙不是 P-256") from problem
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadTlsFile(why="钥匙不是 P-256")
    return key


def make_authority(key: Key, name: str, now_ms: int) -> x509.Certificate:
    """Return the certificate of an authority that signs sites and no other authority; ten years.

    Raises:
        ClockTooEarly: the clock cannot be right.
    """
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:NAME_MAX])])
    return (
        pki.draft(subject, subject, key.public_key(), _life(now_ms, AUTHORITY_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(pki.usage("key_cert_sign", "crl_sign"), critical=True)
        .sign(key, hashes.SHA256())
    )


def issue(authority: Authority, host: str, key: ec.EllipticCurvePublicKey, now_ms: int) -> x509.Certificate:
    """Return the certificate of one host's pages, for 825 days or as long as the authority lives.

    Raises:
        BadHost: `host` is neither an IP address nor a domain name.
        ClockTooEarly: the clock cannot be right.
        BadTlsFile: the authority has ended or is none, or its key is not the certificate's.
    """
    named = host_of(host)
    root = authority.certificate
    if key_of(root) != authority.key.public_key():
        raise BadTlsFile(why="ca.key 与 ca.pem 不是一对")
    if not _is_authority(root):
        raise BadTlsFile(why="所附的不是根证书")
    left = (root.not_valid_after_utc - pki.time_of(now_ms)) // pki.DAY
    if left < 1:
        raise BadTlsFile(why="县里的根证书已经到期，请另建一份")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(named.value)[:NAME_MAX])])
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    return (
        pki.draft(subject, root.subject, key, _life(now_ms, min(SITE_DAYS, left)))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(pki.usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([named]), critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority.key, hashes.SHA256())
    )


def make_request(key: Key, host: str) -> bytes:
    """Return a request (PKCS #10, PEM) for one host; it proves possession of the key.

    Raises:
        BadHost: `host` is neither an IP address nor a domain name.
    """
    named = host_of(host)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(named.value)[:NAME_MAX])])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    builder = builder.add_extension(x509.SubjectAlternativeName([named]), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def read_request(content: bytes) -> tuple[str, ec.EllipticCurvePublicKey]:
    """Return the one host a request is for, and its key. Nothing else in it is listened to.

    Raises:
        BadTlsFile: it is no request, was changed, or names no host or several.
        BadHost: what it names is no host.
    """
    try:
        request = x509.load_pem_x509_csr(content[:FILE_BYTES_MAX])
        is_signed = request.is_signature_valid
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        key = request.public_key()
    except (
        ValueError,
        TypeError,
        x509.InvalidVersion,
        x509.ExtensionNotFound,
        UnsupportedAlgorithm,
    ) as problem:
        raise BadTlsFile(why="不是网页证书的申请文件") from problem
    if not is_signed or not pki.is_p256(key):
        raise BadTlsFile(why="申请文件的签名不对或钥匙不是 P-256")
    found = list(names)
    if len(found) != 1 or not isinstance(found[0], x509.DNSName | x509.IPAddress):
        raise BadTlsFile(why="一份申请只能写一个地址")
    host = str(found[0].value)
    host_of(host)
    return host, key


def read_certificate(content: bytes) -> x509.Certificate:
    """Return the first certificate in a file, as `read_certificates`."""
    return read_certificates(content)[0]


def read_certificates(content: bytes) -> list[x509.Certificate]:
    """Return the certificates in a file, one at least.

    Raises:
        BadTlsFile: there is none.
    """
    try:
        return x509.load_pem_x509_certificates(content[:FILE_BYTES_MAX])
    except (ValueError, x509.InvalidVersion) as problem:
        raise BadTlsFile(why="不是证书文件") from problem


def key_of(certificate: x509.Certificate) -> object:
    """Return the key a certificate is for, to be compared.

    Raises:
        BadTlsFile: it is of a kind that is unknown here, as SM2 is.
    """
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as problem:
        raise BadTlsFile(why="证书的钥匙不是 P-256") from problem


def check_pair(certificate: x509.Certificate, key: Key, roots: Sequence[x509.Certificate]) -> None:
    """Check that a certificate is for this key and was issued by one of these authorities.

    Raises:
        BadTlsFile: it is not so.
    """
    if key_of(certificate) != key.public_key():
        raise BadTlsFile(why="证书不是给这把钥匙的")
    if not any(_is_issued(certificate, root) for root in roots if _is_authority(root)):
        raise BadTlsFile(why="证书不是所附的根证书签发的")


def check_authorities(roots: Sequence[x509.Certificate], now_ms: int) -> None:
    """Check that certificates can be rested on: all of authorities, one at least not ended.

    Raises:
        BadTlsFile: it is not so.
    """
    if not all(_is_authority(root) for root in roots):
        raise BadTlsFile(why="所附的不是根证书")
    if all(days_left(root, now_ms) < 0 for root in roots):
        raise BadTlsFile(why="县里的根证书已经到期")


def hosts(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return what a certificate is for."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return ()
    return tuple(str(name.value) for name in names)


def is_for(certificate: x509.Certificate, host: str) -> bool:
    """Say whether a certificate is for a host.

    Raises:
        BadHost: `host` is neither an IP address nor a domain name.
    """
    return str(host_of(host).value) in hosts(certificate)


def days_left(certificate: x509.Certificate, now_ms: int) -> int:
    """Return the whole days until a certificate ends, negative when it has."""
    return (certificate.not_valid_after_utc - pki.time_of(now_ms)) // pki.DAY


def _is_issued(certificate: x509.Certificate, root: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(root)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, x509.ExtensionNotFound):
        return False


def _life(now_ms: int, days: int) -> tuple[dt.datetime, dt.datetime]:
    if now_ms < pki.EARLIEST_MS:
        raise ClockTooEarly
    # Browsers count the day before, too.
    begin = pki.time_of(now_ms) - pki.DAY
    return begin, begin + days * pki.DAY
