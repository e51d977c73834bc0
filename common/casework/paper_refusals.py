"""Refusals about papers that are missing or wait; see `errors`, which names them with all others."""

from __future__ import annotations

from collections.abc import Iterable

from common.errors import BadInput, RuleError


class PapersLacking(BadInput):
    """An acceptance while required papers are missing that may not follow and are needed."""

    code = "E158"
    sentence = "必交材料还没有交齐，不能受理。"
    advice = "请一次告知补正；经核对确实不需要的，勾选并写明理由后再受理。"


class NotGathered(BadInput):
    """The one full notice leaves out what a joint department misses; it could never be asked for again."""

    code = "E168"
    sentence = "联办部门列出的材料没有全部写进一次告知。"
    advice = "请一并勾选；以后不能再要。部门列错了的，请该部门在告知以前重新答复。"


class PapersWaiting(RuleError):
    """Papers that the applicant has brought wait to be taken, so the case cannot lapse for want of them."""

    code = "E154"
    sentence = "申请人已经补来材料，请先收取，不能按逾期不补正处理。"
    advice = "请先“收取补正材料”，再决定是否受理。"


class NotInTime(RuleError):
    """A case that has lapsed goes on only for papers brought within the time of the notice."""

    code = "E160"
    sentence = "补来的材料不是在补正期限内交的，或者结果已经送达，本件不能恢复办理。"
    advice = "请申请人备齐材料另收新件；对期限有争议的，请受理窗口核对收件站点的登记。"


class OriginSilent(RuleError):
    """Papers may have been brought in time where the case was filed: nothing was heard from there since."""

    code = "E161"
    sentence = "收件站点在补正期限过后还没有联系上，可能有按期交来的材料在路上，暂不能按逾期不补正处理。"
    advice = "请等收件站点联系上再办；可以先“催办”，或者电话问清有没有收到材料。"


class LackingMissing(BadInput):
    """A request for papers that names no paper."""

    code = "E106"
    sentence = "请列出缺少的材料，至少一项。"


class GapOpen(RuleError):
    """A paper that was allowed to follow has not come yet (容缺)."""

    code = "E138"
    sentence = "容缺的材料还没有补齐，不能作出批准。"
    advice = "请通知申请人补交，收取后再批准；逾期没有补交的，可以“终止办理”，原因选容缺材料逾期未补。"

    def __init__(self, papers: Iterable[str]) -> None:
        listed = "、".join(papers)
        super().__init__(f"容缺的材料还没有补齐：{listed}。补齐之前不能作出批准。", papers=listed)


class GapNotOver(RuleError):
    """A case would end for papers that were to follow: none is owed, or the applicant still has time."""

    code = "E178"
    sentence = "本件没有容缺未补的材料，不能以“容缺材料逾期未补”终止。"
    advice = "请核对终止原因；容缺材料到期还没有补来的，到期后再办。"


class TooManyPapers(BadInput):
    """More papers than one act can carry."""

    code = "E120"
    sentence = "一次最多附 12 份材料，其余的请在收件后用“补来材料”补交。"
