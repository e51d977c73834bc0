"""Why a notice cannot be shown. Nothing changes by asking for one."""

from __future__ import annotations

from common.errors import NotFound


class NoSuchNotice(NotFound):
    """The act gives no notice, does not count in the case, or is not here."""

    code = "E571"
    sentence = "这一步没有文书，或者文书所依据的记录还没有传到本站。"
    advice = "请回到办件页面，从“文书”里选择。"


class NoPdfHere(NotFound):
    """A village has no PDF printing; the page itself prints."""

    code = "E572"
    sentence = "本站不制作PDF，请用浏览器打印。"
    advice = "请返回文书页面，按“打印”或 Ctrl+P，内容完全一样。"
