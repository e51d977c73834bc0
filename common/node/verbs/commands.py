"""What the verbs of a node's command line do. Each opens its own units of work and prints for people."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

from common.catalogue.rules.item import parse_item
from common.catalogue.service import shipped_items
from common.config import NodeConfig
from common.desk.pages.stick_jobs import take_in
from common.errors import LiandongError
from common.node.assembly import build_node
from common.node.enrolling.enrolment_refusals import KeyRevoked
from common.node.enrolling.joining import Candidate, adopt_answer, key_to_join_with, prepare
from common.node.keyring.ceremony import RootKeyFileExists, TooFewRootKeys, write_root_key
from common.node.keyring.keys import ROOT, ROSTER
from common.node.node import Node
from common.node.practice import check_network, keyed_by, new_network
from common.node.profile import COUNTY, TierProfile
from common.node.refusals import DatabaseGone, has_lost_database
from common.node.upward import ask_to_join, once_joined
from common.node.verbs.figures import status as status
from common.node.verbs.figures import verify as verify
from common.store import audit
from sync.adapters.bundle_file import export, import_file
from sync.durable import ALL_READ, put_file, read_plain
from sync.protocol.enrolment import read_code
from sync.protocol.errors import SyncError
from sync.protocol.practice import NAME_BYTES
from sync.protocol.roster import entry_fields
from sync.protocol.signed import Statement
from sync.protocol.signing import SEED_BYTES, KeyPair
from sync.protocol.spool import Identity
from sync.protocol.streams import Epoch, make_epoch, read_epoch
from sync.protocol.trust import registrar

_PENDING, _FOLDER_MODE = "enrolment.json", 0o700


class AlreadyMade(LiandongError):
    """There is a node in this folder."""

    code = "E413"
    status = 409
    sentence = "这个文件夹里已经有站点 {address}；要另建一个，请换一个空文件夹。"


class Roots(NamedTuple):
    """Root keys that do not stay on the machine: their files, how many, and how many of them must sign."""

    folder: Path
    keys: int = 1
    threshold: int = 0

    def files(self) -> list[Path]:
        """Return where each root key goes."""
        return [self.folder / f"root-{number}.key" for number in range(1, self.keys + 1)]


def init(config: NodeConfig, profile: TierProfile, roots: Roots | None = None) -> Node:
    """Make a node in its data folder, at the county the network too; go on where that was broken off.

    Args:
        roots: where the root keys go; with none the one root key is kept in the node's key file.

    Raises:
        AlreadyMade, DatabaseGone: there is one, or was; nothing was changed.
        RootKeyFileExists, TooFewRootKeys: a file is in the way, fewer than must sign; nothing was changed.
    """
    check_roots(roots)
    if has_lost_database(config.data_dir):
        raise DatabaseGone(data=str(config.data_dir))
    config.data_dir.mkdir(parents=True, exist_ok=True)
    os.chmod(config.data_dir, _FOLDER_MODE)
    node = build_node(config, profile)
    if node.is_made():
        raise AlreadyMade(address=node.me)
    if node.spool.identity() is None:
        pair = node.keys.add(secrets.token_bytes(SEED_BYTES))
        with node.unit():
            node.spool.put_identity(Identity(config.address, secrets.token_hex(8), ""))
            audit.record("", "node.init", config.address, {"key": pair.id}, node.clock.now_ms())
    if profile.tier == COUNTY:
        _found(node, roots)
        node.heart.attest()
    return node


def check_roots(roots: Roots | None) -> None:
    """Look before anything is written whether root keys can go where they are to go.

    Raises:
        RootKeyFileExists, TooFewRootKeys: they cannot.
    """
    if roots is None:
        return
    if not 0 <= roots.threshold <= roots.keys:
        raise TooFewRootKeys
    if there := next((path for path in roots.files() if path.exists()), None):
        raise RootKeyFileExists.at_init(there)


def _root_keys(node: Node, roots: Roots | None) -> tuple[KeyPair, ...]:
    if roots is None:
        return (node.keys.add_special(ROOT, secrets.token_bytes(SEED_BYTES)),)
    suite = node.peer.core.suite
    made = tuple(suite.pair(secrets.token_bytes(SEED_BYTES)) for _ in range(roots.keys))
    roots.folder.mkdir(parents=True, exist_ok=True)
    for path, pair in zip(roots.files(), made, strict=True):
        write_root_key(path, pair)
    return made


def _found(node: Node, roots: Roots | None) -> None:
    """Found a network with this node as its top, and publish the catalogue that comes with the program."""
    keys, now = node.keys, node.clock.now_ms()
    root_keys = _root_keys(node, roots)
    roster_key = keys.add_special(ROSTER, secrets.token_bytes(SEED_BYTES))
    suite = node.peer.core.suite
    network = new_network(node.config, secrets.token_bytes(NAME_BYTES))
    threshold = roots.threshold if roots else 0
    root = registrar.make_root(network, node.site_name(), root_keys, suite, threshold)
    appointment = registrar.appoint(root, node.me, roster_key.public, root_keys, suite)
    own = next(iter(keys.values()))
    with node.unit():
        core = node.peer.core
        core.identity.fingerprint = root.hash
        core.roster.fingerprint = root.hash
        registrar.found(core, root, appointment)
        registrar.enter(core, roster_key, entry_fields(node.me, "", node.site_name(), (own.public,)), now)
        node.peer.open_epoch(own, "founded", now)
        for item in shipped_items():
            parse_item(item)
            node.catalogue.publish(item, now)


def enrol_issue(node: Node, address: str, name: str) -> str:
    """Return a new enrolment code for an address below this node."""
    with node.unit():
        return node.enrolment.issue(address, name or node.place_name(address), node.clock.now_ms())


def _candidate(node: Node, code: str) -> Candidate:
    """Return this node's request; the same one again until it has been answered.

    Raises:
        BadEnrolment: not a code.
    """
    n, secret = read_code(code, keyed_by(node.config))
    pair = key_to_join_with(node.peer.core, node.keys, secrets.token_bytes)
    path = node.config.path(_PENDING)
    kept = _kept(path)
    if kept is not None and kept[0].n == n and kept[0].key_id == pair.id:
        return prepare(node.me, secret, kept[0], pair, kept[1])
    fields: dict[str, Any] = {
        "src": node.me,
        "n": n,
        "random": secrets.token_hex(8),
        "prev": "",
        "heads": {},
        "reason": "enrolled",
        "at": node.clock.now_ms(),
    }
    epoch = make_epoch(fields, (pair,), node.peer.core.suite)
    nonce = secrets.token_hex(16)
    written = {
        "epoch": epoch.statement.payload.hex(),
        "signatures": [[k, s.hex()] for k, s in epoch.statement.signatures],
        "nonce": nonce,
    }
    # Before the code is used up: with another request it would be a second computer's.
    put_file(path, json.dumps(written).encode())
    return prepare(node.me, secret, epoch, pair, nonce)


def _kept(path: Path) -> tuple[Epoch, str] | None:
    """Return the epoch and the nonce of a request made before; None for none, or where the disk lost it."""
    try:
        kept = json.loads(path.read_text())
        signatures = tuple((k, bytes.fromhex(s)) for k, s in kept["signatures"])
        return read_epoch(Statement("epoch", bytes.fromhex(kept["epoch"]), signatures)), str(kept["nonce"])
    except (FileNotFoundError, ValueError, KeyError, TypeError, RecursionError, SyncError):
        return None


def _finish(node: Node, candidate: Candidate, answer: bytes) -> None:
    with node.unit():
        has_joined = adopt_answer(node.peer.core, candidate, answer)
        check_network(node.config, node.peer.core.roster.network)
        if has_joined:
            audit.record("", "node.joined", node.me, {"epoch": candidate.epoch.id}, node.clock.now_ms())
    if not has_joined:
        raise KeyRevoked
    node.heart.attest()
    node.config.path(_PENDING).unlink(missing_ok=True)


def enrol_join(node: Node, code: str, url: str) -> None:
    """Join over the line by the code from the sheet; raises as `ask_to_join` and `once_joined`.

    Whose key was revoked may hear of it only now: it asks once more, with another.
    """
    try:
        _join(node, code, url)
    except KeyRevoked:
        _join(node, code, url)


def _join(node: Node, code: str, url: str) -> None:
    candidate = _candidate(node, code)
    with once_joined(node):
        answer = ask_to_join(node.config, url, candidate.request)
    _finish(node, candidate, answer)


def enrol_request(node: Node, code: str, path: Path) -> None:
    """Write the request to a file, to be carried to the parent."""
    put_file(path, _candidate(node, code).request, ALL_READ)


def enrol_answer(node: Node, request: Path, answer: Path) -> None:
    """Answer a request that came as a file."""
    asked = read_plain(request)
    with node.unit():
        data = node.enrolment.answer(asked, node.clock.now_ms())
    node.heart.attest()
    put_file(answer, data, ALL_READ)


def enrol_finish(node: Node, code: str, answer: Path) -> None:
    """Take the answer that came back as a file.

    Raises:
        KeyRevoked: the next request is made with another key; the code is still good.
    """
    _finish(node, _candidate(node, code), read_plain(answer))


def bundle_export(node: Node, address: str, folder: Path) -> dict[str, Any]:
    """Write a bundle for `address` ("" = the node directly above) into `folder`."""
    target = address or node.tree().parent(node.me)
    done = export(node.engine, target, folder)
    return {
        "file": str(done.path.resolve()),
        "bytes": done.size,
        "frames": done.frames,
        "pieces": done.pieces,
        "to": target,
    }


def bundle_import(node: Node, path: Path) -> dict[str, Any]:
    """Take in a bundle file; return what came of it."""
    done = asdict(take_in(node, lambda: import_file(node.engine, path)))
    # A line takes it back to its sender; a file cannot.
    del done["told"]
    return done
