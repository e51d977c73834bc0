"""A case while it is being entered, and what of it can be filed as it stands. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from common.catalogue.rules import identity
from common.catalogue.rules.applicant import ID_CARD_TYPE, tidy_number
from common.catalogue.rules.form import FormResult, Value, check_fields, check_form
from common.catalogue.rules.item import FieldSpec, PaperSpec, ServiceItem
from common.desk.rules.intake_checks import check_together, is_own_birthday
from common.errors import Problem

# What is written when an item is settled on the spot; a name left empty becomes the item's own.
RESULT_SPECS = (
    FieldSpec("result_name", "结果名称", "text", False, (), None, None, 100, "不填则用事项规定的名称"),
    FieldSpec("result_number", "结果编号", "text", False, (), None, None, 60, ""),
    FieldSpec("valid_until", "有效期至", "date", False, (), None, None, 20, "没有有效期的不填"),
    FieldSpec("note", "办理说明", "textarea", False, (), None, None, 500, "申请人会看到这段文字"),
)
RESULT_FIELDS = tuple(spec.key for spec in RESULT_SPECS)
# A paper that is on no list, as a court's decision the applicant wants read.
OTHER = "other"


class Step(StrEnum):
    """The pages of filing, in order; each is the name of its page."""

    APPLICANT = "applicant"
    FORM = "form"
    PAPERS = "papers"
    CHECK = "check"


class Part(StrEnum):
    """What is typed, each kept apart: the same field name may come in two of them."""

    APPLICANT = "applicant"
    FORM = "form"
    RESULT = "result"
    TERMS = "terms"


@dataclass(frozen=True, slots=True)
class DraftPaper:
    """A paper already stored: its key in the item's list, its name there, the name of the file it came in.

    `source` is the case it was handed in with before, "" when it was handed in for this one; `notes`
    says what a person should look at (keys of `papers.looks.NOTE_WORDS`, with blanks between).
    """

    key: str
    name: str
    file: str
    hash: str
    size: int
    type: str
    pages: int = 1
    source: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """One case being entered; the four mappings hold text as typed, by field. Times in UTC milliseconds.

    `rev` counts its changes; `marks` says of a field ("part.key") which change from which window touched it.
    """

    id: str
    login: str
    item: str
    version: int
    step: Step
    applicant: Mapping[str, str]
    form: Mapping[str, str]
    result: Mapping[str, str]
    papers: tuple[DraftPaper, ...]
    created_at: int
    updated_at: int
    terms: Mapping[str, str]
    rev: int = 0
    marks: Mapping[str, tuple[int, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a check may know: the local date after which surely nobody was born, the divisions (none: no list
    of them), where the result may be fetched ("" = here), into what divisions that are no more were merged
    (address → what people call it).
    """

    today: date
    places: Collection[str]
    hand_over: Sequence[str]
    merged: Mapping[str, str] = field(default_factory=dict)


def check_item_form(
    item: ServiceItem, typed: Mapping[str, str], ground: Ground, applicant: Mapping[str, str]
) -> FormResult:
    """Check the item's own fields, each by itself and together with who applies: every problem at once."""
    result = check_form(item, typed, today=ground.today, places=ground.places or None)
    check_together(item, applicant, result, ground.today)
    return result


def is_empty(draft: Draft) -> bool:
    """Say whether nobody has typed anything: what stood in the fields at first does not count."""
    said = [draft.applicant.get(key, "").strip() for key in ("name", "id_number", "phone")]
    return not (any(said) or draft.papers or any(text.strip() for text in draft.form.values()))


def words_of(draft: Draft, left_out: Collection[str]) -> str:
    """Return all that was entered as one text, which changes with any of it.

    Args:
        left_out: what is settled on the last page itself.
    """
    settled = {key: text for key, text in draft.terms.items() if key not in left_out}
    papers = [[paper.key, paper.hash] for paper in draft.papers]
    parts = [draft.item, draft.version, dict(draft.applicant), dict(draft.form), settled, papers]
    return json.dumps(parts, ensure_ascii=False, sort_keys=True)


def known_from_id(item: ServiceItem, applicant: Mapping[str, str]) -> dict[str, str]:
    """Return what of an item's form the applicant's ID number says: the birth date, if it is asked for."""
    number = tidy_number(applicant.get("id_number", ""))
    asks = any(is_own_birthday(spec) for spec in item.fields)
    is_citizen = applicant.get("id_type", "") in ("", ID_CARD_TYPE)
    if not asks or not is_citizen or identity.citizen_number_problem(number):
        return {}
    return {"birthday": identity.written_birth_date(number)}


def check_result(typed: Mapping[str, str], today: date) -> FormResult:
    """Check the result of what is settled on the spot: every problem at once; none is over already."""
    result = check_fields(RESULT_SPECS, typed, today=today)
    if "" < str(result.values.get("valid_until", "")) < today.isoformat():
        sentence = "有效期至：早于今天，请核对。"
        result.problems.append(Problem("valid_until", "有效期至", "over", sentence))
    return result


def missing_papers(item: ServiceItem, papers: Sequence[DraftPaper]) -> list[PaperSpec]:
    """Return the required papers that have not been handed in."""
    brought = {paper.key for paper in papers}
    return [paper for paper in item.papers if paper.required and paper.key not in brought]


def paper_name(item: ServiceItem, key: str) -> str:
    """Return what the item's list calls a paper; anything else is another paper."""
    return next((paper.name for paper in item.papers if paper.key == key), "其他材料")


def spoken(
    item: ServiceItem, values: Mapping[str, Value], places: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """Return (label, value in words) of each field with a value, by key in the form's order.

    Args:
        places: address → name.
    """
    return {
        spec.key: (spec.label, _in_words(spec.kind, values[spec.key], places))
        for spec in item.fields
        if spec.key in values
    }


def _in_words(kind: str, value: Value, places: Mapping[str, str]) -> str:
    if kind == "yesno":
        return "是" if value == 1 else "否"
    if kind == "money_fen" and isinstance(value, int):
        return f"{value // 100:,}.{value % 100:02d} 元"
    if kind == "place":
        return places.get(str(value), str(value))
    return str(value)
