"""A reader of the wire by what sync/README.md says and nothing else: it imports nothing of `sync`.

Whoever writes another program for this wire has that page and no more. What
this reader needs and the page does not say shows here first.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

TYPE = "application/vnd.liandong.%s.v1"
KEY, ACT = "liandong.key.v1", "liandong.act.v1"
EXCHANGE, BODY = "liandong.exchange.v1", "liandong.body.v1"
SORTS = ("root", "appointment", "head", "entry", "vouch", "epoch", "receipt", "shelf")
HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class Bytes:
    """Bytes that are taken from the front."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def take(self, count: int) -> bytes:
        """Return the next bytes, all of them."""
        assert count <= len(self.data), "cut"
        taken, self.data = self.data[:count], self.data[count:]
        return taken

    def varint(self) -> int:
        """Return the next number: seven bits a byte, lowest first."""
        value = shift = 0
        while (byte := self.take(1)[0]) >= 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
        return value | byte << shift

    def zigzag(self) -> int:
        """Return the next signed number."""
        value = self.varint()
        return -(value + 1 >> 1) if value & 1 else value >> 1

    def table(self) -> list[str]:
        """Return the words that are named by number."""
        return [self.take(self.varint()).decode("ascii") for _ in range(self.varint())]


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def sha(data: bytes) -> bytes:
    """Return the hash."""
    return hashlib.sha256(data).digest()


def key_id(sign: bytes, seal: bytes) -> str:
    """Return the name of a key."""
    return sha(KEY.encode() + b"\0" + sign + seal)[:16].hex()


def check(sign: bytes, what: str, payload: bytes, signature: bytes) -> None:
    """Raise InvalidSignature unless the key signed the payload as `what`."""
    kind = (TYPE % what).encode()
    told = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    Ed25519PublicKey.from_public_bytes(sign).verify(signature, told)


def unseal(private: bytes, info: str, sealed: bytes) -> bytes:
    """Return what was sealed to a key."""
    return HPKE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private), info=info.encode())


