"""Why a paper cannot be made as PDF. In every case nothing was printed and nothing changed."""

from __future__ import annotations

from common.errors import LiandongError, Unavailable

_BROWSER = "请在浏览器里按“打印”，内容完全一样。"


class PrintFromBrowser(LiandongError):
    """This node has no PDF printing (a village never has): the page itself prints."""

    code = "E561"
    status = 503
    sentence = "本站没有安装PDF打印功能。"
    kept = "办件没有任何改动。"
    advice = _BROWSER


class PrinterBusy(Unavailable):
    """Other papers are being printed and did not finish in the time a person waits."""

    code = "E562"
    sentence = "正在打印的文书较多，请稍后再试。"
    kept = "办件没有任何改动。"
    advice = _BROWSER


class PrintFailed(LiandongError):
    """The printing process gave up on this paper, or took longer or more memory than it may."""

    code = "E563"
    status = 500
    sentence = "这份文书没有打印成PDF。"
    kept = "办件没有任何改动。"
    advice = _BROWSER


class PaperTooLarge(LiandongError):
    """The page, or the PDF made of it, is larger than any notice can be."""

    code = "E564"
    status = 413
    sentence = "这份文书太长，不能打印成PDF。"
    kept = "办件没有任何改动。"
    advice = _BROWSER


class CharactersMissing(LiandongError):
    """No font of ours has these characters; they would be gaps on the paper. `characters` lists them."""

    code = "E565"
    status = 409
    sentence = "有 {count} 个字打印不出来：{characters}（{codes}）。"
    kept = "没有打印，办件没有任何改动。"
    advice = "请核对是否录错；无误时可改用〓代替后打印，再手写补上。"

    def __init__(self, characters: set[str]) -> None:
        self.characters = frozenset(characters)
        listed = sorted(characters)
        shown = listed[:20]
        super().__init__(
            count=len(listed),
            characters="、".join(shown),
            codes=" ".join(f"U+{ord(character):04X}" for character in shown),
        )


class ForeignResource(LiandongError):
    """The page asks for a file that is neither a font nor a static file of ours: a fault of its template."""

    code = "E566"
    status = 500
    sentence = "文书模板引用了不允许的文件，没有打印。"
    kept = "办件没有任何改动。"
    advice = _BROWSER
