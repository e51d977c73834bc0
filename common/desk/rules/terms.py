"""What is settled at the desk beside form and papers: who files for whom, urgency, papers that follow. Pure.

Everything is kept as typed with the draft; what of it is filed is read here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from common.casework.rules import number
from common.catalogue.rules.applicant import tidy_number
from common.catalogue.rules.form import FormResult, check_fields
from common.catalogue.rules.item import FieldSpec, PaperSpec, ServiceItem
from common.desk.rules.drafts import Draft, DraftPaper
from common.errors import Problem

FILER, SELF, PROXY = "filer", "self", "proxy"
LETTER, FOLLOW, PROMISE, OVERRULE, SEEN = "letter", "follow", "promise", "overrule", "namesakes_seen"
NO_PAPERS, LACKING = "no_papers", "lacking"
# What the applicant agreed to, papers and facts apart: kept as their ID number, so that it never counts for
# somebody else.
CONSENT, REUSED = "consent", "reused"
_OLD_REUSED = "applicant"
ASK_CONSENT = "使用以前交过的材料，要申请人同意：请问过后勾选。"
NO_GREEN = "不申请绿色通道"
GREEN, GREEN_OTHER, LINKED, LINKED_WHY = "green", "green_other", "linked_case", "linked_why"
LINKED_REASONS = ("复议后重新办理", "诉讼后重新办理", "撤销后重新办理", "其他")
_TEXT_MAX = 500
# The beginning of `promise_words`.
_PROPOSED = re.compile("本人承诺在 ([0-9]{4}-[0-9]{2}-[0-9]{2}) 前补交：")
# What is asked on the page of the applicant, and on the page where all is checked.
FIRST_KEYS = (FILER, GREEN, GREEN_OTHER, LINKED, LINKED_WHY)
LAST_KEYS = (OVERRULE, SEEN, NO_PAPERS)
TICKS = (SEEN, NO_PAPERS)
# What is said of the cases of one applicant and of their namesakes.
_OF_THE_APPLICANT = (OVERRULE, SEEN)
# What is typed of a letter that is not entered yet; under which letter a case is filed is chosen, not typed.
LETTER_KEYS = (
    "agent", "agent_name", "relation", "agent_id_type", "agent_id_number",
    "scope", "from_day", "to_day", "proof",
)  # fmt: skip
TERM_KEYS = (*FIRST_KEYS, *LETTER_KEYS, PROMISE, *LAST_KEYS)
OVERRULE_FIELD = FieldSpec(
    OVERRULE, "确需另办的理由", "textarea", True, (), None, None, _TEXT_MAX, "随办件一起记录，各级都能看到"
)
_GREEN_FIELD = FieldSpec(
    GREEN_OTHER, "急办的其他理由", "text", False, (), None, None, 100, "例如：住院待报销；不填就是普通办理"
)


def first_fields(item: ServiceItem) -> tuple[FieldSpec, ...]:
    """Return the fields for urgency (绿色通道) and for a case before this one; all may stay empty."""
    why = FieldSpec(LINKED_WHY, "为什么重新办理", "choice", False, LINKED_REASONS, None, None, 50, "")
    case = FieldSpec(
        LINKED, "关联的原办件编号", "text", False, (), None, None, 60, "复议、诉讼或者撤销以后重新办理的才填"
    )
    reasons = (NO_GREEN, *item.green)
    green = FieldSpec(GREEN, "绿色通道", "choice", False, reasons, None, None, 100, "符合的优先办理")
    return (*((green,) if item.green else ()), _GREEN_FIELD, case, why)


def check_first(item: ServiceItem, typed: Mapping[str, str]) -> FormResult:
    """Check urgency and the case before: every problem at once."""
    result = check_fields(first_fields(item), typed)
    before = number.normalise(str(result.values.get(LINKED, "")))
    if before:
        result.values[LINKED] = before
        if not number.check(before):
            sentence = "关联的原办件编号：编号不对，请照原凭证核对。"
            result.problems.append(Problem(LINKED, "关联的原办件编号", "number", sentence))
        if not result.values.get(LINKED_WHY):
            sentence = "为什么重新办理：填了原办件编号的，请选择原因。"
            result.problems.append(Problem(LINKED_WHY, "为什么重新办理", "required", sentence))
    result.typed.update({key: typed.get(key, "") for key in FIRST_KEYS if key not in result.typed})
    return result


def letter_problems(terms: Mapping[str, str]) -> list[Problem]:
    """Return the problem that it is filed by proxy and no letter of authority was chosen, when that is so."""
    if not is_proxy(terms) or terms.get(LETTER, ""):
        return []
    return [Problem(LETTER, "委托书", "required", "凭委托书代办的，请选择或登记委托书。")]


def after_applicant(
    terms: Mapping[str, str], before: Mapping[str, str], now: Mapping[str, str]
) -> dict[str, str]:
    """Return what stays settled when the page of the applicant was kept: what was said of the cases of one
    person is no word on those of another, nor of the same one under another number.
    """
    is_same = all(_plain(before, key) == _plain(now, key) for key in ("name", "id_number"))
    return {key: text for key, text in terms.items() if is_same or key not in _OF_THE_APPLICANT}


def _plain(applicant: Mapping[str, str], key: str) -> str:
    return tidy_number(applicant.get(key, ""))


def has_consent(draft: Draft) -> bool:
    """Say whether the applicant agreed that what they handed in before is used again."""
    return _is_theirs(draft, CONSENT)


def _is_theirs(draft: Draft, key: str) -> bool:
    number = tidy_number(draft.applicant.get("id_number", ""))
    return bool(number) and draft.terms.get(key, "") == number


def _is_theirs_by_both(draft: Draft) -> bool:
    """Say so of facts in a draft of an older program, which kept the number with the consent to both."""
    return draft.terms.get(REUSED, "") == _OLD_REUSED and _is_theirs(draft, CONSENT)


def reuse_of(draft: Draft) -> dict[str, Any]:
    """Return what a filing says of papers and facts used again, and who agreed; {} if there are none."""
    again = [{"key": paper.key, "case": paper.source} for paper in draft.papers if paper.source]
    papers = again if has_consent(draft) else []
    facts = int(_is_theirs(draft, REUSED) or _is_theirs_by_both(draft))
    if not (papers or facts):
        return {}
    return {"consent": 1, "papers": papers, "applicant": facts, "of": draft.applicant.get("name", "").strip()}


def reuse_problems(draft: Draft, offered: Collection[str], handed_in: Collection[str]) -> list[Problem]:
    """Return what is wrong with papers used again.

    Args:
        offered: the hashes of the papers of this applicant that may be used again.
        handed_in: the hashes of all they handed in before.
    """
    again = [paper for paper in draft.papers if paper.source]
    if not again:
        return []
    if not has_consent(draft):
        return [Problem(CONSENT, "以前的材料", "required", ASK_CONSENT)]
    foreign = [paper for paper in again if paper.hash not in offered]
    names = _names([paper for paper in foreign if paper.hash not in handed_in])
    ended = _names([paper for paper in foreign if paper.hash in handed_in])
    found = []
    if names:
        sentence = f"以前的材料：{names}不是这位申请人交的，请移除后重新拍照。"
        found.append(Problem(CONSENT, "以前的材料", "not_theirs", sentence))
    if ended:
        sentence = f"以前的材料：{ended}上可能有别人的信息，不再沿用，请移除后重新拍照。"
        found.append(Problem(CONSENT, "以前的材料", "not_offered", sentence))
    return found


def _names(papers: Sequence[DraftPaper]) -> str:
    return "、".join(dict.fromkeys(paper.name for paper in papers))


def is_proxy(terms: Mapping[str, str]) -> bool:
    """Say whether somebody else stands for the applicant under a letter of authority."""
    return terms.get(FILER, "") == PROXY


def green_of(terms: Mapping[str, str]) -> str:
    """Return why the case is urgent, "" when it is not."""
    reasons = (terms.get(GREEN, "").strip(), terms.get(GREEN_OTHER, "").strip())
    return "；".join(reason for reason in reasons if reason not in ("", NO_GREEN))


def has_rare(item: ServiceItem, terms: Mapping[str, str]) -> bool:
    """Say whether urgency or a case before was filled in."""
    return any(terms.get(spec.key, "") not in ("", NO_GREEN) for spec in first_fields(item))


def linked_of(terms: Mapping[str, str]) -> dict[str, str | int]:
    """Return the case this one comes after, and why; empty when there is none."""
    before = number.normalise(terms.get(LINKED, ""))
    return {"case": before, "why": terms.get(LINKED_WHY, "").strip()} if before else {}


def may_follow(item: ServiceItem, papers: Sequence[DraftPaper]) -> list[PaperSpec]:
    """Return the papers that may come later and are not here; nothing follows what is settled on the spot."""
    brought = {paper.key for paper in papers}
    if item.is_instant:
        return []
    return [paper for paper in item.papers if paper.tolerant and paper.key not in brought]


def following(item: ServiceItem, draft: Draft) -> list[PaperSpec]:
    """Return the papers that the applicant has promised for later (容缺)."""
    marked = draft.terms.get(FOLLOW, "").split()
    return [paper for paper in may_follow(item, draft.papers) if paper.key in marked]


def promise_words(names: Sequence[str], due: str) -> str:
    """Return the promise as it is proposed; it may be put in other words."""
    listed = "、".join(names)
    return f"本人承诺在 {due} 前补交：{listed}。逾期没有补交的，同意不作批准、终止办理，已交的材料退回。"


def promised_day(promise: str) -> str:
    """Return the last day in a promise that was left as it was proposed, "" where it is in other words."""
    found = _PROPOSED.match(promise.strip())
    return found[1] if found else ""


def lacking_words(item: ServiceItem) -> str:
    """Return what comes of papers that are missing and not promised, true for the route of the item."""
    if item.is_instant:
        return "材料不齐的，请补齐后再当场办结。"
    who = "初审时会要求补齐" if item.route.checker else "受理窗口会一次告知补正"
    return f"可以先收件，按“材料不全”登记。请告诉申请人：{who}，补齐之前不会受理。"


def no_papers_problem(item: ServiceItem, draft: Draft) -> list[Problem]:
    """Return the problem that an item which requires papers is filed without any, unless it is meant."""
    wants = any(paper.required for paper in item.papers)
    if not wants or draft.papers or draft.terms.get(NO_PAPERS):
        return []
    return [Problem(NO_PAPERS, "材料", "required", "没有收到任何材料：确实仍要收件的，请勾选。")]


def instant_problems(item: ServiceItem, draft: Draft) -> list[Problem]:
    """Return the problem that what is settled on the spot lacks a required paper: nothing follows there."""
    brought = {paper.key for paper in draft.papers}
    missing = [spec.name for spec in item.papers if spec.required and spec.key not in brought]
    if not item.is_instant or not missing:
        return []
    sentence = f"当场办结的要先交齐材料，还缺：{'、'.join(missing)}。请回材料页补上，或者请申请人带齐再来。"
    return [Problem(LACKING, "材料", "required", sentence)]


def old_promise_problem(marked: Sequence[PaperSpec], promise: str, due: str) -> list[Problem]:
    """Return the problem that a promise names another last day than `due`, that of a filing of today."""
    day = promised_day(promise)
    if not marked or day in ("", due):
        return []
    sentence = (
        f"容缺承诺写的是 {day} 前补交，今天收件的期限是 {due} 前。"
        "请回材料页点“下一步”，再重新打印承诺书，请申请人签名。"
    )
    return [Problem(PROMISE, "容缺承诺", "another_day", sentence)]


def check_promise(marked: Sequence[PaperSpec], typed: str) -> list[Problem]:
    """Return what is wrong with a promise: without one no paper may follow."""
    if marked and not typed.strip():
        sentence = "容缺承诺：勾选了容缺后补的，请写明承诺并由申请人签名。"
        return [Problem(PROMISE, "容缺承诺", "required", sentence)]
    if len(typed) > _TEXT_MAX:
        return [Problem(PROMISE, "容缺承诺", "too_long", f"容缺承诺：最多 {_TEXT_MAX} 个字。")]
    return []
