"""The exchange: one sealed unit on every carrier, be it HTTP, a file on a stick or a message.

`LDX1`, head length (2 bytes), head (canonical JSON), the sender's signature
over it, then records: length (2 bytes) and ChaCha20-Poly1305 ciphertext. The
head carries a fresh content key sealed to the receiver; a record's nonce is
its index and a last mark (the STREAM construction, Hoang et al. 2015), so a
record that is altered, moved or left out does not open, and a cut shows.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sync.protocol import canonical
from sync.protocol.address import is_address
from sync.protocol.errors import BadExchange, BadRecord, CannotOpen, NotCanonical, UnknownVersion
from sync.protocol.frame import is_epoch
from sync.protocol.records import RECORD_BYTES_MAX
from sync.protocol.signing import KEY_BYTES, SIGNATURE_BYTES, TAG_BYTES, KeyPair, PublicKey, Suite

MAGIC = b"LDX1"
MAGIC_FAMILY = b"LDX"
HEAD_BYTES_MAX = 2048
SIGNED_AS = "application/vnd.liandong.exchange.v1"
SEALED_AS = b"liandong.exchange.v1"
VERSION = 1
_PREFIX = len(MAGIC) + 2


class Head(NamedTuple):
    """The clear, signed start of an exchange.

    `counter` rises with every exchange from `sender` to `receiver` within one
    `incarnation`; `dictionary` names the preset dictionary by the first 16 hex
    digits of its SHA-256, "" for none.
    """

    network: str
    sender: str
    receiver: str
    sender_key: str
    receiver_key: str
    instance: str
    incarnation: int
    epoch: str
    counter: int
    dictionary: str
    sealed: bytes
    payload: bytes = b""
    signature: bytes = b""

    def fields(self) -> dict[str, Any]:
        """Return the head as it is signed."""
        return {
            "v": VERSION,
            "net": self.network,
            "from": self.sender,
            "to": self.receiver,
            "key": self.sender_key,
            "to_key": self.receiver_key,
            "instance": self.instance,
            "inc": self.incarnation,
            "epoch": self.epoch,
            "n": self.counter,
            "dict": self.dictionary,
            "sealed": base64.b64encode(self.sealed).decode(),
        }


def write(
    head: Head, keys: tuple[KeyPair, PublicKey], content_key: bytes, plains: Iterable[bytes], suite: Suite
) -> Iterator[bytes]:
    """Yield the bytes of an exchange: the head first, then record by record as `plains` are made.

    Args:
        head: everything but `sealed`, `payload` and `signature`.
        keys: the sender's own key pair, the receiver's public key.
        content_key: 32 fresh random bytes, never used again.
    """
    own, theirs = keys
    sealed = suite.seal(theirs, SEALED_AS, content_key)
    payload = canonical.dumps({**head.fields(), "sealed": base64.b64encode(sealed).decode()})
    signature = suite.sign(own, SIGNED_AS, payload)
    yield MAGIC + len(payload).to_bytes(2, "big") + payload + signature
    bound = hashlib.sha256(payload).digest()
    index, waiting = 0, b""
    for plain in plains:
        if waiting:
            yield _record(suite.encrypt(content_key, _nonce(index, 0), waiting, bound))
            index += 1
        waiting = plain
    yield _record(suite.encrypt(content_key, _nonce(index, 1), waiting, bound))


def _record(cipher: bytes) -> bytes:
    if len(cipher) > RECORD_BYTES_MAX:
        raise ValueError("record longer than the format allows")
    return len(cipher).to_bytes(2, "big") + cipher


def _nonce(index: int, last: int) -> bytes:
    return (index << 8 | last).to_bytes(12, "big")


def read_head(buffer: bytes) -> tuple[Head, int] | None:
    """Return the head at the start of `buffer` and its length in bytes, or None when more bytes are needed.

    The signature is not checked here: the receiver must first find the key.

    Raises:
        BadExchange: not an exchange, or a malformed head.
        UnknownVersion: an exchange of a version this node does not speak.
    """
    if buffer[: len(MAGIC)] != MAGIC[: len(buffer)]:
        if buffer[:3] == MAGIC_FAMILY:
            raise UnknownVersion(buffer[:4].decode("ascii", "replace"))
        raise BadExchange("magic")
    if len(buffer) < _PREFIX:
        return None
    length = int.from_bytes(buffer[len(MAGIC) : _PREFIX], "big")
    if not 2 <= length <= HEAD_BYTES_MAX:
        raise BadExchange("head length")
    end = _PREFIX + length + SIGNATURE_BYTES
    if len(buffer) < end:
        return None
    payload = bytes(buffer[_PREFIX : _PREFIX + length])
    return _parse(payload, bytes(buffer[_PREFIX + length : end])), end


def _parse(payload: bytes, signature: bytes) -> Head:
    try:
        fields = canonical.loads(payload)
        if fields["v"] != VERSION:
            raise UnknownVersion(str(fields["v"])[:10])
        head = Head(
            network=fields["net"],
            sender=fields["from"],
            receiver=fields["to"],
            sender_key=fields["key"],
            receiver_key=fields["to_key"],
            instance=fields["instance"],
            incarnation=fields["inc"],
            epoch=fields["epoch"],
            counter=fields["n"],
            dictionary=fields["dict"],
            sealed=base64.b64decode(fields["sealed"], validate=True),
            payload=payload,
            signature=signature,
        )
    except (KeyError, TypeError, ValueError, NotCanonical):
        raise BadExchange("head") from None
    texts = (head.network, head.sender_key, head.receiver_key, head.instance, head.dictionary)
    good = (
        is_address(head.sender)
        and is_address(head.receiver)
        # Exchanges are ranked by its number, which has to be one, and no longer than a row can hold.
        and is_epoch(head.epoch)
        and all([type(text) is str and len(text) <= 64 for text in texts])
        and all([type(n) is int and n >= 0 for n in (head.incarnation, head.counter)])
    )
    if not good:
        raise BadExchange("head fields")
    return head


class Opener:
    """Opens the records of one exchange as its bytes come in; what opened stays open, whatever follows.

    Raises (constructor):
        CannotOpen: the content key was not sealed to `key`.
    """

    def __init__(self, head: Head, key: KeyPair, suite: Suite) -> None:
        secret = suite.unseal(key, SEALED_AS, head.sealed)
        if secret is None or len(secret) != KEY_BYTES:
            raise CannotOpen(head.receiver_key)
        self._secret = secret
        self._suite = suite
        self._bound = hashlib.sha256(head.payload).digest()
        self._buffer = bytearray()
        self._index = 0
        self.finished = False

    @property
    def records(self) -> int:
        """How many records were opened so far."""
        return self._index

    def feed(self, data: bytes) -> list[bytes]:
        """Take in more bytes and return the record plaintexts that became whole.

        Raises:
            BadRecord: a record does not open, or bytes follow the last one; what was returned before stands.
        """
        self._buffer += data
        out: list[bytes] = []
        while len(self._buffer) >= 2:
            length = int.from_bytes(self._buffer[:2], "big")
            if self.finished or not TAG_BYTES <= length <= RECORD_BYTES_MAX:
                return self._broken(out)
            if len(self._buffer) < 2 + length:
                break
            plain = self._open(bytes(self._buffer[2 : 2 + length]))
            if plain is None:
                return self._broken(out)
            del self._buffer[: 2 + length]
            self._index += 1
            out.append(plain)
        return out

    def _open(self, cipher: bytes) -> bytes | None:
        # A record that nothing follows is mostly the last one.
        is_alone = len(self._buffer) == 2 + len(cipher)
        for last in (1, 0) if is_alone else (0, 1):
            plain = self._suite.decrypt(self._secret, _nonce(self._index, last), cipher, self._bound)
            if plain is not None:
                self.finished = bool(last)
                return plain
        return None

    def _broken(self, out: list[bytes]) -> list[bytes]:
        # What opened in this call is handed out first; the next call, or `end`, reports the damage.
        if not out:
            raise BadRecord(f"record {self._index}")
        return out

    def end(self) -> None:
        """Say that no more bytes will come.

        Raises:
            BadRecord: the exchange was cut; its readable records have been handed out.
        """
        if not self.finished or self._buffer:
            raise BadRecord(f"cut after {self._index} records")
