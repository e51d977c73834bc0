"""What a claim says: one paper, one case, one moment, one node. The form of it, and its words in Chinese.

Pure. A claim is a statement about a moment: it stays true however often it is shown, and says nothing of what
became of the case later.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from common.proofs.errors import UnreadableClaim
from sync.protocol.address import is_address

NAME_CHARACTERS_MAX = 120
_HEX16, _HEX32 = re.compile(r"[0-9a-f]{16}"), re.compile(r"[0-9a-f]{32}")
_WORD = re.compile(r"[A-Za-z][A-Za-z_]{0,31}")
_DAY = re.compile(r"(?:\d{4}-\d{2}-\d{2})?")
_NUMBER = re.compile(r"[0-9A-Z-]{8,40}")
# From 1970 to the year 3000.
_AT_MAX = 32_503_651_200_000
_TAIL = 4

# What the paper is that bears the code. A word that is not here is shown as it stands.
KIND_NAMES: Mapping[str, str] = {
    "slip": "收件凭证",
    "settled": "办结凭证",
    "promise": "容缺受理承诺书",
    "sent_back": "初审退补清单",
    "papers_slip": "补交材料收件凭证",
    "supplement": "补正材料告知书",
    "still_lacking": "补正情况告知单",
    "lapse": "逾期不补正通知书",
    "acceptance": "受理通知书",
    "not_accepted": "不予受理决定书",
    "returned": "退回件通知书",
    "extension": "延期通知书",
    "special": "特别程序告知书",
    "tolerant": "容缺受理通知书",
    "approval": "准予决定书",
    "refusal": "不予批准决定书",
    "correction": "更正决定书",
    "standing": "决定效力告知书",
    "fee": "缴费通知书",
    "termination": "终止办理通知书",
    "withdrawal": "撤回申请确认书",
    "announcement": "送达公告",
    "handover": "送达回证",
    "reminder": "催办通知",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One signed sentence: "on this paper, at this moment, this case stood so".

    `network`, `node`, `key` say who speaks (id of the network, address, id of the key); `number`, `item` and
    `name` which case and item; `who` and `tail` are the applicant's masked name and the last four signs of
    the identity number; `stage` is the state's word and `act` the id of the last act that made it so; `at`
    and `filed` are UTC milliseconds by the node's clock, `due` the signed date or "". `kind` is the paper's.
    `with_` is the first half of the hash of the roster slice that belongs to it, "" for none.
    """

    network: str
    node: str
    key: str
    number: str
    item: str
    name: str
    who: str
    tail: str
    stage: str
    kind: str
    act: str
    at: int
    filed: int
    due: str
    with_: str

    def fields(self) -> dict[str, Any]:
        """Return what is signed; what is empty is left out."""
        given = {key.rstrip("_"): value for key, value in asdict(self).items()}
        return {"v": 1, **{key: value for key, value in given.items() if value != ""}}


def tail_of(id_number: str) -> str:
    """Return the last four signs of an identity number; of a short one nothing, as the slip shows nothing."""
    return id_number[-_TAIL:] if len(id_number) >= 2 * _TAIL + 2 else ""


def read_claim(fields: object) -> Claim:
    """Return the claim that signed fields say.

    Raises:
        UnreadableClaim: a field is missing, too much or malformed.
    """
    if type(fields) is not dict or fields.get("v") != 1:
        raise UnreadableClaim
    given = {key: value for key, value in fields.items() if key != "v"}
    claim = _claim_of(given)
    if claim.fields() != fields or not _is_formed(claim):
        raise UnreadableClaim
    return claim


def _claim_of(given: Mapping[str, Any]) -> Claim:
    names = Claim.__dataclass_fields__
    values: dict[str, Any] = {name: given.get(name.rstrip("_"), "") for name in names}
    for name, value in values.items():
        if type(value) is not (int if name in ("at", "filed") else str):
            raise UnreadableClaim
    return Claim(**values)


def _is_formed(claim: Claim) -> bool:
    shapes = (
        (_HEX16, claim.network),
        (_HEX32, claim.key),
        (_HEX32, claim.act),
        (_NUMBER, claim.number),
        (_WORD, claim.stage),
        (_WORD, claim.kind),
        (_DAY, claim.due),
    )
    return (
        all(shape.fullmatch(value) for shape, value in shapes)
        and is_address(claim.node)
        and (not claim.with_ or _HEX32.fullmatch(claim.with_) is not None)
        and all(0 < len(text) <= NAME_CHARACTERS_MAX for text in (claim.item, claim.name, claim.who))
        and len(claim.tail) <= _TAIL
        and all(0 <= moment <= _AT_MAX for moment in (claim.at, claim.filed))
    )
