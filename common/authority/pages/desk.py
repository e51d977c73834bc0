"""Letters of authority at the desk: entered with the signed paper, looked at, revoked, and printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from common.authority.errors import NotYourLetter
from common.authority.pages.fields import (
    ID_TYPE_CHOICES,
    PERIOD,
    PERSON_TYPES,
    PHOTO,
    PRINCIPAL,
    PROOF,
    RELATIVE,
    RELATIVE_FIELDS,
)
from common.authority.pages.shown import line, told
from common.authority.rules import ALL_ITEMS, RELATIONS, Draft, Letter, Principal, Proof, Relative
from common.casework.errors import CaseNotFound
from common.casework.pages import may_see_whole, sees_all_cases
from common.catalogue.rules.applicant import ID_CARD_TYPE, id_type, tidy_name, tidy_number
from common.days import local_day
from common.journal.rules import Fields, What
from common.people.rules.roles import Role
from common.people.rules.staff import told_apart
from common.web.english import on_paper
from common.web.forms import Field, redraws
from common.web.guard import requires
from common.web.ports import current_node
from common.web.watched import shows, write_down_list
from sync.protocol.frame import BlobRef

letters = Blueprint("letters", __name__, url_prefix="/letters")

SHOWN = 100
DESK = (Role.AGENT, Role.CLERK)
_PIECES = "default-src 'none'; sandbox; frame-ancestors 'self'"


@letters.get("")
@requires(*DESK)
def index() -> str:
    """Show the newest letters, numbers masked; names stand whole, so it is a row of the log of views."""
    found = current_node().letters.newest(SHOWN)
    page = _list(found, "")
    if found:
        write_down_list(What.LETTER, local_day(g.now_ms))
    return page


@letters.post("/find")
@requires(*DESK)
@shows(What.SEARCH, fields=Fields.CONTACT)
def find() -> str | Response:
    """Show the letters somebody looks for; as with cases, what was typed is in no address."""
    typed = request.form.get("q", "").strip()
    if not typed:
        return redirect(url_for(".index"), 303)
    return _list(current_node().letters.found(typed, SHOWN), typed)


@letters.get("/find")
@requires(*DESK)
def find_again() -> Response:
    """Lead to the list, where one may search."""
    return redirect(url_for(".index"), 303)


def _list(found: Iterable[Letter], typed: str) -> str:
    rows = [line(letter) for letter in found]
    return render_template("authority/letters.html", letters=rows, typed=typed, shown=SHOWN, desk=DESK)


@letters.get("/new")
@requires(*DESK)
def new() -> str:
    """Ask for a letter that was signed."""
    return render_template(
        "authority/new.html",
        principal=PRINCIPAL,
        agent=Field("agent", "受托人", kind="choice", choices=_agents()),
        relative=RELATIVE_FIELDS,
        scope=Field("scope", "委托事项", kind="place", choices=_scopes()),
        period=PERIOD,
        proof=PROOF,
        photo=PHOTO,
        kept_photo=_kept_token(),
    )


@letters.post("/new")
@requires(*DESK)
@redraws(".new")
def enter() -> Response:
    """Enter a letter."""
    node, form = current_node(), request.form
    photo = _photograph()
    kind = id_type(_one_of(form.get("id_type", ""), ID_TYPE_CHOICES) or ID_CARD_TYPE)
    name = form.get("name", "").strip()
    principal = Principal(
        name if kind.is_units else tidy_name(name),
        kind.code,
        tidy_number(form.get("id_number", "")),
        form.get("phone", "").strip(),
    )
    draft = Draft(
        principal,
        _one_of(form.get("agent", ""), _agents()),
        _one_of(form.get("scope", ""), _scopes()),
        form.get("from_day", "").strip(),
        form.get("to_day", "").strip(),
        Proof.KEPT if form.get("proof") == Proof.KEPT.value else Proof.PHOTO,
        photo.hash if photo else "",
        relative_of(form),
    )
    with node.unit():
        made = node.letters.enter(draft, photo, g.actor.login, g.now_ms)
    flash(_("委托书已登记，编号 %(number)s。", number=made.id))
    return redirect(url_for(".show", letter=made.id), 303)


@letters.get("/<letter>")
@requires(*DESK)
@shows(What.LETTER, of="letter")
def show(letter: str) -> str:
    """Show one letter in full."""
    found = _opened(letter)
    return render_template("authority/letter.html", letter=found, **told(found))


@letters.get("/<letter>/photo")
@requires()
@shows(What.LETTER, of="letter", fields=Fields.PAPERS)
def photo(letter: str) -> Response:
    """Give the photograph of a letter."""
    node = current_node()
    ref = node.letters.photograph(_read(letter).id)
    response = Response(node.papers.content(ref), mimetype=ref.type)
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    if ref.type != "application/pdf":
        response.headers["Content-Security-Policy"] = _PIECES
    return response


@letters.get("/<letter>/print")
@requires()
@shows(What.LETTER, of="letter")
@on_paper
def printed(letter: str) -> str:
    """Show a letter as an A4 page to be signed or filed."""
    found, site = _read(letter), current_node().site_name()
    case = request.args.get("case", "")
    return render_template("authority/paper.html", letter=found, site=site, case=case, **told(found))


@letters.get("/blank")
@requires(*DESK)
@on_paper
def blank() -> str:
    """Show an empty letter to be filled in by hand and signed."""
    return render_template("authority/paper.html", letter=None, site=current_node().site_name())


@letters.post("/<letter>/revoke")
@requires(*DESK)
def revoke(letter: str) -> Response:
    """End a letter from today on."""
    node, letter = current_node(), _opened(letter).id
    with node.unit():
        node.letters.revoke(letter, request.form.get("why", "").strip(), g.actor.login, g.now_ms)
    flash(_("委托书已撤销，今天起不能再用；以前据此办理的不受影响。"))
    return redirect(url_for(".show", letter=letter), 303)


def may_open(letter: Letter) -> bool:
    """Say whether the person signed in may see a letter whole: at the desk, and not another department's.

    It holds number, phone and photographed paper of somebody, as a case does. The agent it names sees it.
    """
    if g.staff.acting_as(DESK) is None:
        return False
    if sees_all_cases() or letter.agent == g.staff.login:
        return True
    return bool(current_node().letters.department_of(letter.id) == g.staff.department)


def _opened(letter: str) -> Letter:
    """Return a letter to be seen whole.

    Raises:
        NoSuchLetter: none with this number was entered here.
        NotYourLetter: another department entered it.
    """
    found: Letter = current_node().letters.letter(letter)
    if not may_open(found):
        raise NotYourLetter()
    return found


def _read(letter: str) -> Letter:
    """Return a letter for whoever may open it, or sees whole the case filed under it that the address names.

    Raises:
        NoSuchLetter, NotYourLetter: as `_opened`.
    """
    found: Letter = current_node().letters.letter(letter)
    return found if is_of_case(letter, request.args.get("case", "")) else _opened(letter)


def is_of_case(letter: str, case: str) -> bool:
    """Say whether a case was filed here under a letter, and the person signed in sees it whole."""
    node = current_node()
    try:
        state = node.casework.case(case)
    except CaseNotFound:
        return False
    is_its = (state.parties["origin"], state.facts.authority.get("letter")) == (node.me, letter)
    return is_its and may_see_whole(case)


def relative_of(form: Mapping[str, str]) -> Relative | None:
    """Return the relative a form names as agent, None when it names somebody of the staff."""
    if form.get("agent", "") != RELATIVE:
        return None
    return Relative(
        tidy_name(form.get("agent_name", "")),
        _one_of(form.get("agent_id_type", ""), PERSON_TYPES) or ID_CARD_TYPE,
        tidy_number(form.get("agent_id_number", "")),
        _one_of(form.get("relation", ""), ((word, word) for word in RELATIONS)),
    )


def _one_of(chosen: str, offered: Iterable[tuple[str, str]]) -> str:
    """Return what was chosen, empty when it was not offered: that is told as nothing chosen."""
    return chosen if chosen in dict(offered) else ""


def _photograph() -> BlobRef | None:
    """Take the photograph in, or find the one taken in before the form came back for mending."""
    file = next((one for one in request.files.getlist("photo") if one.filename), None)
    papers = current_node().papers
    taken: BlobRef | None = papers.take_in_looked_at(file.stream) if file else _kept_photograph()
    g.letter_photo = taken
    return taken


def _kept_photograph() -> BlobRef | None:
    try:
        kept = BlobRef(*_signer().loads(request.form.get("kept_photo", "")))
    except BadSignature:
        return None
    # A form that lay open for days outlives a photograph that nothing names.
    return kept if current_node().papers.is_here(kept) else None


def _kept_token() -> str:
    kept = g.get("letter_photo")
    return str(_signer().dumps(list(kept))) if kept else ""


def _signer() -> URLSafeSerializer:
    # Only this node can make such a token, so nobody attaches a paper they have not handed in.
    return URLSafeSerializer(current_app.secret_key or "", salt="authority.photo")


def _agents() -> list[tuple[str, str]]:
    """Return the agents of this node (its window staff where it has none), and that it may be a relative."""
    staff = [one for one in current_node().people.staff() if one.is_active and not one.is_barred]
    agents = [one for one in staff if Role.AGENT in one.roles] or [
        one for one in staff if Role.CLERK in one.roles
    ]
    return [*told_apart(agents), (RELATIVE, _("委托人的亲属（在下面填写）"))]


def _scopes() -> list[tuple[str, str]]:
    items = current_node().catalogue.items_for(current_node().profile.tier)
    return [(ALL_ITEMS, _("本站代办的全部事项")), *((item.code, item.name) for item in items)]
