"""Who took a result, and how: what the form of the hand-over asks, and what is wrong with it. Pure.

A paper is served on the applicant, or on somebody who shows why they may take it (送达回证): so the applicant
is compared with the case as corrected, and of others it is written down who they are and what they showed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from common.casework.rules.event import CaseState
from common.casework.rules.sought import name_key
from common.catalogue.rules import identity
from common.catalogue.rules.applicant import id_type, tidy_number
from common.catalogue.rules.item import FieldSpec, PaperSpec
from common.catalogue.rules.signs import seen
from common.errors import Problem

SELF, PROXY, UNIT, VISIT, POST = "本人领取", "代领", "单位派人领取", "上门送达", "邮寄"
# How the receipt was signed (送达回证). One on the screen is a picture: a paper of the report, by hash.
ON_SCREEN, ON_PAPER, IN_FOLDER = "屏幕上签名", "纸上签名，已拍照", "纸上签名，原件留在本站"
# Nobody is made to sign: with a witness the paper is left there, and counts as handed over (留置送达).
REFUSED = "拒绝签收，见证人已签名"
SIGNATURE = PaperSpec("signature", "领取签名", False, 0, 1, "")
_RELATIONS = ("配偶", "父母", "子女", "兄弟姐妹", "其他亲属", "代办员", "其他")
_LETTERS = ("已交委托书", "已交单位介绍信", "没有")
_OTHERS = {
    PROXY: "代领的，请选择与申请人的关系。",
    VISIT: "家里人代收的，请选择与申请人的关系。",
}
_NAME, _NUMBER = "领取人姓名", "领取人证件号码"
_LABELS = {
    "how": "送达方式", "name": _NAME, "id_number": _NUMBER, "relation": "与申请人的关系", "signed": "签名",
}  # fmt: skip
# Which of the fields only some ways need. At a door one of the family may take it.
_ASKED = {
    "relation": (PROXY, VISIT),
    "letter": (PROXY, UNIT, VISIT),
    "tracking": (POST,),
    "signed": (SELF, PROXY, UNIT, VISIT),
}
# Of the day and time beside them the same.
DELIVERED = "delivered_on"
_CITIZEN = re.compile(r"[0-9]{17}[0-9X]|[0-9]{15}")


def ways(state: CaseState) -> tuple[str, ...]:
    """Return how a result may be handed over: neither a unit nor somebody who died can come themselves."""
    if _is_unit(state):
        return UNIT, VISIT, POST
    return (PROXY, VISIT, POST) if _is_gone(state) else (SELF, PROXY, VISIT, POST)


def receiver_fields(state: CaseState) -> tuple[FieldSpec, ...]:
    """Return the fields of the form; those that only some ways need say so, see `spared`."""
    is_unit = _is_unit(state)
    kept = "单位介绍信或委托书，原件随送达回证存档" if is_unit else "代领的要选；委托书原件随送达回证存档"
    of_whom = "代领的、家里人代收的要选"
    relation = () if is_unit else (_field("relation", "与申请人的关系", _RELATIONS, of_whom),)
    whose = "来取的人的，不是单位的" if is_unit else "照证件填；本人领取的须与办件一致"
    return (
        _field("how", "送达方式", ways(state), required=True),
        _field("name", "领取人姓名", hint=whose, required=True),
        _field("id_number", "领取人证件号码", hint="照证件填", required=True),
        *relation,
        _field("letter", "授权文件", _LETTERS, kept),
        _field("tracking", "邮件单号", hint="邮寄的才填", required=True),
        _field("signed", "签名", (ON_SCREEN, ON_PAPER, IN_FOLDER, REFUSED), "邮寄的不用选", required=True),
    )


def spared(state: CaseState) -> dict[str, tuple[int, ...]]:
    """Return for each field that only some ways need which of the ways, counted from 1, do not."""
    asked = {**{f"receiver.{key}": needed for key, needed in _ASKED.items()}, DELIVERED: (POST,)}
    return {
        key: tuple(at for at, way in enumerate(ways(state), 1) if way not in needed)
        for key, needed in asked.items()
    }


def _field(
    key: str, label: str, choices: tuple[str, ...] = (), hint: str = "", *, required: bool = False
) -> FieldSpec:
    kind = "choice" if choices else "text"
    return FieldSpec(f"receiver.{key}", label, kind, required, choices, None, None, 60, hint)


def first_values(state: CaseState) -> dict[str, str]:
    """Return what stands in the fields at first: a person mostly comes in person.

    How the receipt was signed never does: that there is a signed original is for whoever has it to say.
    """
    if _is_unit(state):
        return {"receiver.how": UNIT}
    if _is_gone(state):
        return {"receiver.how": PROXY}
    name, number = applicant_of(state)
    return {"receiver.how": SELF, "receiver.name": name, "receiver.id_number": number}


def applicant_of(state: CaseState) -> tuple[str, str]:
    """Return name and number of the applicant as they stand after corrections."""
    found = {f"applicant.{key}": str(value) for key, value in state.applicant.items()}
    found |= {one.field: one.new for one in state.facts.corrections}
    return found["applicant.name"].strip(), tidy_number(found["applicant.id_number"])


def receiver_of(typed: Mapping[str, str]) -> dict[str, str]:
    """Return who took the result, as it is signed: name, number and way, and of the rest what the way needs.

    What was typed for another way, and is not seen any more, is left out as what was left empty.
    """
    keys = ("name", "id_number", "how", "relation", "letter", "tracking", "signed")
    found = {key: seen(typed.get(f"receiver.{key}", "")).strip() for key in keys}
    found["id_number"] = tidy_number(found["id_number"])
    how = found["how"]
    return {key: value for key, value in found.items() if key in keys[:3] or (value and how in _ASKED[key])}


def as_asked(typed: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed without the day of the post's receipt, where nothing was posted."""
    is_posted = typed.get("receiver.how") == POST
    return {key: value for key, value in typed.items() if is_posted or key != DELIVERED}


