"""Claims on paper: this node signs what a slip or notice says, and checks what others signed, without a line.

Nothing here writes. Neither method needs a unit of work: a look at a paper, by whomever, holds up nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from common.casework import ledger
from common.casework.errors import CaseNotFound
from common.casework.ledger import OpenCase
from common.casework.rules.event import CaseState
from common.casework.rules.facts import REVOKED, SUSPENDED
from common.casework.rules.table import FLOW
from common.casework.rules.words import Action
from common.catalogue.rules.identity import mask_name
from common.notices.errors import NoSuchNotice
from common.notices.rules.moment import moment_of
from common.proofs.errors import UnreadableClaim
from common.proofs.rules.claim import NAME_CHARACTERS_MAX, Claim, tail_of
from common.proofs.rules.text import from_text, to_text
from common.proofs.rules.verdict import AHEAD, ON_FILE, PRACTICE, OnFile, Verdict
from common.proofs.trust import Trust, offer
from common.proofs.wire import CLAIM, Packed, from_bytes, hash_of, pack_slice, to_bytes, unpack_slice
from sync.protocol import signed
from sync.protocol.errors import NotEnrolled
from sync.protocol.practice import is_practice
from sync.protocol.roster import LIVE, Entry, Roster
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair, PublicKey, Suite

# So many bytes make a QR code of version 23 at most: 117 modules with its border, half a millimetre each.
PACKED_BYTES_MAX = 860
_NAME_SHOWN = 40
# A clock that is ahead of ours by more than this is told of.
_AHEAD_MS = 10 * 60_000
# What a paper about one of these states tells of is a decision, which may be corrected or marked afterwards.
_DECIDED = frozenset(one.state.value for one in FLOW if one.action is Action.MARK_DECISION)
_STANDING = {SUSPENDED: OnFile.SUSPENDED, REVOKED: OnFile.REVOKED}


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check.

    `claim` is what the paper should say, None when nothing could be read or it was altered. `site` is the
    name of the node that signed, as the roster has it. `on_file` is asked only when the signature fits.
    `is_ahead` says that the paper's time lies in this node's future: one of two clocks is wrong, no more.
    """

    verdict: Verdict
    claim: Claim | None = None
    site: str = ""
    on_file: OnFile = OnFile.ABSENT
    is_ahead: bool = False


def notes_of(checked: Checked) -> list[str]:
    """Return what else is told of a claim that was checked."""
    of_practice = PRACTICE if checked.claim and is_practice(checked.claim.network) else ""
    notes = (of_practice, ON_FILE[checked.on_file], AHEAD if checked.is_ahead else "")
    return [note for note in notes if note]


class Signer(NamedTuple):
    """Who signed, as the roster has it: `entry` None while a parent alone vouches for the key."""

    key: PublicKey
    name: str
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Proofs:
    """The claims of one node.

    Args:
        prefix: the county's address that stands before the claim, as `https://zw.example`.
        keys: the node's own key pairs by id.
        now_ms: reads the wall clock, UTC milliseconds; it decides nothing.
    """

    trust: Trust
    keys: Mapping[str, KeyPair]
    suite: Suite
    prefix: str
    now_ms: Callable[[], int]

    def claim(self, kind: str, state: CaseState, at_ms: int) -> str:
        """Return the address for the QR code of a paper about a case, signed by this node.

        Args:
            kind: which paper it is, a word of `KIND_NAMES`.
            state: the case as the paper shows it.
            at_ms: the moment the paper speaks of, UTC milliseconds.

        Raises:
            NotEnrolled: this node has no key that anyone could know.
        """
        identity = self.trust.identity()
        record = self.trust.epoch(identity.address, identity.epoch) if identity else None
        key = self.keys.get(record.key_id) if record else None
        if identity is None or key is None:
            raise NotEnrolled
        roster = self.trust.roster()
        claim = _claim_of(kind, state, at_ms)
        bare = _signed_by(claim, (roster.network, identity.address), key, self.suite, b"")
        room = PACKED_BYTES_MAX - len(to_bytes(bare)) - 17
        slices = (pack_slice(part) for part in _slices(roster, identity.address, key.id))
        chosen = next((one for one in slices if one and len(one) <= room), b"")
        if chosen:
            bare = _signed_by(claim, (roster.network, identity.address), key, self.suite, chosen)
        return to_text(self.prefix, to_bytes(bare))

    def check(self, text: str) -> Checked:
        """Return what is to be thought of a claim that was scanned, typed or pasted; never raises for it."""
        try:
            packed = from_bytes(from_text(text))
            roster = self.trust.roster()
            if packed.claim.network != roster.network:
                return Checked(_of_another_network(packed.claim.network, roster.network))
            offer(roster, unpack_slice(packed.slice, roster.network, roster))
        except UnreadableClaim:
            return Checked(Verdict.UNREADABLE)
        signer = _signer(roster, packed.claim)
        if signer is None:
            return Checked(Verdict.UNKNOWN_SIGNER)
        if not _fits(packed, signer.key, self.suite):
            return Checked(Verdict.ALTERED)
        on_file = _on_file(packed.claim)
        is_ahead = packed.claim.at > self.now_ms() + _AHEAD_MS
        return Checked(_verdict(signer, packed.claim), packed.claim, signer.name, on_file, is_ahead)


