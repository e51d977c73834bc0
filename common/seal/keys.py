"""The folder of seals: the root, one key and certificate for each organ, all for their owner alone.

Keys are encrypted under the secret in `secret.key`. That file may be a link to a place outside the data
folder (a stick, a credential of the system): then a copy of the folder seals nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from common import pki
from common.days import local_day
from common.seal import authority
from common.seal.authority import Request
from common.seal.errors import (
    AlreadyIssued,
    BadSealFile,
    NoRoot,
    NoSealKey,
    SealKeysDamaged,
    SealRevoked,
    StolenKey,
)
from common.seal.key_files import KeyFiles
from common.seal.register import Register
from common.seal.rules.revoked import REASON_WORDS, Revocation
from sync.durable import make_durable, put_file

FOLDER = "seal"
_ROOT_KEY, _ROOT = "root.key", "root.cer"
_ORGANS = "organs"
_KEY, _CERTIFICATE = ".key", ".cer"


@dataclass(frozen=True, slots=True, repr=False)
class Seal:
    """What signs for an organ. It has no readable form, so that it cannot slip into a log."""

    organ: str
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    root: x509.Certificate


class SealKeys:
    """The keys in one folder. Reads them anew each time: what was issued a moment ago already counts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.register = Register(folder)
        self._files = KeyFiles(folder)

    def found(self, site: str, address: str, now_ms: int) -> x509.Certificate:
        """Make the county's root and return its certificate.

        Raises:
            AlreadyIssued: there is one; nothing was changed.
            ClockImplausible: the clock cannot be right.
        """
        key = pki.new_key()
        root = authority.make_root(key, site, address, now_ms)
        with self._alone():
            if (self.folder / _ROOT).exists():
                raise AlreadyIssued(what="县级印章根证书")
            self._files.write_key(self.folder / _ROOT_KEY, key)
            put_file(self.folder / _ROOT, pki.pem(root))
        return root

    def root(self) -> x509.Certificate:
        """Return the root certificate.

        Raises:
            NoRoot: there is none.
            SealKeysDamaged: the file is damaged.
        """
        return self._files.certificate(self.folder / _ROOT)

    def root_file(self) -> bytes:
        """Return the root certificate as the file to install where seals are to be believed (PEM).

        Raises:
            NoRoot, SealKeysDamaged: as `root`.
        """
        return pki.pem(self.root())

    def issue(self, organ: str, address: str, now_ms: int) -> x509.Certificate:
        """Make key and certificate of an organ of this node; they take the place of a seal that was revoked.

        Raises:
            NoRoot: the root key is not here.
            AlreadyIssued: the organ has a seal; nothing was changed.
            BadSealFile, ClockImplausible: as `authority.issue`.
        """
        root, root_key = self.root_pair()
        key = pki.new_key()
        certificate = authority.issue(root, root_key, Request(organ, address, key.public_key()), now_ms)
        organ = authority.organ_of(certificate)
        with self._alone():
            # A key without a certificate is what a crash left: it has never sealed anything.
            if self._path(organ, _CERTIFICATE).exists() and not self._former(organ):
                raise AlreadyIssued(what=f"“{organ}”的印章")
            self._files.write_key(self._path(organ, _KEY), key)
            self.register.keep(certificate)
            put_file(self._path(organ, _CERTIFICATE), pki.pem(certificate))
        return certificate

    def request(self, organ: str, address: str) -> tuple[bytes, str]:
        """Return a request for an organ of this node and the print of its key; the same key until answered.

        Raises:
            AlreadyIssued: the organ has a seal that was not revoked; nothing was changed.
        """
        organ = organ.strip()
        with self._alone():
            key = self._asked_for(organ, address)
        return authority.make_request(key, organ, address), pki.key_print(key.public_key())

    def _asked_for(self, organ: str, address: str) -> ec.EllipticCurvePrivateKey:
        former = self._former(organ)
        if self._path(organ, _CERTIFICATE).exists() and not former:
            raise AlreadyIssued(what=f"“{organ}”的印章")
        path = self._path(organ, _KEY)
        # The key of a revoked seal is never asked for again; one that waits for its answer already is new.
        if path.exists() and not any(self._is_for(path, one) for one in former):
            return self._files.key(path)
        key = pki.new_key()
        # A name that no certificate can hold is refused before anything is written.
        authority.make_request(key, organ, address)
        self._files.write_key(path, key)
        return key

    def sign(self, content: bytes, now_ms: int) -> tuple[bytes, Request]:
        """Return the answer to a request file, certificate and root, and what was asked for.

        Raises:
            NoRoot: the root key is not here.
            StolenKey: the key was of a seal that was revoked since.
            BadSealFile, ClockImplausible: as `authority.read_request` and `authority.issue`.
        """
        root, root_key = self.root_pair()
        wanted = authority.read_request(content)
        certificate = authority.issue(root, root_key, wanted, now_ms)
        with self._alone():
            if any(self.register.revoked(one, root) for one in self.register.of_key(wanted.public_key)):
                raise StolenKey
            self.register.keep(certificate)
        return pki.pem(certificate) + pki.pem(root), wanted

    def install(self, content: bytes) -> x509.Certificate:
        """Take the answer to a request into use; return the organ's certificate.

        Raises:
            BadSealFile: it does not belong to a key that waits here, or to the root this node trusts.
        """
        found = authority.read_certificates(content)
        if len(found) != 2:
            raise BadSealFile(why="应当有两份证书：机关的和县级根证书")
        certificate, root = found
        authority.check_issued(certificate, root)
        if (self.folder / _ROOT).exists() and self.root() != root:
            raise BadSealFile(why="不是本县的根证书")
        organ = authority.organ_of(certificate)
        path = self._path(organ, _KEY)
        if not path.exists() or self._files.key(path).public_key() != certificate.public_key():
            raise BadSealFile(why=f"本站没有“{organ}”等待中的申请，或证书不是给这把钥匙的")
        if self.register.revoked(certificate, root):
            raise BadSealFile(why="这枚印章已经作废")
        with self._alone():
            self._former(organ)
            put_file(self.folder / _ROOT, pki.pem(root))
            self.register.keep(certificate)
            put_file(self._path(organ, _CERTIFICATE), pki.pem(certificate))
        return certificate

    def organs(self) -> list[x509.Certificate]:
        """Return the certificates of all organs that have a seal here, by name."""
        folder = self.folder / _ORGANS
        found = [self._files.certificate(path) for path in folder.glob("*" + _CERTIFICATE)]
        return sorted(found, key=authority.organ_of)

    def is_own(self, serial: str) -> bool:
        """Say whether a seal is, or was, one of this node: its log must know what it was set on."""
        addresses = {authority.address_of(one) for one in self.organs()}
        return any(
            authority.serial_of(one) == serial and authority.address_of(one) in addresses
            for one in self.register.issued()
        )

    def seal_of(self, organ: str) -> Seal:
        """Return what signs for an organ.

        Raises:
            NoSealKey: it has no seal here.
            SealRevoked: the county revoked it.
            SealKeysDamaged: files are missing, damaged, or do not belong together.
        """
        if not self._path(organ, _CERTIFICATE).exists():
            raise NoSealKey(organ=organ)
        certificate, root = self._files.certificate(self._path(organ, _CERTIFICATE)), self.root()
        revoked = self.revoked(organ)
        if revoked:
            reason, day = REASON_WORDS[revoked.reason], local_day(revoked.since)
            raise SealRevoked(organ=organ, reason=reason, day=day)
        key = self._files.key(self._path(organ, _KEY))
        if key.public_key() != certificate.public_key() or authority.organ_of(certificate) != organ:
            raise SealKeysDamaged(file=self._path(organ, _KEY).name)
        try:
            authority.check_issued(certificate, root)
        except BadSealFile as problem:
            raise SealKeysDamaged(file=_ROOT) from problem
        return Seal(organ, key, certificate, root)

    def revoked(self, organ: str) -> Revocation | None:
        """Return how the seal of an organ here was revoked; None where it counts, and where there is none."""
        path = self._path(organ, _CERTIFICATE)
        return self.register.revoked(self._files.certificate(path), self.root()) if path.exists() else None

    def root_pair(self) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
        """Return the root and its key.

        Raises:
            NoRoot: one of them is not here.
            SealKeysDamaged: they are damaged, or do not belong together.
        """
        path = self.folder / _ROOT_KEY
        if not path.exists():
            raise NoRoot
        root, key = self.root(), self._files.key(path)
        if key.public_key() != root.public_key():
            raise SealKeysDamaged(file=_ROOT_KEY)
        return root, key

    def _path(self, organ: str, kind: str) -> Path:
        # Names of organs are no file names; the certificate inside tells whose it is.
        return self.folder / _ORGANS / (hashlib.sha256(organ.encode()).hexdigest()[:16] + kind)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the folder: what two people make at once would not fit together."""
        if not self.folder.exists():
            self.folder.mkdir(mode=0o700, exist_ok=True)
            make_durable(self.folder.parent)
        with self.register.writing():
            yield

    def _former(self, organ: str) -> list[x509.Certificate]:
        """Return the certificate in the place of an organ if it was revoked, and keep it."""
        path = self._path(organ, _CERTIFICATE)
        if not path.exists():
            return []
        certificate = self._files.certificate(path)
        if not self.register.revoked(certificate, self.root()):
            return []
        self.register.keep(certificate)
        return [certificate]

    def _is_for(self, path: Path, certificate: x509.Certificate) -> bool:
        """Say whether a key is the one of a certificate; one that cannot be opened any more counts as it."""
        try:
            return self._files.key(path).public_key() == certificate.public_key()
        except SealKeysDamaged:
            return True
