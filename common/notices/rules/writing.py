"""Writes a notice: what is particular to its kind, and around it what every notice bears. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.catalogue.rules.identity import mask_id_number
from common.days import local_day
from common.notices.errors import NoSuchNotice
from common.notices.rules import texts_after, texts_door, texts_served
from common.notices.rules.kinds import FORMS, Foot, Form, Kind, kind_of
from common.notices.rules.naming import Organ, number_of, organ_of
from common.notices.rules.notice import Notice, Pair
from common.notices.rules.scene import Scene, Writer
from common.notices.rules.signing import signed_on_screen
from common.notices.rules.speaking import REMEDIES, actor_words, basis_of, day_words
from common.notices.rules.stead import stead_facts, stead_remedies

STRUCK, OUT = "已撤销", "不生效"

_WRITERS: Mapping[Kind, Writer] = {
    Kind.PROMISE: texts_door.promise,
    Kind.SENT_BACK: texts_door.sent_back,
    Kind.PAPERS_SLIP: texts_door.papers_slip,
    Kind.SUPPLEMENT: texts_door.supplement,
    Kind.STILL_LACKING: texts_door.still_lacking,
    Kind.LAPSE: texts_door.lapse,
    Kind.ACCEPTANCE: texts_door.acceptance,
    Kind.TOLERANT: texts_door.acceptance,
    Kind.NOT_ACCEPTED: texts_door.not_accepted,
    Kind.RETURNED: texts_door.returned,
    Kind.SPECIAL: texts_after.special,
    Kind.EXTENSION: texts_after.extension,
    Kind.FEE: texts_after.fee,
    Kind.APPROVAL: texts_after.approval,
    Kind.REFUSAL: texts_after.refusal,
    Kind.CORRECTION: texts_after.correction,
    Kind.STANDING: texts_served.standing,
    Kind.TERMINATION: texts_after.termination,
    Kind.WITHDRAWAL: texts_after.withdrawal,
    Kind.ANNOUNCEMENT: texts_served.announcement,
    Kind.HANDOVER: texts_served.handover,
    Kind.REMINDER: texts_after.reminder,
}
assert set(_WRITERS) == set(Kind), "every kind needs its text"


def write(scene: Scene, mark: str = "") -> Notice:
    """Return the notice that the act of a scene gives.

    Args:
        mark: what is drawn across the paper, `STRUCK` or `OUT` where the act does not stand.

    Raises:
        NoSuchNotice: the act gives none.
    """
    moment = scene.moment
    kind = kind_of(moment.word, moment.filing)
    if kind is None:
        raise NoSuchNotice
    form = FORMS[kind]
    organ = organ_of(moment, scene.item, scene.place)
    signed, signature = signed_on_screen(scene)
    return Notice(
        kind=kind,
        act=moment.event.id,
        case=scene.state.case,
        title=form.title,
        number=number_of(kind, moment, scene.place),
        text=_WRITERS[kind](scene),
        organ=organ.name,
        office=organ.office,
        handler=actor_words(moment.data["actor"]),
        signed_on=day_words(local_day(moment.data["at"])),
        facts=_common(scene, form, organ),
        basis=basis_of(scene.item, form.articles) if _is_official(form) else (),
        remedies=_remedies(scene, form, organ),
        contact=_contact(scene),
        mark=mark,
        signed=signed,
        signature=signature,
        foot=form.foot.value,
    )


def _is_official(form: Form) -> bool:
    return form.foot.value in ("organ", "handover", "public")


def _common(scene: Scene, form: Form, organ: Organ) -> tuple[Pair, ...]:
    """Return what every notice says of its case; empty values are left out on the paper."""
    state, applicant = scene.state, scene.state.applicant
    number = applicant["id_number"]
    return (
        ("申请人", applicant["name"]),
        ("证件号码", number if form.is_own else mask_id_number(number)),
        ("联系电话", applicant["phone"] if form.is_own else ""),
        *_agent(scene),
        ("申请事项", state.item_name),
        ("申请日期", scene.filed_on),
        ("办件编号", state.case),
        ("承办部门", organ.office if organ.office != organ.name else ""),
        ("委托说明", organ.remark),
        *(stead_facts(scene, organ) if form.foot in (Foot.ORGAN, Foot.PUBLIC) else ()),
    )


def _agent(scene: Scene) -> tuple[Pair, ...]:
    """Return who stands for the applicant; a relative with relation and, masked everywhere, number."""
    said = _authority(scene)
    name, number = str(said.get("agent", "")), str(said.get("agent_id", ""))
    if not number:
        return (("代办人", name),)
    who = f"{name}（委托人的{said.get('relation', '')}）"
    return (("委托代理人", who), ("代理人证件号码", mask_id_number(number)))


def _authority(scene: Scene) -> Mapping[str, Any]:
    return scene.state.facts.authority


def _remedies(scene: Scene, form: Form, organ: Organ) -> str:
    if not form.has_remedies:
        return ""
    return ((scene.item.remedies if scene.item else "") or REMEDIES) + stead_remedies(scene, organ)


def _contact(scene: Scene) -> str:
    if scene.item is None:
        return ""
    return f"咨询电话 {scene.item.consult_phone}，投诉电话 {scene.item.complaint_phone}。"
