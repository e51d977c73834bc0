"""Which seals were issued and which of them revoked, in the folder of seals.

`issued/` holds each certificate by its number, `seals.crl` the newest list of revoked ones. Who changes the
list, and who seals, holds the lock: two revocations at once are both in the list, and no seal is set while
one is being written.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from common import pki
from common.seal import authority, crl
from common.seal.errors import BadSealFile, ListDamaged, NoList, OldList, SealKeysDamaged
from common.seal.rules.revoked import NO_LIST, Revocation, RevocationList, lacking
from sync.durable import make_durable, put_file

if TYPE_CHECKING:
    from cryptography import x509

LIST = "seals.crl"
_ISSUED, _ORGANS, _CERTIFICATE = "issued", "organs", ".cer"
_LOCK = "list.lock"


class Register:
    """The certificates and the list in one folder. Reads them anew each time, as the keys are."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, certificate: x509.Certificate) -> None:
        """Keep a certificate, durably, before it is given out or its file is replaced."""
        folder = self._folder / _ISSUED
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            make_durable(self._folder)
        put_file(folder / (authority.serial_of(certificate) + _CERTIFICATE), pki.pem(certificate))

    def issued(self) -> list[x509.Certificate]:
        """Return every certificate that is known here, in use or not, by organ and time.

        One that is damaged is left out: it must keep no other seal from being revoked.
        """
        found = {}
        for path in self._files():
            with contextlib.suppress(SealKeysDamaged):
                one = _certificate(path)
                found[authority.serial_of(one)] = one
        return sorted(found.values(), key=lambda one: (authority.organ_of(one), one.not_valid_before_utc))

    def of_key(self, key: object) -> list[x509.Certificate]:
        """Return the certificates for one public key.

        Raises:
            SealKeysDamaged: a file is damaged, and might be one of them.
        """
        return [one for one in map(_certificate, self._files()) if one.public_key() == key]

    def _files(self) -> list[Path]:
        folders = (self._folder / name for name in (_ISSUED, _ORGANS))
        return [path for folder in folders for path in folder.glob("*" + _CERTIFICATE)]

    def list(self, root: x509.Certificate) -> RevocationList:
        """Return the newest list here, an empty one before the first.

        Raises:
            ListDamaged: it is damaged, or not of this root; nothing may be sealed then.
        """
        path = self._folder / LIST
        try:
            return crl.read_list(path.read_bytes(), root)[0]
        except FileNotFoundError:
            return NO_LIST
        except (OSError, BadSealFile) as problem:
            raise ListDamaged from problem

    def list_file(self, root: x509.Certificate) -> bytes:
        """Return the list as the file to carry to others (PEM).

        Raises:
            NoList: there is none yet.
            ListDamaged: as `list`.
        """
        if not self.list(root).number:
            raise NoList
        return (self._folder / LIST).read_bytes()

    def revoked(self, certificate: x509.Certificate, root: x509.Certificate) -> Revocation | None:
        """Return how a certificate was revoked, None where nothing is known against it."""
        return self.list(root).revoked.get(authority.serial_of(certificate))

    def put_list(self, content: bytes) -> None:
        """Put a list that was just signed in the place of the one here; hold the lock."""
        put_file(self._folder / LIST, content)

    def install(self, content: bytes, root: x509.Certificate) -> tuple[RevocationList, int]:
        """Take a list from elsewhere; return it, and 0 where it was here already, 1 where not.

        In the place of a damaged one any list of the root is better.

        Raises:
            BadSealFile: it is none, damaged, or of another root.
            OldList: it is not newer than the one here, or it lacks a seal that is revoked here.
        """
        new, plain = crl.read_list(content, root)
        with self.writing():
            old = self._list_or_none(root)
            if old.number and plain == self.list_file(root):
                return old, 0
            if new.number <= old.number:
                raise OldList(why=f"名单是第 {new.number} 号，本站的是第 {old.number} 号，不比本站的新")
            gone = lacking(old, new)
            if gone:
                # The county was put back to an older state, and signed on from there.
                raise OldList(why=f"名单里少了本站已知作废的印章 {'、'.join(gone)}")
            self.put_list(plain)
        return new, 1

    def take(self, content: bytes, root: x509.Certificate) -> int:
        """Take a list that came by itself; 1 if it is new here. An older one without news is passed over.

        Raises:
            BadSealFile: as `install`.
            OldList: it is not newer, yet tells of a seal that is not revoked here, or a newer one lacks some.
        """
        try:
            return self.install(content, root)[1]
        except OldList:
            old, new = self.list(root), crl.read_list(content, root)[0]
            if new.number > old.number or lacking(new, old):
                raise
        return 0

    def _list_or_none(self, root: x509.Certificate) -> RevocationList:
        try:
            return self.list(root)
        except ListDamaged:
            return NO_LIST

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the list against all others."""
        with self._locked(fcntl.LOCK_EX):
            yield

    @contextlib.contextmanager
    def sealing(self) -> Iterator[None]:
        """Hold the list as it is while a seal is set."""
        with self._locked(fcntl.LOCK_SH):
            yield

    @contextlib.contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        handle = os.open(self._folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, how)
            yield
        finally:
            os.close(handle)


def _certificate(path: Path) -> x509.Certificate:
    try:
        (one,) = authority.read_certificates(path.read_bytes())
    except (OSError, ValueError, BadSealFile) as problem:
        raise SealKeysDamaged(file=path.name) from problem
    return one
