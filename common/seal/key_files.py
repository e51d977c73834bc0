"""The files of keys and certificates: keys are encrypted under the secret in `secret.key`."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from common.seal.errors import NoRoot, SealKeysDamaged
from sync.durable import make_durable, put_file

_SECRET = "secret.key"


class KeyFiles:
    """The files in one folder. Who makes any holds the folder alone: the first key makes the secret, too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def certificate(self, path: Path) -> x509.Certificate:
        """Return the certificate in a file; NoRoot where there is none, SealKeysDamaged for a bad one."""
        if not path.exists():
            raise NoRoot
        try:
            return x509.load_pem_x509_certificate(path.read_bytes())
        except ValueError as problem:
            raise SealKeysDamaged(file=path.name) from problem

    def key(self, path: Path) -> ec.EllipticCurvePrivateKey:
        """Return the key in a file; raises SealKeysDamaged where it, or the secret, is missing or damaged."""
        try:
            key = load_pem_private_key(path.read_bytes(), self._secret())
        except (OSError, ValueError, TypeError) as problem:
            raise SealKeysDamaged(file=path.name) from problem
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise SealKeysDamaged(file=path.name)
        return key

    def write_key(self, path: Path, key: ec.EllipticCurvePrivateKey) -> None:
        """Write a key, durably; raises SealKeysDamaged where the secret is elsewhere and not there now."""
        for folder in (self._folder, path.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
            make_durable(folder.parent)
        if not os.path.lexists(self._folder / _SECRET):
            put_file(self._folder / _SECRET, secrets.token_hex(32).encode())
        encryption = BestAvailableEncryption(self._secret())
        put_file(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))

    def _secret(self) -> bytes:
        try:
            secret = (self._folder / _SECRET).read_bytes().strip()
        except OSError as problem:
            raise SealKeysDamaged(file=_SECRET) from problem
        if not secret:
            raise SealKeysDamaged(file=_SECRET)
        return secret
