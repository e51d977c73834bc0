"""What is said of a number whose filing the county has struck out: somebody may stand here with its slip.

That there was a case, of which site, and when it was struck out says nothing of a person. The county's own
words may, and the case is not here to tell whose work it would be: they are for those who see every case.
"""

from __future__ import annotations

from common.casework.pages import sees_all_cases
from common.casework.rules.number import origin_of
from common.casework.search import Sought, search
from common.days import local_day
from common.desk.pages import shown
from common.errors import NotFound
from common.web.ports import current_node
from sync.protocol.struck import Verdict

_DATED = "办件 {number} 由{site}登记过，县级已于 {on} 剔除，不再办理：收件记录是用作废的钥匙签的。"
_REASONED = (
    "办件 {number} 由{site}登记过，县级已于 {on} 剔除，不再办理：收件记录是用作废的钥匙签的。"
    "县级写的理由：{why}"
)


class FilingStruckOut(NotFound):
    """The filing of this case was signed with a revoked key, and the county has struck it out."""

    code = "E261"
    sentence = "办件 {number} 由{site}登记过，县级已剔除，不再办理：收件记录是用作废的钥匙签的。"
    kept = "收件记录和材料留存备查，没有删除。"
    advice = (
        "编号没有抄错。请当事人带材料再来，重新收件登记；"
        "认为不该剔除的，请联系县级管理员，在“名册”的暂扣报文里放行，放行后按原编号办理。"
    )


def is_struck_out(number: str) -> bool:
    """Say whether the filing of a case was struck out, and the case is not here by another."""
    return _verdict_on(number) is not None


def check_not_struck_out(number: str) -> None:
    """Check that a number is not that of a case which was here until its filing was struck out.

    Raises:
        FilingStruckOut: it is; says when, and why to whoever may see every case.
    """
    verdict = _verdict_on(number)
    if verdict is None:
        return
    told = {"number": number, "site": shown.place_words(origin_of(number)), "on": local_day(verdict.at)}
    if not verdict.at:
        raise FilingStruckOut(**told)
    if verdict.reason and sees_all_cases():
        raise FilingStruckOut(_REASONED, why=verdict.reason, **told)
    raise FilingStruckOut(_DATED, **told)


def _verdict_on(number: str) -> Verdict | None:
    verdict: Verdict | None = current_node().struck_filing(number)
    return None if verdict is None or search(Sought(who=number), 1) else verdict
