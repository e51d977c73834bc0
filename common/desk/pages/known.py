"""What this site knows of an applicant already, offered with their consent: household, phone and address,
papers handed in before (交过的材料不再要).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, g, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.casework.pages import may_see_whole
from common.catalogue.rules.applicant import tidy_number
from common.desk import earlier
from common.desk.pages.open_draft import Entry, on_draft
from common.desk.pages.papers import served
from common.desk.rules import terms
from common.desk.rules.applicants import ID_SURE, NO_PHONE
from common.desk.rules.drafts import Draft, DraftPaper, Part
from common.desk.rules.household import EarlierPaper, Person, is_own, offered_for
from common.errors import BadInput, NotFound, Problem
from common.journal.rules import Fields, What
from common.people.rules.roles import Role
from common.web.guard import requires
from common.web.ports import current_node
from common.web.watched import shows, write_down
from sync.protocol.frame import BlobRef

known = Blueprint("known", __name__)

DESK = (Role.AGENT, Role.CLERK)
SELF, USE, BACK = "self", "known:", "back:"
_FILLED = ("phone", "address")


class NotHandedIn(NotFound):
    """The applicant of this draft handed no such paper in here."""

    code = "E344"
    sentence = "这位申请人在本站没有交过这份材料。"


@known.get("/<draft>/known")
@requires(*DESK)
@on_draft
def people(entry: Entry) -> str:
    """Show what is known of the applicant typed so far, as a part of the page; nothing when nothing is."""
    return render_template("desk/parts/_known.html", draft=entry.draft, **known_parts(entry))


@known.get("/<draft>/earlier/<blob>")
@requires(*DESK)
@shows(What.PAPER, of="blob", fields=Fields.PAPERS)
def paper(draft: str, blob: str) -> Response:
    """Give one paper the applicant handed in before, to be looked at."""
    found_draft = current_node().drafts.draft(draft, g.staff.login)
    found = next((one for one in papers_of(found_draft) if one.hash == blob), None)
    if found is None:
        raise NotHandedIn()
    return served(BlobRef(found.hash, found.size, found.type))


def known_parts(entry: Entry) -> dict[str, Any]:
    """Return who applied before and who lives with them, for the applicant's page; each view is logged."""
    person = _person(entry.draft)
    home = _household(person)
    fills = bool(person) and any(_may_fill(entry.draft, person, key) for key in _FILLED)
    if person is not None and (home or fills):
        # By the cases that told it: with a draft thrown away, whose data was seen would be lost.
        for one in (person, *home):
            write_down(What.SEARCH, one.case, Fields.CONTACT)
    return {
        "person": person if fills else None,
        "household": home,
    }


def _person(draft: Draft) -> Person | None:
    """Return the applicant as the newest case says that whoever is at the desk may see whole."""
    found = earlier.persons(tidy_number(draft.applicant.get("id_number", "")), current_node().me)
    return next((one for one in found if may_see_whole(one.case)), None)


def _household(person: Person | None) -> list[Person]:
    home = earlier.household(person, current_node().me) if person else []
    return [one for one in home if may_see_whole(one.case)]


def _may_fill(draft: Draft, person: Person | None, key: str) -> bool:
    value = getattr(person, key, "")
    return bool(value) and value != draft.applicant.get(key, "").strip()


def take_over(entry: Entry) -> Draft:
    """Fill the page of the applicant with what is known, as the pressed button says; consent is kept with it.

    Raises:
        BadInput: the one it is about was not asked, or the button names nobody.
    """
    person = _person(entry.draft)
    chosen = request.form.get("then", "").removeprefix(USE)
    home = _household(person)
    by_number = {one.id_number: one for one in home}
    found = person if chosen == SELF else by_number.get(chosen)
    if found is None:
        sentence = "没有找到以前的信息，请照证件填写。"
        raise BadInput(problems=[Problem(terms.CONSENT, "以前的信息", "not_a_choice", sentence)])
    if found.id_number not in request.form.getlist(terms.CONSENT):
        sentence = f"使用以前的信息，要{found.name}本人同意：请问过后在写着名字的一行勾选。"
        raise BadInput(problems=[Problem(terms.CONSENT, "以前的信息", "required", sentence)])
    facts = {key: getattr(found, key) for key in _FILLED if getattr(found, key)}
    if found is not person:
        # What was typed of the one who sits at the desk is no word on somebody else of the household.
        facts = {"phone": "", NO_PHONE: "", ID_SURE: "", **facts}
    who = {"name": found.name, "id_type": found.id_type, "id_number": found.id_number}
    # Of papers nobody was asked yet.
    said = {terms.CONSENT: "", terms.REUSED: tidy_number(found.id_number)}
    node = current_node()
    with node.unit():
        draft = node.drafts.keep(entry.draft, Part.APPLICANT, {**who, **facts}, g.now_ms)
        return node.drafts.keep(draft, Part.TERMS, said, g.now_ms)


