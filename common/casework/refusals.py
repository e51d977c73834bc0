"""What the demands of the flow table, and the desk that takes a case in, refuse; each with its own code.

E105 to E107, E119, E129 to E159, E162 to E166, E175 and some between. They belong to `errors.py`, which names
them too; a code is never reused.
"""

from __future__ import annotations

from collections.abc import Iterable

from common.errors import BadInput, NotAllowed, RuleError


class WrongDepartment(NotAllowed):
    """Another department is in charge of the case."""

    code = "E129"
    sentence = "本件由其他部门负责，您所在的部门不能办理这一步。"
    advice = "请交给主办部门的人员办理；确实不归该部门的，请主办部门“转办”。"

    def __init__(self, wanted: str, department: str) -> None:
        super().__init__(
            f"本件由“{wanted}”负责，“{department or '未填部门'}”的人员不能办理这一步。",
            wanted=wanted,
            department=department,
        )


class AnswerByMissing(BadInput):
    """A notice that names no last day for bringing the papers, or one that is over already."""

    code = "E130"
    sentence = "补正告知必须写明补交材料的最后日期。"
    advice = "请填写补正期限，或者留空由系统按 15 个工作日计算。"


class BeyondNotice(RuleError):
    """After the one full notice only what it named may be marked as still missing (行政许可法 32)."""

    code = "E131"
    sentence = "只能就一次告知清单上的材料再次要求补交，不能提出新的材料。"
    advice = "请只勾选一次告知清单里仍缺的材料；其余材料不足的，按现有材料决定是否受理。"


class NotYetOverdue(RuleError):
    """The applicant's last day for bringing papers has not passed."""

    code = "E132"
    sentence = "补正期限还没有过，不能按逾期不补正处理。"
    advice = "请等补正期限过后再办；申请人不想办了的，可以登记“申请撤回”。"


class ExtendedBefore(RuleError):
    """A limit is extended once at most (行政许可法 42)."""

    code = "E133"
    sentence = "本件已经延期过一次，不能再次延期。"
    advice = "请在现在的期限内作出决定；确需检验、评审等的，办理“转入特别程序”。"


class DueNotLater(BadInput):
    """An extension to a day that is not later."""

    code = "E134"
    sentence = "延期后的日期必须晚于现在的到期日。"
    advice = "请填写延长的天数，新的到期日由系统计算。"


class SpecialMissing(BadInput):
    """A special procedure without its kind, its name, or the day until which it is expected to last."""

    code = "E135"
    sentence = "请写明特别程序的种类、名称和预计结束的日期。"
    advice = "请补全种类、名称和预计结束日期，再提交。"


class OpinionsMissing(RuleError):
    """Departments that were asked have not answered yet."""

    code = "E136"
    sentence = "还有联办部门没有答复，不能审查终结。"
    advice = "请催办联办部门；按事项规定可以登记缺席的，由牵头人“登记缺席”。"

    def __init__(self, departments: Iterable[str]) -> None:
        listed = "、".join(departments)
        super().__init__(f"联办部门还没有答复：{listed}。", departments=listed)


class DepartmentMissing(BadInput):
    """The step names no department, or the one already in charge."""

    code = "E137"
    sentence = "请选择部门，且不能是现在的主办部门。"
    advice = "请从列表中选择另一个部门。"


class DepartmentAsked(RuleError):
    """A case would pass to a department that still owes it an opinion: it would be judge of its own word."""

    code = "E163"
    sentence = "这个部门正在对本件会办，还没有答复，不能同时转给它主办。"
    advice = "请等它答复后再转办，或者转给别的部门。"


class DepartmentUnknown(RuleError):
    """No item that was ever published names this department, so nobody would find the case."""

    code = "E164"
    sentence = "事项目录里没有这个部门，转过去没有人办理。"
    advice = "请从列表中选择部门；部门改了名的，请县级先更新事项目录。"


class ProposalMissing(BadInput):
    """A review that proposes neither to approve nor to refuse."""

    code = "E162"
    sentence = "审查意见必须写明建议批准还是建议不予批准。"
    advice = "请选择审查建议，再提交。"


class DaysMissing(BadInput):
    """An extension that does not say by how many days."""

    code = "E165"
    sentence = "延期必须写明延长的天数，各级站点都按这个天数计算。"
    advice = "请填写延长的天数，再提交。"


class TakeOverRefused(RuleError):
    """Nothing gives the top the right to take this case over: no cause, closed, its own, or not the top."""

    code = "E166"
    sentence = "本件没有可以接管的理由：没有视为受理，持有站点也没有失去联系或者停用。"
    advice = "请催办持有站点；站点确实不再办理的，由县级管理员先停用该站点。"


class DayInQuestion(RuleError):
    """Most nodes look silent at once: rather this clock is wrong than all lines down; somebody looks."""

    code = "E167"
    sentence = "大半站点同时显示失去联系，可能是本站日期不对；请先在接管办件页确认日期。"


class CorrectionMissing(BadInput):
    """A correction that does not say field, old value and a new one that differs."""

    code = "E144"
    sentence = "更正必须写明更正的项目、原内容和不同的新内容。"
    advice = "请选择要更正的项目，填写与原来不同的新内容。"


