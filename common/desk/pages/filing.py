"""Taking a case in: choose the item, who applies, the form, papers, check the answers, file, print the slip.

Every page keeps what was typed before it judges it, so that nothing is lost by a refusal, a power cut or a
closed window; a draft is filed once, however often the button is pressed.
"""

from __future__ import annotations

from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.calendar.pages import look_at_day
from common.casework.errors import LevelNotAllowed
from common.casework.pages import whole_case
from common.catalogue.service import ItemUnknown
from common.desk.pages import draft_papers, slips
from common.desk.pages.choosing import choices
from common.desk.pages.form_page import form_parts, keep_form_page
from common.desk.pages.full_disk import full_page, refuse_when_full, size_of_photos
from common.desk.pages.handing_in import file_draft, keep_last, to_check
from common.desk.pages.known import BACK, USE, bring_back, known, known_parts, take_over, use_again
from common.desk.pages.moving_on import drawn, kept, keys_of, on_to, page_fields, told, typed_of, went_on
from common.desk.pages.open_draft import (
    Entry,
    Page,
    applicant_page,
    ground_for,
    left,
    on_draft,
    to_form_again,
)
from common.desk.pages.out_of_service import refuse_when_out_of_service
from common.desk.pages.terms import conditions, follow_by
from common.desk.pages.unjoined import refuse_before_joining
from common.desk.rules import terms, windows
from common.desk.rules.applicants import APPLICANT_KEYS, check_applicant
from common.desk.rules.drafts import Part, Step
from common.errors import BadInput
from common.journal.rules import What
from common.people.rules.roles import Role
from common.places.rules import level
from common.web.english import on_paper
from common.web.forms import redraws
from common.web.guard import requires
from common.web.ports import current_node
from common.web.watched import shows

filing = Blueprint("filing", __name__, url_prefix="/file")
filing.before_request(refuse_before_joining)
filing.before_request(refuse_when_out_of_service)
filing.before_request(refuse_when_full)
filing.app_context_processor(size_of_photos)
filing.register_blueprint(conditions)
filing.register_blueprint(known)
# Who takes cases in: the flow table has a row for each.
DESK = (Role.AGENT, Role.CLERK)
_APPLICANT_PAGE = (*APPLICANT_KEYS, *terms.FIRST_KEYS)


@filing.get("")
@requires(*DESK)
def choose() -> str:
    """Show the items that may be taken in here, and the drafts to go on with."""
    return render_template("desk/filing_choose.html", **choices())


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
    parts = applicant_page(entry)
    mark = page_fields(entry.draft, parts["known"], _APPLICANT_PAGE)
    return drawn("applicant", entry, page_fields=mark, **parts, **known_parts(entry))


@filing.post("/<draft>/applicant")
@requires(*DESK)
@redraws(".applicant")
@on_draft
def keep_applicant(entry: Entry) -> Response:
    """Keep the applicant; go on when nothing is wrong, or fill in what is known of them already."""
    typed, item = typed_of(APPLICANT_KEYS), entry.item
    result = check_applicant(item, typed, ground_for(typed["place"].strip()))
    first = terms.check_first(item, typed_of(terms.FIRST_KEYS))
    draft = kept(entry.draft, Part.TERMS, first.typed, item)
    draft = kept(draft, Part.APPLICANT, result.typed, item)
    if request.form.get("then", "").startswith(USE):
        take_over(Entry(draft, item))
        return redirect(url_for(".applicant", draft=draft.id), 303)
    result.problems.extend(first.problems)
    answer = went_on(Entry(draft, item), result, Step.FORM)
    if terms.is_proxy(first.typed) and request.form.get("then") != "leave":
        # Whose letters there are is known now that it is known who applies.
        return redirect(url_for(".terms.authority", draft=draft.id), 303)
    return answer


@filing.get("/<draft>/form")
@requires(*DESK)
@on_draft
def form(entry: Entry) -> str:
    """Ask what the item's form asks, a page of one or a few topics at a time."""
    return drawn("form", entry, **form_parts(entry))


@filing.post("/<draft>/form")
@requires(*DESK)
@redraws(".form")
@on_draft
def keep_form(entry: Entry) -> Response:
    """Keep a page of the form; go on when nothing on it is wrong."""
    return keep_form_page(entry)


