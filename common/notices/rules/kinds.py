"""The kinds of notice, which act gives which, and what is fixed of each: one table.

Pure. Sources: 行政许可法 (2019) 32, 38, 42, 44, 45; what each paper has to say stands with its text in
`texts_*.py`. The articles are what the *procedure* rests on; the decision rests on the item's own basis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """A kind of notice; the values also stand in the signed claim of its QR code."""

    PROMISE = "promise"
    SENT_BACK = "sent_back"
    PAPERS_SLIP = "papers_slip"
    SUPPLEMENT = "supplement"
    STILL_LACKING = "still_lacking"
    LAPSE = "lapse"
    ACCEPTANCE = "acceptance"
    TOLERANT = "tolerant"
    NOT_ACCEPTED = "not_accepted"
    RETURNED = "returned"
    SPECIAL = "special"
    EXTENSION = "extension"
    FEE = "fee"
    APPROVAL = "approval"
    REFUSAL = "refusal"
    CORRECTION = "correction"
    STANDING = "standing"
    TERMINATION = "termination"
    WITHDRAWAL = "withdrawal"
    ANNOUNCEMENT = "announcement"
    HANDOVER = "handover"
    REMINDER = "reminder"


class Foot(StrEnum):
    """What stands under the text.

    ORGAN: organ, date and the place of its seal, and a slip on which the applicant signs for it. SITE: the
    same for a paper of the desk, without a seal. PROMISE: the applicant's own signature. HANDOVER: the
    signatures of whoever took, whoever gave, and a witness. PUBLIC: organ, date and seal; nobody signs for
    what is put up.
    """

    ORGAN = "organ"
    SITE = "site"
    PROMISE = "promise"
    HANDOVER = "handover"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Form:
    """What is fixed of a kind: `sign` is its mark in the number, `articles` those of 行政许可法.

    `is_own` says that the paper goes to the applicant, who is named on it in full: a paper that decides on
    somebody's right must say beyond doubt whose. Papers that go to offices or lie in the file of hand-overs
    show the ID number masked, for their readers need not know it.
    """

    title: str
    sign: str
    articles: tuple[str, ...] = ()
    foot: Foot = Foot.ORGAN
    has_remedies: bool = False
    is_own: bool = True


_32 = ("第三十二条",)
FORMS: Mapping[Kind, Form] = {
    Kind.PROMISE: Form("容缺受理承诺书", "承", foot=Foot.PROMISE),
    Kind.SENT_BACK: Form("初审退补清单", "初补", foot=Foot.SITE),
    Kind.PAPERS_SLIP: Form("补交材料收件凭证", "补收", foot=Foot.SITE),
    Kind.SUPPLEMENT: Form("补正材料告知书", "补", _32),
    Kind.STILL_LACKING: Form("补正情况告知单", "补告", _32),
    Kind.LAPSE: Form("逾期不补正通知书", "逾", _32, has_remedies=True),
    Kind.ACCEPTANCE: Form("受理通知书", "受", ("第三十二条", "第四十二条")),
    Kind.TOLERANT: Form("容缺受理通知书", "容受", ("第三十二条", "第四十二条")),
    Kind.NOT_ACCEPTED: Form("不予受理决定书", "不受", _32, has_remedies=True),
    Kind.RETURNED: Form("退回件通知书", "退", _32, has_remedies=True),
    Kind.SPECIAL: Form("特别程序告知书", "特", ("第四十五条",)),
    Kind.EXTENSION: Form("延期通知书", "延", ("第四十二条",)),
    Kind.FEE: Form("缴费通知书", "费"),
    Kind.APPROVAL: Form("准予决定书", "准", ("第三十八条", "第四十四条"), has_remedies=True),
    Kind.REFUSAL: Form("不予批准决定书", "不准", ("第三十八条",), has_remedies=True),
    Kind.CORRECTION: Form("更正决定书", "更", has_remedies=True),
    Kind.STANDING: Form("决定效力告知书", "效"),
    Kind.TERMINATION: Form("终止办理通知书", "终", has_remedies=True),
    Kind.WITHDRAWAL: Form("撤回申请确认书", "撤"),
    Kind.ANNOUNCEMENT: Form("送达公告", "公", foot=Foot.PUBLIC, is_own=False),
    Kind.HANDOVER: Form("送达回证", "送", ("第四十四条",), foot=Foot.HANDOVER, is_own=False),
    Kind.REMINDER: Form("催办通知", "催", foot=Foot.SITE, is_own=False),
}
assert set(FORMS) == set(Kind), "every kind needs its form"

# Those that are sealed as PDF: what an approver decided on a right. The seal's own rules sign nothing else.
DECISIONS = (Kind.APPROVAL, Kind.REFUSAL, Kind.CORRECTION)

# Signed word of a step or report → the notice it gives.
_BY_WORD: Mapping[str, Kind] = {
    "send_back": Kind.SENT_BACK,
    "papers_brought": Kind.PAPERS_SLIP,
    "ask_papers": Kind.SUPPLEMENT,
    "still_lacking": Kind.STILL_LACKING,
    "lapse": Kind.LAPSE,
    "accept": Kind.ACCEPTANCE,
    "deem_accept": Kind.ACCEPTANCE,
    "not_accept": Kind.NOT_ACCEPTED,
    "return": Kind.RETURNED,
    "begin_special": Kind.SPECIAL,
    "extend": Kind.EXTENSION,
    "ask_fee": Kind.FEE,
    "approve": Kind.APPROVAL,
    "settle": Kind.APPROVAL,
    "refuse": Kind.REFUSAL,
    "correct_decision": Kind.CORRECTION,
    "mark_decision": Kind.STANDING,
    "announce": Kind.ANNOUNCEMENT,
    "terminate": Kind.TERMINATION,
    "grant_withdrawal": Kind.WITHDRAWAL,
    "handed_over": Kind.HANDOVER,
    "remind": Kind.REMINDER,
    "urge": Kind.REMINDER,
}


def kind_of(word: str, filing: Mapping[str, Any]) -> Kind | None:
    """Return the notice that an act gives, None when it gives none.

    Args:
        word: the signed action or report.
        filing: the signed data of the case's filing; with a tolerance (容缺) in it the acceptance says so.
    """
    has_tolerance = bool(filing.get("tolerance", {}).get("papers"))
    if word == "file":
        return Kind.PROMISE if has_tolerance else None
    kind = _BY_WORD.get(word)
    return Kind.TOLERANT if kind is Kind.ACCEPTANCE and has_tolerance else kind
