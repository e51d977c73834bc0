"""What ends an installation. What was done up to then stays done, and the next run goes on from there."""

from __future__ import annotations

from common.errors import LiandongError


class StepFailed(LiandongError):
    """A program of the plan ended with an error."""

    code = "E651"
    status = 500
    sentence = "这一步没有做成：{why}（{words}，返回 {exit}）。改正后可以再执行一次。"


class InTheWay(LiandongError):
    """Something lies where a new file was to be made; it was not touched."""

    code = "E652"
    status = 409
    sentence = "{path} 已经存在，没有动它。"
