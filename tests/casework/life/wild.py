"""Values that nobody meant: any JSON, and good parts with one piece of them replaced."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.casework.story import CORRECTION, LACKING

# What parts look like when they are good: the wild ones are made from these.
GOOD: dict[str, Any] = {
    "lacking": LACKING,
    "due": "2026-03-09",
    "legal_due": "2026-03-30",
    "legal_date": "2026-03-02",
    "answer_by": "2026-03-20",
    "accepted_on": "2026-03-02",
    "received_on": "2026-03-02",
    "provisional": 1,
    "extension_days": 10,
    "result": {"name": "证", "number": "1"},
    "asked": [{"department": "协办部门", "matter": "意见", "due": "2026-03-05", "deemed": 1}],
    "special": {"kind": "hearing", "name": "听证", "expected": "2026-04-01"},
    "fee": {"fen": 8_000, "basis": "示例"},
    "receipt": {"fen": 8_000, "number": "票1"},
    "correction": CORRECTION,
    "standing": {"word": "revoked", "document": "判决1号"},
    "ground": "moot",
    "department": "另一部门",
    "departments": ["协办部门"],
    "version_confirmed": 1,
    "tolerance": {"papers": [{"key": "photo", "name": "照片"}], "due": "2026-03-09", "promise": "补交"},
    "originals": "after_review",
    "green": "急",
    "authority": {"principal": "何秀英", "until": "2027-01-01"},
    "linked": {"case": "x", "why": "复议"},
    "overruled": {"cases": ["x"], "reason": "另有一户"},
    "contact": 1_772_424_000_000,
    "seen": "",
    "receiver": {"name": "何秀英", "id_number": "x", "how": "当面"},
    "place": "511921104",
    "verdict": "agree",
    "rating": 5,
    "window": "own",
    "joint": ["协办部门"],
    "item_doc": "0" * 64,
    "papers": [],
    "note": "说明",
    "actor": {"login": "x", "name": "某", "role": "REVIEWER", "department": "协办部门"},
    "at": 1_772_424_000_000,
}
_TEXTS = st.one_of(
    st.sampled_from(["", " ", "x", "agree", "lacking", "协办部门", "2026-03-09", "0001-01-01", "9999-12-31",
                     "511921", "511921108203", "999999999999", "REVIEWER", "{name}", "\x00"]),
    st.text(max_size=8),
)  # fmt: skip
_NUMBERS = st.sampled_from([0, 1, 2, 5, -1, 8_000, 366, 367, 2**31, 2**53 - 1, -(2**53) + 1])
# What canonical JSON can carry, and so what may arrive signed.
SIGNABLE = st.recursive(
    st.one_of(_TEXTS, _NUMBERS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_TEXTS, inner, max_size=4)),
    max_leaves=6,
)
# What a page or an interface could hand to the door.
ANY_JSON = st.recursive(
    st.one_of(_TEXTS, _NUMBERS, st.none(), st.booleans(), st.floats(), st.just(2**60)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_TEXTS, inner, max_size=4)),
    max_leaves=6,
)


@st.composite
def bent(draw: st.DrawFn, key: str, values: st.SearchStrategy[Any]) -> Any:
    """Return a part: any value, or the good one with a piece replaced, left out or repeated."""
    good = GOOD.get(key)
    if good is None or draw(st.integers(0, 2)) == 0:
        return draw(values)
    return _bent(draw, good, values)


def _bent(draw: st.DrawFn, good: Any, values: st.SearchStrategy[Any]) -> Any:
    if isinstance(good, dict) and good:
        key = draw(st.sampled_from(sorted(good)))
        if draw(st.booleans()):
            return {k: v for k, v in good.items() if k != key}
        return {**good, key: draw(values)}
    if isinstance(good, list) and good:
        if draw(st.booleans()):
            return good * draw(st.sampled_from([0, 2, 65]))
        return [_bent(draw, good[0], values), *good[1:]]
    return draw(st.one_of(st.just(good), values))


@st.composite
def bent_parts(
    draw: st.DrawFn, keys: list[str], values: st.SearchStrategy[Any], count: int = 3
) -> dict[str, Any]:
    """Return up to `count` parts, each bent."""
    chosen = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=count, unique=True))
    return {key: draw(bent(key, values)) for key in chosen}