class StandingMissing(BadInput):
    """A mark on a decision without its word or the document it rests on."""

    code = "E145"
    sentence = "请选择决定的效力（中止执行、撤销、恢复），并写明依据的文书。"
    advice = "请选择效力并填写复议决定书、判决书等的文号。"


class GroundMissing(BadInput):
    """An end without a decision that names no ground."""

    code = "E146"
    sentence = "请选择终止办理的原因。"
    advice = "请从列表中选择原因，并在理由中写明情况。"


class DuplicateCase(RuleError):
    """The same person has an open case of the same item; it may be overruled with a reason."""

    code = "E147"
    sentence = "这个人有同一事项的办件正在办理，请先核对；确需另办的，请写明理由。"
    advice = "是同一件事的，请在原办件上补材料或催办，不要另收；确需另办的，写明理由再提交。"

    def __init__(self, cases: Iterable[str]) -> None:
        listed = "、".join(cases)
        super().__init__(f"这个人同一事项已有办件：{listed}。确需另办的，请写明理由。", cases=listed)


class VersionQuestion(BadInput):
    """The case was filed under a version that was no longer in force; a person has to say that it is good."""

    code = "E148"
    sentence = "本件按已被替换的事项版本填报，请核对后确认按原版本受理，或者退回。"
    advice = "请核对材料和条件：仍然适用的，勾选后受理；不适用的，写明理由退回。"


class ToleranceRefused(BadInput):
    """Papers may not follow later as asked: not on the list, without promise or date, or too late a date."""

    code = "E149"
    sentence = "容缺收件的材料、承诺或补交日期不符合事项规定。"
    advice = "请核对可以容缺的材料清单，并请申请人签署承诺。"


class AuthorityMissing(BadInput):
    """Proxy filing without a letter of authority that covers it."""

    code = "E150"
    sentence = "代办需要有效的委托书：请填写委托人、代办人、事项和期限。"
    advice = "请选择或登记委托人本人、包括这个事项、在有效期内的委托书；没有的，由本人办理。"


class NotSilent(RuleError):
    """A department that is said to have let its day pass has answered, was not asked, or still has time."""

    code = "E151"
    sentence = "所列部门已经答复、没有被征求意见，或者答复期限还没有过。"
    advice = "请刷新页面看联办部门的最新答复；还在期限内的，请先催办。"


class ExtensionTooLong(BadInput):
    """An extension by more days than the item allows, or by none."""

    code = "E152"
    sentence = "延期不能超过事项规定的天数。"
    advice = "请填写不超过事项规定的天数。"

    def __init__(self, days: int) -> None:
        now = f"本事项最多可以延期 {days} 天。" if days else "本事项没有规定可以延期。"
        super().__init__(f"延期不能超过事项规定的天数。{now}", days=days)


class ExtensionTooLate(RuleError):
    """An extension of a limit that is over already (行政许可法 42)."""

    code = "E175"
    sentence = "办理期限 {last} 已经过了，不能再延期。"
    advice = "请尽快作出决定；延期只能在期限以内作出，逾期的按超期处理。"


class ReasonMissing(BadInput):
    """A step that needs a written reason has none."""

    code = "E105"
    sentence = "请写明理由。"


class DueMissing(BadInput):
    """An acceptance without the date by which the case must be decided."""

    code = "E107"
    sentence = "受理必须写明办理期限的截止日期。"


class ResultMissing(BadInput):
    """A decision in favour that names no result."""

    code = "E119"
    sentence = "请写明办理结果的名称。"


class ClockDoubtful(RuleError):
    """The date is before the last one on which this node did what days bring, or more than a month later."""

    code = "E155"
    sentence = "本站日期与上次运行相差过大，涉及法定日期的自动办理已暂停，请核对时间。"
    advice = "请核对电脑的日期和时间；无误的，由管理员在“核对日期”页确认后继续。"


class DayNotLookedAt(BadInput):
    """The date here is doubtful, and nobody has said that the day an act would be dated by is right."""

    code = "E171"
    sentence = "本站日期有疑问：请核对今天的日期，无误的勾选后再提交。"
    advice = "电脑的日期不对的，先调准电脑的日期和时间，再打开这一页提交。"


class DecisionNotInForce(RuleError):
    """The decision is suspended or revoked, so nothing is made out or handed over on it."""

    code = "E156"
    sentence = "本件的决定已中止执行或被撤销，不能制证或送达；恢复效力后再办。"


class DeemedAccepted(RuleError):
    """Five working days have passed since the receipt: the case counts as accepted (行政许可法 32)."""

    code = "E157"
    sentence = "收到材料已超过五个工作日，依法视为受理，不能再补正告知、退回、不予受理或终止；请直接受理。"


class AlreadyThere(RuleError):
    """The same act is already applied; it is not applied a second time."""

    code = "E126"
    sentence = "这一步已经登记过。"


class OutOfService(RuleError):
    """The roster says that this node is relieved of its work or retired: no new case begins here."""

    code = "E172"
    sentence = "县级已停用或撤销本站，本站不收新件。"
    advice = "请群众到上级站点办理；已收的件照常办理。"