def _of_another_network(network: str, ours: str) -> Verdict:
    if is_practice(network):
        return Verdict.PRACTICE
    return Verdict.OTHER_NETWORK if ours else Verdict.UNKNOWN_SIGNER


def _claim_of(kind: str, state: CaseState, at_ms: int) -> dict[str, Any]:
    name = state.item_name
    return {
        "number": state.case,
        "item": state.item,
        "name": name if len(name) <= _NAME_SHOWN else name[: _NAME_SHOWN - 1] + "…",
        "who": mask_name(state.applicant["name"][:NAME_CHARACTERS_MAX]),
        "tail": tail_of(state.applicant["id_number"]),
        "stage": state.state.value,
        "kind": kind,
        "act": state.last,
        "at": at_ms,
        "filed": state.filed_at,
        "due": state.due,
    }


def _signed_by(
    said: dict[str, Any], speaker: tuple[str, str], key: KeyPair, suite: Suite, part: bytes
) -> Packed:
    network, node = speaker
    name = hash_of(part) if part else ""
    packed = Packed(Claim(network=network, node=node, key=key.id, with_=name, **said), b"", part)
    return packed._replace(signature=suite.sign(key, signed.signed_as(CLAIM), packed.payload))


def _slices(roster: Roster, address: str, key_id: str) -> list[list[Statement]]:
    """Return what would let a stranger's node believe a key, the most telling first."""
    entry = roster.entries.get(address)
    if entry is not None and roster.key(address, key_id) is not None:
        return [[entry.statement]]
    vouch = roster.vouches.get(f"{address}|{key_id}")
    if vouch is None:
        return []
    parent = roster.entries.get(vouch.parent)
    return [[parent.statement, vouch.statement], [vouch.statement]] if parent else [[vouch.statement]]


def _signer(roster: Roster, claim: Claim) -> Signer | None:
    entry = roster.entries.get(claim.node)
    # A key that the node went over to counts by the former one's word before the county hears of it.
    key = roster.key(claim.node, claim.key) or roster.rotated_key(claim.node, claim.key)
    if entry is not None and key is not None:
        return Signer(key, entry.name, entry)
    vouch = roster.vouches.get(f"{claim.node}|{claim.key}")
    return Signer(vouch.key, str(vouch.statement.fields()["name"]), None) if vouch else None


def _fits(packed: Packed, key: PublicKey, suite: Suite) -> bool:
    if packed.slice and hash_of(packed.slice) != packed.claim.with_:
        return False
    return suite.verify(key, signed.signed_as(CLAIM), packed.payload, packed.signature)


def _verdict(signer: Signer, claim: Claim) -> Verdict:
    if signer.entry is None:
        return Verdict.VOUCHED
    revoked = [one for one in signer.entry.revoked if one.get("key") == claim.key]
    if revoked:
        # Whoever has the key can write any time of day: only what the top held before the cut speaks for it.
        is_within = any(claim.act in one.get("ids", ()) for one in revoked)
        return Verdict.WITHIN_CUT if is_within else Verdict.REVOKED
    return Verdict.VALID if signer.entry.status == LIVE else Verdict.RELIEVED


def _on_file(claim: Claim) -> OnFile:
    try:
        case = ledger.load(claim.number)
    except CaseNotFound:
        return OnFile.ABSENT
    act = next((event for event in case.events if event.id == claim.act), None)
    if act is None:
        return OnFile.NOT_YET
    if not _rivals(case).isdisjoint(_path_to(claim.act, case)):
        return OnFile.DISPUTED
    if claim.act not in case.state.chain:
        return OnFile.OUT
    said = (act.body.get("state"), case.state.item, case.state.filed_at)
    is_same = said == (claim.stage, claim.item, claim.filed) and _is_theirs(claim, case)
    return _since(claim, case) if is_same else OnFile.DIFFERS


def _rivals(case: OpenCase) -> set[str]:
    """Return the acts that contradict each other, and of which the county has not said which one stands."""
    return {one for fork in case.state.forks for one in (fork.winner, *fork.losers)}


def _path_to(act: str, case: OpenCase) -> set[str]:
    """Return an act and all it builds on, as far as these are here."""
    before = {event.id: str(event.body.get("follows", "")) for event in case.events}
    path: set[str] = set()
    while act in before and act not in path:
        path.add(act)
        act = before[act]
    return path


def _is_theirs(claim: Claim, case: OpenCase) -> bool:
    """Say whether the claim names the applicant, as filed, as the act left it, or as corrected since."""
    people = [case.filing().body["data"]["applicant"], case.state.applicant]
    with suppress(NoSuchNotice):
        people.append(moment_of(case.events, claim.act).state.applicant)
    return any(
        (mask_name(one["name"]), tail_of(one["id_number"])) == (claim.who, claim.tail) for one in people
    )


def _since(claim: Claim, case: OpenCase) -> OnFile:
    """Return what has become since of the decision that a paper tells of."""
    if claim.stage not in _DECIDED:
        return OnFile.AGREES
    word = case.state.facts.standing.get("word", "")
    if word in _STANDING:
        return _STANDING[word]
    later = set(case.state.chain[case.state.chain.index(claim.act) + 1 :])
    acts = (event.body.get("action") for event in case.events if event.id in later)
    return OnFile.CORRECTED if Action.CORRECT_DECISION.value in acts else OnFile.AGREES
