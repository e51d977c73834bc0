"""The page on which anybody checks a slip or notice: scanned with a phone, typed by a scanner, or pasted."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, render_template, request

from common.casework.errors import CaseNotFound
from common.casework.rules.labels import label
from common.notices.errors import NoSuchNotice
from common.notices.pages import place_words
from common.notices.service import find_notice
from common.proofs.rules.claim import Claim
from common.proofs.rules.paper import SLIPS, lines_of
from common.proofs.rules.verdict import sentence_of
from common.proofs.service import Checked, notes_of
from common.web.guard import public
from common.web.ports import current_node

verify = Blueprint("verify", __name__)

_TOWN_GOVERNMENT, _TOWNSHIP = "乡镇人民政府", 9


@verify.get("/v")
@public
def index() -> str:
    """Ask for a claim. What stands behind # in the address stays in the browser until its script sends it."""
    return _page(None)


@verify.post("/v")
@public
def check() -> str:
    """Say what is to be thought of a claim, and what the paper should say."""
    typed = request.form.get("claim", "").strip()
    return _page(current_node().proofs.check(typed) if typed else None)


def _page(checked: Checked | None) -> str:
    if checked is None:
        return render_template("proofs/verify.html", checked=None)
    light, headline, meaning = sentence_of(checked.verdict, checked.on_file)
    claim = checked.claim
    return render_template(
        "proofs/verify.html",
        checked=checked,
        claim=claim,
        light=light,
        headline=headline,
        meaning=meaning,
        lines=lines_of(claim, label(claim.stage), checked.site, _organ(claim)) if claim else [],
        is_slip=claim is not None and claim.kind in SLIPS,
        notes=notes_of(checked),
    )


def _organ(claim: Claim) -> str:
    """Return the organ as the paper prints it, of a case that is here; else the one that the item names.

    "" where neither is known.
    """
    node = current_node()
    with suppress(CaseNotFound, NoSuchNotice):
        return str(find_notice(claim.number, claim.act, node.catalogue, place_words).notice.organ)
    item = node.catalogue.item(claim.item)
    name = item.department.partition("（")[0] if item else ""
    if _TOWN_GOVERNMENT not in name:
        return name
    # Whoever signed the paper, else where the case was filed: the township decides at or above either.
    filed_at = claim.number.partition("-")[0]
    known = (str(node.place_name(one[:_TOWNSHIP])) for one in (claim.node, filed_at) if len(one) >= _TOWNSHIP)
    township = next(known, "")
    return name.replace(_TOWN_GOVERNMENT, f"{township}人民政府") if township else ""
