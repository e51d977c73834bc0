"""What was tried to reach an applicant and failed, and when that opens the way to an announcement. Pure.

民事诉讼法 (2023), which offices follow where their own rules say nothing: a paper is handed over (88), left
with a witness where whoever should take it refuses (89), posted where that is hard (91); and announced only
where nobody knows where the applicant is, or where all these ways failed (95). So an announcement says what
was done to find who is missing; or each way failed that was open, and of any other it says why it was not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from common.casework.errors import FilingIncomplete
from common.casework.rules.event import CaseState
from common.casework.rules.facts import FAILED, MISSING, Tried
from common.casework.rules.handed import POST, VISIT
from common.casework.rules.letters import letters_out
from common.casework.rules.services import to_be_announced
from common.casework.rules.serving import made_on
from common.days import is_date, local_day
from common.errors import Problem

UNKNOWN, MOVED, UNCLAIMED, ABSENT, REFUSED, OTHER = (
    "unknown", "moved", "unclaimed", "absent", "refused", "other",
)  # fmt: skip
# Why it was not handed over → whether that way has failed. Who refuses has been found: what is brought to
# them is left there with a witness, and counts as handed over; so nobody is served by announcement for that.
HAS_FAILED: Mapping[str, bool] = {
    UNKNOWN: True,
    MOVED: True,
    UNCLAIMED: True,
    ABSENT: True,
    REFUSED: False,
    OTHER: True,
}
# Why it may be announced → whether a try that failed has to be on record for that.
NEEDS_TRY: Mapping[str, bool] = {MISSING: False, FAILED: True}
# The ways that are open to an applicant. Electronic service needs consent (90), and no case records any.
WAYS = (VISIT, POST)
_FIELDS = {VISIT: "visited", POST: "posted"}
_LEFT = {
    VISIT: "还没有登记过上门没有送到（当面拒收的，请把文书留下）；确实不能上门的，写明原因。",
    POST: "还没有登记过邮寄没有送到；确实不能邮寄的，写明原因。",
}
_SOUGHT = "怎样找过"
_HOW, _WHY, _ON, _NUMBER = "怎样送的", "没有送到的原因", "哪一天", "邮件单号"


def was_tried(why: str, tries: tuple[Tried, ...], papers: frozenset[str]) -> bool:
    """Say whether one of these papers (acts) was tried in vain, where it has to be: all that table 7 asks."""
    return not NEEDS_TRY.get(why, True) or not papers.isdisjoint(_failed(tries))


def may_be_announced(why: str, tries: tuple[Tried, ...], papers: frozenset[str]) -> bool:
    """Say whether papers (acts) may be announced for this reason, by what was tried with each of them."""
    return not NEEDS_TRY.get(why, True) or papers <= _failed(tries)


def _failed(tries: Iterable[Tried]) -> frozenset[str]:
    return frozenset(act for one in tries if HAS_FAILED.get(one.why, False) for act in one.acts)


def ways_left(tries: tuple[Tried, ...], papers: frozenset[str], closed: Collection[str]) -> tuple[str, ...]:
    """Return the ways still to be tried with papers (acts) before they are announced as no other way is left.

    Args:
        closed: ways of which somebody says why they are not open to this applicant.
    """
    return tuple(way for way in WAYS if not _is_through(way, tries, papers, closed))


def _is_through(way: str, tries: tuple[Tried, ...], papers: frozenset[str], closed: Collection[str]) -> bool:
    made = [one for one in tries if one.how == way]
    left = papers - _failed(made)
    # Who refused it at the door is to be found there, whatever else is said.
    refused = {act for one in made if one.why == REFUSED for act in one.acts} if way == VISIT else set()
    return not left or (way in closed and left.isdisjoint(refused))


def closed_by(data: Mapping[str, Any]) -> frozenset[str]:
    """Return the ways of which the signed data of an announcement say why they were not open."""
    return frozenset(str(one["way"]) for one in data.get("not_open", ()) if str(one["why"]).strip())


def announced_problems(state: CaseState, data: Mapping[str, Any]) -> list[Problem]:
    """Return what an announcement does not say of what was done before; none where nothing was tried at all,
    which is no matter of a field.
    """
    why, papers = str(data.get("announced", {}).get("why", "")), to_be_announced(state)
    if why == MISSING:
        is_said = str(data.get("sought", "")).strip()
        sentence = "请写明怎样找过：打过哪个电话、去过哪里、问过谁，各是哪天。"
        return [] if is_said else [Problem("announced_sought", _SOUGHT, "required", sentence)]
    if why != FAILED or not may_be_announced(why, state.facts.tries, papers):
        return []
    return [
        Problem(f"announced_not_{_FIELDS[way]}", f"没有{way}的原因", "required", _LEFT[way])
        for way in ways_left(state.facts.tries, papers, closed_by(data))
    ]


def check_announced_so(state: CaseState, data: Mapping[str, Any]) -> None:
    """Check what an announcement says of what was done before it.

    Raises:
        FilingIncomplete: not how somebody missing was sought, or why a way was not open.
    """
    found = announced_problems(state, data)
    if found:
        raise FilingIncomplete(problems=found)


def tried_problems(state: CaseState, data: Mapping[str, Any], now_ms: int) -> list[Problem]:
    """Return everything wrong with what somebody says of a try that failed."""
    said, today = data.get("tried", {}), local_day(now_ms)
    how, why, on = (str(said.get(key, "")) for key in ("how", "why", "on"))
    found = []
    if how not in WAYS:
        found.append(Problem("tried_how", _HOW, "required", "请选择是怎样送的。"))
    if why not in HAS_FAILED:
        found.append(Problem("tried_why", _WHY, "required", "请选择没有送到的原因。"))
    found += _day_problems(on, min(made_on(state), today), today)
    if how == POST:
        found += _number_problems(state, str(said.get("tracking", "")).strip())
    if why == OTHER and not str(data.get("note", "")).strip():
        found.append(Problem("note", "说明", "required", "选“其他原因”的，请在说明里写明。"))
    return found


def _number_problems(state: CaseState, number: str) -> list[Problem]:
    if not number:
        return [Problem("tried_number", _NUMBER, "required", "邮寄的，请填写邮件单号。")]
    # Nothing else is to be served: it speaks of a letter that was posted, or of nothing.
    if not to_be_announced(state) and number not in [one.tracking for one in letters_out(state)]:
        sentence = "没有登记过这个单号的邮件，请核对邮件单号。"
        return [Problem("tried_number", _NUMBER, "unknown", sentence)]
    return []


def _day_problems(on: str, made: str, today: str) -> list[Problem]:
    if not is_date(on):
        return [Problem("tried_on", _ON, "required", "请填写上门或者邮件退回的日期。")]
    if on > today:
        return [Problem("tried_on", _ON, "in_future", f"日期不能晚于今天（{today}）。")]
    if on < made:
        return [Problem("tried_on", _ON, "too_early", f"日期不能早于文书作出的那天（{made}）。")]
    return []
