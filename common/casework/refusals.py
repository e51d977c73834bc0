"""What the demands of the flow table, and the desk that takes a case in, refuse; each with its own code.

E129 to E159. They belong to `errors.py`, which names them too; a code is never reused.
"""

from __future__ import annotations

from collections.abc import Iterable

from common.errors import BadInput, NotAllowed, RuleError


class WrongDepartment(NotAllowed):
    """Another department is in charge of the case."""

    code = "E129"
    sentence = "本件由其他部门负责，您所在的部门不能办理这一步。"

    def __init__(self, wanted: str, department: str) -> None:
        super().__init__(
            f"本件由“{wanted}”负责，“{department or '未填部门'}”的人员不能办理这一步。",
            wanted=wanted,
            department=department,
        )


class AnswerByMissing(BadInput):
    """A notice that names no last day for bringing the papers."""

    code = "E130"
    sentence = "补正告知必须写明补交材料的最后日期。"


class BeyondNotice(RuleError):
    """After the one full notice only what it named may be marked as still missing (行政许可法 32)."""

    code = "E131"
    sentence = "只能就一次告知清单上的材料再次要求补交，不能提出新的材料。"


class NotYetOverdue(RuleError):
    """The applicant's last day for bringing papers has not passed."""

    code = "E132"
    sentence = "补正期限还没有过，不能按逾期不补正处理。"


class ExtendedBefore(RuleError):
    """A limit is extended once at most (行政许可法 42)."""

    code = "E133"
    sentence = "本件已经延期过一次，不能再次延期。"


class DueNotLater(BadInput):
    """An extension to a day that is not later."""

    code = "E134"
    sentence = "延期后的日期必须晚于现在的到期日。"


class SpecialMissing(BadInput):
    """A special procedure without its kind, its name, or the day until which it is expected to last."""

    code = "E135"
    sentence = "请写明特别程序的种类、名称和预计结束的日期。"


class OpinionsMissing(RuleError):
    """Departments that were asked have not answered yet."""

    code = "E136"
    sentence = "还有联办部门没有答复，不能审查终结。"

    def __init__(self, departments: Iterable[str]) -> None:
        listed = "、".join(departments)
        super().__init__(f"联办部门还没有答复：{listed}。", departments=listed)


class DepartmentMissing(BadInput):
    """The step names no department, or the one already in charge."""

    code = "E137"
    sentence = "请选择部门，且不能是现在的主办部门。"


class GapOpen(RuleError):
    """A paper that was allowed to follow has not come yet (容缺)."""

    code = "E138"
    sentence = "容缺的材料还没有补齐，不能作出批准。"

    def __init__(self, papers: Iterable[str]) -> None:
        listed = "、".join(papers)
        super().__init__(f"容缺的材料还没有补齐：{listed}。补齐之前不能作出批准。", papers=listed)


class FeeMissing(BadInput):
    """A fee notice without amount or basis."""

    code = "E139"
    sentence = "缴费通知必须写明金额和收费依据。"


class NoFeeOpen(RuleError):
    """No fee was asked for, or it is paid."""

    code = "E140"
    sentence = "本件没有待缴的费用。"


class ReceiptMissing(BadInput):
    """A payment without the number of its receipt, or of another amount than was asked for."""

    code = "E141"
    sentence = "请填写票据号码，金额必须与缴费通知一致。"


class FeeOpen(RuleError):
    """The fee that was asked for is not paid."""

    code = "E142"
    sentence = "费用还没有缴清，不能制证。"


class OriginalsMissing(RuleError):
    """The item asks for originals after the review, and nobody has compared them yet."""

    code = "E143"
    sentence = "还没有核对原件，不能制证。"


class CorrectionMissing(BadInput):
    """A correction that does not say field, old value and a new one that differs."""

    code = "E144"
    sentence = "更正必须写明更正的项目、原内容和不同的新内容。"


class StandingMissing(BadInput):
    """A mark on a decision without its word or the document it rests on."""

    code = "E145"
    sentence = "请选择决定的效力（中止执行、撤销、恢复），并写明依据的文书。"


class GroundMissing(BadInput):
    """An end without a decision that names no ground."""

    code = "E146"
    sentence = "请选择终止办理的原因。"


class DuplicateCase(RuleError):
    """The same person has an open case of the same item; it may be overruled with a reason."""

    code = "E147"
    sentence = "这个人有同一事项的办件正在办理，请先核对；确需另办的，请写明理由。"

    def __init__(self, cases: Iterable[str]) -> None:
        listed = "、".join(cases)
        super().__init__(f"这个人同一事项已有办件：{listed}。确需另办的，请写明理由。", cases=listed)


class VersionQuestion(BadInput):
    """The case was filed under a version that was no longer in force; a person has to say that it is good."""

    code = "E148"
    sentence = "本件按已被替换的事项版本填报，请核对后确认按原版本受理，或者退回。"


class ToleranceRefused(BadInput):
    """Papers may not follow later as asked: not on the list, without promise or date, or too late a date."""

    code = "E149"
    sentence = "容缺收件的材料、承诺或补交日期不符合事项规定。"


class AuthorityMissing(BadInput):
    """Proxy filing without a letter of authority that covers it."""

    code = "E150"
    sentence = "代办需要有效的委托书：请填写委托人、代办人、事项和期限。"


class NotSilent(RuleError):
    """A department that is said to have let its day pass has answered, was not asked, or still has time."""

    code = "E151"
    sentence = "所列部门已经答复、没有被征求意见，或者答复期限还没有过。"


class ExtensionTooLong(BadInput):
    """An extension by more days than the item allows, or by none."""

    code = "E152"
    sentence = "延期不能超过事项规定的天数。"

    def __init__(self, days: int) -> None:
        now = f"本事项最多可以延期 {days} 天。" if days else "本事项没有规定可以延期。"
        super().__init__(f"延期不能超过事项规定的天数。{now}", days=days)


class FeePaid(RuleError):
    """The fee that was asked for is paid; it is asked for once."""

    code = "E153"
    sentence = "费用已经缴清，不能再次通知缴费。"


class PapersWaiting(RuleError):
    """Papers that the applicant has brought wait to be taken, so the case cannot lapse for want of them."""

    code = "E154"
    sentence = "申请人已经补来材料，请先收取，不能按逾期不补正处理。"
