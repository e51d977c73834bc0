"""What was tried to reach an applicant and failed, and when that opens the way to an announcement. Pure.

民事诉讼法 (2023), which offices follow where their own rules say nothing: a paper is handed over (88), left
with a witness where whoever should take it refuses (89), posted where that is hard (91); and announced only
where nobody knows where the applicant is, or where all these ways failed (95).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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
WAYS = (VISIT, POST)
_HOW, _WHY, _ON, _NUMBER = "怎样送的", "没有送到的原因", "哪一天", "邮件单号"


def may_be_announced(why: str, tries: tuple[Tried, ...], papers: frozenset[str]) -> bool:
    """Say whether papers (acts) may be announced for this reason, by what was tried with each of them."""
    if not NEEDS_TRY.get(why, True):
        return True
    failed = {act for one in tries if HAS_FAILED.get(one.why, False) for act in one.acts}
    return papers <= failed


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
