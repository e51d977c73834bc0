"""A notice as an A4 page that prints from the browser, as PDF at halls, and the list of a case's notices."""

from __future__ import annotations

import re
import threading
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, url_for
from markupsafe import Markup

from common.casework.lists import CasePage
from common.casework.pages import whole_case
from common.documents.rules.ring import seal_ring
from common.errors import LiandongError
from common.journal.rules import What
from common.notices.errors import NoPdfHere, NoSuchNotice
from common.notices.rules.characters import rare_characters
from common.notices.rules.kinds import DECISIONS, FORMS, kind_of
from common.notices.rules.notice import Notice
from common.notices.service import Found, find_notice
from common.notices.shelf import FOLDER, PdfShelf
from common.notices.signature import shown_signature
from common.web.english import on_paper
from common.web.guard import requires
from common.web.ports import current_node
from common.web.qr import qr
from common.web.watched import shows

notices = Blueprint("notices", __name__, url_prefix="/case")

_ACT = re.compile(r"[0-9a-f]{32}")
_VILLAGE = "village"
_PRINT, _TOWNSHIP = 16, 9
_SECTION = "/* notices:"
_one_seal_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class NoticeLink:
    """One notice in the list of a case, that of `act`; `mark` says that this does not stand, "" otherwise."""

    act: str
    title: str
    href: str
    at: int
    mark: str


@notices.get("/<number>/notice/<act>")
@requires()
@shows(What.NOTICE, of="number")
@whole_case(of="number")
@on_paper
def show(number: str, act: str) -> str:
    """Show a notice as it prints, with what the person printing has to know above it."""
    found = _found(number, act)
    notice = found.notice
    lacking = _not_in_fonts(notice.words)
    return render_template(
        "notices/notice.html",
        found=found,
        notice=notice,
        qr=_code(found),
        ring="",
        rare=rare_characters(notice.words),
        lacking=lacking,
        pdf=_pdf_link(number, act, bool(lacking)),
        signature=url_for("papers.show", blob=notice.signature) if _signature(notice) else "",
        revoked=_revoked(found) if _prints_pdf() else {},
    )


@notices.get("/<number>/notice/<act>.pdf")
@requires()
@shows(What.NOTICE, of="number")
@whole_case(of="number")
def pdf(number: str, act: str) -> Response:
    """Give a notice as PDF; a decision with the seal of its department where that can be had."""
    if not _prints_pdf():
        raise NoPdfHere
    found = _found(number, act)
    content = _marked(found) if request.args.get("marked") else _sealed(found) or _plain(found)
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{act}.pdf"'
    return answer


def notices_of(page: CasePage) -> list[NoticeLink]:
    """Return the notices of a case in the order of its steps, for `notices/_list.html`."""
    state = page.state
    filing: Mapping[str, Any] = next((e.data for e in page.timeline if e.act == state.chain[0]), {})
    found = []
    for entry in page.timeline:
        kind = kind_of(entry.word, filing)
        if kind is not None:
            href = url_for("notices.show", number=state.case, act=entry.act)
            mark = {"struck": "已撤销", "out": "不生效"}.get(entry.standing, "")
            found.append(NoticeLink(entry.act, FORMS[kind].title, href, entry.at, mark))
    return found


def letter_of(page: CasePage) -> str:
    """Return where the letter of authority of a case prints, "" where there is none or it is not here.

    As on a new computer: letters stay where they were entered, and with an older disk are gone.
    """
    letter, node = str(page.state.facts.authority.get("letter", "")), current_node()
    if not letter or page.state.parties["origin"] != node.me or not node.letters.is_here(letter):
        return ""
    return url_for("letters.printed", letter=letter, case=page.state.case)


def place_words(address: str) -> str:
    """Return a division's name, a village's with its township's before it."""
    node = current_node()
    names = [node.place_name(part) for part in (address[:_TOWNSHIP], address) if len(part) >= _TOWNSHIP]
    return "".join(dict.fromkeys(names)) or str(node.place_name(address))


def _found(number: str, act: str) -> Found:
    if not _ACT.fullmatch(act):
        raise NoSuchNotice
    return find_notice(number, act, current_node().catalogue, place_words)


def _code(found: Found) -> Markup:
    """Return the code of the claim: the paper speaks of the moment of its act, however late it is printed."""
    return qr(current_node().proofs.claim(found.notice.kind.value, found.state, found.at))


