"""The errors Liandong raises on purpose: one root, a stable code, an HTTP status and a Chinese sentence.

A code is never reused. Concrete errors live beside the code that raises them; only what several capabilities
share is here. This module imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


class LiandongError(Exception):
    """Root of every error that is part of a promise to the caller.

    `code` is stable and never reused, `status` is the HTTP status a page or an interface answers with.
    `sentence` tells a person in Chinese what happened, `kept` what was kept in spite of it, `advice` what to
    do next. `details` holds the values a log line needs; they also fill `{name}` places in the three texts.
    """

    code: str = "E001"
    status: int = 500
    sentence: str = "系统出现错误。"
    kept: str = ""
    advice: str = ""

    def __init__(self, sentence: str | None = None, **details: str | int) -> None:
        if sentence is not None:
            self.sentence = sentence
        self.details = details
        super().__init__(self.sentence)

    def told(self, text: str, translate: Callable[[str], str] = str) -> str:
        """Return `text` (one of this error's three texts), translated and with its places filled."""
        spoken = translate(text)
        if not self.details:
            return spoken
        try:
            return spoken.format(**self.details)
        except (KeyError, IndexError, ValueError):
            # A sentence with braces of its own, as one that quotes what was typed, is shown as it is.
            return spoken

    def __str__(self) -> str:
        return f"{self.code} {self.told(self.sentence)}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with what a person typed: which field, its label, a stable code, a Chinese sentence."""

    field: str
    label: str
    code: str
    sentence: str


class RuleError(LiandongError):
    """The request is well formed, but a rule forbids it in the present state."""

    code = "E002"
    status = 409
    sentence = "按现行规则不能这样办理。"
    kept = "没有作任何改动。"
    advice = "请刷新页面，按最新状态继续办理。"


class BadInput(LiandongError):
    """What was typed or sent cannot be used; `problems` lists everything wrong with it at once."""

    code = "E003"
    status = 400
    sentence = "填写的内容有误，请按提示修改。"
    kept = "您填写的内容仍保留，没有丢失。"

    def __init__(
        self, sentence: str | None = None, problems: Sequence[Problem] = (), **details: str | int
    ) -> None:
        super().__init__(sentence, **details)
        self.problems: list[Problem] = list(problems)


class NotAllowed(LiandongError):
    """This person or this node may not do that."""

    code = "E004"
    status = 403
    sentence = "您没有办理这一操作的权限。"
    advice = "如需办理，请联系本站管理员调整岗位权限。"


class NotFound(LiandongError):
    """There is no such thing here."""

    code = "E005"
    status = 404
    sentence = "没有找到所要的内容。"
    advice = "请核对编号或网址，或返回首页重新查找。"


class Unavailable(LiandongError):
    """It cannot be done now, but trying again later may help."""

    code = "E006"
    status = 503
    sentence = "系统暂时繁忙，请稍后再试。"
    kept = "本次操作没有生效，以前受理的内容都在。"
