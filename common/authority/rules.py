"""Letters of authority: what one says, what a new one must be, whether it covers a filing. Pure.

A letter names one principal, one agent, one item or all of them, its first and its last local day; both
count. The agent is somebody of the staff, who files; or a relative (委托代理人), for whom anybody at the desk
files. Civil Code Art. 165: a letter in writing states the agent's name, the matter, the powers and the term,
and the principal signs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from common.casework.rules.sought import name_key
from common.catalogue.rules.applicant import id_type, number_problem, tidy_number
from common.catalogue.rules.form import check_fields
from common.catalogue.rules.item import FieldSpec
from common.days import is_date
from common.errors import Problem

ALL_ITEMS = "*"
DAYS_MAX = 3 * 366
# As long as the name of an applicant, persons and units.
NAME_MAX = 100
_WHO = (
    FieldSpec("name", "委托人姓名", "text", True, (), None, None, NAME_MAX, ""),
    FieldSpec("phone", "委托人电话", "phone", False, (), None, None, 18, ""),
)
_RELATIVE = (FieldSpec("agent_name", "受托亲属姓名", "text", True, (), None, None, NAME_MAX, ""),)
RELATIONS = ("配偶", "子女", "父母", "兄弟姐妹", "祖父母、外祖父母", "孙子女、外孙子女", "其他亲属")
# Some of the first credit codes were given out with another check character; filing lets them pass, too.
_WAIVED = "credit_check_digit"


class Proof(StrEnum):
    """How it is proven: the signed paper photographed, or the signed paper kept at the desk."""

    PHOTO = "PHOTO"
    KEPT = "KEPT"


PROOF_NAMES = {Proof.PHOTO: "已拍照留存", Proof.KEPT: "纸质原件留存本站"}
assert set(PROOF_NAMES) == set(Proof)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who gives the power; `id_type` as in `catalogue.rules.applicant`, any other code is another paper's."""

    name: str
    id_type: str
    id_number: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Relative:
    """A relative of the principal who is named as agent; `relation` is one of RELATIONS."""

    name: str
    id_type: str
    id_number: str
    relation: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter as it is entered. `scope` is an item code or ALL_ITEMS, `blob` its photograph's hash or "".

    `agent` is a login, and is not looked at when a relative is named.
    """

    principal: Principal
    agent: str
    scope: str
    from_day: str
    to_day: str
    proof: Proof
    blob: str = ""
    relative: Relative | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter entered here; `revoked_on` is a local day, "" while it stands.

    `agent` is the agent's login, "" when `relative` is the agent; `agent_name` is the name of either.
    """

    id: str
    principal: Principal
    agent: str
    agent_name: str
    scope: str
    from_day: str
    to_day: str
    proof: Proof
    blob: str
    revoked_on: str = ""
    revoked_why: str = ""
    relative: Relative | None = None

    @property
    def for_all(self) -> bool:
        """Whether it is for every item."""
        return self.scope == ALL_ITEMS


def why_not(letter: Letter, agent: str, item: str, day: str) -> str:
    """Return why a letter does not cover what `agent` files for `item` on a local day, "" when it does.

    With a relative as agent, whoever of the desk takes the case in files it.
    """
    if not may_file(letter, agent):
        return f"受托人是{letter.agent_name}，不是您"
    return "" if covers(letter, item, day) else _out_of_scope(letter, item, day)


def may_file(letter: Letter, login: str) -> bool:
    """Say whether somebody of the staff may file under a letter, whatever item and day."""
    return letter.relative is not None or letter.agent == login


def covers(letter: Letter, item: str, day: str) -> bool:
    """Say whether a letter is good for filing `item` on the local day YYYY-MM-DD.

    A revoked letter is good for nothing new, whatever the day: the clock may have been wrong when it was
    revoked, or be set back since. What was filed before stands.
    """
    return not _out_of_scope(letter, item, day)


def _out_of_scope(letter: Letter, item: str, day: str) -> str:
    if not letter.for_all and letter.scope != item:
        return "委托的不是这个事项"
    if not letter.from_day <= day <= letter.to_day:
        return f"委托期限为 {letter.from_day} 至 {letter.to_day}"
    if letter.revoked_on:
        return f"已于 {letter.revoked_on} 撤销"
    return ""


