"""The page of a case, and the forms by which its holder moves it or others tell the holder something."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.archive.pages import is_checkable, package_link
from common.calendar.pages import look_at_day
from common.casework.context import Paper
from common.casework.gone_on import gone_on_now
from common.casework.lists import CasePage
from common.casework.pages import reach_here, whole_case
from common.casework.rules.event import CaseState
from common.casework.rules.facts import LACKING
from common.casework.rules.flow import report_rule
from common.casework.rules.labels import label
from common.casework.rules.need_to_know import Reach
from common.casework.rules.number import normalise
from common.casework.rules.services import collectable
from common.casework.rules.waiting import Work, is_handed_over, waits_for
from common.casework.rules.words import Action, Report, read_action, read_report
from common.days import local_date
from common.desk.pages import checking, dossier, not_back, progress, shown, step_parts, uploads
from common.desk.pages.life import life_of
from common.desk.pages.stopped import check_not_stopped
from common.desk.rules import action_form, offers, opinions, reasons, receiver, step_fields
from common.desk.rules.action_form import ActionForm
from common.desk.rules.offers import Offer
from common.errors import BadInput, Problem
from common.journal.rules import What
from common.notices.pages import NoticeLink, letter_of, notices_of
from common.people.rules.roles import Actor, Role
from common.web.forms import redraws
from common.web.guard import WrongPost, requires
from common.web.ports import current_node
from common.web.watched import shows

cases = Blueprint("cases", __name__, url_prefix="/case")

DESK = (Role.AGENT, Role.CLERK, Role.CHECKER, Role.REVIEWER, Role.APPROVER, Role.LEAD)
# The table lets any post remind or tell; of these, who may see the case whole, as `whole_case` asks.
ANYONE = (*DESK, Role.SUPERVISOR, Role.ADMIN)
# On which day these were said changes nothing.
_UNDATED = (Report.REMIND, Report.RATED)


@cases.get("/<number>")
@requires()
@shows(What.CASE, of="number")
def show(number: str) -> str | Response:
    """Show a case in full, with what this person may do to it; how far it is to those who need no more."""
    node = current_node()
    if normalise(number) != number:
        return redirect(url_for(".show", number=normalise(number)), 303)
    check_not_stopped(number)
    page = node.casework.page(number)
    if reach_here(page.state) is not Reach.WHOLE:
        return progress.shown_of(page)
    posts, department = shown.my_posts(), g.staff.department
    links = _links(page.state, posts, department)
    open_links = [link for link in links if link["kind"] in (offers.NEXT, offers.USUAL)][: offers.OPEN]
    return render_template(
        "desk/case.html",
        case=dossier.dossier_of(page),
        life=life_of(page),
        links=open_links,
        more=[link for link in links if link not in open_links and link["kind"] != offers.GRAVE],
        grave=[link for link in links if link["kind"] == offers.GRAVE],
        is_held_here=page.state.holder == node.me,
        slip=_slip_link(page.state),
        package=package_link(page.state, posts),
        is_checkable=is_checkable(),
        check_list=checking.link_of(page.state),
        notices=notices_of(page),
        letter=letter_of(page),
    )


@cases.get("/<number>/do/<action>")
@requires(*DESK)
@shows(What.CASE, of="number")
@whole_case(of="number")
def ask(number: str, action: str) -> str:
    """Show the form of one step beside the papers of the case."""
    node = current_node()
    page = node.casework.page(number)
    word = read_action(action)
    # After a refusal the step may be gone: somebody else was faster. Then only the case is shown.
    form = _form_now(page.state, word)
    item = dossier.item_of(page.state)
    type_code = item.type_code if item else ""
    if not g.get("failure"):
        chosen = reasons.first_note(word, type_code, request.args.get("reason", ""))
        g.typed = checking.first_lacking(page, word) | chosen
    return render_template(
        "desk/act.html",
        case=dossier.dossier_of(page),
        title=label(word),
        form=form,
        post_to=url_for(".take", number=number, action=word.value),
        is_danger=offers.is_grave(word),
        reasons=reasons.of(word, type_code),
        is_barred=form is not None and action_form.is_barred(page.state, form.step, dossier.actor_of_page()),
        **step_parts.parts_of(page, form),
    )


@cases.post("/<number>/do/<action>")
@requires(*DESK)
@redraws(".ask")
@whole_case(of="number")
def take(number: str, action: str) -> Response:
    """Take one step on a case this node holds."""
    node = current_node()
    word = read_action(action)
    state = _held(node.casework.case(number), word)
    form = action_form.form_of(state, word, shown.my_posts())
    seen = request.form.get("seen", "")
    # Taken in whatever else is wrong: nobody is asked to take a picture twice.
    papers, refused = uploads.taken_in([step_parts.RESULT_PAPER] if "result" in form.parts else [], number)
    action_form.check_seen(state, seen)
    page = node.casework.page(number)
    around = step_parts.around(page, word)
    data, problems = action_form.read_data(form, request.form, step_parts.askable(page), around)
    data |= {key: 1 for key in ("version_confirmed", "lacking_waived") if request.form.get(key)}
    data |= action_form.recusal_said(request.form) | not_back.said()
    if problems or refused:
        raise BadInput(problems=[*problems, *refused])
    actor = _acting_as(form.step.role.value)
    with node.unit():
        # Once more where nobody else can write: another clerk, or the line, may have come between.
        action_form.check_seen(node.casework.case(number), seen)
        node.casework.move_case(number, word.value, actor, {**data, "papers": papers}, g.now_ms)
        look_at_day(number)
    node.wake()
    flash(_("已办理“%(action)s”，记录已保存并将自动送达有关站点。", action=label(word)))
    if request.form.get("then") == "next":
        return redirect(url_for("queue.following", after=number), 303)
    return redirect(url_for(".show", number=number), 303)


@cases.get("/<number>/report/<what>")
@requires(*ANYONE)
@shows(What.CASE, of="number")
@whole_case(of="number")
def ask_report(number: str, what: str) -> str:
    """Show the form by which this node tells the holder something."""
    page = current_node().casework.page(number)
    word = read_report(what)
    item = dossier.item_of(page.state)
    return render_template(
        "desk/report.html",
        case=dossier.dossier_of(page),
        title=label(word),
        what=word.value,
        is_open=word in current_node().casework.reports_for(page.state, shown.my_posts(), g.staff.department),
        post_to=url_for(".tell", number=number, what=word.value),
        papers=step_parts.brought(page.state, item.papers if item else ()),
        kept=uploads.kept_rows(number),
        receiver_fields=receiver.receiver_fields(page.state),
        receiver_spared=receiver.spared(page.state),
        receiver_first=receiver.first_values(page.state),
        result=page.state.result,
        to_serve=_to_serve(page),
        asked=step_fields.fields_of_report(word, step_parts.around(page)),
        note_label=_(step_fields.NOTE_LABELS.get(word, "说明")),
        needs_note=word in step_fields.NOTE_LABELS,
        is_dated=word not in _UNDATED,
        is_door=not page.state.facts.accepted_on,
        matter=opinions.matter_for(page.state, g.staff.department),
        lackable=step_parts.askable(page),
        other_lines=range(1, action_form.OTHER_LINES + 1),
    )


@cases.post("/<number>/report/<what>")
@requires(*ANYONE)
@redraws(".ask_report")
@whole_case(of="number")
def tell(number: str, what: str) -> Response:
    """Tell the holder of a case something; the case itself does not move by it."""
    node = current_node()
    word = read_report(what)
    state = node.casework.case(number)
    data, problems = _report_data(word, node.casework.page(number))
    # Taken in whatever else is wrong: nobody is asked to sign or to take a picture twice.
    data["papers"], refused = _papers_with(word, state)
    problems += refused
    if word is Report.HANDED_OVER:
        problems += receiver.signature_problems(data["receiver"], len(data["papers"]), data["note"])
    if problems:
        raise BadInput(problems=problems)
    actor = _acting_as(*(role.value for role in report_rule(word).roles))
    with node.unit():
        node.casework.report(number, word.value, actor, data | not_back.said(), g.now_ms)
        if word not in _UNDATED:
            look_at_day(number)
    node.wake()
    flash(_("已登记“%(what)s”，将自动告知办理站点。", what=label(word)))
    return redirect(url_for(".show", number=number), 303)


def _to_serve(page: CasePage) -> list[NoticeLink]:
    """Return the papers that are handed over after the end of a case: made since, or not fetched before."""
    late = {one.act for one in page.state.facts.unserved} | collectable(page.state)
    return [link for link in notices_of(page) if link.act in late]


def _form_now(state: CaseState, action: Action) -> ActionForm | None:
    node = current_node()
    offered = node.casework.actions_for(state, shown.my_posts(), g.staff.department, _today())
    if g.get("failure") and action not in offered:
        return None
    return action_form.form_of(_held(state, action), action, shown.my_posts())


def _held(state: CaseState, action: Action) -> CaseState:
    """Return the case if this node holds it; whoever else may ask for a step comes after that question."""
    if state.holder != current_node().me:
        raise gone_on_now(state.case, action, current_node().me)
    return state


def _report_data(what: Report, page: CasePage) -> tuple[dict[str, Any], list[Problem]]:
    """Return what a report says, as typed, and what of it cannot be used."""
    around = step_parts.around(page)
    asked = step_fields.fields_of_report(what, around)
    data, problems = step_fields.read_report(asked, receiver.as_asked(request.form), around)
    data["note"] = action_form.plain(request.form.get("note", ""))[: action_form.NOTE_LENGTH]
    if data.get("verdict") == LACKING:
        data["lacking"], wrong = action_form.lacking_of(request.form, step_parts.askable(page))
        problems += wrong
    if what is Report.HANDED_OVER:
        data["receiver"] = receiver.receiver_of(request.form)
        # Where nothing is to be handed over the door says so; the form is then not looked at.
        offered = current_node().casework.reports_for(page.state, shown.my_posts(), g.staff.department)
        if what in offered or is_handed_over(page.state):
            problems += receiver.receiver_problems(data["receiver"], page.state)
    return data, problems


def _papers_with(what: Report, state: CaseState) -> tuple[list[Paper], list[Problem]]:
    if not action_form.brings_papers(what):
        return [], []
    item = dossier.item_of(state)
    specs = [row["spec"] for row in step_parts.brought(state, item.papers if item else ())]
    if what is Report.HANDED_OVER:
        specs = [receiver.SIGNATURE]
    papers, refused = uploads.taken_in(specs, state.case)
    if request.form.get("receiver.signed") == receiver.ON_SCREEN:
        # One person signs there: what another has drawn before the form came back is not theirs.
        papers = uploads.newest(papers, state.case)
    return papers, refused


def _acting_as(*roles: str) -> Actor:
    actor: Actor | None = g.staff.acting_as([Role(role) for role in roles if role in set(Role)])
    if actor is None:
        raise WrongPost(posts="、".join(label(role) for role in roles))
    return actor


def _today() -> str:
    return local_date(g.now_ms).isoformat()


def _links(state: CaseState, posts: frozenset[str], department: str) -> list[dict[str, Any]]:
    """Return all that this person may do to a case, in the order in which it is offered."""
    node = current_node()
    found: list[Action | Report] = [*node.casework.actions_for(state, posts, department, _today())]
    found += node.casework.reports_for(state, posts, department)
    work, where = waits_for(state)
    offered = offers.arranged(found, work if where == node.me else Work.NOTHING)
    return [_link(state, offer) for offer in offered]


def _link(state: CaseState, offer: Offer) -> dict[str, Any]:
    if isinstance(offer.word, Action):
        href = url_for(".ask", number=state.case, action=offer.word.value)
    else:
        href = url_for(".ask_report", number=state.case, what=offer.word.value)
    looks = {offers.NEXT: "", offers.GRAVE: "danger"}.get(offer.kind, "second")
    return {
        "words": label(offer.word),
        "told": _(offer.told),
        "href": href,
        "kind": offer.kind,
        "looks": looks,
    }


def _slip_link(state: CaseState) -> str:
    """Return where the slip of a case is printed again, by those who take cases in at the node it came to."""
    if state.parties["origin"] != current_node().me or not shown.my_posts() & {Role.AGENT, Role.CLERK}:
        return ""
    return url_for("filing.slip", case=state.case)
