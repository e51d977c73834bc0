"""What is said of a number whose filing is held back or struck out: somebody may stand here with its slip.

That there was a case, of which site, and what became of it says nothing of a person. The county's own
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
from sync.protocol.acts.struck import Stopped

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


class FilingHeldBack(NotFound):
    """The filing of this case was signed with a revoked key, and the county has not decided on it yet."""

    code = "E262"
    sentence = "办件 {number} 由{site}登记过，收件记录是用作废的钥匙签的，县级正在核实，核实以前不办理。"
    kept = "收件记录和材料都在，没有删除。"
    advice = "编号没有抄错。县级放行后按原编号接着办；着急的请联系县级管理员，在“名册”的暂扣报文里核实。"


def is_stopped(number: str) -> bool:
    """Say whether the filing of a case is held back or struck out, and the case is not here by another."""
    return _stopped(number) is not None


def check_not_stopped(number: str) -> None:
    """Check that a number is not that of a case whose filing is held back or struck out.

    Raises:
        FilingHeldBack: it waits for a decision of the county.
        FilingStruckOut: it is out; says when, and why to whoever may see every case.
    """
    stopped = _stopped(number)
    if stopped is None:
        return
    told = {"number": number, "site": shown.place_words(origin_of(number))}
    verdict = stopped.verdict
    if verdict is None:
        raise FilingHeldBack(**told)
    told["on"] = local_day(verdict.at)
    if not verdict.at:
        raise FilingStruckOut(**told)
    if verdict.reason and sees_all_cases():
        raise FilingStruckOut(_REASONED, why=verdict.reason, **told)
    raise FilingStruckOut(_DATED, **told)


def _stopped(number: str) -> Stopped | None:
    # Mostly it is here, and an index tells; the other question is a long look, while which nobody writes.
    if search(Sought(who=number), 1):
        return None
    stopped: Stopped | None = current_node().stopped_filing(number)
    return stopped
