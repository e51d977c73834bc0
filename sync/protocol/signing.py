"""All signatures and all sealing of the sync layer. No other file of `sync` imports `cryptography`.

Signatures are Ed25519 over the DSSE pre-authentication encoding of a type and
the exact bytes, so no signature can be taken for one of another kind.
Sealing is HPKE (RFC 9180, X25519, HKDF-SHA256, ChaCha20-Poly1305); records
are ChaCha20-Poly1305 (RFC 8439) in the STREAM construction.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM
from cryptography.hazmat.primitives.hpke import Suite as HpkeSuite

SIGNATURE_BYTES = 64
KEY_BYTES = 32
# What a key pair grows from: a seed for signing and one for sealing.
SEED_BYTES = 2 * KEY_BYTES
TAG_BYTES = 16
ALGORITHM = "ed25519"


def pae(kind: str, payload: bytes) -> bytes:
    """Return the DSSE v1 pre-authentication encoding of a payload of type `kind`."""
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What others know of a node's key: one half checks signatures, one half takes sealed things."""

    sign: bytes
    seal: bytes
    # First 128 bits of the hash of both halves, 32 hex digits.
    id: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Work out the id: it is asked for far more often than keys are read."""
        name = hashlib.sha256(b"liandong.key.v1\0" + self.sign + self.seal).hexdigest()[:32]
        object.__setattr__(self, "id", name)

    def as_fields(self) -> dict[str, str]:
        """Return the key as it stands in signed objects."""
        return {"id": self.id, "sign": self.sign.hex(), "seal": self.seal.hex()}


@dataclass(frozen=True, slots=True, repr=False)
class KeyPair:
    """A node's own key. It has no readable form, so that it cannot slip into a log."""

    sign_private: bytes
    seal_private: bytes
    public: PublicKey

    @property
    def id(self) -> str:
        """The id of the public half."""
        return self.public.id


class Suite(Protocol):
    """The cryptography a peer works with; a simulator may hand in a cheaper one of the same shape."""

    def pair(self, seed: bytes) -> KeyPair:
        """Return the key pair grown from 64 random bytes."""

    def sign(self, key: KeyPair, kind: str, payload: bytes) -> bytes:
        """Return the 64-byte signature."""

    def verify(self, key: PublicKey, kind: str, payload: bytes, signature: bytes) -> bool:
        """Say whether the signature fits; never raises."""

    def seal(self, key: PublicKey, info: bytes, secret: bytes) -> bytes:
        """Return `secret` readable only by the owner of `key`."""

    def unseal(self, key: KeyPair, info: bytes, sealed: bytes) -> bytes | None:
        """Return the secret, or None when it was not sealed to `key`."""

    def encrypt(self, key: bytes, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
        """Return ciphertext and tag."""

    def decrypt(self, key: bytes, nonce: bytes, cipher: bytes, bound: bytes) -> bytes | None:
        """Return the plaintext, or None when a single bit differs."""


class RealSuite:
    """Ed25519, HPKE and ChaCha20-Poly1305 from the `cryptography` package."""

    def __init__(self) -> None:
        self._hpke = HpkeSuite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)

    def pair(self, seed: bytes) -> KeyPair:
        """Return the key pair grown from 64 random bytes."""
        if len(seed) != SEED_BYTES:
            raise ValueError("a key pair grows from 64 bytes")
        sign, seal = seed[:KEY_BYTES], seed[KEY_BYTES:]
        public = PublicKey(
            Ed25519PrivateKey.from_private_bytes(sign).public_key().public_bytes_raw(),
            X25519PrivateKey.from_private_bytes(seal).public_key().public_bytes_raw(),
        )
        return KeyPair(sign, seal, public)

    def sign(self, key: KeyPair, kind: str, payload: bytes) -> bytes:
        """Return the Ed25519 signature over the pre-authentication encoding."""
        return _signer(key.sign_private).sign(pae(kind, payload))

    def verify(self, key: PublicKey, kind: str, payload: bytes, signature: bytes) -> bool:
        """Say whether the signature fits; never raises."""
        try:
            _verifier(key.sign).verify(signature, pae(kind, payload))
        except (InvalidSignature, ValueError):
            return False
        return True

    def seal(self, key: PublicKey, info: bytes, secret: bytes) -> bytes:
        """Return `secret` sealed by HPKE in base mode."""
        return self._hpke.encrypt(secret, X25519PublicKey.from_public_bytes(key.seal), info=info)

    def unseal(self, key: KeyPair, info: bytes, sealed: bytes) -> bytes | None:
        """Return the secret, or None when it was not sealed to `key`."""
        try:
            return self._hpke.decrypt(
                sealed, X25519PrivateKey.from_private_bytes(key.seal_private), info=info
            )
        except (InvalidTag, ValueError):
            return None

    def encrypt(self, key: bytes, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
        """Return ciphertext and tag."""
        return ChaCha20Poly1305(key).encrypt(nonce, plain, bound)

    def decrypt(self, key: bytes, nonce: bytes, cipher: bytes, bound: bytes) -> bytes | None:
        """Return the plaintext, or None when a single bit differs."""
        try:
            return ChaCha20Poly1305(key).decrypt(nonce, cipher, bound)
        except (InvalidTag, ValueError):
            return None


@lru_cache(maxsize=64)
def _signer(private: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(private)


@lru_cache(maxsize=4096)
def _verifier(public: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public)
