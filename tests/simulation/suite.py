"""Cheap cryptography of the real shape: it hides nothing, but no altered byte and no other key passes."""

from __future__ import annotations

from hashlib import blake2b

from sync.protocol.signing import KEY_BYTES, SIGNATURE_BYTES, TAG_BYTES, KeyPair, PublicKey, pae


class ToySuite:
    """Keyed hashes for signatures, sealing and ciphers. A public key is enough to forge; nobody here does."""

    def pair(self, seed: bytes) -> KeyPair:
        """Return the key pair grown from 64 random bytes."""
        if len(seed) != 2 * KEY_BYTES:
            raise ValueError("a key pair grows from 64 bytes")
        sign, seal = seed[:KEY_BYTES], seed[KEY_BYTES:]
        return KeyPair(sign, seal, PublicKey(_public(sign), _public(seal)))

    def sign(self, key: KeyPair, kind: str, payload: bytes) -> bytes:
        """Return 64 bytes that depend on the key, the type and every byte."""
        return blake2b(pae(kind, payload), digest_size=SIGNATURE_BYTES, key=key.public.sign).digest()

    def verify(self, key: PublicKey, kind: str, payload: bytes, signature: bytes) -> bool:
        """Say whether the signature fits; never raises."""
        return blake2b(pae(kind, payload), digest_size=SIGNATURE_BYTES, key=key.sign).digest() == signature

    def seal(self, key: PublicKey, info: bytes, secret: bytes) -> bytes:
        """Return `secret` with a tag that only the owner of `key` can check."""
        return secret + blake2b(info + secret, digest_size=TAG_BYTES, key=key.seal).digest()

    def unseal(self, key: KeyPair, info: bytes, sealed: bytes) -> bytes | None:
        """Return the secret, or None when it was not sealed to `key`."""
        secret = sealed[:-TAG_BYTES]
        return secret if self.seal(key.public, info, secret) == sealed else None

    def encrypt(self, key: bytes, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
        """Return the plaintext and a tag over it."""
        return plain + _tag(key, nonce, plain, bound)

    def decrypt(self, key: bytes, nonce: bytes, cipher: bytes, bound: bytes) -> bytes | None:
        """Return the plaintext, or None when a single bit differs."""
        plain = cipher[:-TAG_BYTES]
        return plain if _tag(key, nonce, plain, bound) == cipher[-TAG_BYTES:] else None


def _public(private: bytes) -> bytes:
    return blake2b(private, digest_size=KEY_BYTES).digest()


def _tag(key: bytes, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
    return blake2b(nonce + bound + plain, digest_size=TAG_BYTES, key=key).digest()
