"""Drafts whose author cannot go on with them: an administrator gives them to somebody who can."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.desk.pages.filing import DESK
from common.desk.service import KEPT_DAYS
from common.errors import BadInput, Problem, RuleError
from common.journal.rules import Fields, What
from common.people.rules.roles import Role
from common.people.rules.staff import StaffMember, told_apart
from common.web.forms import redraws
from common.web.guard import requires
from common.web.ports import current_node

left_drafts = Blueprint("left_drafts", __name__, url_prefix="/drafts")


class NobodyToGoOn(BadInput):
    """Nobody was chosen who takes cases in here."""

    code = "E247"
    sentence = "请从名单中选择由谁接着办。"


class AuthorAtWork(RuleError):
    """The author takes cases in here and is not away: what they began is nobody else's to look at."""

    code = "E248"
    sentence = "{name}在岗，草稿由本人接着办，不能转给别人。"
    advice = "本人请假的，先在“外出代岗”里安排代岗；调走的，先改岗位或停用账号，再来转。"


@left_drafts.get("")
@requires(Role.ADMIN)
def index() -> str:
    """Show who has drafts, how many, and since when nothing was done; whose they are about is not shown."""
    drafts = current_node().drafts.owners()
    people = {person.login: person for person in current_node().people.staff()}
    return render_template(
        "desk/left_drafts.html",
        owners=[_owner(login, people.get(login), *counts) for login, counts in drafts.items()],
        kept_days=KEPT_DAYS,
    )


@left_drafts.post("/give")
@requires(Role.ADMIN)
@redraws(".index")
def give() -> Response:
    """Give all drafts of a person to another who takes cases in at this site.

    Raises:
        AuthorAtWork: they can go on themselves.
        NobodyToGoOn: nobody was chosen who can.
    """
    login = request.form.get("login", "")
    author = next((one for one in current_node().people.staff() if one.login == login), None)
    if author is not None and _is_at_work(author):
        raise AuthorAtWork(name=author.name)
    node, heir = current_node(), request.form.get(f"heir-{login}", "")
    names = dict(_heirs(login))
    if heir not in names:
        sentence = str(_(NobodyToGoOn.sentence))
        raise NobodyToGoOn(
            problems=[Problem(f"heir-{login}", str(_("由谁接着办")), NobodyToGoOn.code, sentence)]
        )
    with node.unit():
        given = node.drafts.give(login, heir, g.actor.login, g.now_ms)
        for draft in given:
            # From here on the heir sees what stands in it, and their first page names whom it is about.
            node.views.record(heir, (What.DRAFT, draft, Fields.WHOLE), g.now_ms)
    flash(_("已把 %(n)s 份草稿转给 %(name)s，在其首页“未办完的”里接着办。", n=len(given), name=names[heir]))
    return redirect(url_for(".index"), 303)


def _owner(login: str, person: StaffMember | None, count: int, oldest: int, newest: int) -> dict[str, Any]:
    return {
        "login": login,
        "name": person.name if person else login,
        "can_go_on": person is not None and _takes_in(person),
        "is_at_work": person is not None and _is_at_work(person),
        "count": count,
        "newest": newest,
        "goes_at": oldest + KEPT_DAYS * 24 * 3_600_000,
        "heirs": _heirs(login),
    }


def _heirs(login: str) -> list[tuple[str, str]]:
    """Return (login, name) of who may go on; who gives them away only where there is nobody else."""
    people = [one for one in current_node().people.staff() if one.login != login and _takes_in(one)]
    others = [one for one in people if one.login != g.staff.login]
    return told_apart(others or people)


def _is_at_work(person: StaffMember) -> bool:
    """Say whether somebody takes cases in here and nobody stands in for them today."""
    node = current_node()
    away = [one.absent for one in node.stand_ins.today(g.now_ms) if one.node == node.me]
    return _takes_in(person) and person.login not in away


def _takes_in(person: StaffMember) -> bool:
    return person.is_active and not person.is_barred and bool(person.roles & set(DESK))
