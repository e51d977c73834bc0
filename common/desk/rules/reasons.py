"""Texts to begin a reason with, by step: general ones that name what the law lets an office say. Pure.

Each is to be completed by the person who signs it; the parts in 〔〕 say what belongs there. Source: the
Administrative Licensing Law, article 32, paragraph 1, items 1 and 2; of what is no licence it does not speak,
so there it is gone by (参照), not applied (依照). A refusal rests on the rule of the item at hand, so its
texts leave a place for that.
"""

from __future__ import annotations

from collections.abc import Mapping

from common.casework.rules.words import Action

# (key, short name, text)
Reason = tuple[str, str, str]

_LICENCE, _NO_LICENCE = "01", "no_licence"
_RETURN: tuple[Reason, ...] = (
    ("asked", "申请人要求退回", "申请人〔何时、以何种方式〕要求退回申请，材料一并退还。"),
    ("wrong_item", "选错事项", "所申请的内容属于“〔应办事项〕”，请按该事项重新申请，所交材料可以继续使用。"),
    ("wrong_place", "不在本地办理", "该事项应在〔户籍地、不动产所在地等〕的〔站点〕办理，请向该处申请。"),
    ("double", "重复申请", "同一事项已经收件（编号〔编号〕），正在办理，本件退回。"),
)
_NOT_ACCEPT: tuple[Reason, ...] = (
    (
        _NO_LICENCE,
        "依法不需要许可",
        "所申请的事项依法不需要取得行政许可，依照行政许可法第三十二条第一款第一项，不受理。",
    ),
    (
        "not_ours",
        "不属本机关职权",
        "所申请的事项不属于本机关职权范围，依照行政许可法第三十二条第一款第二项，不予受理；"
        "请向〔行政机关〕申请。",
    ),
    ("unfit", "不符合受理条件", "〔申请人或事项〕不符合〔规定名称和条款〕的受理条件：〔写明哪一条不符〕。"),
)
# The same of what is no licence, by key.
_LIKE: Mapping[str, str] = {
    "not_ours": "所申请的事项不属于本机关职权范围，参照行政许可法第三十二条第一款第二项，不予受理；"
    "请向〔行政机关〕申请。",
}
_REFUSE: tuple[Reason, ...] = (
    (
        "conditions",
        "不符合法定条件",
        "经审查，〔事实〕，不符合〔法规名称和条款〕规定的条件，不予批准。",
    ),
    (
        "standard",
        "超出标准或名额",
        "经审查，〔事实〕，超出〔规定名称和条款〕规定的〔标准或数量〕，不予批准。",
    ),
)
_TERMINATE: tuple[Reason, ...] = (
    ("died", "申请人死亡或终止", "申请人〔死亡或单位终止〕，本件依法终止办理。"),
    ("vanished", "申请的事情不存在了", "〔事实〕，所申请的事项已无必要或已不能办理，本件终止办理。"),
)
_REASONS: Mapping[Action, tuple[Reason, ...]] = {
    Action.RETURN: _RETURN,
    Action.NOT_ACCEPT: _NOT_ACCEPT,
    Action.REFUSE: _REFUSE,
    Action.TERMINATE: _TERMINATE,
}
for _known in _REASONS.values():
    assert len({key for key, _name, _text in _known}) == len(_known), "two reasons with one key"


def of(action: Action, type_code: str) -> tuple[Reason, ...]:
    """Return the texts a step's reason may begin with; none where reasons are the person's own.

    Args:
        type_code: of the item, "" where it is not known.
    """
    found = _REASONS.get(action, ())
    if type_code == _LICENCE:
        return found
    return tuple((key, name, _LIKE.get(key, text)) for key, name, text in found if key != _NO_LICENCE)


def first_note(action: Action, type_code: str, key: str) -> dict[str, str]:
    """Return the form's first values when the text with this key was chosen; nothing for an unknown one."""
    texts = {known: text for known, _name, text in of(action, type_code)}
    return {"note": texts[key]} if key in texts else {}
