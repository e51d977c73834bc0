"""Between filing's pages: the letter of authority under which an agent files, and the promise for papers that
follow, to be signed before the case is taken in.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask_babel import gettext as _

from common.authority.errors import NoSuchLetter, NotCovered
from common.authority.pages import RELATIVE, RELATIVE_FIELDS, may_open, relative_of
from common.authority.rules import ALL_ITEMS, PROOF_NAMES, Letter, Principal, Proof, claim
from common.authority.rules import Draft as LetterDraft
from common.casework import likely
from common.casework.rules.deadlines import due_date
from common.catalogue.rules.applicant import ID_CARD_TYPE
from common.catalogue.rules.identity import written_birth_date
from common.catalogue.rules.item import PaperSpec
from common.days import local_date
from common.desk.pages import uploads
from common.desk.pages.draft_papers import promise_now
from common.desk.pages.open_draft import Entry, Page, answers, left, on_draft
from common.desk.pages.shown import rows
from common.desk.rules import terms
from common.desk.rules.drafts import Part, Step
from common.errors import BadInput, Problem
from common.journal.rules import Fields, What
from common.people.rules.roles import Role
from common.web.english import on_paper
from common.web.forms import Field, redraws
from common.web.guard import requires
from common.web.ports import current_node
from common.web.watched import write_down

conditions = Blueprint("terms", __name__)

DESK = (Role.AGENT, Role.CLERK)
_NEW = "new"
# A case's own words for the days of a letter.
_SIGNED_AS = {"from": "since", "to": "until"}
_PHOTO = PaperSpec("letter", "委托书照片", False, 0, 1, "")


@conditions.get("/<draft>/authority")
@requires(*DESK)
@on_draft
def authority(entry: Entry) -> Page:
    """Ask under which letter the case is filed: one entered before, or a new one."""
    who = answers(entry)["who"]
    if who.problems:
        return redirect(url_for("filing.applicant", draft=entry.draft.id), 303)
    letters = _letters(entry)
    chosen = entry.draft.terms.get(terms.LETTER, "") or (letters[0].id if letters else _NEW)
    for letter in letters:
        # Whoever types a number learns who stands for that person, also with a draft thrown away.
        write_down(What.LETTER, letter.id, Fields.CONTACT)
    return render_template(
        "desk/filing_authority.html",
        draft=entry.draft,
        item=entry.item,
        place=1,
        principal=who.values,
        letters=letters,
        openable=[letter.id for letter in letters if may_open(letter)],
        chosen=chosen,
        all_items=ALL_ITEMS,
        fields=_letter_fields(entry),
        relative=RELATIVE_FIELDS,
        kept=uploads.kept_rows(entry.draft.id),
        known={
            "agent": g.staff.login,
            "scope": entry.item.code,
            "from_day": local_date(g.now_ms).isoformat(),
            "proof": Proof.PHOTO.value,
            **entry.draft.terms,
        },
    )


@conditions.post("/<draft>/authority")
@requires(*DESK)
@redraws(".authority")
@on_draft
def keep_authority(entry: Entry) -> Page:
    """Choose a letter, or enter a new one and choose it; then go on."""
    node = current_node()
    if request.form.get("then") == "leave":
        typed = {key: request.form[key] for key in terms.LETTER_KEYS if key in request.form}
        with node.unit():
            draft = node.drafts.keep(entry.draft, Part.TERMS, typed, g.now_ms)
        return left(draft)
    if answers(entry)["who"].problems:
        # Another window changed who applies: that page says what is missing, then the letter is asked for.
        return redirect(url_for("filing.applicant", draft=entry.draft.id), 303)
    chosen = request.form.get("letter", "")
    letter = _entered(entry) if chosen == _NEW else _chosen(entry, chosen)
    with node.unit():
        node.drafts.keep(entry.draft, Part.TERMS, {terms.LETTER: letter}, g.now_ms)
    following = Step.CHECK if entry.draft.step is Step.CHECK else Step.FORM
    return redirect(url_for(f"filing.{following}", draft=entry.draft.id), 303)


@conditions.get("/<draft>/promise")
@requires(*DESK)
@on_draft
@on_paper
def promise(entry: Entry) -> Page:
    """Show the promise for papers that follow as an A4 page, to be signed by the applicant."""
    marked = terms.following(entry.item, entry.draft)
    due = follow_by(entry)
    return render_template(
        "desk/filing_promise.html",
        draft=entry.draft,
        item=entry.item,
        who=answers(entry)["who_words"],
        papers=marked,
        due=due,
        words=promise_now(entry, [paper.name for paper in marked], due),
        site=node_name(),
    )


def node_name() -> str:
    """Return the name of this site, as paper names it."""
    return str(current_node().site_name())


def follow_by(entry: Entry) -> str:
    """Return the local day (YYYY-MM-DD) by which papers that follow must be here, if filed today."""
    calendar = current_node().casework.ctx.calendar()
    return due_date(local_date(g.now_ms), entry.item.tolerance_days, calendar).isoformat()


def claim_of(entry: Entry, id_number: str) -> dict[str, str]:
    """Return what a filing says of its letter of authority; empty when the applicant files in person.

    Args:
        id_number: of the applicant; the letter must be theirs, not a namesake's.

    Raises:
        NoSuchLetter, NotCovered: the letter is gone, or not good for this applicant, agent, item and day.
    """
    if not terms.is_proxy(entry.draft.terms):
        return {}
    letter = entry.draft.terms.get(terms.LETTER, "")
    if current_node().letters.letter(letter).principal.id_number != id_number:
        raise NotCovered(why="委托人不是这位申请人")
    said = current_node().letters.authority(letter, g.staff.login, entry.item.code, g.now_ms)
    return {_SIGNED_AS.get(key, key): value for key, value in said.items()}


def letter_named(entry: Entry) -> dict[str, str]:
    """Return the claim of the letter that the draft names, good or not; empty when it names none."""
    if not terms.is_proxy(entry.draft.terms):
        return {}
    with suppress(NoSuchLetter):
        return claim(current_node().letters.letter(entry.draft.terms.get(terms.LETTER, "")))
    return {}


def lookalikes(entry: Entry, applicant: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return open cases that may be the same request: of this person, and of namesakes born on that day."""
    name, number = str(applicant.get("name", "")), str(applicant.get("id_number", ""))
    if not number:
        return {"same": [], "namesakes": []}
    born = written_birth_date(number) if applicant.get("id_type") == ID_CARD_TYPE else ""
    return {
        "same": rows(likely.same_person(number, entry.item.code)),
        "namesakes": rows(likely.namesakes(name, born, number, entry.item.code)),
    }


