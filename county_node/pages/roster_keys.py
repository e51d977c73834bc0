"""Keys that a township, or a roster that was lost, names beside those in the roster: a person says whose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.desk.pages import shown
from common.errors import BadInput, NotFound, Problem
from common.node.keyring.trust import NOTE_MAX
from common.node.keyring.vouched_keys import Decision
from common.people.rules.roles import Role
from common.web.forms import Field, redraws
from common.web.guard import requires
from common.web.ports import current_node
from sync.protocol.trust.lost_keys import TAKEN
from sync.protocol.trust.revocation import NOT_OURS
from sync.protocol.trust.vouched import CURRENT, FORMER, REVOKED, Word

roster_keys = Blueprint("roster_keys", __name__, url_prefix="/roster/keys", template_folder="../templates")


@roster_keys.get("")
@requires(Role.ADMIN)
def index() -> str:
    """Show the keys that nobody has decided on."""
    node = current_node()
    with node.heart.reading():
        rows = [_row(word) for word in node.trust.vouched.undecided()]
    return render_template("county/roster_keys.html", rows=rows)


@roster_keys.get("/<address>/<key>")
@requires(Role.ADMIN)
def show(address: str, key: str) -> str:
    """Show one key, and ask whose it is; of one that was decided on, what was said and by whom."""
    vouched = current_node().trust.vouched
    with current_node().heart.reading():
        words = vouched.undecided()
        decision = vouched.decided((address, key))
        is_lost = not vouched.may_be_current((address, key))
    found = [word for word in words if (word.address, word.key.id) == (address, key)]
    if found:
        row = {**_row(found[0]), "is_lost": is_lost}
        ways = (FORMER, NOT_OURS) if is_lost else (FORMER, CURRENT, NOT_OURS)
        return render_template("county/roster_key.html", row=row, fields=_fields(ways))
    if decision is None:
        raise NotFound
    return render_template("county/roster_key_decided.html", row=_decided(address, key, decision))


@roster_keys.post("/<address>/<key>")
@requires(Role.ADMIN)
@redraws(".show")
def do(address: str, key: str) -> Response:
    """Enter the key as what it is said to be."""
    node, form = current_node(), request.form
    vouched, whose = node.trust.vouched, form.get("whose", "")
    ways = {CURRENT: vouched.confirm_current, FORMER: vouched.confirm_former, NOT_OURS: vouched.refuse}
    decide = ways.get(whose)
    if decide is None:
        sentence = str(_("请选这是哪台电脑的钥匙。"))
        raise BadInput(problems=[Problem("whose", str(_("谁的钥匙")), "required", sentence)])
    with node.unit():
        decide((address, key), form.get("why", ""), g.actor.login)
    node.wake()
    if whose == NOT_OURS:
        flash(_("已判定不是本站点的钥匙，它的报文一律暂扣。"))
    else:
        flash(_("钥匙已确认，等它的报文已经生效。"))
    return redirect(url_for(".index"), 303)


def _row(word: Word) -> dict[str, Any]:
    return {
        "address": word.address,
        "place": shown.place_words(word.address),
        "by": shown.place_words(word.by) if word.by else "",
        "is_taken": word.state == TAKEN,
        "key": word.key.id,
        "at": word.at,
        "waiting": word.waiting,
    }


def _decided(address: str, key: str, decision: Decision) -> dict[str, Any]:
    words = {
        CURRENT: _("现在正在用的电脑"),
        FORMER: _("以前用过、已经换掉的电脑"),
        NOT_OURS: _("都不是，不认这把钥匙"),
        REVOKED: _("已作废"),
    }
    return {
        "address": address,
        "place": shown.place_words(address),
        "key": key,
        "what": str(words[decision.what]),
        "is_refused": decision.what == NOT_OURS,
        "is_good": decision.what in (CURRENT, FORMER),
        "by": decision.by or str(_("县级控制台")),
        "at": decision.at,
    }


def _fields(ways: Sequence[str]) -> list[Field]:
    words = {
        FORMER: str(_("以前用过、已经换掉的电脑")),
        CURRENT: str(_("现在正在用的电脑")),
        NOT_OURS: str(_("都不是，不认这把钥匙")),
    }
    choices = tuple((way, words[way]) for way in ways)
    hint = str(_("怎样核实的，如“打电话问过经办人”"))
    return [
        Field("whose", str(_("谁的钥匙")), "choice", True, "", choices),
        Field("why", str(_("理由")), "textarea", True, hint, (), NOTE_MAX),
    ]
