"""What certificates of seals and of pages have in common: P-256, X.509. No file is read or written here."""

from __future__ import annotations

import datetime as dt
from typing import Final, TypeGuard

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

# The program is younger than this; a clock that shows less has lost its battery.
EARLIEST_MS: Final = 1_790_000_000_000
# Clocks of readers are wrong, too: a certificate begins a day early.
DAY: Final = dt.timedelta(days=1)
_USES = (
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
    "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
)  # fmt: skip


def new_key() -> ec.EllipticCurvePrivateKey:
    """Return a new P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def time_of(at_ms: int) -> dt.datetime:
    """Return a time in UTC to the second, as certificates name it."""
    return dt.datetime.fromtimestamp(at_ms // 1000, tz=dt.UTC)


def draft(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    life: tuple[dt.datetime, dt.datetime],
) -> x509.CertificateBuilder:
    """Return what every certificate begins with (RFC 5280 §4.1.2), and the identifier of its key."""
    begin, end = life
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def usage(*wanted: str) -> x509.KeyUsage:
    """Return what a key may be used for and nothing else (RFC 5280 §4.2.1.3)."""
    return x509.KeyUsage(**{name: name in wanted for name in _USES})


def is_p256(key: object) -> TypeGuard[ec.EllipticCurvePublicKey]:
    """Say whether this is a public key on P-256."""
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)


def pem(certificate: x509.Certificate) -> bytes:
    """Return a certificate as a file (PEM)."""
    return certificate.public_bytes(Encoding.PEM)


def ends_on(certificate: x509.Certificate) -> str:
    """Return the last day of a certificate's life, YYYY-MM-DD, UTC."""
    return certificate.not_valid_after_utc.date().isoformat()


def fingerprint(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of a certificate in groups, for comparing by telephone or on paper."""
    return _grouped(certificate.fingerprint(hashes.SHA256()))


def key_print(key: ec.EllipticCurvePublicKey) -> str:
    """Return the first 128 bits of a key's SHA-256 in groups: the same at both ends of a request."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return _grouped(digest.finalize()[:16])


def _grouped(digest: bytes) -> str:
    text = digest.hex().upper()
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))
