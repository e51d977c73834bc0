"""The side of a node that joins: with which key it asks, and what it makes of the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from common.node.keyring.keys import KeyFile
from common.store.database import require_unit
from sync.protocol import enrolment, signed
from sync.protocol.core import Core
from sync.protocol.errors import BadEnrolment
from sync.protocol.signed import Statement
from sync.protocol.signing import SEED_BYTES, KeyPair
from sync.protocol.streams import Epoch, read_epoch
from sync.protocol.trust.refusal import is_revoked
from sync.protocol.trust.state import keep_trust


@dataclass(frozen=True, slots=True)
class Candidate:
    """The new node's side of one enrolment: what it sends and what it must remember until the answer."""

    address: str
    epoch: Epoch
    nonce: str
    secret: bytes
    request: bytes


def key_to_join_with(core: Core, keys: KeyFile, random: Callable[[int], bytes]) -> KeyPair:
    """Return the newest own key; a new one where it is revoked, for no code makes it count again, or lost."""
    pair = next(reversed(list(keys.values())), None)
    return keys.add(random(SEED_BYTES)) if pair is None or is_revoked(core, core.me, pair.id) else pair


def prepare(address: str, secret: bytes, epoch: Epoch, key: KeyPair, nonce: str) -> Candidate:
    """Return the request of a new node; `secret` is what the code on its sheet keys."""
    request = enrolment.Request(address, key.public.as_fields(), epoch.statement, nonce)
    return Candidate(address, epoch, nonce, secret, enrolment.write_request(request, secret))


def adopt_answer(core: Core, candidate: Candidate, answer: bytes) -> bool:
    """Take the parent's answer: adopt the network's root and all statements, and begin the first epoch.

    Returns:
        False where the answer says that the key it was asked for is revoked: no epoch begins, another key is
        needed.

    Raises:
        BadEnrolment: made with another code, or without a root.
    """
    require_unit()
    statements = enrolment.read_answer(answer, candidate.nonce, candidate.secret)
    _adopt_root(core, statements)
    for statement in statements:
        if statement.sort == signed.EPOCH:
            epoch = read_epoch(statement)
            core.keep(statement, f"{epoch.src}|{epoch.id}", (epoch.n, 0, 0))
        elif core.roster.offer(statement):
            keep_trust(core, statement)
    if is_revoked(core, core.me, candidate.epoch.key_id):
        return False
    core.identity.epoch = candidate.epoch.id
    return True


def _adopt_root(core: Core, statements: Sequence[Statement]) -> None:
    root = next((s for s in statements if s.sort == signed.ROOT), None)
    if root is None:
        raise BadEnrolment("answer without a root")
    core.identity.fingerprint = root.hash
    core.roster.fingerprint = root.hash
