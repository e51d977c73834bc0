"""What the forms of steps and reports show and ask: papers that may lack, limits, results, fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from flask import g
from flask_babel import gettext as _

from common.casework.lists import CasePage
from common.casework.rules.clocks.course import Course
from common.casework.rules.dues import Dues, course_of, dues_of
from common.casework.rules.event import CaseState
from common.casework.rules.flow import BEFORE_ACCEPTANCE, Demand
from common.casework.rules.labels import label
from common.casework.rules.recusal import is_namesake, sides
from common.casework.rules.words import Action
from common.catalogue.rules.item import PaperSpec
from common.days import local_date, local_day
from common.desk.pages import dossier, shown, uploads
from common.desk.rules import action_form, rests, step_fields
from common.desk.rules.action_form import ActionForm
from common.desk.rules.around import Around
from common.desk.rules.asked import Asked
from common.desk.rules.departments import departments_for
from common.desk.rules.result_names import choices_of
from common.web.ports import current_node

RESULT_PAPER = PaperSpec("result", "结果文书（扫描件）", False, 0, 1, "")
OTHER_PAPER = PaperSpec("other", "其他材料", False, 0, 1, "")


def parts_of(page: CasePage, form: ActionForm | None) -> dict[str, Any]:
    """Return what the parts of a form need: papers that may lack, limits, result, reports answered."""
    state = page.state
    item = dossier.item_of(state)
    return {
        "seen": action_form.seen_as(state),
        "lackable": askable(page),
        # After the one full notice nothing new may be asked for.
        "other_lines": () if state.facts.noticed else range(1, action_form.OTHER_LINES + 1),
        "dues": _dues(state, form),
        "promised": item.promised.words if item else "",
        "statutory": item.statutory.words if item and item.statutory.days else "",
        "is_resumed": state.state not in BEFORE_ACCEPTANCE,
        "joint": item.joint if item and state.state in BEFORE_ACCEPTANCE else (),
        "result_fields": action_form.result_fields(item),
        "result_name": item.result_name if item and not choices_of(item) else "",
        "result_paper": RESULT_PAPER,
        "kept": uploads.kept_rows(state.case),
        "reviewer": state.reviewer[1],
        "is_reviewers_namesake": state.reviewer[0] not in ("", g.staff.login),
        "rests": _rests(page, form),
        "proposed_note": rests.proposed_note(form.step.action, state) if form else "",
        "asked": _fields_of(page, form),
        "has_version_question": _is_asked_about_version(page, form),
        "is_namesake": form is not None
        and is_namesake(sides(state.applicant, state.facts.authority), form.step.action, g.staff.name),
        "unbrought": _unbrought(page, form),
        "first_lacking": _first_lacking(page, form),
        "answered": [
            {"what": label(report.what), "note": report.data.get("note", ""), "papers": report.papers}
            for report in (form.answers if form else ())
        ],
    }


def _rests(page: CasePage, form: ActionForm | None) -> rests.Rests | None:
    """Return what a review or a decision rests on, None on the pages of other steps."""
    if form is None or form.step.action not in rests.DECIDING:
        return None
    found = rests.rests_of(page.state, page.timeline, local_date(g.now_ms), dossier.spoken(page.state))
    return None if found.is_empty else found


def _dues(state: CaseState, form: ActionForm | None) -> Dues | None:
    """Return the last days that the step would sign today, None where it signs none."""
    item, today = dossier.item_of(state), local_date(g.now_ms)
    if form is None or item is None or Demand.DUE not in form.step.demands:
        return None
    calendar = current_node().casework.ctx.calendar()
    if state.state in BEFORE_ACCEPTANCE:
        return dues_of(item, Course(today), calendar)
    course = course_of(state.facts)
    pauses = tuple(replace(pause, until=pause.until or today) for pause in course.pauses)
    return dues_of(item, replace(course, pauses=pauses), calendar)


def _fields_of(page: CasePage, form: ActionForm | None) -> Asked:
    if form is None:
        return Asked(())
    return step_fields.fields_of_step(form.step.demands, around(page, form.step.action))


def _is_asked_about_version(page: CasePage, form: ActionForm | None) -> bool:
    is_accepting = form is not None and form.step.action is Action.ACCEPT
    return is_accepting and current_node().casework.has_version_question(page.state.case)


def _unbrought(page: CasePage, form: ActionForm | None) -> list[str]:
    """Return the names of the papers whose want a person has to account for before accepting or settling."""
    if form is None or form.step.action not in (Action.ACCEPT, Action.SETTLE):
        return []
    return [spec.name for spec in current_node().casework.lacking_papers(page.state.case)]


def _first_lacking(page: CasePage, form: ActionForm | None) -> set[str]:
    """Return the keys of the papers that nobody has brought: a list of lacking ones begins with them."""
    if form is None or "lacking" not in form.parts:
        return set()
    return {spec.key for spec in current_node().casework.lacking_papers(page.state.case)}


def around(page: CasePage, action: Action | None = None) -> Around:
    """Return what the fields of a step or a report are filled with."""
    node, state = current_node(), page.state
    names = sorted({item.route.department for item in node.catalogue.all_items()})
    names = departments_for(action, state, names) if action else names
    tree = node.tree()
    sites = dict.fromkeys((*state.parties.values(), *tree.addresses()))
    # Where nobody works any more nothing is fetched.
    open_now = (address for address in sites if address in tree and not tree.is_relieved(address))
    places = {address: shown.place_words(address) for address in open_now}
    return Around(state, dossier.item_of(state), page.form, names, places, local_day(g.now_ms))


def askable(page: CasePage) -> tuple[PaperSpec, ...]:
    """Return the papers a list of lacking ones may name: the item's and those that departments miss.

    After the one full notice that is what the notice named, and nothing else.
    """
    state = page.state
    if state.facts.noticed:
        notice = next(entry for entry in page.timeline if entry.act == state.facts.notice_act)
        return _named(notice.data["lacking"])
    listed = action_form.asked_papers(dossier.item_of(state), tuple(state.reports.values()))
    missed = _named(paper for lacking in state.facts.door.values() for paper in lacking)
    keys = {spec.key for spec in listed}
    more = {spec.key: spec for spec in missed if spec.key not in keys}
    return (*listed, *more.values())


def _named(papers: Iterable[Mapping[str, Any]]) -> tuple[PaperSpec, ...]:
    return tuple(PaperSpec(str(p["key"]), str(p["name"]), True, 0, 1, "") for p in papers)


def brought(state: CaseState, listed: tuple[PaperSpec, ...]) -> list[dict[str, Any]]:
    """Return the papers a resident may bring, those that are owed first: asked for, or promised (容缺).

    After them the rest of the item's list; `is_owed` tells them apart.
    """
    asked = [
        {"spec": spec, "how": paper.get("how", ""), "is_owed": True}
        for spec, paper in zip(_named(state.lacking), state.lacking, strict=True)
    ]
    keys = {row["spec"].key for row in asked}
    day = state.facts.tolerance_due
    promised = [
        {
            "spec": PaperSpec(key, name, True, 0, 1, ""),
            "how": _("容缺后补：%(day)s 前补交", day=day),
            "is_owed": True,
        }
        for key, name in state.facts.tolerated.items()
        if key not in keys
    ]
    keys |= state.facts.tolerated.keys()
    rest = [
        {"spec": spec, "how": "", "is_owed": False} for spec in (*listed, OTHER_PAPER) if spec.key not in keys
    ]
    return [*asked, *promised, *rest]