def signature_problems(receiver: Mapping[str, str], pictures: int, note: str = "") -> list[Problem]:
    """Return what is wrong with how the receipt was signed; `pictures` of the signature came along.

    Whoever takes a result signs for it (送达回证); of what is posted its number stands for that. Where an
    applicant refuses, the note says why and who bore witness.
    """
    signed = receiver.get("signed", "")
    if signed == REFUSED:
        return _refusal_problems(receiver, pictures, note)
    if not signed and receiver.get("how") != POST:
        return [_wrong("signed", "请选择领取人是怎样签名的；没有签名的，不能登记送达。", "required")]
    if signed == ON_SCREEN and not pictures:
        return [_wrong("signed", "还没有签名：请领取人在框里签，或者改选纸上签名。", "required")]
    if signed == ON_PAPER and not pictures:
        return [_wrong("signed", "请附上已签名凭证的照片，或者改选“原件留在本站”。", "required")]
    if signed not in ("", ON_SCREEN, ON_PAPER, IN_FOLDER):
        return [_wrong("signed", "签名：请从列表中选择。", "not_a_choice")]
    return []


def _refusal_problems(receiver: Mapping[str, str], pictures: int, note: str) -> list[Problem]:
    if receiver.get("how") not in (SELF, VISIT):
        return [_wrong("signed", "来代领的人不肯签名的，不能把结果交给他。", "not_a_choice")]
    problems = []
    if not pictures:
        sentence = "拒绝签收的，请附上有见证人签名的送达回证照片。"
        problems.append(_wrong("signed", sentence, "required"))
    if not note.strip():
        sentence = "拒绝签收的，请在说明里写明拒收的理由和见证人的姓名。"
        problems.append(Problem("note", "说明", "required", sentence))
    return problems


def receiver_problems(receiver: Mapping[str, str], state: CaseState) -> list[Problem]:
    """Return everything wrong with who is said to have taken a result."""
    how, name, number = (receiver.get(key, "") for key in ("how", "name", "id_number"))
    problems = [
        _wrong(key, f"请填写{label}。", "required")
        for key, label, value in (("name", _NAME, name), ("id_number", _NUMBER, number))
        if not value
    ]
    if how not in ways(state):
        problems.insert(0, _wrong("how", "请选择送达方式。", "required"))
    problems += _not_the_applicant(how, name, number, state)
    if _is_somebody_else(how, name, number, state) and not receiver.get("relation"):
        problems.append(_wrong("relation", _OTHERS[how], "required"))
    if how in (PROXY, UNIT) and receiver.get("letter") not in _LETTERS[:2] and not _is_gone(state):
        paper = "单位介绍信或委托书" if how == UNIT else "委托书"
        problems.append(
            _wrong("letter", f"{how}须有{paper}，请核对后选择；没有的，不能交给来人。", "required")
        )
    if how == POST and not receiver.get("tracking"):
        problems.append(_wrong("tracking", "邮寄的，请填写邮件单号。", "required"))
    return problems


def _is_somebody_else(how: str, name: str, number: str, state: CaseState) -> bool:
    """Say whether not the applicant took it, so that the receipt has to say who that is to them."""
    if how == VISIT and not _is_unit(state):
        return bool(name and number) and not all(_is_theirs(name, number, state))
    return how == PROXY


def _not_the_applicant(how: str, name: str, number: str, state: CaseState) -> list[Problem]:
    is_name, is_number = _is_theirs(name, number, state)
    if _is_gone(state) and not _is_unit(state) and is_number:
        sentence = "领取人姓名：申请人已去世，请填写来领取的近亲属。"
        return [_wrong("name", sentence, "the_applicant")] if how in ways(state) else []
    if how == SELF and not _is_unit(state):
        checks = (("name", _NAME, name, is_name), ("id_number", _NUMBER, number, is_number))
        return [
            _wrong(key, f"{label}与申请人的不一致：别人来取的，请选“代领”。", "not_the_applicant")
            for key, label, value, is_same in checks
            if value and not is_same
        ]
    code = identity.citizen_number_problem(number) if _CITIZEN.fullmatch(number) else ""
    return (
        [_wrong("id_number", f"领取人证件号码：{identity.ID_NUMBER_SENTENCES[code]}。", code)] if code else []
    )


def _is_theirs(name: str, number: str, state: CaseState) -> tuple[bool, bool]:
    """Say whether a name, and a number, are the applicant's, however the dot in the one is typed, and whether
    the other has 15 places or the 18 of the card they have by now.
    """
    theirs = applicant_of(state)
    return name_key(name) == name_key(theirs[0]), theirs[1] in identity.both_forms(number)


def _wrong(key: str, sentence: str, code: str) -> Problem:
    return Problem(f"receiver.{key}", _LABELS.get(key, "领取"), code, sentence)


def _is_gone(state: CaseState) -> bool:
    """Say whether the case ended as there is no applicant any more: nobody signs a letter for them."""
    return state.facts.ground in ("death", "dissolution")


def _is_unit(state: CaseState) -> bool:
    return id_type(str(state.applicant["id_type"])).is_units