def is_sought(letter: Letter, typed: str) -> bool:
    """Say whether somebody looks for a letter: by its number, or by name or number of whom it names.

    A name may be typed from its beginning, as in the search for cases.
    """
    number, name = tidy_number(typed), name_key(typed)
    numbers = {letter.id, letter.principal.id_number, letter.relative.id_number if letter.relative else ""}
    names = (letter.principal.name, letter.agent_name)
    return bool(name) and (number in numbers or any(name_key(one).startswith(name) for one in names))


def claim(letter: Letter) -> dict[str, str]:
    """Return what a filing carries of its letter, to be signed into the case as `authority`.

    Of a relative it says how they are known, as GB/T 39046 has it among the parts of an application (代理人).
    """
    relative = letter.relative
    said = {} if relative is None else {
        "agent_id_type": relative.id_type, "agent_id": relative.id_number, "relation": relative.relation,
    }  # fmt: skip
    return said | {
        "letter": letter.id,
        "principal": letter.principal.name,
        "agent": letter.agent_name,
        "scope": letter.scope,
        "from": letter.from_day,
        "to": letter.to_day,
    }


def problems(draft: Draft, today: str) -> list[Problem]:
    """Return everything wrong with a letter as it is entered."""
    principal = draft.principal
    found = check_fields(_WHO, {"name": principal.name, "phone": principal.phone}).problems
    code, sentence = _number_problem(principal.id_type, principal.id_number, today)
    if code and code != _WAIVED:
        found.append(Problem("id_number", "证件号码", "id_number", f"证件号码：{sentence}。"))
    if draft.relative is not None:
        found += _relative_problems(draft.relative, principal, today)
    elif not draft.agent:
        found.append(Problem("agent", "受托人", "missing", "请选择受托人。"))
    if not draft.scope:
        found.append(Problem("scope", "委托事项", "missing", "请选择委托事项。"))
    if draft.proof is Proof.PHOTO and not draft.blob:
        found.append(Problem("photo", "委托书照片", "missing", "请拍摄或上传已签名的委托书。"))
    return found + _period_problems(draft, today)


def _number_problem(kind: str, number: str, today: str) -> tuple[str, str]:
    # Nothing typed is not a number of the wrong form.
    if not number:
        return "missing", "请填写"
    return number_problem(id_type(kind), number, date.fromisoformat(today))


def _relative_problems(relative: Relative, principal: Principal, today: str) -> list[Problem]:
    found = check_fields(_RELATIVE, {"agent_name": relative.name}).problems
    code, sentence = _number_problem(relative.id_type, relative.id_number, today)
    if code:
        told = f"亲属证件号码：{sentence}。"
        found.append(Problem("agent_id_number", "亲属证件号码", "id_number", told))
    elif relative.id_number == principal.id_number:
        found.append(
            Problem("agent_id_number", "亲属证件号码", "same", "受托人不能是委托人自己，请核对证件号码。")
        )
    if relative.relation not in RELATIONS:
        found.append(Problem("relation", "与委托人的关系", "missing", "请选择受托的亲属与委托人的关系。"))
    return found


def _period_problems(draft: Draft, today: str) -> list[Problem]:
    found = []
    for key, label, day in (
        ("from_day", "委托从哪天起", draft.from_day),
        ("to_day", "到哪天止", draft.to_day),
    ):
        if not is_date(day):
            found.append(Problem(key, label, "date", f"{label}：请填写日期，如 2026-03-05。"))
    if found:
        return found
    if draft.to_day < max(draft.from_day, today):
        return [Problem("to_day", "到哪天止", "order", "截止日期不能早于起始日期，也不能早于今天。")]
    if (date.fromisoformat(draft.to_day) - date.fromisoformat(draft.from_day)).days >= DAYS_MAX:
        return [Problem("to_day", "到哪天止", "long", "一份委托书最长三年，到期请另签。")]
    return []