def _letters(entry: Entry) -> list[Letter]:
    number = answers(entry)["who"].values.get("id_number", "")
    found: list[Letter] = current_node().letters.good_for(number, g.staff.login, entry.item.code, g.now_ms)
    return found


def _chosen(entry: Entry, letter: str) -> str:
    if letter not in {one.id for one in _letters(entry)}:
        sentence = "请选择一份有效的委托书，或登记新的。"
        raise BadInput(problems=[Problem("letter", "委托书", "not_a_choice", sentence)])
    return letter


def _entered(entry: Entry) -> str:
    """Enter the letter as typed, the applicant its principal, and return its number.

    This person is the agent, or a relative whom the form tells.
    """
    node, form = current_node(), request.form
    who = answers(entry)["who"].values
    photos, problems = uploads.taken_in([_PHOTO], entry.draft.id)
    photo = photos[-1].blob if photos else None
    if problems:
        raise BadInput(problems=problems)
    draft = LetterDraft(
        Principal(who["name"], who["id_type"], who["id_number"], who.get("phone", "")),
        g.staff.login,
        ALL_ITEMS if form.get("scope") == ALL_ITEMS else entry.item.code,
        form.get("from_day", "").strip(),
        form.get("to_day", "").strip(),
        Proof.KEPT if form.get("proof") == Proof.KEPT.value else Proof.PHOTO,
        photo.hash if photo else "",
        relative_of(form),
    )
    with node.unit():
        return str(node.letters.enter(draft, photo, g.actor.login, g.now_ms).id)


def _letter_fields(entry: Entry) -> tuple[Field, ...]:
    scopes = ((entry.item.code, _("只办这一项")), (ALL_ITEMS, _("本站代办的全部事项")))
    proofs = tuple((proof.value, _(name)) for proof, name in PROOF_NAMES.items())
    hint, when = _("委托人签名、按手印后再拍，四角拍全"), _("选“已拍照留存”的要交")
    agents = ((g.staff.login, g.staff.name), (RELATIVE, _("委托人的亲属（在下面填写）")))
    return (
        Field("agent", _("受托人"), "choice", choices=agents),
        Field("scope", _("委托事项"), "choice", choices=scopes),
        Field("from_day", _("委托从哪天起"), "date"),
        Field("to_day", _("到哪天止"), "date", hint=_("当天也算，最长三年")),
        Field("proof", _("怎样证明"), "choice", choices=proofs),
        Field("paper-letter", _("委托书照片"), "file", required=False, hint=hint, when=when),
    )
