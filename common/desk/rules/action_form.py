"""What the form of a step asks for, read off the row of the flow table: a new row needs no new page. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from common.casework.errors import CaseChanged, NotYourStep, SamePerson
from common.casework.rules.demands import check_demands
from common.casework.rules.event import CaseState, ReportState
from common.casework.rules.flow import Demand, Report, Step, step_for
from common.casework.rules.judge import may_answer
from common.casework.rules.recusal import NOT_THE_APPLICANT
from common.casework.rules.words import Action, Role
from common.catalogue.rules.form import check_fields
from common.catalogue.rules.item import FieldSpec, PaperSpec, ServiceItem
from common.catalogue.rules.signs import seen
from common.desk.rules import step_fields
from common.desk.rules.around import Around
from common.desk.rules.result_names import with_choice
from common.errors import NotAllowed, Problem
from common.notices.rules.kinds import kind_of

# What a row demands → the part of the form that asks for it.
_PARTS: Mapping[Demand, str] = {
    Demand.LACKING: "lacking",
    Demand.DUE: "due",
    Demand.RESULT: "result",
    Demand.ANOTHER_PERSON: "another_person",
}
# Lines for papers that are not in the item's list.
OTHER_LINES = 3
NOTE_LENGTH = 2_000

_RESULT_FIELDS = (
    FieldSpec("result_name", "结果名称", "text", False, (), None, None, 200, "申请人领取的文书或证件的名称"),
    FieldSpec("result_number", "结果文号（证号）", "text", False, (), None, None, 100, "没有文号可以不填"),
    FieldSpec("result_valid_until", "有效期至", "date", False, (), None, None, 10, "长期有效可以不填"),
)


@dataclass(frozen=True, slots=True)
class ActionForm:
    """The form of one step: its row, the parts it consists of, in order, and the reports it would answer."""

    step: Step
    parts: tuple[str, ...]
    answers: tuple[ReportState, ...]

    @property
    def needs_reason(self) -> bool:
        """Whether the written reason must not be left empty."""
        return Demand.REASON in self.step.demands

    @property
    def is_on_notice(self) -> bool:
        """Whether the step gives the applicant a notice, which says what is written as its reason."""
        return kind_of(self.step.action.value, {}) is not None


def form_of(state: CaseState, action: Action, roles: Iterable[str]) -> ActionForm:
    """Return the form by which a person with these posts takes the step.

    Raises:
        StepNotAllowed: nobody may take it from the state the case is in.
        NotYourStep: it belongs to other posts, or to a part this node does not have.
    """
    step = _step(state, action, roles)
    answers = tuple(report for report in state.open_reports if may_answer(step, report.what))
    parts = ["answers"] if answers else []
    parts += [part for demand, part in _PARTS.items() if demand in step.demands]
    if any(demand in step_fields.FOR_DEMANDS for demand in step.demands):
        parts.append("fields")
    return ActionForm(step, (*parts, "note"), answers)


def _step(state: CaseState, action: Action, roles: Iterable[str]) -> Step:
    held = set(roles)
    refusal: NotAllowed | None = None
    for role in (role for role in Role if role.value in held and role is not Role.NODE):
        try:
            return step_for(state.state, action, state.holding, role)
        except NotAllowed as refused:
            refusal = refusal or refused
    raise refusal or NotYourStep(state.state, action, "")


def is_barred(state: CaseState, step: Step, actor: Mapping[str, str]) -> bool:
    """Say whether this person (login, name) may not take the step because they made the one before it."""
    if Demand.ANOTHER_PERSON not in step.demands:
        return False
    try:
        check_demands(state, replace(step, demands=(Demand.ANOTHER_PERSON,)), {"actor": actor})
    except SamePerson:
        return True
    return False


def seen_as(state: CaseState) -> str:
    """Return what names a case as a page shows it: how far it is, and the papers nobody has taken yet.

    Nobody decides on what they have not seen: papers that came while a form lay open are answered by it, and
    what was reviewed may have been reviewed anew.
    """
    brought = (report.id for report in state.open_reports if report.what is Report.PAPERS_BROUGHT)
    return sha256(" ".join((state.last, *brought)).encode()).hexdigest()[:16]


def recusal_said(typed: Mapping[str, str]) -> dict[str, int]:
    """Return what a form says of whether its sender is who applies; nothing where it was not ticked."""
    return {NOT_THE_APPLICANT: 1} if typed.get(NOT_THE_APPLICANT) else {}


def check_seen(state: CaseState, seen: str) -> None:
    """Check that a form was filled in on the case as it stands; one without such a mark says nothing of it.

    Raises:
        CaseChanged: it was not.
    """
    if seen and seen != seen_as(state):
        raise CaseChanged()


def asked_papers(item: ServiceItem | None, reports: Sequence[ReportState] = ()) -> tuple[PaperSpec, ...]:
    """Return the papers a list of lacking ones may name; without the item, those that reports brought."""
    if item is not None:
        return item.papers
    names = {paper.key: paper.name for report in reports for paper in report.papers}
    return tuple(PaperSpec(key, name, True, 0, 1, "") for key, name in names.items())


def read_data(
    form: ActionForm, typed: Mapping[str, str], papers: Sequence[PaperSpec], around: Around
) -> tuple[dict[str, Any], list[Problem]]:
    """Return what the step carries as typed, and what is wrong with it; the rest is the door's to check."""
    data: dict[str, Any] = {"note": plain(typed.get("note", ""))}
    problems: list[Problem] = []
    if len(data["note"]) > NOTE_LENGTH:
        problems.append(Problem("note", "说明", "too_long", f"说明最多 {NOTE_LENGTH} 个字。"))
    if form.needs_reason and not data["note"]:
        sentence = "请写明理由，申请人会看到这段文字。" if form.is_on_notice else "请写明理由。"
        problems.append(Problem("note", "理由", "required", sentence))
    if "lacking" in form.parts:
        data["lacking"], wrong = lacking_of(typed, papers)
        problems += wrong
    if "fields" in form.parts:
        asked = step_fields.fields_of_step(form.step.demands, around)
        said, wrong = step_fields.read_step(asked, typed, around)
        data |= said
        problems += wrong
    if "result" in form.parts:
        data["result"], wrong = _result(typed, around.item)
        problems += wrong
    return data, problems


