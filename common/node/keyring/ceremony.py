"""A new roster key by files: asked for at the top, signed where the root keys lie, taken up at the top.

A root key never has to be on a machine that is on any net. Its file is JSON for its owner alone; the request
and what is signed are public: they hold no secret, and what was altered on the way is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from common.errors import LiandongError
from common.node.new_file import OWNER_ALONE, write_new
from common.node.new_file import NotAsWritten as NotAsWritten
from common.node.new_file import RootKeyFileExists as RootKeyFileExists
from common.people.rules.challenge import grouped
from sync.protocol import signed
from sync.protocol.errors import BadRoster, NotCanonical
from sync.protocol.roots import RootKeys, in_force, read_founding, read_new
from sync.protocol.roster import Roster, read_key
from sync.protocol.signed import Statement
from sync.protocol.signing import SEED_BYTES, KeyPair, PublicKey, Suite

_PAPER_BYTES_MAX = 100_000
ROOT_KEY, APPOINTMENT = "liandong.rootkey.1", "liandong.appointment.1"


class NoCeremonyFile(LiandongError):
    """The file is neither a request nor a signed appointment of this program, or it is damaged."""

    code = "E455"
    status = 400
    sentence = "这个文件不是任命书，或者已损坏、被改动。"


class NoRootKeyFile(LiandongError):
    """The file holds no root key, or it is damaged."""

    code = "E456"
    status = 400
    sentence = "这个文件不是根钥匙，或者已损坏。"


class OtherRootKey(LiandongError):
    """The root key is not one of those that the network was founded with."""

    code = "E457"
    status = 409
    sentence = "这把根钥匙不属于这个网络，不能签。"


class NumberSigned(LiandongError):
    """Two appointments of one number would make nodes follow different keys: the first to come stands."""

    code = "E462"
    status = 409
    sentence = (
        "文件夹里已有另一份签过的第 {number} 次任命，同一次只能签一份。"
        "请县级加 --number 用更大的次数重新申请。"
    )


class TooFewRootKeys(LiandongError):
    """More root keys must sign than there are."""

    code = "E460"
    status = 400
    sentence = "须签的把数不能多于根钥匙的把数。"


class EnoughSigned(LiandongError):
    """A statement bears only so many signatures."""

    code = "E464"
    status = 409
    sentence = "一份任命书最多 8 个签名，签够的不用再签。"


class Paper(NamedTuple):
    """An appointment on its way: the root document it rests on, and itself with the signatures so far.

    `renewals` are the appointments by which the root keys have changed since the founding.
    """

    root: Statement
    appointment: Statement
    renewals: tuple[Statement, ...] = ()

    @property
    def signers(self) -> list[str]:
        """The ids of the root keys whose signature is on it."""
        return [key for key, _ in self.appointment.signatures]

    @property
    def judges(self) -> RootKeys:
        """The root keys in force, of whom enough must sign."""
        return in_force(self.root, self.renewals, int(self.appointment.fields()["version"]))

    @property
    def new(self) -> RootKeys | None:
        """The root keys that are to take their place; enough of them must sign too."""
        return read_new(self.appointment)

    def keys(self) -> dict[str, PublicKey]:
        """Return all keys whose signature means something, by id.

        Those of the founding too: programs that do not know of later ones go by them.
        """
        sets = (read_founding(self.root), self.judges, self.new)
        return {key.id: key for one in sets if one is not None for key in one.keys}

    def signed(self, keys: RootKeys) -> int:
        """Return how many of these keys have put a signature on it."""
        return len({key.id for key in keys.keys} & set(self.signers))

    @property
    def lacking(self) -> int:
        """How many signatures are missing."""
        sets = [one for one in (self.judges, self.new) if one is not None]
        return sum(max(0, one.threshold - self.signed(one)) for one in sets)

    @property
    def needed(self) -> int:
        """How many of the root keys in force must sign."""
        return self.judges.threshold

    def said(self) -> dict[str, str]:
        """Return what a person compares before signing: network, top, roster key, number, signatures."""
        fields, root, new = self.appointment.fields(), self.root.fields(), self.new
        count = {"已签／须签": f"{self.signed(self.judges)}／{self.needed}"}
        if new is not None:
            count["新根钥匙"] = "、".join(key.id for key in new.keys)
            count["新根钥匙已签／须签"] = f"{self.signed(new)}／{new.threshold}"
        return {
            "网络": f"{root['name']}（{root['network']}）",
            # As sheets have it: people compare the two group by group.
            "网络指纹": grouped(self.root.hash),
            "名册归谁": str(fields["top"]),
            "新名册钥匙": str(fields["key"]["id"]),
            "第几次任命": str(fields["version"]),
            **count,
        }


def write_paper(paper: Paper) -> bytes:
    """Return the file of an appointment on its way."""
    former = [[one.payload.hex(), _signatures(one)] for one in paper.renewals]
    return _as_json(
        {
            "what": APPOINTMENT,
            "root": paper.root.payload.hex(),
            "appointment": paper.appointment.payload.hex(),
            "signatures": _signatures(paper.appointment),
            **({"renewals": former} if former else {}),
        }
    )


def _signatures(statement: Statement) -> list[list[str]]:
    return [[key, signature.hex()] for key, signature in statement.signatures]


def read_paper(data: bytes, suite: Suite) -> Paper:
    """Return what `write_paper` has written, with those signatures alone that root keys have made.

    Whoever carries it may have put in others: keepers would believe that it was signed.

    Raises:
        NoCeremonyFile: it is something else, or the root keys have not changed as it says.
    """
    try:
        fields = json.loads(data)
        if fields["what"] != APPOINTMENT:
            raise NoCeremonyFile
        root = Statement(signed.ROOT, bytes.fromhex(fields["root"]), ())
        appointment = _appointment(fields["appointment"], fields["signatures"])
        paper = Paper(root, appointment, tuple(_appointment(*one) for one in fields.get("renewals", ())))
        if paper.appointment.fields()["root"] != root.hash or not paper.said():
            raise NoCeremonyFile
        read_key(paper.appointment.fields()["key"])
        _check_renewals(paper, suite)
        return paper._replace(appointment=_made(appointment, paper.keys(), suite))
    except (ValueError, KeyError, TypeError, BadRoster, NotCanonical, RecursionError) as problem:
        raise NoCeremonyFile from problem


def _made(appointment: Statement, keys: Mapping[str, PublicKey], suite: Suite) -> Statement:
    def is_made(pair: tuple[str, bytes]) -> bool:
        one = appointment._replace(signatures=(pair,))
        return pair[0] in keys and one.signed_by(keys[pair[0]], suite)

    return appointment._replace(signatures=tuple(filter(is_made, appointment.signatures)))


def _appointment(payload: str, signatures: Any) -> Statement:
    pairs = tuple((str(key), bytes.fromhex(signature)) for key, signature in signatures)
    return Statement(signed.APPOINTMENT, bytes.fromhex(payload), pairs)


def _check_renewals(paper: Paper, suite: Suite) -> None:
    """See that the root keys that are to sign are those in force: else anybody could name them."""
    roster = Roster(paper.root.hash, suite)
    roster.offer(paper.root)
    for renewal in paper.renewals:
        if not roster.offer(renewal) or roster.renewals[-1:] != (renewal,):
            raise NoCeremonyFile
    newest = max((one.fields()["version"] for one in paper.renewals), default=0)
    if paper.appointment.fields()["version"] <= newest:
        raise NoCeremonyFile


def sign_paper(paper: Paper, pairs: Sequence[KeyPair], suite: Suite) -> Paper:
    """Return the appointment with the signatures of these root keys added.

    Raises:
        OtherRootKey: one of them is no root key of that network; nothing was signed.
        EnoughSigned: it would bear too many signatures.
    """
    known = paper.keys()
    if any(pair.id not in known for pair in pairs):
        raise OtherRootKey
    made = signed.make(signed.APPOINTMENT, _without_version(paper.appointment), tuple(pairs), suite)
    if made.payload != paper.appointment.payload:
        raise NoCeremonyFile
    fresh = dict(made.signatures)
    kept = [(key, signature) for key, signature in paper.appointment.signatures if key not in fresh]
    if len(kept) + len(fresh) > signed.SIGNATURES_MAX:
        raise EnoughSigned
    return paper._replace(appointment=made._replace(signatures=(*kept, *fresh.items())))


def _without_version(statement: Statement) -> dict[str, Any]:
    return {name: value for name, value in statement.fields().items() if name != "v"}


def check_number(paper: Paper, folder: Path, suite: Suite) -> None:
    """Look for another appointment of the same number in a folder, signed by a root key.

    Raises:
        NumberSigned: there is one.
    """
    number = paper.appointment.fields()["version"]
    keys = paper.keys().values()
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.stat().st_size > _PAPER_BYTES_MAX:
            continue
        try:
            other = read_paper(path.read_bytes(), suite)
        except NoCeremonyFile:
            continue
        is_same = other.root != paper.root or other.appointment.payload == paper.appointment.payload
        if is_same or other.appointment.fields()["version"] != number:
            continue
        if any(other.appointment.signed_by(key, suite) for key in keys):
            raise NumberSigned(number=number)


def write_root_key(path: Path, pair: KeyPair) -> None:
    """Write a root key to a file of its own, for its owner alone; raises as `write_new`."""
    seed = (pair.sign_private + pair.seal_private).hex()
    write_new(path, _as_json({"what": ROOT_KEY, "id": pair.id, "seed": seed}), OWNER_ALONE)


def read_root_key(path: Path, suite: Suite) -> KeyPair:
    """Return the root key of a file.

    Raises:
        NoRootKeyFile: it holds none.
    """
    try:
        fields = json.loads(path.read_bytes())
        if fields["what"] != ROOT_KEY or len(fields["seed"]) != 2 * SEED_BYTES:
            raise NoRootKeyFile
        pair = suite.pair(bytes.fromhex(fields["seed"]))
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise NoRootKeyFile from problem
    if pair.id != fields.get("id"):
        raise NoRootKeyFile
    return pair


def _as_json(fields: dict[str, Any]) -> bytes:
    return (json.dumps(fields, indent=1) + "\n").encode()
