"""The list of revoked seals under fuzzing: as any file that is installed, and past its signature."""

from __future__ import annotations

from contextlib import suppress

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from common.seal import authority, crl
from common.seal.rules.revoked import Reason, Revocation, RevocationList

_NOW = 1_800_000_000_000
_KEY = ec.derive_private_key(0x1234567, ec.SECP256R1())
_ROOT = authority.make_root(_KEY, "南江县政务服务中心", "511921", _NOW)
_REVOKED = {
    f"{number:x}": Revocation(f"{number:x}", reason, _NOW, _NOW - 5000 * (number % 3))
    for number, reason in enumerate([*Reason, *Reason], 1)
}
_LIST = crl.make_list(_ROOT, _KEY, RevocationList(7, _NOW, _REVOKED))
LISTS = [x509.load_pem_x509_crl(_LIST).public_bytes(Encoding.DER)]


def read_seal_list(data: bytes) -> None:
    """Read a list in its binary form; what no root signed is looked into here all the same."""
    with suppress(*crl._ODD):
        found = x509.load_der_x509_crl(data)
        crl._read(found)
        crl.read_list(found.public_bytes(Encoding.PEM), _ROOT)
