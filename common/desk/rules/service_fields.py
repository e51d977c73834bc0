"""The fields of what is told of service: a hand-over, the receipt of a letter, a try that failed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from common.casework.rules.facts import FAILED, MISSING
from common.casework.rules.flow import Report
from common.casework.rules.handed import POST, VISIT, tidy_time
from common.casework.rules.letter_days import DAY, VOID, Receipt, receipts_of, relied_on
from common.casework.rules.letters import letters_out
from common.casework.rules.services import to_be_announced
from common.casework.rules.tried import WAYS, may_be_announced, ways_left
from common.catalogue.rules.item import FieldSpec
from common.catalogue.rules.values import ShowIf
from common.desk.rules.announced import letter_name
from common.desk.rules.around import Around
from common.desk.rules.asked import Asked, field_of
from common.desk.rules.step_words import ANNOUNCED_WORDS, TRIED_WORDS

_RIGHT_HINT = "照邮件回执上写的填；复议、诉讼的最后一日从改正的日期重新算，原来登记的留在办理经过里"
_VOID_HINT = "这封邮件又算没有回执，收到或者退回了再登记；原来登记的留在办理经过里"
_SOUGHT_HINT = "选“下落不明”的填写：打过哪个电话、去过哪里、问过谁，各是哪天；存卷，不写进公告"
_NOT_OPEN = {"announced_not_visited": VISIT, "announced_not_posted": POST}
_NOT_OPEN_HINTS = {
    VISIT: "选“其他方式无法送达”的填写：还没有登记过上门没有送到，能上门的先上门，确实不能的写明原因",
    POST: "选“其他方式无法送达”的填写：还没有登记过邮寄没有送到，能邮寄的先邮寄，确实不能的写明原因",
}
_AT_THE_DOOR = ("served_on", "served_time", "delivered_on")


def _handed(around: Around) -> Asked:
    hint = "真正交到的那天，不是登记的这天；邮寄的填交邮的那天"
    came = "照邮件回执上写的填，救济期限从它的第二天起算；回执还没到的不填，到了再登记“邮件回执”"
    fields = (
        field_of("served_on", "送达日期", "date", required=False, hint=hint),
        field_of("served_time", "送达时刻", required=False, max_length=10, hint="如 15:30；记不清的不填"),
        field_of("delivered_on", "回执收件日期", "date", required=False, hint=came),
    )
    return Asked(fields, {"served_on": around.today})


def _letter(around: Around) -> Asked:
    words = tuple(_letters(around))
    fields = (
        field_of("letter_number", "哪一封邮件", "choice", choices=words),
        field_of("letter_on", "回执收件日期", "date", hint="照邮件回执上写的填，救济期限从它的第二天起算"),
    )
    return Asked(fields, {"letter_number": words[0]} if len(words) == 1 else {})


def _tried(around: Around) -> Asked:
    out = [one.tracking for one in letters_out(around.state)]
    refused = "拒收的不用公告：请上门，把文书留下，由见证人签名，再登记“结果送达”"
    fields = (
        field_of("tried_how", "怎样送的", "choice", choices=WAYS),
        field_of("tried_why", "没有送到的原因", "choice", choices=tuple(TRIED_WORDS), hint=refused),
        field_of("tried_on", "哪一天", "date", hint="上门的那天，或者邮件退回的那天"),
        field_of("tried_number", "邮件单号", required=False, max_length=60, hint="邮寄的才填"),
    )
    first = {"tried_how": POST, "tried_number": out[0]} if len(out) == 1 else {}
    return Asked(fields, {"tried_on": around.today, **first})


def right_day(around: Around) -> Asked:
    """Return what is asked to put the day of a letter right; not of one that was relied on."""
    words = tuple(_receipts(around))
    fields = (
        field_of("letter_record", "哪一封邮件", "choice", choices=words),
        field_of("letter_right", "更正后的收件日期", "date", hint=_RIGHT_HINT),
    )
    return Asked(fields, {"letter_record": words[0]} if len(words) == 1 else {})


def void_receipt(around: Around) -> Asked:
    """Return what is asked to make the receipt of a letter void; not of one that was relied on."""
    words = tuple(_receipts(around))
    fields = (field_of("void_record", "哪一封邮件", "choice", choices=words, hint=_VOID_HINT),)
    return Asked(fields, {"void_record": words[0]} if len(words) == 1 else {})


FOR_REPORTS: Mapping[Report, Callable[[Around], Asked]] = {
    Report.HANDED_OVER: _handed,
    Report.LETTER_CAME: _letter,
    Report.NOT_SERVED: _tried,
}


def _letters(around: Around) -> dict[str, str]:
    """Return the letters of which the post has told nothing, in words → their numbers."""
    return {f"{one.tracking}（{one.posted_on} 交邮）": one.tracking for one in letters_out(around.state)}


def before_announcing(around: Around) -> tuple[FieldSpec, ...]:
    """Return the fields for what was done before an announcement: how somebody was sought, and of the ways
    that are not on record as failed why they were not open. Where nothing was tried that is not asked yet.
    """
    tries, papers = around.state.facts.tries, to_be_announced(around.state)
    left = ways_left(tries, papers, ()) if may_be_announced(FAILED, tries, papers) else ()
    sought = field_of(
        "announced_sought", "怎样找过", max_length=500, hint=_SOUGHT_HINT, show_if=_if_announced_for(MISSING)
    )
    return sought, *(
        field_of(
            key,
            f"没有{way}的原因",
            max_length=500,
            hint=_NOT_OPEN_HINTS[way],
            show_if=_if_announced_for(FAILED),
        )
        for key, way in _NOT_OPEN.items()
        if way in left
    )


def _if_announced_for(why: str) -> ShowIf:
    return ShowIf("announced_why", next(words for words, code in ANNOUNCED_WORDS.items() if code == why))


def read_before_announcing(values: Mapping[str, Any], why: str) -> dict[str, Any]:
    """Return the same as it is signed; what was typed for the other reason is not."""
    if why == MISSING:
        return {"sought": str(values.get("announced_sought", "")).strip()}
    said = {way: str(values.get(key, "")).strip() for key, way in _NOT_OPEN.items()}
    found = [{"way": way, "why": text} for way, text in said.items() if text]
    return {"not_open": found} if found else {}


def _receipts(around: Around) -> dict[str, Receipt]:
    """Return the letters that came, in words → the record by which the day counts."""
    state = around.state
    found = (one for one in receipts_of(state) if not relied_on(state, one))
    return {
        f"{one.tracking or letter_name('')}（现在登记 {one.on} 收到，{one.posted_on} 交邮）": one
        for one in found
    }


def read_right_day(values: Mapping[str, Any], around: Around) -> dict[str, Any]:
    """Return what a step puts right of the day of a letter, as it is signed."""
    named = _named(_receipts(around)[str(values["letter_record"])])
    return {DAY: {**named, "on": str(values.get("letter_right", ""))}}


def read_void(values: Mapping[str, Any], around: Around) -> dict[str, Any]:
    """Return which receipt of a letter a step makes void, as it is signed."""
    return {VOID: _named(_receipts(around)[str(values["void_record"])])}


def _named(receipt: Receipt) -> dict[str, str]:
    return {"record": receipt.record, "tracking": receipt.tracking, "was": receipt.on}


def read(values: Mapping[str, Any], around: Around) -> dict[str, Any]:
    """Return what a report says of service by its fields, as it is signed."""
    data = {key: values[key] for key in _AT_THE_DOOR if values.get(key)}
    if "served_time" in data:
        data["served_time"] = tidy_time(str(data["served_time"]))
    if "letter_number" in values:
        number = _letters(around)[str(values["letter_number"])]
        data["letter"] = {"on": values.get("letter_on", ""), "tracking": number}
    if "tried_how" in values or "tried_why" in values:
        how = str(values.get("tried_how", ""))
        number = str(values.get("tried_number", "")).strip()
        data["tried"] = {
            "how": how,
            "on": values.get("tried_on", ""),
            "why": TRIED_WORDS.get(str(values.get("tried_why", "")), ""),
            # What was typed for another way is not signed.
            **({"tracking": number} if how == POST and number else {}),
        }
    return data
