"""What is raised when a text is no claim."""

from __future__ import annotations

from common.errors import BadInput


class UnreadableClaim(BadInput):
    """The text is no claim of ours, or a part of it was lost or changed."""

    code = "E501"
    sentence = "这不是本系统凭证上的二维码，或者内容没有扫全。"
    kept = ""
    advice = "请把二维码完整地再扫一次。"
