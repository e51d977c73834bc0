"""What casework refuses, each with its own code; the same refusals judge an event made here or elsewhere.

E101 to E199 are the reasons why a step, a report or a filing does not count. A code is never reused.
"""

from __future__ import annotations

from collections.abc import Iterable

from common.casework.paper_refusals import GapOpen, LackingMissing, PapersLacking, PapersWaiting
from common.casework.refusals import (
    AlreadyThere,
    AnswerByMissing,
    AuthorityMissing,
    BeyondNotice,
    ClockDoubtful,
    CorrectionMissing,
    DecisionNotInForce,
    DeemedAccepted,
    DepartmentMissing,
    DueMissing,
    DueNotLater,
    DuplicateCase,
    ExtendedBefore,
    ExtensionTooLong,
    GroundMissing,
    NotSilent,
    NotYetOverdue,
    OpinionsMissing,
    ReasonMissing,
    ResultMissing,
    SpecialMissing,
    StandingMissing,
    ToleranceRefused,
    VersionQuestion,
    WrongDepartment,
)
from common.casework.result_refusals import (
    FeeMissing,
    FeeOpen,
    FeePaid,
    NoFeeOpen,
    NotUncollectedYet,
    OriginalsMissing,
    ReceiptMissing,
)
from common.casework.rules.labels import label
from common.errors import BadInput, NotAllowed, NotFound, RuleError

__all__ = (
    "SENTENCES",
    "AlreadyThere",
    "AnswerByMissing",
    "AnswerMissing",
    "AnswerNotOpen",
    "AuthorityMissing",
    "BadShape",
    "BeyondNotice",
    "CannotApply",
    "CaseNotFound",
    "ClockDoubtful",
    "CorrectionMissing",
    "DecisionNotInForce",
    "DeemedAccepted",
    "DepartmentMissing",
    "DueMissing",
    "DueNotLater",
    "DuplicateCase",
    "ExtendedBefore",
    "ExtensionTooLong",
    "FeeMissing",
    "FeeOpen",
    "FeePaid",
    "FilingIncomplete",
    "GapOpen",
    "GroundMissing",
    "ItemNotAvailable",
    "LackingMissing",
    "LevelNotAllowed",
    "NoFeeOpen",
    "NoFiling",
    "NotHolder",
    "NotInOrder",
    "NotInstant",
    "NotSilent",
    "NotUncollectedYet",
    "NotYetOverdue",
    "NotYourStep",
    "OpinionsMissing",
    "OriginalsMissing",
    "PapersLacking",
    "PapersWaiting",
    "PartyChanged",
    "ReasonMissing",
    "ReceiptMissing",
    "ReportNotAllowed",
    "ResultMissing",
    "SamePerson",
    "SpecialMissing",
    "StandingMissing",
    "StepNotAllowed",
    "ToleranceRefused",
    "TooManyPapers",
    "UnknownWord",
    "VersionQuestion",
    "WrongApex",
    "WrongDepartment",
    "WrongOrigin",
    "WrongOutcome",
    "WrongRoute",
)


class StepNotAllowed(RuleError):
    """The table holds no such step from the state the case is in; `allowed` says what may be done now."""

    code = "E101"
    sentence = "办件现在的状态不能这样办理。"

    def __init__(self, state: str, action: str, allowed: Iterable[str] = ()) -> None:
        self.state = str(state)
        self.allowed = tuple(str(a) for a in allowed)
        now = f"现在可以：{'、'.join(label(a) for a in self.allowed)}。" if self.allowed else ""
        super().__init__(
            f"办件现在是“{label(self.state)}”，不能“{label(str(action))}”。{now}",
            state=self.state,
            action=str(action),
        )


class NotYourStep(NotAllowed):
    """The step exists, but for another party of the route or another role."""

    code = "E102"
    sentence = "这一步由其他岗位或其他站点办理。"

    def __init__(self, state: str, action: str, role: str) -> None:
        super().__init__(
            f"“{label(str(role))}”不能对“{label(str(state))}”的办件作“{label(str(action))}”。",
            state=str(state),
            action=str(action),
            role=str(role),
        )


