"""What the top says of acts of revoked keys, and which of two such verdicts on one act counts.

Put back from an older copy the top may not know what it has said, and say the opposite. Whoever hears both
makes the same of them, in whatever order they come: a verdict says which decision on its acts it is, by what
the top knew. A later one counts, and of two of one number the one that strikes: what somebody has found to be
forged is not to count before a person has seen both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sync.protocol import canonical
from sync.protocol.errors import NotCanonical
from sync.protocol.frame import is_act_id
from sync.protocol.memos import note_down

if TYPE_CHECKING:
    from sync.protocol.core import Core

RELEASED, STRUCK = "sync.released", "sync.struck"
IDS_MAX = 500
VERDICT = "verdict"
# The reason with which the top releases by itself what stands within a cut.
WITHIN = "within a cut"
# Two verdicts that contradict each other have met at the top.
MET = "S135"
# Programs before this one said no number: what comes counts over what was there.
UNCOUNTED = -1
_TURN_MAX = 2**32
_RANK = {STRUCK: 1, RELEASED: 2}


class Decided(NamedTuple):
    """A verdict: its kind, which decision on its acts it is or UNCOUNTED, and `by` which act it was said."""

    kind: str
    turn: int
    by: str


def verdict_body(ids: Sequence[str], reason: str, to: Sequence[str], turn: int = UNCOUNTED) -> bytes:
    """Return the content of a RELEASED or STRUCK act, or of one that names acts; `ids` at most IDS_MAX."""
    counted = {} if turn == UNCOUNTED else {"turn": turn}
    return canonical.dumps({"ids": list(ids), "reason": reason, "to": list(to), **counted})


def read_body(content: bytes) -> tuple[list[str], str, int]:
    """Return the ids, the reason and the number in such an act; no ids when it is malformed."""
    try:
        fields = canonical.loads(content)
        ids, reason = [one for one in fields["ids"] if is_act_id(one)][:IDS_MAX], str(fields["reason"])
        turn = fields.get("turn")
    except (NotCanonical, KeyError, TypeError, AttributeError):
        return [], "", UNCOUNTED
    if type(turn) is int and 0 <= turn <= _TURN_MAX:
        return ids, reason, turn
    # What the top releases by itself never stands over a person's word.
    return ids, reason, 0 if reason == WITHIN else UNCOUNTED


def ids_in(content: bytes) -> list[str]:
    """Return the acts such an act names; none when it is malformed."""
    return read_body(content)[0]


def verdict_on(core: Core, act: str) -> str:
    """Return what the top has decided on an act, RELEASED or STRUCK; "" for nothing."""
    return _held(core, act)[0]


def is_opposed(core: Core, act: str, kind: str) -> bool:
    """Say whether a verdict of another kind stands on an act."""
    return verdict_on(core, act) not in ("", kind)


def turn_of(core: Core, act: str, kind: str, reason: str) -> int:
    """Return the number of a verdict to be made on an act: one more where it says otherwise than the last.

    What the top releases by itself, WITHIN the cut, has none above a person's.
    """
    known, turn = _held(core, act)
    if reason == WITHIN:
        return turn if known == kind else 0
    return min(max(1, turn + (known not in ("", kind))), _TURN_MAX)


def by_turn(core: Core, kind: str, acts: Sequence[str], reason: str) -> Iterator[tuple[int, list[str]]]:
    """Yield acts to be decided on as many as fit one verdict, each time with its number."""
    found: dict[int, list[str]] = {}
    for act in acts:
        found.setdefault(turn_of(core, act, kind, reason), []).append(act)
    for turn, ids in sorted(found.items()):
        yield from ((turn, ids[at : at + IDS_MAX]) for at in range(0, len(ids), IDS_MAX))


def take_down(core: Core, act: str, decided: Decided) -> bool:
    """Remember a verdict on an act; False when another one stands over it, and nothing changes."""
    known, turn = _held(core, act)
    if decided.turn != UNCOUNTED and (turn, known == STRUCK) > (decided.turn, decided.kind == STRUCK):
        return False
    is_back = decided.turn == UNCOUNTED and known not in ("", decided.kind) and core.me == core.tree.top
    turn = min(max(turn + is_back, decided.turn), _TURN_MAX)
    # What a program of before said comes back: the top says again above both what strikes, as of one number.
    stands = core.spool.held(VERDICT, act) if is_back and known == STRUCK else None
    if stands is not None:
        core.spool.put_held(stands._replace(rank=(_RANK[STRUCK], turn, 0)))
        return False
    note_down(core, VERDICT, act, decided.by.encode(), (_RANK[decided.kind], turn, 0))
    return True


def acts_under(core: Core, kind: str) -> list[str]:
    """Return the acts that a verdict of this kind is in force on, here or not, oldest first."""
    return [held.key for held in core.spool.all_held(VERDICT) if held.rank[0] == _RANK[kind]]


def _held(core: Core, act: str) -> tuple[str, int]:
    held = core.spool.held(VERDICT, act)
    kind = next((kind for kind, rank in _RANK.items() if rank == held.rank[0]), "") if held else ""
    return kind, held.rank[1] if held else 0
