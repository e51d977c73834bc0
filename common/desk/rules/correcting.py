"""What of a case may be put right on the page of a correction, and the line that is signed for it. Pure."""

from __future__ import annotations

from common.casework.rules import corrected
from common.catalogue.rules.applicant import id_type, tidy_name, tidy_number
from common.desk.rules.around import Around
from common.errors import Problem

_APPLICANT = (
    ("name", "申请人姓名"),
    ("id_number", "证件号码"),
    ("phone", "联系电话"),
    ("address", "居住地址"),
)
_NAME = "applicant.name"


def correctable(around: Around) -> dict[str, tuple[str, str]]:
    """Return what may be put right: label → (field, present value)."""
    state = around.state
    found = {label: (f"applicant.{key}", state.applicant.get(key, "")) for key, label in _APPLICANT}
    for spec in around.item.fields if around.item else ():
        found.setdefault(spec.label, (f"form.{spec.key}", str(around.form.get(spec.key, ""))))
    if state.result:
        found["结果名称"] = ("result.name", str(state.result.get("name", "")))
        found["结果文号（证号）"] = ("result.number", str(state.result.get("number", "")))
    # A program of before, or of another node, may have called a field otherwise: it stands here once.
    called = {field: label for label, (field, _) in found.items()}
    for one in state.facts.corrections:
        found[called.get(one.field, one.label)] = (one.field, one.new)
    return found


def corrected_line(label: str, typed: str, around: Around) -> tuple[dict[str, str], list[Problem]]:
    """Return one line of a correction, and what is wrong with its new value, by the rules of the filing."""
    key, old = correctable(around)[label]
    line = {"field": key, "label": label, "new": typed, "old": old}
    if key == corrected.ID_NUMBER:
        line["new"] = tidy_number(typed)
        kind = str(around.state.applicant["id_type"])
        return line, corrected.new_problems(line, around.item, kind) if typed else []
    spec = corrected.spec_of(key, around.item)
    if spec is None:
        return line, []
    line["new"], wrong = corrected.read_new(spec, typed)
    if key == _NAME and not id_type(str(around.state.applicant["id_type"])).is_units:
        # As it is kept when a case is filed: else the same name is not found as that of a namesake.
        line["new"] = tidy_name(line["new"])
    return line, [Problem("correct_new", "更正为", found.code, found.sentence) for found in wrong]
