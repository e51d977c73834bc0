"""The page on which anybody checks a slip or notice: scanned with a phone, typed by a scanner, or pasted."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from common.casework.rules.labels import label
from common.proofs.rules.claim import KIND_NAMES
from common.proofs.rules.verdict import AHEAD, ON_FILE, SENTENCES
from common.proofs.service import Checked
from common.web.guard import public
from common.web.ports import current_node

verify = Blueprint("verify", __name__)


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
    light, headline, meaning = SENTENCES[checked.verdict]
    claim = checked.claim
    return render_template(
        "proofs/verify.html",
        checked=checked,
        claim=claim,
        light=light,
        headline=headline,
        meaning=meaning,
        kind=KIND_NAMES.get(claim.kind, claim.kind) if claim else "",
        stage=label(claim.stage) if claim else "",
        notes=[note for note in (ON_FILE[checked.on_file], AHEAD if checked.is_ahead else "") if note],
    )
