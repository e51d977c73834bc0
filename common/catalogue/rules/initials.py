"""First letters of the pinyin of Chinese words, so that 高龄津贴 is found by typing gljt, 王秀英 by wxy.

Pure. The letters stand in `letters.py`; the few characters that names read in two ways stand here.
"""

from __future__ import annotations

from itertools import product

from common.catalogue.rules.letters import FIRST, LAST, LETTERS

# Characters of names that are read in several ways, each with its letters: 单 as a surname is shàn, else dān.
# fmt: off
SEVERAL = {
    "单": "ds", "解": "jx", "仇": "cq", "区": "qo", "查": "cz", "盖": "gh", "乐": "ly", "覃": "qt",
    "缪": "mj", "召": "zs", "朴": "pb", "曾": "zc", "翟": "zd", "尉": "wy", "员": "yw", "隗": "wk",
    "冼": "xs", "洗": "xs", "郇": "xh", "种": "zc", "重": "zc", "祭": "jz", "那": "n", "折": "zs",
    "黑": "hx", "繁": "fp", "便": "bp", "句": "jg", "谌": "cs", "薄": "b", "贾": "jg", "长": "cz",
    "秘": "mb", "万": "wm", "俟": "sq", "行": "xh", "晟": "cs", "茜": "xq", "朝": "cz", "盛": "sc",
    "仔": "z", "石": "sd", "车": "cj", "宿": "sx", "辟": "bp", "泊": "bp", "沈": "sc", "会": "hk",
    "厦": "sx", "调": "dt", "藏": "cz", "传": "cz", "褚": "cz", "晁": "cz",
}
# fmt: on
# A name with many such characters would have too many ways to be read; the first ones are enough.
READINGS_MAX = 4


def initials(text: str) -> str:
    """Return the letters, in lower case: those of Chinese characters, and what is ASCII as it is.

    Any other sign is left out.
    """
    return "".join(_initial(sign) for sign in text)


def readings(name: str) -> list[str]:
    """Return the letters of a name in each way it may be read, the usual one first, four at most."""
    usual = initials(name)
    choices = [dict.fromkeys(_initial(sign) + SEVERAL.get(sign, "")) for sign in name]
    found = dict.fromkeys([usual])
    for letters in product(*(list(one) or [""] for one in choices)):
        if len(found) == READINGS_MAX:
            break
        found["".join(letters)] = None
    return list(found)


def _initial(sign: str) -> str:
    if sign.isascii():
        return sign.lower() if sign.isalnum() else ""
    if not FIRST <= ord(sign) <= LAST:
        return ""
    return LETTERS[ord(sign) - FIRST].replace("-", "")
