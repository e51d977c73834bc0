"""What can go wrong with a letter of authority. Codes E255–E259."""

from __future__ import annotations

from common.errors import NotAllowed, NotFound, RuleError


class NoSuchLetter(NotFound):
    """No letter of authority with this number was entered here."""

    code = "E255"
    sentence = "没有编号为 {letter} 的委托书。"


class LetterEnded(RuleError):
    """The letter was revoked already."""

    code = "E256"
    sentence = "这份委托书已经撤销。"


class NotCovered(RuleError):
    """The letter does not cover what is to be filed: another agent, item or day."""

    code = "E257"
    sentence = "这份委托书不能用于本次办理：{why}。"
    advice = "请另签委托书，或由本人办理。"


class NotYourLetter(NotAllowed):
    """The letter was entered by another department, so who gave it is none of this person's business."""

    code = "E258"
    sentence = "这份委托书由其他部门登记，您不能查看。"
    advice = "要看全部内容，请联系登记委托书的部门或综合窗口。"
