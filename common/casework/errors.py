"""What casework refuses, each with its own code; the same refusals judge an event made here or elsewhere.

E101 to E199 are the reasons why a step, a report or a filing does not count. A code is never reused.
"""

from __future__ import annotations

from collections.abc import Iterable

from common.casework.back_refusals import MayHaveGoneOn, NotWaitedFor, WaitNotEnded
from common.casework.event_refusals import (
    AnswerMissing,
    AnswerNotOpen,
    BadShape,
    CannotApply,
    NoFiling,
    NotInOrder,
    PartyChanged,
    UnknownWord,
    WrongApex,
    WrongOrigin,
    WrongOutcome,
    WrongRoute,
)
from common.casework.paper_refusals import (
    GapNotOver,
    GapOpen,
    LackingMissing,
    NotGathered,
    NotInTime,
    OriginSilent,
    PapersLacking,
    PapersWaiting,
    TooManyPapers,
)
from common.casework.refusals import (
    AlreadyThere,
    AnswerByMissing,
    AuthorityMissing,
    BeyondNotice,
    ClockDoubtful,
    CorrectionMissing,
    DayInQuestion,
    DayNotLookedAt,
    DaysMissing,
    DecisionNotInForce,
    DeemedAccepted,
    DepartmentAsked,
    DepartmentMissing,
    DepartmentUnknown,
    DueMissing,
    DueNotLater,
    DuplicateCase,
    ExtendedBefore,
    ExtensionTooLate,
    ExtensionTooLong,
    GroundMissing,
    NotSilent,
    NotYetOverdue,
    OpinionsMissing,
    OutOfService,
    ProposalMissing,
    ReasonMissing,
    ResultMissing,
    SpecialMissing,
    StandingMissing,
    TakeOverRefused,
    ToleranceRefused,
    VersionQuestion,
    WrongDepartment,
)
from common.casework.result_refusals import (
    AnnouncedMissing,
    AnnouncementRuns,
    FeeMissing,
    FeeOpen,
    FeePaid,
    LetterDayMissing,
    LetterDayReliedOn,
    LetterVoidMissing,
    NoFeeInItem,
    NoFeeOpen,
    NoProcedureInItem,
    NotGivenUpYet,
    NotHeldUp,
    NothingToServe,
    NotInstant,
    NotPassed,
    NotSought,
    NotTried,
    NotUncollectedYet,
    OriginalsMissing,
    OwnCase,
    ReceiptMissing,
    SiteNotHeard,
    WaysLeft,
)
from common.casework.rules.labels import label
from common.errors import BadInput, NotAllowed, NotFound, RuleError

__all__ = (
    "SENTENCES",
    "AlreadyThere",
    "AnnouncedMissing",
    "AnnouncementRuns",
    "AnswerByMissing",
    "AnswerMissing",
    "AnswerNotOpen",
    "AuthorityMissing",
    "BadShape",
    "BeyondNotice",
    "CannotApply",
    "CaseChanged",
    "CaseNotFound",
    "ClockDoubtful",
    "CorrectionMissing",
    "DayInQuestion",
    "DayNotLookedAt",
    "DaysMissing",
    "DecisionNotInForce",
    "DeemedAccepted",
    "DepartmentAsked",
    "DepartmentMissing",
    "DepartmentUnknown",
    "DueMissing",
    "DueNotLater",
    "DuplicateCase",
    "ExtendedBefore",
    "ExtensionTooLate",
    "ExtensionTooLong",
    "FeeMissing",
    "FeeOpen",
    "FeePaid",
    "FilingIncomplete",
    "GapNotOver",
    "GapOpen",
    "GroundMissing",
    "ItemNotAvailable",
    "LackingMissing",
    "LetterDayMissing",
    "LetterDayReliedOn",
    "LetterVoidMissing",
    "LevelNotAllowed",
    "MayHaveGoneOn",
    "NoFeeInItem",
    "NoFeeOpen",
    "NoFiling",
    "NoProcedureInItem",
    "NotGathered",
    "NotGivenUpYet",
    "NotHeldUp",
    "NotHolder",
    "NotInOrder",
    "NotInTime",
    "NotInstant",
    "NotPassed",
    "NotSilent",
    "NotSought",
    "NotTried",
    "NotUncollectedYet",
    "NotWaitedFor",
    "NotYetOverdue",
    "NotYourStep",
    "NothingToServe",
    "OpinionsMissing",
    "OriginSilent",
    "OriginalsMissing",
    "OutOfService",
    "OwnCase",
    "PapersLacking",
    "PapersWaiting",
    "PartyChanged",
    "ProposalMissing",
    "ReasonMissing",
    "ReceiptMissing",
    "ReportNotAllowed",
    "ResultMissing",
    "SamePerson",
    "SiteNotHeard",
    "SpecialMissing",
    "StandingMissing",
    "StepNotAllowed",
    "TakeOverRefused",
    "TakenAlready",
    "ToleranceRefused",
    "TooManyPapers",
    "UnknownWord",
    "VersionQuestion",
    "WaitNotEnded",
    "WaysLeft",
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


class TakenAlready(NotHolder):
    """The case is held by another node since this very step was taken here."""

    code = "E173"
    sentence = "“{step}”已由{who}于 {at} 办过，办件已经转走，不用再办。"


class CaseChanged(RuleError):
    """The case has gone on, or papers were brought, since the page was shown on which a step was decided."""

    code = "E174"
    sentence = "打开这一页之后，本件有了新情况（见本页），还没有提交。"
    advice = "请先看新情况；仍然这样办的，再按一次确定。您写的内容都在。"


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


class ReportNotAllowed(RuleError):
    """The report makes no sense in the state of the case, or its sender may not send it."""

    code = "E117"
    sentence = "办件现在的状态不需要这样报告。"


# Code → sentence, for places that keep only the code.
SENTENCES = {globals()[name].code: globals()[name].sentence for name in __all__ if name != "SENTENCES"}
