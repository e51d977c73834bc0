"""Taking a case in: choose the item, who applies, the form, papers, check the answers, file, print the slip.

Every page keeps what was typed before it judges it, so that nothing is lost by a refusal, a power cut or a
closed window; a draft is filed once, however often the button is pressed.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.casework.errors import LevelNotAllowed
from common.catalogue.rules.form import FormResult, condition_words
from common.catalogue.service import ItemUnknown
from common.desk.pages import draft_papers, slips
from common.desk.pages.handing_in import file_draft, keep_last, to_check
from common.desk.pages.open_draft import (
    Entry,
    Page,
    applicant_page,
    draft_rows,
    ground_for,
    left,
    on_draft,
    place_choices,
    to_form_again,
)
from common.desk.pages.terms import conditions, follow_by
from common.desk.rules import terms
from common.desk.rules.applicants import APPLICANT_KEYS, check_applicant
from common.desk.rules.drafts import (
    RESULT_FIELDS,
    Part,
    Step,
    check_item_form,
    known_from_id,
)
from common.desk.rules.intake_checks import wants_village
from common.errors import BadInput
from common.journal.rules import What
from common.people.rules.roles import Role
from common.places.rules import level
from common.web.forms import redraws
from common.web.guard import requires
from common.web.ports import current_node
from common.web.watched import shows

filing = Blueprint("filing", __name__, url_prefix="/file")
filing.register_blueprint(conditions)
# Who takes cases in: the flow table has a row for each.
DESK = (Role.AGENT, Role.CLERK)
_STEPS = tuple(Step)
_PARTS = {
    Part.APPLICANT: lambda item: APPLICANT_KEYS,
    Part.FORM: lambda item: tuple(spec.key for spec in item.fields),
    Part.RESULT: lambda item: RESULT_FIELDS,
    Part.TERMS: lambda item: terms.TERM_KEYS,
}


@filing.get("")
@requires(*DESK)
def choose() -> str:
    """Show the items that may be taken in here, and the drafts to go on with."""
    node = current_node()
    typed = request.args.get("q", "").strip()
    here = level(node.me)
    found = [item for item in node.catalogue.search(typed) if item.may_be_filed_at(here)]
    return render_template(
        "desk/filing_choose.html",
        items=found,
        typed_search=typed,
        is_empty=not node.catalogue.items_for(here),
        drafts=draft_rows(),
        source=request.args.get("from", ""),
    )


@filing.post("/begin")
@requires(*DESK)
def begin() -> Response:
    """Begin a draft for an item; the applicant may be taken over from another draft."""
    node = current_node()
    item = node.catalogue.item(request.form.get("item", ""))
    if item is None:
        raise ItemUnknown(item=request.form.get("item", "")[:50])
    if not item.may_be_filed_at(level(node.me)):
        raise LevelNotAllowed(item=item.code)
    source = request.form.get("from", "")
    known = node.drafts.draft(source, g.staff.login).applicant if source else {}
    with node.unit():
        node.drafts.clear_empty(g.staff.login, g.now_ms)
        draft = node.drafts.begin(g.staff.login, item, g.now_ms, known)
    return redirect(url_for(".applicant", draft=draft.id), 303)


@filing.get("/<draft>/applicant")
@requires(*DESK)
@on_draft
def applicant(entry: Entry) -> str:
    """Ask who applies, for which place, and where the result is to be fetched."""
    return _drawn("applicant", entry, **applicant_page(entry))


@filing.post("/<draft>/applicant")
@requires(*DESK)
@redraws(".applicant")
@on_draft
def keep_applicant(entry: Entry) -> Response:
    """Keep the applicant; go on when nothing is wrong."""
    typed = _typed(APPLICANT_KEYS)
    result = check_applicant(entry.item, typed, ground_for(typed["place"].strip()))
    first = terms.check_first(entry.item, _typed(terms.FIRST_KEYS))
    with current_node().unit():
        draft = current_node().drafts.keep(entry.draft, Part.TERMS, first.typed, g.now_ms)
    result.problems.extend(first.problems)
    answer = _went_on(Entry(draft, entry.item), Part.APPLICANT, result, Step.FORM)
    if terms.is_proxy(first.typed) and request.form.get("then") != "leave":
        # Whose letters there are is known now that it is known who applies.
        return redirect(url_for(".terms.authority", draft=draft.id), 303)
    return answer


@filing.get("/<draft>/form")
@requires(*DESK)
@on_draft
def form(entry: Entry) -> str:
    """Ask what the item's form asks."""
    me = current_node().me
    is_village = level(me) == "village"
    asked = [spec for spec in entry.item.fields if spec.kind == "place"]
    here = {spec.key: me for spec in asked if is_village or not wants_village(spec)}
    known = {**here, **known_from_id(entry.item, entry.draft.applicant), **entry.draft.form}
    conditions = {spec.key: condition_words(spec, entry.item.fields) for spec in entry.item.fields}
    return _drawn("form", entry, conditions=conditions, known=known, places=place_choices())


@filing.post("/<draft>/form")
@requires(*DESK)
@redraws(".form")
@on_draft
def keep_form(entry: Entry) -> Response:
    """Keep the form; go on when nothing is wrong."""
    typed = _typed(_PARTS[Part.FORM](entry.item))
    result = check_item_form(entry.item, typed, ground_for(""), entry.draft.applicant)
    return _went_on(entry, Part.FORM, result, Step.PAPERS)


