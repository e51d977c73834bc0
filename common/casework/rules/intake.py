"""What the desk that takes a case in may settle: papers that follow, and who files for whom. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.casework.errors import AuthorityMissing, ToleranceRefused
from common.casework.rules.deadlines import Calendar, due_date
from common.catalogue.rules.applicant import tidy_name
from common.catalogue.rules.item import ServiceItem
from common.days import is_date, local_date
from common.errors import Problem

# What a letter of authority has to say (委托书): who for whom, for what, from when to when.
_AUTHORITY_PARTS = (
    ("principal", "委托人"), ("agent", "代办人"), ("scope", "委托事项"),
    ("since", "委托开始日期"), ("until", "委托结束日期"),
)  # fmt: skip
EVERY_ITEM = "*"


def tolerance_of(
    item: ServiceItem, follow: Sequence[str], promise: str, calendar: Calendar, now_ms: int
) -> dict[str, Any]:
    """Return the signed tolerance of a filing (容缺): the papers that follow, by when, and the promise.

    Raises:
        ToleranceRefused: a paper is not on the item's list of those that may follow, or there is no promise.
    """
    names = {paper.key: paper.name for paper in item.papers if paper.tolerant}
    problems = [
        Problem("follow", "容缺材料", "not_tolerant", f"“{key}”不在可以容缺的材料清单内。")
        for key in follow
        if key not in names
    ]
    if not promise.strip():
        problems.append(Problem("promise", "容缺承诺", "required", "容缺收件须有申请人的书面承诺。"))
    if problems:
        raise ToleranceRefused(problems=problems)
    due = due_date(local_date(now_ms), item.tolerance_days, calendar)
    papers = [{"key": key, "name": names[key]} for key in follow]
    return {"due": due.isoformat(), "papers": papers, "promise": promise.strip()}


def check_authority(authority: Mapping[str, Any], applicant: str, item: str, today: str) -> None:
    """Check that a letter of authority covers this filing.

    Args:
        authority: principal, agent, scope (an item's code, or `*` for any), since and until (YYYY-MM-DD).
        applicant: name of whoever applies; the letter must be theirs.

    Raises:
        AuthorityMissing: a part is missing, or the letter covers another person, item or time; all problems
            are listed.
    """
    problems = [
        Problem(f"authority.{key}", name, "required", f"请填写{name}。")
        for key, name in _AUTHORITY_PARTS
        if not str(authority.get(key, "")).strip()
    ]
    if problems:
        raise AuthorityMissing(problems=problems)
    since, until = authority["since"], authority["until"]
    is_theirs = tidy_name(str(authority["principal"])) == tidy_name(applicant)
    checks = (
        ("principal", is_theirs, "委托人与申请人不是同一人。"),
        ("scope", authority["scope"] in (EVERY_ITEM, item), "委托书不包括这个事项。"),
        ("until", is_date(since) and is_date(until) and since <= today <= until, "委托书不在有效期内。"),
    )
    wrong = [
        Problem(f"authority.{key}", "委托书", "not_covered", text) for key, good, text in checks if not good
    ]
    if wrong:
        raise AuthorityMissing(problems=wrong)