class NotHolder(RuleError):
    """The case is held by another node; only that node moves it, others send reports."""

    code = "E103"
    sentence = "办件现在由其他部门或站点办理，本站不能直接处理。"


class SamePerson(RuleError):
    """Review and approval were made by one person."""

    code = "E104"
    sentence = "审查和批准必须由两个人分别作出，审查人不能批准自己审查的办件。"


class CaseNotFound(NotFound):
    """This node has no case with that number."""

    code = "E108"
    sentence = "没有找到这个办件编号，请核对是否抄错。"


class LevelNotAllowed(RuleError):
    """The item may not be taken in at this node's level."""

    code = "E109"
    sentence = "本级站点不能收取这个事项。"


class ItemNotAvailable(NotFound):
    """The catalogue has no item in force with that code."""

    code = "E110"
    sentence = "事项目录中没有这个事项，或者它现在没有生效。"


class FilingIncomplete(BadInput):
    """What was entered for a new case, or for a report, cannot be filed as it stands."""

    code = "E111"
    sentence = "填写的内容不完整或有误，请按提示修改。"


class AnswerNotOpen(RuleError):
    """The step answers a report that is not there, not of this case, or already answered."""

    code = "E112"
    sentence = "所答复的事项不存在或者已经答复过。"


class AnswerMissing(RuleError):
    """The step exists to answer a report, but none is open."""

    code = "E113"
    sentence = "没有等待答复的来件（如补来的材料），不能作这一步。"


class WrongOutcome(RuleError):
    """The event claims another next state or holder than the table gives."""

    code = "E114"
    sentence = "所报的办理结果与流程表不一致。"


class WrongOrigin(RuleError):
    """The case number, the author and the place of filing do not belong together."""

    code = "E115"
    sentence = "办件编号与收件站点不一致。"


class WrongApex(RuleError):
    """The case names another top than the network has, or its top did not say this."""

    code = "E116"
    sentence = "办件的上级站点不符。"


class ReportNotAllowed(RuleError):
    """The report makes no sense in the state of the case, or its sender may not send it."""

    code = "E117"
    sentence = "办件现在的状态不需要这样报告。"


class BadShape(RuleError):
    """The body of an event lacks a part, or a part has the wrong form."""

    code = "E118"
    sentence = "办件数据的格式不对。"


class TooManyPapers(BadInput):
    """More papers than one act can carry."""

    code = "E120"
    sentence = "一次最多附 12 份材料，其余的请在收件后用“补来材料”补交。"


class NotInstant(RuleError):
    """The case cannot be settled on the spot here."""

    code = "E121"
    sentence = "这个事项不能在本站当场办结。"


class PartyChanged(RuleError):
    """An event tries to give a party of the case to another node; parties are only added."""

    code = "E122"
    sentence = "办件的参与站点只能增加，不能更换。"


class NotInOrder(RuleError):
    """The event does not continue the chain as it stands, so the case must be folded from the beginning."""

    code = "E123"
    sentence = "办件已有新的进展，请刷新后再试。"


class UnknownWord(RuleError):
    """A state, action, report or role that this version of the program does not know."""

    code = "E124"
    sentence = "收到新版本的办理步骤，升级后才能处理。"

    def __init__(self, word: str) -> None:
        super().__init__(word=word[:40])


class NoFiling(RuleError):
    """No valid filing is among the events, so there is no case yet."""

    code = "E125"
    sentence = "办件的收件记录还没有到达。"


class WrongRoute(RuleError):
    """The parties of a filing are not those of its item's route: somebody took a part that is not theirs."""

    code = "E127"
    sentence = "办件所列的办理站点与事项规定的不一致。"


class CannotApply(RuleError):
    """This program failed over the event; a newer one is given it again."""

    code = "E128"
    sentence = "本站程序处理不了这条记录，升级后会再试。"


# Code → sentence, for places that keep only the code.
SENTENCES = {globals()[name].code: globals()[name].sentence for name in __all__ if name != "SENTENCES"}