def _prints_pdf() -> bool:
    node = current_node()
    return node.profile.tier != _VILLAGE and bool(node.documents.is_installed())


def _pdf_link(number: str, act: str, is_marked: bool) -> str:
    if not _prints_pdf():
        return ""
    href = url_for("notices.pdf", number=number, act=act)
    return f"{href}?marked=1" if is_marked else href


def _not_in_fonts(words: str) -> list[str]:
    """Return the characters that the fonts of PDF lack; none where no PDF is made."""
    return sorted(current_node().documents.missing_characters(words)) if _prints_pdf() else []


def _signature(notice: Notice) -> bytes:
    return shown_signature(notice, current_node().papers)


def _drawn(found: Found, ring: str, code: str | Markup) -> str:
    styles = Markup(_section(str(current_app.static_folder)))
    picture = _signature(found.notice)
    # Inside the PDF itself: whoever prints it later asks no node for a picture.
    signature = f"data:image/png;base64,{b64encode(picture).decode()}" if picture else ""
    return render_template(
        "notices/pdf.html", notice=found.notice, qr=code, ring=ring, styles=styles, signature=signature
    )


@lru_cache(maxsize=4)
def _section(folder: str) -> str:
    """Return what the style sheet says of notices; reading all of it would take most of the printing time."""
    sheet = Path(folder, "liandong.css").read_text(encoding="utf-8")
    return sheet.partition(_SECTION)[2].partition("*/")[2].partition("/*")[0]


def _name(found: Found, ring: str) -> str:
    """Return the name of the paper on the shelf: its act, and a print of text and form without the code."""
    print_of = sha256(_drawn(found, ring, "").encode("utf-8", "replace")).hexdigest()
    return f"{found.notice.act}-{print_of[:_PRINT]}"


def _shelf() -> PdfShelf:
    return PdfShelf(current_node().config.path(FOLDER))


def _sealed(found: Found) -> bytes | None:
    """Return a decision with its seal; None for other papers, and where the seal cannot be had."""
    notice, node = found.notice, current_node()
    if notice.kind not in DECISIONS or notice.mark:
        return None
    ring = Markup(seal_ring(notice.office))
    name = _name(found, ring)
    kept = _shelf().sealed(notice.act, name)
    # Without the item's text the basis and the remedies are lacking, and what is sealed stays as it is.
    if kept is not None or not found.has_item or not node.seals.is_running():
        return kept
    # Two clerks who print the same decision at one moment get the same one.
    with _one_seal_at_a_time:
        return _shelf().sealed(notice.act, name) or _sealed_now(found, ring, name)


def _revoked(found: Found) -> Mapping[str, str]:
    """Return what is to be said of a seal that the county revoked, nothing where it did not.

    It is the seal in the PDF that is kept, else the one that would be set now.
    """
    notice = found.notice
    if notice.kind not in DECISIONS or notice.mark:
        return {}
    # The seal has the department's name as the items write it.
    organ = str(found.now.facts.department)
    kept = notice.act if _shelf().sealed_of(notice.act) else ""
    said: Mapping[str, str] = current_node().seals.standing(notice.case, kept, organ)
    # One that came back with a backup may be of a seal that the log here does not know.
    return {**said, "organ": organ} if said and bool(kept) == bool(said["when"]) else {}


def _sealed_now(found: Found, ring: Markup, name: str) -> bytes | None:
    node, notice = current_node(), found.notice
    made = node.documents.render(_drawn(found, ring, _code(found)))
    try:
        sealed: bytes = node.seals.seal(made, notice.case, notice.act)
    except LiandongError:
        # No seal for this department, or it will not sign this: the paper says that a stamp is needed.
        return None
    _shelf().keep_sealed(name, sealed)
    return sealed


def _plain(found: Found) -> bytes:
    name = _name(found, "")
    kept = _shelf().plain(name)
    if kept is not None:
        return kept
    made: bytes = current_node().documents.render(_drawn(found, "", _code(found)))
    _shelf().keep_plain(name, made)
    return made


def _marked(found: Found) -> bytes:
    """Return a paper with 〓 for each character no font has: filled in by hand, then stamped by hand."""
    documents = current_node().documents
    made: bytes = documents.render(documents.mark_missing(_drawn(found, "", _code(found))))
    return made
