"""The words of choices on the forms of steps and reports → what is signed for them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from common.casework.rules.facts import (
    AGREE,
    COMPLETE,
    CONDITIONS,
    DISAGREE,
    FAILED,
    LACKING,
    MISSING,
    RESTORED,
    REVOKED,
    SUSPENDED,
)
from common.casework.rules.tried import ABSENT, MOVED, OTHER, REFUSED, UNCLAIMED, UNKNOWN
from common.catalogue.rules.codes import SPECIAL_NAMES

Words = Mapping[str, str]
PROPOSALS: Words = {"建议批准": "approve", "建议不予批准": "refuse"}
STANDING_WORDS: Words = {"中止执行": SUSPENDED, "撤销": REVOKED, "恢复效力": RESTORED}
ANNOUNCED_WORDS: Words = {"下落不明": MISSING, "其他方式无法送达": FAILED}
TRIED_WORDS: Words = {
    "查无此人": UNKNOWN,
    "地址不对或者已经搬走": MOVED,
    "邮局通知了没有去取": UNCLAIMED,
    "家里没有人": ABSENT,
    "拒收": REFUSED,
    "其他原因": OTHER,
}
GROUND_WORDS: Words = {
    "申请人去世": "death",
    "申请单位终止": "dissolution",
    "申请事项已无意义": "moot",
    "容缺材料逾期未补": "gap",
    "其他": "other",
}
SPECIAL_WORDS: Words = {name: kind for kind, name in SPECIAL_NAMES.items()}
OPINION_WORDS: Words = {"同意": AGREE, "有条件同意": CONDITIONS, "不同意": DISAGREE}
DOOR_WORDS: Words = {"材料齐全": COMPLETE, "缺少材料": LACKING}
# GB/T 39046 annex A, 满意度: the code runs against the stars.
RATING_WORDS: Mapping[str, int] = {"非常满意": 1, "满意": 2, "基本满意": 3, "不满意": 4, "非常不满意": 5}