def exchange(data: bytes, sign: bytes, private: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Return head and record plaintexts of an exchange from `sign` to the owner of `private`."""
    bytes_ = Bytes(data)
    assert bytes_.take(4) == b"LDX1"
    payload = bytes_.take(int.from_bytes(bytes_.take(2), "big"))
    head = json.loads(payload)
    assert canonical(head) == payload
    check(sign, "exchange", payload, bytes_.take(64))
    opener = ChaCha20Poly1305(unseal(private, EXCHANGE, base64.b64decode(head["sealed"], validate=True)))
    plains: list[bytes] = []
    while bytes_.data:
        record = bytes_.take(int.from_bytes(bytes_.take(2), "big"))
        # Only the last one has the mark; what was cut off behind it would fail here.
        nonce = bytes(7) + len(plains).to_bytes(4, "big") + bytes([not bytes_.data])
        plains.append(opener.decrypt(nonce, record, sha(payload)))
    return head, plains


def record(plain: bytes, dictionary: bytes) -> list[tuple[int, bytes, bytes]]:
    """Return the items of a record: kind, text, raw."""
    mode, rest = plain[0], Bytes(plain[1:])
    raw = Bytes(rest.take(rest.varint()))
    text = rest.data
    if mode:
        opener = zlib.decompressobj(-15, dictionary) if mode in (1, 3) else zlib.decompressobj(-15)
        text = opener.decompress(text)
        assert opener.eof and not opener.unused_data
    if mode == 3:
        text = put_back(Bytes(text), raw)
    parts, items = Bytes(text), []
    while parts.data:
        kind, long, short = parts.varint(), parts.varint(), parts.varint()
        items.append((kind, parts.take(long), raw.take(short)))
    assert not raw.data
    return items


def put_back(text: Bytes, raw: Bytes) -> bytes:
    """Return text with its hashes put back, as digits."""
    out, seen = bytearray(), list[bytes]()
    while text.data:
        byte = text.take(1)
        if byte == b"\xff":
            count = text.take(1)[0]
            if count >= 0x80:
                byte = seen[(count & 0x7F) << 7 | text.take(1)[0]]
            elif count:
                byte = raw.take(count).hex().encode()
                seen.append(byte)
        out += byte
    return bytes(out)


def statement(text: bytes, raw: bytes) -> dict[str, Any]:
    """Return a STATEMENT or BASE."""
    words, rest = Bytes(text), Bytes(raw)
    sort, payload = SORTS[words.varint()], words.take(words.varint())
    signatures = [[rest.take(16).hex(), rest.take(64)] for _ in range(words.varint())]
    content = words.take(words.varint())
    assert not words.data and not rest.data and canonical(json.loads(payload)) == payload
    return {"sort": sort, "payload": payload, "signatures": signatures, "content": content}


def frames(text: bytes, raw: bytes) -> list[dict[str, Any]]:
    """Return the frames of FRAMES, LOOSE or EVIDENCE, with their headers as they were signed."""
    words, rest = Bytes(text), Bytes(raw)
    table, found = words.table(), list[dict[str, Any]]()
    last: dict[tuple[str, ...], tuple[int, bytes]] = {}
    wall = mono = 0
    for _ in range(words.varint()):
        flags = words.varint()
        src, epoch, dst, kind, enc, boot = [table[words.varint()] for _ in range(6)]
        before = last.get((src, epoch, dst), (0, b""))
        seq, prev = (before[0] + 1, before[1]) if flags & 1 else (words.varint(), rest.take(32))
        wall, mono, roster = wall + words.zigzag(), mono + words.zigzag(), words.varint()
        papers = [[words.varint(), table[words.varint()]] for _ in range(words.varint())]
        blobs = [[rest.take(32).hex(), *paper] for paper in papers]
        length, body = words.varint(), b""
        if not flags & 2:
            body = rest.take(16) + words.take(length - 16)
        body_hash = sha(body) if body else rest.take(32)
        signature = rest.take(64)
        sizes = [(table[words.varint()], words.varint()) for _ in range(words.varint())] if flags & 4 else []
        header = {"v": 1, "alg": "ed25519", "kind": kind, "src": src, "epoch": epoch, "dst": dst}
        header |= {"seq": seq, "prev": prev.hex(), "body": [body_hash.hex(), length], "enc": enc}
        header |= {"blobs": blobs, "wall": wall, "boot": boot, "mono": mono, "roster": roster}
        data = canonical(header)
        last[src, epoch, dst] = (seq, sha(data))
        name = ACT.encode() + canonical([src, kind, enc, body_hash.hex(), blobs])
        fields = {"header": data, "body": body, "signature": signature, "act": sha(name)[:16].hex()}
        found.append({**fields, "wraps": [[key, rest.take(size)] for key, size in sizes]})
    assert not words.data and not rest.data
    return found


def sealed_content(frame: dict[str, Any], key: str, private: bytes) -> bytes:
    """Return the content of a sealed body by the wrap that names `key`."""
    header, body = json.loads(frame["header"]), Bytes(frame["body"])
    salt = body.take(16)
    secret = next(unseal(private, BODY, sealed) for name, sealed in frame["wraps"] if name == key)
    bound = b"\0".join((header["src"].encode(), header["kind"].encode(), salt))
    return ChaCha20Poly1305(secret).decrypt(bytes(12), body.data, bound)


def vector(text: bytes, raw: bytes) -> list[tuple[str, str, str, int, int, bytes]]:
    """Return the lines of a VECTOR."""
    words, rest = Bytes(text), Bytes(raw)
    table = words.table()
    lines = [
        (*[table[words.varint()] for _ in range(3)], words.varint(), words.varint(), rest.take(32))
        for _ in range(words.varint())
    ]
    assert not words.data and not rest.data
    return lines  # type: ignore[return-value]


def difference(text: bytes, raw: bytes, base: tuple[bytes, bytes]) -> tuple[bytes, bytes]:
    """Return payload and content that a DOC_DELTA makes of the payload and content of its base."""
    words, rest = Bytes(text), Bytes(raw)
    payload, content, signatures = words.varint(), words.varint(), words.varint()
    assert rest.take(32) == sha(base[0])
    rest.take(signatures * 80)
    dictionary = base[1] + base[0] + sha(base[0]).hex().encode()
    both = zlib.decompressobj(-15, dictionary).decompress(rest.data)
    assert len(both) == payload + content
    return both[:payload], both[payload:]
