"""The keys that save a way to the mouse: the list people see, and which key a word of the menu has.

A key works through `data-key` on the link or button it presses, so that it does nothing a click would not do.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shortcut:
    """One key, what it does, and the page of the menu it leads to ("" = it is something on the page)."""

    key: str
    words: str
    endpoint: str = ""


# fmt: off
SHORTCUTS = (
    Shortcut("?", "显示快捷键"),
    Shortcut("/", "到查件框，可扫码、输入编号或姓名"),
    Shortcut("h", "回首页",                     "home.index"),
    Shortcut("s", "收件",                       "filing.choose"),
    Shortcut("q", "办件列表",                   "queue.index"),
    Shortcut("n", "下一件等我办理的",           "queue.following"),
    Shortcut("l", "线路和U盘",                  "line.index"),
    Shortcut("g", "办事指南",                   "guide.index"),
    Shortcut("j", "下一份材料"),
    Shortcut("k", "上一份材料"),
    Shortcut("c", "对照清单审材料"),
    Shortcut("+", "放大材料"),
    Shortcut("-", "缩小材料"),
    Shortcut("0", "看整页材料"),
    Shortcut("r", "向右转材料"),
)
# fmt: on
KEYS = {one.endpoint: one.key for one in SHORTCUTS if one.endpoint}
assert len({one.key for one in SHORTCUTS}) == len(SHORTCUTS), "one key for two things"
