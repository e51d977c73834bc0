"""Why an event that came from elsewhere does not count: its form, its author, its place; see `errors`."""

from __future__ import annotations

from common.errors import RuleError


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


class BadShape(RuleError):
    """The body of an event lacks a part, or a part has the wrong form."""

    code = "E118"
    sentence = "办件数据的格式不对。"


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


class AnswerNotOpen(RuleError):
    """The step answers a report that is not there, not of this case, or already answered."""

    code = "E112"
    sentence = "所答复的事项不存在或者已经答复过。"


class AnswerMissing(RuleError):
    """The step exists to answer a report, but none is open."""

    code = "E113"
    sentence = "没有等待答复的来件（如补来的材料），不能作这一步。"
