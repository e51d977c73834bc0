"""The private keys of a node: one file for its owner alone, never in the database nor in a backup of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from common.errors import LiandongError
from sync.protocol.signing import KeyPair, Suite

FILE = "keys.json"
ROOT, ROSTER, ROSTER_NEXT = "root", "roster", "roster-next"
_SEED_BYTES = 64


class KeyFileFault(LiandongError):
    """The key file is missing or damaged: without its keys the node cannot act."""

    code = "E411"
    status = 500
    sentence = "本站钥匙文件缺失或损坏，请用新的入网码重新登记本站。"


class KeyFile(Mapping[str, KeyPair]):
    """The node's key pairs by id, former ones included; at the top also the roster key and the root key."""

    def __init__(self, path: Path, suite: Suite) -> None:
        self._path = path
        self._suite = suite
        self._pairs: dict[str, KeyPair] = {}
        self._special: dict[str, KeyPair] = {}
        self._read_at = 0
        if path.exists():
            self._load()

    def _load(self) -> None:
        self._read_at = self._written()
        try:
            stored = json.loads(self._path.read_text())
            for seed in stored["node"]:
                self._keep(seed)
            for name, seed in stored["special"].items():
                self._special[name] = self._suite.pair(bytes.fromhex(seed))
        except (ValueError, KeyError, TypeError) as problem:
            raise KeyFileFault from problem

    def _keep(self, seed: str) -> KeyPair:
        pair = self._suite.pair(bytes.fromhex(seed))
        self._pairs[pair.id] = pair
        return pair

    def __getitem__(self, key_id: str) -> KeyPair:
        if key_id not in self._pairs and self._written() != self._read_at:
            # Another process of this node may have gone over to a new key.
            self._load()
        return self._pairs[key_id]

    def _written(self) -> int:
        return self._path.stat().st_mtime_ns if self._path.exists() else 0

    def __iter__(self) -> Iterator[str]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def special(self, name: str) -> KeyPair | None:
        """Return the roster or root key, if this node keeps it."""
        return self._special.get(name)

    def add(self, random: bytes) -> KeyPair:
        """Grow a new key pair of the node from 64 random bytes, write it durably, and return it."""
        pair = self._keep(random.hex())
        self._write()
        return pair

    def add_special(self, name: str, random: bytes) -> KeyPair:
        """Grow the roster or root key, write it durably, and return it."""
        self._special[name] = self._suite.pair(random)
        self._write()
        return self._special[name]

    def forget_special(self, name: str) -> None:
        """Remove the roster or root key from the file, durably."""
        self._special.pop(name, None)
        self._write()

    def promote(self, roster_key: str) -> None:
        """Let the next roster key be the roster key once the appointment in force names it."""
        coming = self._special.get(ROSTER_NEXT)
        if coming is not None and coming.id == roster_key:
            self._special[ROSTER] = self._special.pop(ROSTER_NEXT)
            self._write()

    def forget(self, key_ids: Iterable[str]) -> None:
        """Remove node keys from the file, durably; one that is not there is passed over."""
        for key_id in key_ids:
            self._pairs.pop(key_id, None)
        self._write()

    def _write(self) -> None:
        text = json.dumps(
            {
                "node": [_seed(pair) for pair in self._pairs.values()],
                "special": {name: _seed(pair) for name, pair in self._special.items()},
            }
        )
        draft = self._path.with_suffix(".part")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, self._path)
        # The new name must be on the disk before the first commit that is signed with the new key.
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _seed(pair: KeyPair) -> str:
    return (pair.sign_private + pair.seal_private).hex()
