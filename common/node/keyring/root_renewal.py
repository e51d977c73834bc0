"""Files of new root keys: each keeper makes a key away from any net and hands over its public half alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from common.errors import LiandongError
from common.node.keyring.ceremony import TooFewRootKeys, write_root_key
from common.node.new_file import NotAsWritten, RootKeyFileExists, write_new
from sync.protocol.errors import BadRoster
from sync.protocol.roots import RootKeys
from sync.protocol.roster import read_key
from sync.protocol.signing import KeyPair, PublicKey

PUBLIC_SUFFIX = ".pub"
_PUBLIC = "liandong.rootpub.1"
_FILE_BYTES_MAX = 10_000


class NoPublicHalf(LiandongError):
    """The file is not the public half of a root key."""

    code = "E463"
    status = 400
    sentence = "这个文件不是根钥匙的公开部分（.pub），或者已损坏。"


def write_both(path: Path, pair: KeyPair) -> Path:
    """Write a new root key to `path` and its public half beside it; return where that is.

    Raises:
        RootKeyFileExists, NotAsWritten, OSError: as `write_new`; no key is left without its public half.
    """
    public = path.with_suffix(PUBLIC_SUFFIX)
    if public.exists() or public == path:
        raise RootKeyFileExists
    # The public half first: when the power fails between the two, a half that nobody signs with is left.
    write_new(public, json.dumps({"what": _PUBLIC, **pair.public.as_fields()}, indent=1).encode() + b"\n")
    try:
        write_root_key(path, pair)
    except (RootKeyFileExists, NotAsWritten, OSError):
        public.unlink()
        raise
    return public


def read_public(path: Path) -> PublicKey:
    """Return the root key whose public half a file holds.

    Raises:
        NoPublicHalf: it holds none.
    """
    try:
        if path.stat().st_size > _FILE_BYTES_MAX:
            raise NoPublicHalf
        fields = json.loads(path.read_bytes())
        if fields["what"] != _PUBLIC:
            raise NoPublicHalf
        return read_key(fields)
    except (OSError, ValueError, KeyError, TypeError, RecursionError, BadRoster) as problem:
        raise NoPublicHalf from problem


def read_all(paths: Sequence[Path], threshold: int) -> RootKeys:
    """Return the root keys of these public halves, of which so many must sign, 0 for all.

    Raises:
        NoPublicHalf: a file holds none, or two hold the same.
        TooFewRootKeys: more must sign than there are.
    """
    keys = tuple(read_public(path) for path in paths)
    if len({key.sign for key in keys}) != len(keys):
        raise NoPublicHalf(sentence="同一把根钥匙写了两次。")
    if not keys or not 0 <= threshold <= len(keys):
        raise TooFewRootKeys
    return RootKeys(keys, threshold or len(keys))