@filing.post("/<draft>/keep/<part>")
@requires(*DESK)
def keep(draft: str, part: str) -> Response:
    """Keep what stands in a page's fields while it is still being filled in; says nothing about it."""
    node = current_node()
    found = node.drafts.draft(draft, g.staff.login)
    item = node.catalogue.item(found.item) or node.catalogue.version(found.item, found.version)
    if part not in tuple(Part) or item is None:
        raise ItemUnknown(item=found.item)
    with node.unit():
        for each in (Part(part), Part.TERMS):
            typed = {key: request.form[key] for key in _PARTS[each](item) if key in request.form}
            node.drafts.keep(found, each, typed, g.now_ms)
    return Response(status=204)


@filing.get("/<draft>/papers")
@requires(*DESK)
@on_draft
def papers(entry: Entry) -> str:
    """Show the list of papers, those handed in, and where to add more."""
    return _drawn("papers", entry, **draft_papers.page(entry, follow_by(entry)))


@filing.post("/<draft>/papers")
@requires(*DESK)
@redraws(".papers")
@on_draft
def bring(entry: Entry) -> Response:
    """Take papers in; those that will do are kept even when others will not."""
    problems = draft_papers.take_in(entry)
    problems += draft_papers.keep_later(entry, follow_by(entry))
    if problems:
        raise BadInput(problems=problems)
    then = request.form.get("then", "")
    if then == "leave":
        return left(current_node().drafts.draft(entry.draft.id, g.staff.login))
    if then == "stay":
        return redirect(url_for(".papers", draft=entry.draft.id), 303)
    return _on_to(entry, Step.CHECK)


@filing.post("/<draft>/papers/remove")
@requires(*DESK)
@on_draft
def remove(entry: Entry) -> Response:
    """Take a paper out of the draft."""
    node = current_node()
    key, _sep, blob = request.form.get("paper", "").partition("/")
    with node.unit():
        node.drafts.drop_paper(entry.draft, (key, blob), g.now_ms)
    return redirect(url_for(".papers", draft=entry.draft.id), 303)


@filing.get("/<draft>/paper/<blob>")
@requires(*DESK)
def paper(draft: str, blob: str) -> Response:
    """Give a paper of one's own draft, to be looked at."""
    return draft_papers.content(current_node().drafts.draft(draft, g.staff.login), blob)


@filing.get("/<draft>/check")
@requires(*DESK)
@on_draft
def check(entry: Entry) -> Page:
    """Show all answers once more before the case is filed."""
    if entry.is_outdated:
        return to_form_again(entry)
    return _drawn("check", entry, **to_check(entry))


@filing.post("/<draft>/check")
@requires(*DESK)
@redraws(".check")
@on_draft
def file(entry: Entry) -> Response:
    """File the case, or settle it on the spot; a second press finds it filed and shows its slip."""
    if entry.is_outdated:
        return to_form_again(entry)
    node = current_node()
    keep_last(entry)
    with node.unit():
        case = node.drafts.case_from(entry.draft.id) or file_draft(entry)
    node.wake()
    return redirect(url_for(".slip", case=case), 303)


@filing.get("/<draft>/discard")
@requires(*DESK)
def ask_discard(draft: str) -> str:
    """Ask whether a draft is to be thrown away."""
    node = current_node()
    found = node.drafts.draft(draft, g.staff.login)
    item = node.catalogue.version(found.item, found.version)
    return render_template("desk/filing_discard.html", draft=found, item=item)


@filing.post("/<draft>/discard")
@requires(*DESK)
def discard(draft: str) -> Response:
    """Throw a draft away."""
    node = current_node()
    with node.unit():
        node.drafts.discard(node.drafts.draft(draft, g.staff.login), g.now_ms)
    flash(_("草稿已删除。"))
    return redirect("/", 303)


@filing.get("/slip/<case>")
@requires()
@shows(What.SLIP, of="case")
def slip(case: str) -> str:
    """Show the slip of a case, to be printed on A4 or on a narrow roll."""
    return slips.drawn(case)


def _drawn(page: str, entry: Entry, **parts: Any) -> str:
    shared = {"draft": entry.draft, "item": entry.item, "place": _STEPS.index(Step(page)) + 1}
    return render_template(f"desk/filing_{page}.html", **shared, **parts)


def _typed(keys: tuple[str, ...]) -> dict[str, str]:
    return {key: request.form.get(key, "") for key in keys}


def _went_on(entry: Entry, part: Part, result: FormResult, following: Step) -> Response:
    """Keep a page as typed; then leave, refuse, or go on."""
    node = current_node()
    with node.unit():
        draft = node.drafts.keep(entry.draft, part, result.typed, g.now_ms)
        if part is Part.FORM and not result.problems:
            draft = node.drafts.renew(draft, entry.item, g.now_ms)
    if request.form.get("then") == "leave":
        return left(draft)
    if result.problems:
        raise BadInput(problems=result.problems)
    return _on_to(Entry(draft, entry.item), following)


def _on_to(entry: Entry, following: Step) -> Response:
    """Go to the next page; who was at the last one already goes back there."""
    node = current_node()
    reached = max(following, entry.draft.step, key=_STEPS.index)
    with node.unit():
        node.drafts.reach(entry.draft, reached, g.now_ms)
    is_back = entry.draft.step is Step.CHECK and not entry.is_outdated
    return redirect(url_for(f".{Step.CHECK if is_back else following}", draft=entry.draft.id), 303)
