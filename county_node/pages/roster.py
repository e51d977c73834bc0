"""The county's roster: where each node stands, its keys, and what a revoked key sent past its cut."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.desk.pages import shown
from common.errors import BadInput, NotFound, Problem
from common.node.keyring import twins
from common.node.keyring.trust import NOTE_MAX, NothingChosen
from common.people.rules.roles import Role
from common.web.forms import Field, redraws
from common.web.guard import requires
from common.web.ports import current_node
from county_node.pages.roster_health import in_tree_order
from county_node.pages.roster_held import ALL, Receipts, decided_words, held_rows, sure_of_all
from county_node.pages.roster_review import crowded_words, review_of
from county_node.pages.roster_steps import STANDINGS, STEPS
from county_node.pages.twins import told_on
from sync.protocol.address import is_address
from sync.protocol.entries import RETIRED, URL_MAX, Entry
from sync.protocol.trust.revocation import NOT_OURS, STOLEN

roster = Blueprint("roster", __name__, url_prefix="/roster", template_folder="../templates")

HELD_SHOWN = 200
_GENERAL = {name: step for name, step in STEPS.items() if name != "revoke"}


@roster.get("")
@requires(Role.ADMIN)
def index() -> str:
    """Show every node of the roster, whether something is held back, and whether keys wait for a word."""
    node = current_node()
    with node.heart.reading():
        entries = node.trust.entries()
        waiting = node.trust.waiting()
        keys, reported = node.trust.vouched.count(), node.trust.reported()
    rows = [{**row_of(entry), **heard} for entry, heard in in_tree_order(entries)]
    return render_template(
        "county/roster.html",
        rows=rows,
        waiting=waiting,
        keys_waiting=keys,
        to_review=reported.counts,
        crowded=crowded_words(reported),
    )


@roster.get("/<address>")
@requires(Role.ADMIN)
def show(address: str) -> str:
    """Show one node: where it stands, its keys, what may be done, and what to look through after a theft."""
    node = current_node()
    with node.heart.reading():
        entry = entry_of(address)
        review = review_of(address)
        waiting = node.trust.waiting() if entry.revoked else 0
    steps = [step for step in STEPS.values() if entry.status in step.standing]
    steps = [step for step in steps if entry.good_keys or step.name != "revoke"]
    return render_template(
        "county/roster_node.html",
        row=row_of(entry),
        keys=key_rows(entry),
        steps=steps if address != node.me else [STEPS["url"]],
        review=review,
        waiting=waiting,
        url=entry.url,
        **told_on(entry),
    )


@roster.post("/<address>/twins")
@requires(Role.ADMIN)
def settle_twins(address: str) -> Response:
    """Note that somebody has seen to it that one computer speaks for a node; a later alarm is told again."""
    upto = request.form.get("upto", "")
    if not is_address(address) or not (upto.isascii() and upto.isdecimal() and len(upto) < 16):
        raise NotFound
    with current_node().unit():
        twins.settle(address, int(upto), g.actor.login, g.now_ms)
    flash(_("已记下。再发现两台电脑时会重新提醒。"))
    return redirect(url_for(".show", address=address), 303)


@roster.get("/<address>/<step>")
@requires(Role.ADMIN)
def ask(address: str, step: str) -> str:
    """Ask for what one step needs; revoking keys has pages of its own."""
    node = current_node()
    doing = _GENERAL.get(step)
    with node.heart.reading():
        entry = entry_of(address)
        places = _parents(entry) if step == "move" else []
        unreachable = _unreachable(entry) if step == "relieve" else ""
    if doing is None or entry.status not in doing.standing:
        raise NotFound
    return render_template(
        "county/roster_step.html",
        row=row_of(entry),
        step=doing,
        fields=[_field(name, places) for name in doing.asks],
        values={"url": entry.url, "parent": entry.parent},
        unreachable=unreachable,
        top=node.me,
    )


@roster.post("/<address>/<step>")
@requires(Role.ADMIN)
@redraws(".ask")
def do(address: str, step: str) -> Response:
    """Do it."""
    node, form = current_node(), request.form
    doing = _GENERAL.get(step)
    if doing is None or not is_address(address):
        raise NotFound
    if doing.is_grave and not form.get("sure"):
        sentence = str(_("请先勾选确认。"))
        raise BadInput(problems=[Problem("sure", str(_("确认")), "required", sentence)])
    by, trust = (g.actor.login, g.now_ms), node.trust
    with node.unit():
        if step == "move":
            trust.move(address, form.get("parent", ""), by)
        elif step == "url":
            trust.set_url(address, form.get("url", ""), by)
        elif step == "relieve":
            trust.relieve(address, by, form.get("why", ""))
        elif step == "restore":
            trust.take_back_into_service(address, by, form.get("why", ""))
        else:
            trust.retire(address, by, form.get("why", ""))
    node.wake()
    flash(_("名册已改，各站点下次联系时生效。"))
    return redirect(url_for(".show", address=address), 303)


# --- acts held back
@roster.get("/held")
@requires(Role.ADMIN)
def held() -> str:
    """Show the acts past a cut, those nobody has decided on first."""
    node, wanted, receipts = current_node(), request.args.get("receipts", ALL), Receipts()
    with node.heart.reading():
        found = node.trust.held_back(HELD_SHOWN, receipts.fits(wanted))
        rows = held_rows((one for one in found if not one.is_struck), receipts)
        struck = held_rows((one for one in found if one.is_struck), receipts)
        waiting = node.trust.waiting()
    return render_template(
        "county/roster_held.html",
        rows=rows,
        struck=struck,
        waiting=waiting,
        is_cut=len(rows) >= HELD_SHOWN and waiting > len(rows),
        receipts=wanted,
        chosen=request.form.getlist("act"),
    )


@roster.post("/held")
@requires(Role.ADMIN)
@redraws(".held")
def decide() -> Response:
    """Release or strike out the acts ticked, or all that the page showed."""
    node, form = current_node(), request.form
    sure_of_all(form)
    acts = form.getlist("shown" if form.get("all") else "act")
    word = form.get("do", "")
    doing = {"release": node.trust.release, "strike": node.trust.strike}.get(word)
    if doing is None or not acts:
        raise NothingChosen(problems=[Problem("act", "报文", NothingChosen.code, NothingChosen.sentence)])
    with node.unit():
        # What somebody has let through meanwhile counts: that is undone where it is said what hangs on it.
        found = node.trust.to_strike(acts)
        # What was struck out since the page was drawn is let through from the list of what is struck alone.
        undecided = form.getlist("shown") if word == "release" else acts
        before = found.struck.intersection(undecided)
        acts = [act for act in found.held if act not in before]
        if acts or not before:
            doing(acts, form.get("why", ""), g.actor.login)
    node.wake()
    flash(decided_words(word, len(acts), len(before)))
    return redirect(url_for(".held"), 303)


# --- what the pages show
def entry_of(address: str) -> Entry:
    """Return the entry of an address; raises NotFound where the roster has none."""
    if not is_address(address):
        raise NotFound
    found = next((entry for entry in current_node().trust.entries() if entry.address == address), None)
    if found is None:
        raise NotFound
    return found


def row_of(entry: Entry) -> dict[str, Any]:
    """Return what the pages say of a node: who it is, where it stands, whether it has a key."""
    node = current_node()
    words, light = STANDINGS[entry.status]
    above = node.tree().parent(entry.address) if entry.status != RETIRED else ""
    return {
        "address": entry.address,
        "name": entry.name,
        "place": shown.place_words(entry.address),
        "standing": words,
        "light": light,
        "parent": shown.place_words(above) if above else "",
        "is_top": entry.address == node.me,
        "is_retired": entry.status == RETIRED,
        "revoked": len(entry.revoked),
        "has_key": bool(entry.good_keys),
    }


def key_rows(entry: Entry) -> list[dict[str, Any]]:
    """Return the keys of a node, the newest first, with how each stands."""
    gone = {one["key"]: one for one in entry.revoked}
    current = entry.good_keys[-1].id if entry.good_keys else ""
    return [
        {
            "id": key["id"],
            "from": key["from"],
            "is_refused": gone.get(key["id"], {}).get("reason") == NOT_OURS,
            "standing": _key_words(key["id"], current, gone),
            "light": "bad" if key["id"] in gone else "good" if key["id"] == current else "",
        }
        for key in reversed(entry.statement.fields()["keys"])
    ]


def _key_words(key_id: str, current: str, gone: dict[str, dict[str, Any]]) -> str:
    if key_id in gone and gone[key_id].get("reason") == NOT_OURS:
        return str(_("不是本站点的，不认"))
    if key_id in gone:
        return str(_("已作废（被盗）") if gone[key_id].get("reason") == STOLEN else _("已作废"))
    return str(_("现用") if key_id == current else _("以前用过"))


def _parents(entry: Entry) -> list[tuple[str, str]]:
    """Return who may stand above a node: every greater division in service."""
    tree, bare = current_node().tree(), str(_("（没有填网址）"))
    above = [one for one in current_node().trust.entries() if one.address in tree]
    fits = [one for one in above if len(one.address) < len(entry.address)]
    return [(one.address, shown.place_words(one.address) + ("" if one.url else bare)) for one in fits]


def _unreachable(entry: Entry) -> str:
    """Return what to do before those who stand elsewhere from now on lose their line, "" for nothing."""
    top = current_node().trust.entry(current_node().me)
    if top.url or top.address == entry.address:
        return ""
    return str(
        _(
            "县级还没有填网址：改连上级的站点要靠名册里的网址找到县级，设置里也没有写的，就只能用U盘。请先给县级设网址。"
        )
    )


def _field(name: str, places: list[tuple[str, str]]) -> Field:
    if name == "parent":
        hint = str(_("不选就按区划归上级"))
        return Field("parent", str(_("新的上级")), "place", False, hint, places)
    if name == "url":
        hint = str(_("如 https://10.1.2.3:8600；没有固定网址的留空"))
        return Field("url", str(_("网址")), "text", False, hint, (), URL_MAX)
    return Field("why", str(_("理由")), "textarea", True, str(_("写明情况，存入审计日志")), (), NOTE_MAX)
