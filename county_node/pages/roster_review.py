"""Acts that a revoked key has to do with and that count: looked through, and struck out when false."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.casework import queues
from common.casework.rules.shape import FILED
from common.desk.pages import shown
from common.errors import NotFound, Problem
from common.node.keyring.held_acts import REVIEW_MAX, Counting, Reported
from common.node.keyring.trust import NothingChosen
from common.node.reasons import reason_in
from common.people.rules.roles import Role
from common.web.forms import redraws
from common.web.guard import requires
from common.web.ports import current_node
from county_node.pages.roster_held import said
from sync.protocol.address import is_address

roster_review = Blueprint("roster_review", __name__, url_prefix="/roster", template_folder="../templates")

# So many of each kind stand on a page.
REVIEWED = 50


def review_of(address: str) -> dict[str, Any]:
    """Return one page of what is to be looked through of a node, and how many; needs an open reading."""
    trust = current_node().trust
    found = trust.to_review(address, REVIEW_MAX)
    kinds = [[one for one in found if one.is_beside], [one for one in found if not one.is_beside]]
    pages = max(1, *(-(-len(kind) // REVIEWED) for kind in kinds))
    wanted = request.args.get("page", "")
    page = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 5 else 1
    page = min(max(page, 1), pages)
    return {
        "is_any": bool(found),
        "crowded": crowded_words(trust.reported()) if kinds[0] else "",
        "beside": _kind(kinds[0], page),
        "within": _kind(kinds[1], page),
        "page": page,
        "before": page - 1,
        "after": page + 1 if page < pages else 0,
        "chosen": request.form.getlist("act"),
    }


def crowded_words(reported: Reported) -> str:
    """Return what to say when nodes have reported more than are kept, "" when none has."""
    sites = "、".join(shown.place_words(one) for one in reported.crowded)
    if not sites:
        return ""
    most = reported.most
    return str(_("%(sites)s报告要核查的太多，县里只记 %(n)s 份。剔除一批，会再报一批。", sites=sites, n=most))


def _kind(found: Sequence[Counting], page: int) -> dict[str, Any]:
    at = (page - 1) * REVIEWED
    rows = [_row(one) for one in found[at : at + REVIEWED]]
    return {"rows": rows, "count": len(found), "is_more": len(found) >= REVIEW_MAX, "from": at + 1}


def _row(one: Counting) -> dict[str, Any]:
    return {**said(one.frame), "act": one.frame.act, "is_signed": one.is_signed}


@roster_review.post("/<address>/review/check")
@requires(Role.ADMIN)
@redraws("roster.show")
def check(address: str) -> str:
    """Show what striking out the acts ticked would undo, to be confirmed; nothing is changed."""
    node = current_node()
    with node.heart.reading():
        entry = node.trust.entry(address)
        rows = [{**_row(one), "is_filing": one.frame.header.kind == FILED} for one in _chosen(address)]
    # Without a tick nothing is to be reasoned about: what is asked for first stands first on the page.
    why = reason_in(request.form.get("why", ""))
    return render_template(
        "county/roster_review.html",
        address=address,
        name=entry.name,
        rows=rows,
        cases=_cases(rows),
        others=[row for row in rows if not row["case"]],
        why=why,
        page=request.args.get("page", ""),
    )


@roster_review.post("/<address>/review")
@requires(Role.ADMIN)
@redraws("roster.show")
def strike(address: str) -> Response:
    """Strike out the acts that were confirmed."""
    node, why = current_node(), request.form.get("why", "")
    with node.unit():
        acts = [one.frame.act for one in _chosen(address)]
        node.trust.strike(acts, why, g.actor.login)
    node.wake()
    flash(_("已剔除 %(n)s 份，各级站点将自动撤回。剔除错了的，在“暂扣的报文”里放行。", n=len(acts)))
    return redirect(url_for("roster.show", address=address), 303)


def _chosen(address: str) -> list[Counting]:
    """Return the acts ticked that are this address's and still count; what was decided meanwhile is not."""
    if not is_address(address):
        raise NotFound
    found = current_node().trust.to_strike(request.form.getlist("act")).counting
    chosen = [one for one in found if one.frame.header.stream.src == address]
    if not chosen:
        raise NothingChosen(problems=[Problem("act", "报文", NothingChosen.code, NothingChosen.sentence)])
    return chosen


def _cases(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each case that the acts are about once: how it stands now, and what would be undone in it."""
    cases: dict[str, dict[str, Any]] = {}
    for row in rows:
        if not row["case"]:
            continue
        line = next((one for one in queues.find(row["case"], 1) if one.case == row["case"]), None)
        case = cases.setdefault(
            row["case"],
            {
                "number": row["case"],
                "is_open": row["is_open"],
                "state": line.state_label if line else "",
                "is_undone": False,
                "what": [],
            },
        )
        case["what"].append(row["what"])
        case["is_undone"] = case["is_undone"] or row["is_filing"]
    return list(cases.values())