def lacking_of(
    typed: Mapping[str, str], papers: Sequence[PaperSpec]
) -> tuple[list[dict[str, str]], list[Problem]]:
    """Return the papers ticked or written down as lacking, and what is wrong with the list."""
    found = [
        {"key": paper.key, "name": paper.name, "how": plain(typed.get(f"how-{paper.key}", ""))}
        for paper in papers
        if typed.get(f"lack-{paper.key}")
    ]
    problems = []
    for line in range(1, OTHER_LINES + 1):
        name, how = plain(typed.get(f"other-{line}-name", "")), plain(typed.get(f"other-{line}-how", ""))
        if name:
            found.append({"key": _other_key(name[:200]), "name": name[:200], "how": how})
        elif how:
            sentence = "写了要求的材料，请也写出材料名称。"
            problems.append(Problem(f"other-{line}-name", "其他材料", "required", sentence))
    for paper in papers:
        # A requirement beside a box that is not ticked would be lost without a word.
        if plain(typed.get(f"how-{paper.key}", "")) and not typed.get(f"lack-{paper.key}"):
            sentence = f"“{paper.name}”写了要求但没有勾选，请勾选或清空。"
            problems.append(Problem(f"lack-{paper.key}", paper.name, "not_ticked", sentence))
    if not found and not problems:
        first = f"lack-{papers[0].key}" if papers else "other-1-name"
        problems.append(Problem(first, "所缺材料", "required", "请勾选或写出所缺的材料，至少一项。"))
    return found, problems


def _other_key(name: str) -> str:
    """Return the key of a paper that is on no list: another name is another paper, on whichever line."""
    return f"other_{sha256(name.encode()).hexdigest()[:8]}"


def _result(typed: Mapping[str, str], item: ServiceItem | None) -> tuple[dict[str, str], list[Problem]]:
    checked = check_fields(result_fields(item), typed)
    values = {key.removeprefix("result_"): str(value) for key, value in checked.values.items()}
    return values, checked.problems


def result_fields(item: ServiceItem | None) -> tuple[FieldSpec, ...]:
    """Return the fields of a result; a name left empty becomes the item's, of several one is chosen."""
    return with_choice(_RESULT_FIELDS, item)


def plain(text: str) -> str:
    """Return what was typed as it is signed."""
    return seen(text.replace("\r\n", "\n").replace("\t", " ")).strip()


def brings_papers(what: Report) -> bool:
    """Say whether papers may come with this report."""
    return what in (Report.PAPERS_BROUGHT, Report.HANDED_OVER)
