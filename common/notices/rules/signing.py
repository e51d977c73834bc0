"""How the receipt of a hand-over (送达回证) was signed: by pen on the paper, or on the screen. Pure.

Source: 行政许可法 44 and the usual form of a 送达回证, on which whoever takes a document signs.
"""

from __future__ import annotations

from common.casework.rules.handed import POST
from common.casework.rules.words import Report
from common.notices.rules.scene import Scene

__all__ = ("ON_SCREEN", "POST", "REFUSED", "SELF", "SIGNATURE", "VISIT", "signed_on_screen")

# As the desk's form signs them.
ON_SCREEN, SELF, SIGNATURE = "屏幕上签名", "本人领取", "signature"
VISIT, REFUSED = "上门送达", "拒绝签收，见证人已签名"


def signed_on_screen(scene: Scene) -> tuple[str, str]:
    """Return what is said in place of the signature, and the picture of it (SHA-256 in hex).

    Both are "" for another paper and where a pen signed: a line is left for it. The picture alone is ""
    where the report brought none.
    """
    receiver = scene.moment.data.get("receiver")
    if scene.moment.word != Report.HANDED_OVER or not isinstance(receiver, dict):
        return "", ""
    if receiver.get("signed") != ON_SCREEN:
        return "", ""
    who = "申请人" if receiver.get("how") == SELF else "领取人"
    papers = scene.state.reports[scene.moment.event.id].papers
    return f"{who}在屏幕上签名", next((paper.hash for paper in papers if paper.key == SIGNATURE), "")
