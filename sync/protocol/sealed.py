"""Sealed bodies: encrypted once under a content key, wrapped for each reader. Relays keep them unread.

The body's hash covers salt and ciphertext, the wraps lie outside it, so a
reader can be added later without touching what was signed. The author, the
kind and the salt are bound into the encryption: a ciphertext moved into
another act does not open.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sync.protocol.errors import CannotOpen
from sync.protocol.frame import PLAIN, SALT_BYTES, SEALED, WRAPS_MAX, Frame, Wrap, make_body
from sync.protocol.signing import KEY_BYTES, KeyPair, PublicKey, Suite

_WRAPPED_AS = b"liandong.body.v1"
# The content key encrypts one body only, so one nonce is enough.
_NONCE = bytes(12)


def seal_body(
    draft: tuple[str, str, bytes], readers: Sequence[PublicKey], random: bytes, suite: Suite
) -> tuple[bytes, tuple[Wrap, ...]]:
    """Return the body (salt and ciphertext) and one wrap a reader.

    Args:
        draft: author's address, kind, content.
        random: 48 fresh random bytes: salt, then content key.
    """
    author, kind, content = draft
    if not 1 <= len(readers) <= WRAPS_MAX or len(random) != SALT_BYTES + KEY_BYTES:
        raise ValueError("1 to 16 readers, 48 random bytes")
    salt, key = random[:SALT_BYTES], random[SALT_BYTES:]
    cipher = suite.encrypt(key, _NONCE, content, _bound(author, kind, salt))
    wraps = tuple(Wrap(reader.id, suite.seal(reader, _WRAPPED_AS, key)) for reader in readers)
    return make_body(salt, cipher), wraps


def can_read(frame: Frame, keys: Mapping[str, KeyPair]) -> bool:
    """A sealed act that is not for this node is kept and relayed, and asks nothing of the application."""
    return frame.header.enc == PLAIN or any(wrap.key_id in keys for wrap in frame.wraps)


def open_body(frame: Frame, keys: Mapping[str, KeyPair], suite: Suite) -> bytes:
    """Return the content of a sealed frame.

    Raises:
        CannotOpen: not sealed, or no wrap is for one of `keys`, or the body was altered.
    """
    header = frame.header
    if header.enc == SEALED:
        bound = _bound(header.stream.src, header.kind, frame.body[:SALT_BYTES])
        for wrap in frame.wraps:
            own = keys.get(wrap.key_id)
            key = suite.unseal(own, _WRAPPED_AS, wrap.sealed) if own else None
            plain = suite.decrypt(key, _NONCE, frame.body[SALT_BYTES:], bound) if key else None
            if plain is not None:
                return plain
    raise CannotOpen(header.kind)


def _bound(author: str, kind: str, salt: bytes) -> bytes:
    return b"\0".join((author.encode(), kind.encode(), salt))
