"""What a case's page says of a paper that was announced, and of what was tried before that. Pure."""

from __future__ import annotations

from typing import Any

from common.casework.rules.event import CaseState
from common.casework.rules.facts import Tried
from common.casework.rules.serving import announced_until
from common.desk.rules.step_words import ANNOUNCED_WORDS, TRIED_WORDS

_NO_NUMBER = "没有单号的邮件"


def announced_words(state: CaseState) -> str:
    """Return where and when the paper of a case was announced, "" when none was."""
    one, until = state.facts.announced, announced_until(state)
    if one is None:
        return ""
    last = f"，到 {until} 满三十日" if until else ""
    return f"{one.on} 在{one.where}公告（{_announced_for(one.why)}）{last}"


def _announced_for(why: str) -> str:
    return {code: words for words, code in ANNOUNCED_WORDS.items()}.get(why, why)


def public(value: Any) -> str:
    """Return the same of the signed data of the step; "" for what is no such data."""
    if not isinstance(value, dict):
        return ""
    why = _announced_for(str(value.get("why", "")))
    return f"{value.get('on', '')} 在{value.get('where', '')}公告，原因：{why}"


def tried_words(one: Tried) -> str:
    """Return when and how somebody tried in vain to serve papers, and why that failed."""
    return tried_said({"on": one.on, "how": one.how, "why": one.why})


def tried_said(value: Any) -> str:
    """Return the same of the signed data of the report; "" for what is no such data."""
    if not isinstance(value, dict):
        return ""
    on, how, number = (str(value.get(key, "")) for key in ("on", "how", "tracking"))
    why = _failed_for(str(value.get("why", "")))
    return f"{on} 邮件 {number} 没有送到：{why}" if number else f"{on} {how}没有送到：{why}"


def letter_words(value: Any) -> str:
    """Return what the signed data of a report tell of the receipt of a letter; "" for anything else."""
    if not isinstance(value, dict):
        return ""
    number, on = value.get("tracking", ""), value.get("on", "")
    return f"邮件 {number}，回执收件日期：{on}"


def not_open_words(value: Any) -> str:
    """Return of which ways the signed data of an announcement say why they were not open."""
    rows = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    return "；".join(f"没有{one.get('way', '')}的原因：{one.get('why', '')}" for one in rows)


def right_day_words(value: Any) -> str:
    """Return what the signed data of a step put right of the day of a letter; "" for anything else."""
    if not isinstance(value, dict):
        return ""
    number, was, on = (value.get(key, "") for key in ("tracking", "was", "on"))
    return f"{letter_name(str(number))}，回执收件日期：{was} → {on}"


def void_words(value: Any) -> str:
    """Return which receipt of a letter the signed data of a step make void; "" for anything else."""
    if not isinstance(value, dict):
        return ""
    return f"{letter_name(str(value.get('tracking', '')))}，回执收件日期 {value.get('was', '')} 的登记作废"


def letter_name(number: str) -> str:
    """Return what a letter is called in a sentence."""
    return f"邮件 {number}" if number else _NO_NUMBER


def _failed_for(why: str) -> str:
    return {code: words for words, code in TRIED_WORDS.items()}.get(why, why)
