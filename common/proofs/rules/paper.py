"""What a paper prints of its claim, in the paper's own words: no more is asked to be compared. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from common.days import local_day, local_minute
from common.proofs.rules.claim import KIND_NAMES, Claim

SLIPS = ("slip", "settled")
# What the paper calls the day by which the case is decided; other papers do not print it.
_DUE_NAMES: Mapping[str, str] = {
    "acceptance": "决定期限", "tolerant": "决定期限", "reminder": "决定期限", "extension": "延期后决定期限",
    "approval": "承诺决定期限", "refusal": "承诺决定期限",
}  # fmt: skip
# Papers of a site or of the applicant; all others bear the name of an organ.
_NO_ORGAN = ("promise", "sent_back", "papers_slip", "handover", "reminder", "withdrawal")
Line = tuple[str, str]


def lines_of(claim: Claim, stage: str, site: str, organ: str) -> list[Line]:
    """Return what should stand on the paper, as (what the paper calls it, the text).

    Args:
        stage: the state in words.
        site: name of the node that signed.
        organ: name of the organ whose paper it is, "" when it is not known here.
    """
    tail = f"，证件号码末四位 {claim.tail}" if claim.tail else ""
    is_slip = claim.kind in SLIPS
    lines = [
        ("标题", KIND_NAMES.get(claim.kind, claim.kind)),
        ("办件编号", claim.number),
        ("事项" if is_slip else "申请事项", claim.name),
        ("申请人", f"{claim.who}（纸上是全名）{tail}"),
    ]
    if is_slip:
        lines += [("收件时间", local_minute(claim.filed)), ("开具时间", local_minute(claim.at))]
        lines += [("开具时办到", stage), ("开具站点", site)]
    else:
        signed = "送达时间" if claim.kind == "handover" else "落款日期"
        lines += [("申请日期", _day(claim.filed)), (signed, _day(claim.at))]
        lines.append((_DUE_NAMES.get(claim.kind, ""), _words(claim.due)))
        lines.append(("发文机关", "" if claim.kind in _NO_ORGAN else organ))
    return [(name, text) for name, text in lines if name and text]


def _day(at_ms: int) -> str:
    return _words(local_day(at_ms))


def _words(day: str) -> str:
    try:
        found = date.fromisoformat(day)
    except ValueError:
        return day
    return f"{found.year}年{found.month}月{found.day}日"