@filing.post("/<draft>/keep/<part>")
@requires(*DESK)
def keep(draft: str, part: str) -> Response:
    """Keep what stands in a page's fields while it is still being filled in; judge nothing.

    Answers with what the page has to know from now on: the change it made, the prints of what it showed, and
    what another window wrote.
    """
    node = current_node()
    found = node.drafts.draft(draft, g.staff.login)
    item = node.catalogue.item(found.item) or node.catalogue.version(found.item, found.version)
    if part not in tuple(Part) or item is None:
        raise ItemUnknown(item=found.item)
    page, said, was = windows.page_mark(request.form), [], []
    others: dict[str, str] = {}
    with node.unit():
        for each in _parts_on(Part(part)):
            typed = {key: request.form[key] for key in keys_of(each, item) if key in request.form}
            typed |= draft_papers.followed(item) if each is Part.TERMS else {}
            found, merge = node.drafts.keep_page(found, each, typed, g.now_ms, page)
            said += told(merge, each, item)
            others |= {key: merge.values[key] for key in merge.yielded}
            was.append(windows.was_of(merge.values, typed))
    answer = {windows.REV: str(found.rev), windows.WAS: " ".join(was), "others": others, "told": said}
    return jsonify(answer)


def _parts_on(part: Part) -> tuple[Part, ...]:
    """Return the parts whose fields stand on the page of one; an item may name its fields as terms are."""
    return (part,) if part in (Part.FORM, Part.TERMS) else (part, Part.TERMS)


@filing.get("/<draft>/papers")
@requires(*DESK)
@on_draft
def papers(entry: Entry) -> str:
    """Show the list of papers, those handed in, and where to add more."""
    return drawn("papers", entry, **draft_papers.page(entry, follow_by(entry)))


@filing.post("/<draft>/papers")
@requires(*DESK)
@redraws(".papers")
@on_draft
def bring(entry: Entry) -> Response:
    """Take papers in; those that will do are kept even when others will not."""
    # What is sent as soon as it is chosen is files alone; the ticks beside them come with the whole page.
    is_whole = not request.form.get("at_once")
    if (full := full_page()) is not None:
        if is_whole:
            draft_papers.keep_later(entry, follow_by(entry))
        return full
    problems = [*use_again(entry), *bring_back(entry)] if is_whole else []
    problems += draft_papers.take_in(entry)
    problems += draft_papers.keep_later(entry, follow_by(entry)) if is_whole else []
    if problems:
        raise BadInput(problems=problems)
    then = request.form.get("then", "")
    if then == "leave":
        return left(current_node().drafts.draft(entry.draft.id, g.staff.login))
    if then == "stay" or then.startswith(BACK):
        return redirect(url_for(".papers", draft=entry.draft.id), 303)
    return on_to(entry, Step.CHECK)


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


@filing.post("/<draft>/papers/turn")
@requires(*DESK)
@on_draft
def turn(entry: Entry) -> Response:
    """Turn a picture of the draft by a quarter."""
    draft_papers.turn(entry)
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
    return drawn("check", entry, **to_check(entry))


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
    if (full := full_page()) is not None:
        return full
    with node.unit():
        case = node.drafts.case_from(entry.draft.id)
        if not case and (case := file_draft(entry)):
            look_at_day(case)
    if not case:
        return to_form_again(entry)
    node.wake()
    slips.just_filed(case)
    return redirect(url_for(".slip", case=case), 303)


@filing.get("/<draft>/discard")
@requires(*DESK)
def ask_discard(draft: str) -> Page:
    """Ask whether a draft is to be thrown away."""
    node = current_node()
    if case := node.drafts.case_from(draft):
        return _filed_already(case)
    found = node.drafts.draft(draft, g.staff.login)
    item = node.catalogue.version(found.item, found.version)
    return render_template("desk/filing_discard.html", draft=found, item=item)


@filing.post("/<draft>/discard")
@requires(*DESK)
def discard(draft: str) -> Response:
    """Throw a draft away, unless it was filed meanwhile."""
    node = current_node()
    with node.unit():
        case = node.drafts.case_from(draft)
        if not case:
            node.drafts.discard(node.drafts.draft(draft, g.staff.login), g.now_ms)
    if case:
        return _filed_already(case)
    flash(_("草稿已删除。"))
    return redirect("/", 303)


def _filed_already(case: str) -> Response:
    flash(_("这份草稿已经收件，没有删除。"), "warn")
    return redirect(url_for(".slip", case=case), 303)


@filing.get("/slip/<case>")
@requires()
@shows(What.SLIP, of="case")
@whole_case(of="case")
@on_paper
def slip(case: str) -> str:
    """Show the slip of a case, to be printed on A4 or on a narrow roll."""
    return slips.drawn(case)
