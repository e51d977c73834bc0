"""What is refused at a node put back from an older copy; see `errors`, which names them with all others."""

from __future__ import annotations

from common.errors import BadInput, RuleError


class MayHaveGoneOn(BadInput):
    """The node was put back, and may have taken steps on this case that are not back yet."""

    code = "E190"
    sentence = (
        "本件恢复备份以前办过的步骤可能还没有取回：请先等取齐；一定要现在办的，打开这一件，核对后勾选再提交。"
    )
    advice = "取齐以前办的和取回的对不上时，有一个会作废；还等哪些站点，看“还没有取回的”。"


class NotWaitedFor(RuleError):
    """A site that is to be waited for no longer is not waited for, or not long enough yet."""

    code = "E191"
    sentence = "现在不能这样做：恢复备份满 7 天、仍在等的站点，才可以不再等。"

    def __init__(self, days: int) -> None:
        super().__init__(f"现在不能这样做：恢复备份满 {days} 天、仍在等的站点，才可以不再等。")


class WaitNotEnded(RuleError):
    """An act whose wait somebody would end waits for nothing any more, or may still come by itself."""

    code = "E192"
    sentence = "这一份现在不用这样处理：已经办理了，或者还会自己到达。请刷新“线路和U盘”页再看。"
