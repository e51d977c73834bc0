"""What the form of a letter of authority asks."""

from __future__ import annotations

from common.authority.rules import NAME_MAX, PROOF_NAMES, RELATIONS
from common.catalogue.rules.applicant import ID_TYPES
from common.web.forms import Field

ID_TYPE_CHOICES = tuple((kind.code, kind.name) for kind in ID_TYPES)
PERSON_TYPES = tuple((kind.code, kind.name) for kind in ID_TYPES if not kind.is_units)
PRINCIPAL = (
    Field("name", "委托人姓名", max_length=NAME_MAX),
    Field("id_type", "证件类型", kind="choice", choices=ID_TYPE_CHOICES),
    Field("id_number", "证件号码", kind="id_number"),
    Field("phone", "委托人电话", kind="phone", required=False),
)
PERIOD = (
    Field("from_day", "委托从哪天起", kind="date"),
    Field("to_day", "到哪天止", kind="date", hint="当天也算，最长三年"),
)
# Among the agents to choose from: a relative, told below. No login has this form.
RELATIVE = "-"
RELATIVE_FIELDS = (
    Field("agent_name", "受托亲属姓名", max_length=NAME_MAX),
    Field("relation", "与委托人的关系", "place", choices=RELATIONS),
    Field("agent_id_type", "亲属证件类型", kind="choice", choices=PERSON_TYPES),
    Field("agent_id_number", "亲属证件号码", kind="id_number"),
)
PROOF = Field(
    "proof",
    "怎样证明",
    kind="choice",
    choices=tuple((proof.value, name) for proof, name in PROOF_NAMES.items()),
)
PHOTO = Field(
    *("photo", "委托书照片", "file", False, "委托人签名、按手印后再拍，四角拍全"), when="选“已拍照留存”的要交"
)