def papers_of(draft: Draft) -> list[EarlierPaper]:
    """Return the papers the applicant of a draft handed in here before, theirs alone, that can be shown.

    Those of a case that whoever is at the desk may not see whole cannot: by typing a number nobody sees more.
    """
    return [one for one in _theirs(draft) if _is_here(one)]


def _theirs(draft: Draft) -> list[EarlierPaper]:
    found = handed_in(draft)
    seen = {case for case in {one.case for one in found} if may_see_whole(case)}
    return [one for one in found if one.case in seen and _is_own(one)]


def _is_here(paper: EarlierPaper) -> bool:
    return bool(current_node().papers.is_here(BlobRef(paper.hash, paper.size, paper.type)))


def handed_in(draft: Draft) -> list[EarlierPaper]:
    """Return all the applicant of a draft handed in here before, also what is not offered again."""
    number = tidy_number(draft.applicant.get("id_number", ""))
    return earlier.papers(number, current_node().me)


def _is_own(paper: EarlierPaper) -> bool:
    """Say whether a paper is one's own by the list it was handed in under; where that is gone, it is not."""
    item = current_node().catalogue.version(paper.item, paper.version, paper.item_doc)
    listed = {spec.key: spec for spec in item.papers} if item else {}
    spec = listed.get(paper.key)
    return spec is not None and is_own(paper.key, f"{spec.name} {paper.name}", spec.note)


def offers(entry: Entry) -> dict[str, list[EarlierPaper]]:
    """Return for each paper of the item's list those handed in before that are not in the draft yet."""
    here = {paper.hash for paper in entry.draft.papers}
    return _for_list(entry, [one for one in papers_of(entry.draft) if one.hash not in here])


def away(entry: Entry) -> dict[str, list[EarlierPaper]]:
    """Return for each paper of the item's list those handed in before that have left this site since."""
    return _for_list(entry, [one for one in _theirs(entry.draft) if not _is_here(one)])


def _for_list(entry: Entry, papers: Sequence[EarlierPaper]) -> dict[str, list[EarlierPaper]]:
    return {
        spec.key: offered_for(spec.key, spec.name, papers)[:3]
        for spec in entry.item.papers
        if is_own(spec.key, spec.name, spec.note)
    }


def use_again(entry: Entry) -> list[Problem]:
    """Take the ticked earlier papers into the draft; return the problem that the applicant was not asked.

    What the page says of consent is kept first, also when nothing is ticked.
    """
    draft = _consent_kept(entry.draft)
    wanted = {
        (key, one.hash): one
        for key, found in offers(entry).items()
        for one in found
        if one.hash in request.form.getlist(f"again-{key}")
    }
    if not wanted:
        return []
    if not request.form.get(terms.CONSENT):
        return [Problem(terms.CONSENT, "以前的材料", "required", terms.ASK_CONSENT)]
    names = {spec.key: spec.name for spec in entry.item.papers}
    added = [
        DraftPaper(key, names[key], one.item_name, one.hash, one.size, one.type, one.pages, one.case)
        for (key, _hash), one in wanted.items()
    ]
    node = current_node()
    with node.unit():
        node.drafts.add_papers(draft, added, g.now_ms)
    return []


def bring_back(entry: Entry) -> list[Problem]:
    """Ask the nodes above for the earlier paper the pressed button names, so that it can be used again.

    Return the problem that the applicant was not asked; what the page says of consent is kept before.

    Raises:
        NotHandedIn: it is none of theirs, or here.
    """
    then = request.form.get("then", "")
    if not then.startswith(BACK):
        return []
    node, blob = current_node(), then.removeprefix(BACK)
    if not terms.has_consent(node.drafts.draft(entry.draft.id, g.staff.login)):
        return [Problem(terms.CONSENT, "以前的材料", "required", terms.ASK_CONSENT)]
    if blob not in {one.hash for found in away(entry).values() for one in found}:
        raise NotHandedIn()
    with node.unit():
        node.ask_back(blob, g.staff.login, g.now_ms)
    node.wake()
    flash(_("已向上级站点取回，传到后在这里选用；等不及的请重新拍照。"))
    return []


def _consent_kept(draft: Draft) -> Draft:
    """Keep what the page of papers says of the applicant's consent, where it asked."""
    node = current_node()
    if not request.form.get("consent_asked"):
        return draft
    number = tidy_number(draft.applicant.get("id_number", ""))
    said = {terms.CONSENT: number if request.form.get(terms.CONSENT) else ""}
    with node.unit():
        kept: Draft = node.drafts.keep(draft, Part.TERMS, said, g.now_ms)
        return kept
