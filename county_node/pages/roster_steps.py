"""What the county may do to a node in the roster: in which standing, what it asks for, what it says."""

from __future__ import annotations

from dataclasses import dataclass

from sync.protocol.entries import LIVE, RELIEVED, RETIRED


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that may be done to a node: in which standing, and whether it asks to be sure."""

    name: str
    title: str
    said: tuple[str, ...]
    standing: tuple[str, ...]
    asks: tuple[str, ...]
    is_grave: int = 0


STEPS = {
    step.name: step
    for step in (
        Step(
            "move",
            "换上级",
            (
                "办件和材料都不丢，编号不变。",
                "各站点下次联系时照新的上级走。",
                "新的上级没有填网址的，请先设网址，否则只能用U盘联系它。",
            ),
            (LIVE, RELIEVED),
            ("parent",),
        ),
        Step("url", "设网址", ("下级换到这个站点时，按名册里的网址联系它。",), (LIVE, RELIEVED), ("url",)),
        Step(
            "relieve",
            "停用站点",
            (
                "它下面的站点改由再上一级联系。",
                "它手里的办件可以在“接管”页接管。",
                "修好以后可以恢复。",
            ),
            (LIVE,),
            ("why",),
        ),
        Step("restore", "恢复", ("它下面的站点改回由它联系。已经接管的件不退回。",), (RELIEVED,), ("why",)),
        Step(
            "revoke",
            "作废钥匙",
            (
                "电脑被盗、遗失或钥匙泄露时用。",
                "截止号以后的报文在各级一律暂扣，等您放行或剔除。",
                "之后请发新的入网码，让新电脑登记。",
            ),
            (LIVE, RELIEVED),
            (),
            1,
        ),
        Step(
            "retire",
            "撤销站点",
            ("站点永久退出，代码不再使用。", "只是换电脑的，请发新的入网码，不要撤销。"),
            (LIVE, RELIEVED),
            ("why",),
            1,
        ),
    )
}
STANDINGS = {LIVE: ("在用", "good"), RELIEVED: ("站点已停用", "warn"), RETIRED: ("已撤销", "bad")}
