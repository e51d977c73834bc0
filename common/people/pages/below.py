"""The staff of nodes below: who they are, out of service and back, and answers to forgotten passwords."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from common.errors import BadInput, Problem
from common.people.rules.roles import ROLE_NAMES, Role
from common.people.rules.staff import is_login
from common.web.forms import Field, redraws
from common.web.guard import requires
from common.web.ports import current_node
from sync.protocol.typed import plain

below = Blueprint("below", __name__, url_prefix="/staff-below")

_LOGIN = Field("login", "账号", max_length=32)
_WAYS = {"answer": "上级批复", "console": "本站控制台"}


@below.get("")
@requires(Role.ADMIN)
def index() -> str:
    """Show the nodes below, with how many work there."""
    node = current_node()
    return render_template("people/below.html", sites=[_site(address) for address in _addresses()], node=node)


@below.get("/site/<address>")
@requires(Role.ADMIN)
def one(address: str) -> str:
    """Show the staff of one node below, as it last said."""
    node = current_node()
    roster = node.staff_below.roster(address)
    known = {person.login for person in roster.staff}
    return render_template(
        "people/below_one.html",
        address=address,
        name=node.place_name(address),
        told_at=roster.told_at,
        people=[_person(person, roster.barred) for person in roster.staff],
        others=[
            {"login": login, "by": _names(authors), "is_ours": node.me in authors}
            for login, authors in roster.barred.items()
            if login not in known
        ],
        login=_LOGIN,
        resets=[
            {
                "login": done.login,
                "way": _(_WAYS[done.way]),
                "by": node.place_name(done.author) if done.author else "",
                "at": at,
            }
            for done, at in node.resets.at(address)
        ],
    )


@below.post("/site/<address>/bar")
@requires(Role.ADMIN)
@redraws(".one")
def bar(address: str) -> Response:
    """Put a login of a node below out of service."""
    node, login = current_node(), request.form.get("login", "").strip().lower()
    if not is_login(login):
        told = Problem("login", str(_("账号")), "login", str(_("账号的写法不对。")))
        raise BadInput(problems=[told])
    with node.unit():
        node.staff_below.bar(address, login, g.actor.login, g.now_ms)
    node.wake()
    flash(_("已停用 %(login)s，该站点下次联系时生效。", login=login))
    return redirect(url_for(".one", address=address), 303)


@below.post("/site/<address>/unbar")
@requires(Role.ADMIN)
def unbar(address: str) -> Response:
    """Take this node's word back."""
    node, login = current_node(), request.form.get("login", "").strip().lower()
    with node.unit():
        node.staff_below.unbar(address, login, g.actor.login, g.now_ms)
    node.wake()
    flash(_("已恢复 %(login)s，该站点下次联系时生效。", login=login))
    return redirect(url_for(".one", address=address), 303)


@below.get("/answer")
@requires(Role.ADMIN)
def ask() -> str:
    """Ask for the challenge that a node below read out."""
    return render_template("people/answer.html", fields=_answer_fields())


@below.post("/answer")
@requires(Role.ADMIN)
@redraws(".ask")
def answer() -> str | Response:
    """Sign the answer and show it: lines to type, a code to scan, or a file for a stick.

    There is no redirect: what was signed is not kept here.
    """
    node, form = current_node(), request.form
    address, login = plain(form.get("node", "")), form.get("login", "").strip().lower()
    with node.unit():
        text = node.resets.answer(address, form.get("challenge", ""), login, g.actor.login, g.now_ms)
    if form.get("as") == "file":
        name = f"reset-{address}.txt"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(text + "\n", mimetype="text/plain", headers=headers)
    return render_template(
        "people/answered.html",
        lines=text.splitlines(),
        qr=_drawn(text),
        site=node.place_name(address),
        address=address,
        login=login,
        challenge=form.get("challenge", ""),
    )


def _drawn(text: str) -> Markup:
    # Loaded with the first answer: no village and few days see one.
    import segno

    drawing = segno.make(text.replace("\n", " "), error="m", micro=False)
    # Our own library's drawing of our own text; of what was typed only a checked address and login are in it.
    return Markup(drawing.svg_inline(scale=4, border=4, svgclass="qr", lineclass=None))


def _answer_fields() -> tuple[Field, ...]:
    node = current_node()
    sites = [(address, f"{node.place_name(address)}（{address}）") for address in _addresses()]
    return (
        Field("node", "哪个站点", kind="place", choices=sites),
        Field("challenge", "重置码", hint="16 位，由对方念出或发来，空格和大小写不影响", max_length=40),
        Field("login", "要重置的管理员账号", max_length=32),
    )


def _addresses() -> list[str]:
    node = current_node()
    tree = node.tree()
    return [address for address in tree.addresses() if tree.is_below(address, node.me)]


def _site(address: str) -> dict[str, Any]:
    node = current_node()
    roster = node.staff_below.roster(address)
    return {
        "address": address,
        "name": node.place_name(address),
        "count": sum(person.is_active and person.login not in roster.barred for person in roster.staff),
        "barred": len(roster.barred),
        "told_at": roster.told_at,
    }


def _person(person: Any, barred: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    authors = barred.get(person.login, ())
    return {
        "login": person.login,
        "name": person.name,
        "posts": "、".join(_(ROLE_NAMES[role]) for role in Role if role in person.roles),
        "department": person.department,
        "is_active": person.is_active,
        "by": _names(authors),
        "is_ours": current_node().me in authors,
    }


def _names(authors: tuple[str, ...]) -> str:
    return "、".join(current_node().place_name(author) for author in authors)
