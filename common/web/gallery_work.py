"""Samples for the second page of parts: what only the desks have, each in every state it can be in."""

from __future__ import annotations

from typing import Any

_HOUR_MS = 3_600_000


def samples(now_ms: int) -> dict[str, Any]:
    """Return what `gallery_work.html` shows; the people are invented."""
    return {
        "rows": _rows(now_ms),
        "below": _below(now_ms),
        "outages": _OUTAGES,
        "coming": _COMING,
        "case": _CASE,
        "life": _LIFE,
        "jobs": _JOBS,
        "heirs": (("lijuan", "李桂兰"), ("zhou", "周建国")),
    }


def _rows(now_ms: int) -> list[dict[str, Any]]:
    states = (
        ("已收件", "", "待初审", "good", "03-12 前", "SAVED", "王秀英"),
        ("待补正", "warn", "待申请人补材料", "warn", "03-09 快到期", "TOWNSHIP", "张国清"),
        ("已受理", "good", "待审查", "bad", "03-05 已超期", "COUNTY", "欧阳建国"),
        ("已办结", "", "", "", "", "DECIDED", "李玉梅"),
    )
    return [
        {
            "href": "#",
            "item_name": "高龄津贴申领",
            "number": f"511921108203-A1{place}-K7QMX",
            "applicant": name,
            "place": "青峪口村",
            "state": state,
            "state_light": colour,
            "needs": needs,
            "is_here": place != 1,
            "waits_at": "青峪口村",
            "light": light,
            "light_words": due,
            "filed_at": now_ms - place * 50 * _HOUR_MS,
            "tick": tick,
        }
        for place, (state, colour, needs, light, due, tick, name) in enumerate(states)
    ]


def _below(now_ms: int) -> list[dict[str, Any]]:
    heard = ((1 / 60, "good", 0, 0, ""), (30, "warn", 1, 2, "1 次，合计 1 天 6 小时"), (90, "bad", 1, 5, ""))
    sites = [
        {
            "name": f"青峪{place}村",
            "address": f"51192110820{place}",
            "contact_at": int(now_ms - hours * _HOUR_MS),
            "light": light,
            "waits": waits,
            "open": count,
            "unheard": unheard,
        }
        for place, (hours, light, waits, count, unheard) in enumerate(heard, 1)
    ]
    never = {**sites[0], "name": "草坝村", "address": "511921108204", "contact_at": 0, "light": ""}
    return [*sites, never, {**sites[1], "name": "石板村", "address": "511921108205", "is_cut_off": True}]


_OUTAGES = (
    {"what": "无联系", "by": "本站记", "began": "2026-03-09 08:10", "lasts": 1},
    {
        "what": "线路不通",
        "by": "站点自报",
        "began": "2026-03-08 10:00",
        "ended": "12:05",
        "lasted": "2 小时 5 分",
    },
    {"what": "停机（停电、关机或程序停了）", "by": "站点自报", "began": "2026-03-07 20:00", "is_doubtful": 1},
)
_COMING = (
    "第一次接收资料：已收到事项 12 个。",
    "还要收：报文 86 份、材料 14 份（约 5.2 MB）。先收报文，材料随后。",
    "按现在的速度，大约需要7 分钟。",
)
_CASE = {
    "papers": [
        {"place": 1, "name": "高龄津贴申请审批表", "look": "#paper", "is_here": 1},
        {"place": 2, "name": "申请人居民身份证", "look": "#paper", "is_here": 0},
    ]
}
_LIFE = {
    "standing": "本决定已被撤销（2026-03-09，行政复议决定）。",
    "barred": ("您审查过本件，不能再批准。",),
    "limits": (
        {"name": "承诺期限", "due": "2026-03-20", "left": "还剩 8 个工作日", "light": "good"},
        {"name": "法定期限", "due": "2026-03-09", "left": "还剩 1 个工作日", "light": "warn"},
        {"name": "本环节内部时限", "due": "2026-03-05", "left": "超期 2 个工作日", "light": "bad"},
    ),
    "notes": ("特别程序期间不计入期限。",),
    "opinions": (
        {
            "department": "县残联",
            "matter": "残疾等级",
            "words": "同意",
            "light": "good",
            "due": "",
            "note": "",
        },
        {"department": "县医保局", "matter": "", "words": "还没有答复", "light": "warn", "due": "2026-03-12"},
        {
            "department": "县公安局",
            "matter": "户籍",
            "words": "超期未答复",
            "light": "bad",
            "due": "2026-03-05",
        },
    ),
    "corrections": ({"label": "联系电话", "old": "15400001234", "new": "15400004321", "why": "抄错一位"},),
    "links": ({"words": "复议后重新办理", "number": "511921108203-A17-K7QMX", "href": "#", "why": ""},),
}
_JOBS = (
    {"state": "", "title": "正在导出台账", "percent": 40},
    {"state": "good", "title": "归档包做好了", "does": "取文件"},
    {"state": "warn", "title": "做的时候停了电，没有做完", "told": "什么都没有丢，请再做一次。"},
    {"state": "bad", "title": "数据包没有做成", "told": "什么都没有丢。磁盘满了的请先清理，再做一次。"},
)
