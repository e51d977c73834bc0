"""At a node put back from an older copy: what is not back yet, and the question before a step on such a case.

All ask `casework.unsure`, which is the one rule; here is what people see of it, and where an administrator
says that a site is waited for no longer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.casework import unsure
from common.casework.rules.taking_over import SILENT_DAYS
from common.desk.pages import shown
from common.people.rules.roles import Role
from common.web.forms import redraws
from common.web.guard import requires
from common.web.ports import current_node

not_back = Blueprint("not_back", __name__, url_prefix="/not-back")

_WHY_MAX = 500


@not_back.get("")
@requires()
def show() -> str:
    """Show since when, and whose word is waited for; to administrators, how to wait no longer."""
    ctx = current_node().casework.ctx
    waited = [
        {"address": address, "name": shown.place_words(address), "spoke_at": ctx.neighbours.spoke_at(address)}
        for address in sorted(unsure.waited_for(ctx))
    ]
    passed = [
        {"name": shown.place_words(one.address), "by": one.by, "why": one.why, "at": one.at}
        for one in unsure.passed(ctx)
    ]
    return render_template(
        "desk/not_back.html",
        since=ctx.put_back_at(),
        waited=waited,
        passed=passed,
        may_pass=waited and Role.ADMIN in g.staff.roles and unsure.may_pass_over(ctx, g.now_ms),
        days=SILENT_DAYS,
    )


@not_back.post("")
@requires(Role.ADMIN)
@redraws(".show")
def pass_over() -> Response:
    """Wait no longer for one site, as an administrator says with a reason."""
    node, address = current_node(), request.form.get("site", "")
    why = request.form.get("why", "")[:_WHY_MAX]
    with node.unit():
        unsure.pass_over(node.casework.ctx, address, g.actor, why, g.now_ms)
    site = shown.place_words(address)
    flash(_("不再等%(site)s。有关办件可以照常办理，按期自动办理的一小时内继续。", site=site))
    return redirect(url_for(".show"), 303)


@not_back.app_context_processor
def _of_pages() -> dict[str, Any]:
    """Give pages what they tell; nothing is read where it is not asked for."""
    return {"not_back_now": _now, "not_back_asked": _asked}


def said() -> dict[str, str]:
    """Return what the form of a step says of this, as `casework.unsure` wants it among the step's data."""
    return {unsure.GO_ON: request.form.get(unsure.GO_ON, "")}


def marked(cases: Iterable[str]) -> set[str]:
    """Return which of these cases lists mark: steps taken here on them may not be back."""
    return unsure.unsure_among(current_node().casework.ctx, cases)


def _now() -> dict[str, Any] | None:
    ctx = current_node().casework.ctx
    waited = unsure.waited_for(ctx)
    return {"since": ctx.put_back_at(), "sites": _names(waited)} if waited else None


def _asked(case: str) -> dict[str, Any] | None:
    """Return what is asked before a step on a case, None where nothing is."""
    node = current_node()
    ctx, state = node.casework.ctx, node.casework.case(case)
    waited = unsure.unsure_of(ctx, state)
    if not waited:
        return None
    return {
        "since": ctx.put_back_at(),
        "sites": _names(waited),
        "value": unsure.question(ctx, state),
    }


def _names(addresses: frozenset[str]) -> str:
    return "、".join(shown.place_words(address) for address in sorted(addresses))
