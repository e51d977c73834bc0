"""What a notice says when its organ acts in the stead of another, whose case the county took over. Pure.

The law's articles on take-overs differ by subject, so none is cited: the paper says what was done, why and by
whom, and whom a complaint is against. The deemed acceptance of 行政许可法 32 stands in its own notice.
"""

from __future__ import annotations

from common.casework.rules.flow import Cause, Party
from common.notices.rules.naming import Organ, organ_in, site_name
from common.notices.rules.notice import Pair
from common.notices.rules.scene import Scene
from common.notices.rules.speaking import day_words, on_words


def stead_facts(scene: Scene, organ: Organ) -> tuple[Pair, ...]:
    """Return whose work the organ does and why, () where it does its own."""
    former = _former(scene)
    over = scene.moment.over
    if not former or over is None:
        return ()
    data = over.body["data"]
    why = _why(scene, str(data["cause"]), str(data.get("since", "")))
    taken = f"{on_words(data['at'])}由{organ.name}接管"
    said = f"本件原由{former}办理，因{why}，{taken}，本文书由{organ.name}代为作出。"
    return (("接管说明", said), ("接管理由", str(data.get("note", "")).strip()))


def stead_remedies(scene: Scene, organ: Organ) -> str:
    """Return against whom a remedy is sought where the organ decided in another's stead, "" elsewhere."""
    former = _former(scene)
    return f"本文书是{organ.name}作出的，复议、诉讼请写明{organ.name}，不写{former}。" if former else ""


def _former(scene: Scene) -> str:
    """Return who would have written the notice, "" where nobody else would have."""
    state, by = scene.moment.former, scene.moment.by
    if state is not None and by is Party.HAND_OVER:
        # Taken over for its service alone: what is signed is signed for whoever held it.
        by = state.holding
    if state is None or state.parties.get(by.value) != state.holder:
        return ""
    if by is Party.CHECKER:
        return site_name(state.holder, scene.place)
    return organ_in(state, scene.item, scene.place).name


def _why(scene: Scene, cause: str, since: str) -> str:
    site = scene.site(scene.moment.former.holder) if scene.moment.former else ""
    if cause in (Cause.RELIEVED, Cause.UNSERVED):
        return f"{site}已停用"
    if cause == Cause.SILENT:
        return f"{site}自{day_words(since)}以后没有联系"
    return f"{site}没有按期答复"
