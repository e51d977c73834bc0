"""The administrator's pages: who works here, in which posts; a first password for those who forgot theirs."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.people.errors import NoSuchStaff
from common.people.rules.roles import ROLE_NAMES, Role
from common.people.rules.staff import NewStaff, StaffMember
from common.store.database import unit_of_work
from common.web.forms import Field, redraws
from common.web.guard import requires
from common.web.ports import current_node, current_profile

accounts = Blueprint("accounts", __name__, url_prefix="/accounts")

_PASSWORD = Field(
    "new_password",
    "初始密码",
    kind="password",
    hint="至少 10 个字符，含大写字母、小写字母、数字、符号中的三种；本人首次登录时须改成自己的",
    autocomplete="new-password",
    max_length=128,
)
NEW_FIELDS = (
    Field("login", "账号", hint="2 至 32 位小写字母、数字、点或下划线，以后不能更改", max_length=32),
    Field("name", "姓名", max_length=40),
    Field("department", "所属部门", required=False, max_length=60),
    _PASSWORD,
)


@accounts.get("")
@requires(Role.ADMIN)
def index() -> str:
    """Show everybody of this node."""
    return render_template("accounts.html", people=current_node().people.staff(), names=ROLE_NAMES)


@accounts.get("/new")
@requires(Role.ADMIN)
def new() -> str:
    """Ask for a new person."""
    return render_template(
        "account_new.html", fields=NEW_FIELDS, offered=_offered(), chosen=set(request.form.getlist("roles"))
    )


@accounts.post("/new")
@requires(Role.ADMIN)
@redraws(".new")
def add() -> Response:
    """Add a person; they change the password at their first sign-in."""
    form = request.form
    person = NewStaff(
        form.get("login", "").strip(),
        form.get("name", "").strip(),
        _chosen(),
        form.get("department", "").strip(),
        form.get("new_password", ""),
        must_change=True,
    )
    ready = current_node().people.ready(person)
    with unit_of_work():
        current_node().people.add_staff(ready, g.actor.login, g.now_ms)
    flash(_("已添加 %(name)s。", name=person.name))
    return redirect(url_for(".index"), 303)


@accounts.get("/<login>")
@requires(Role.ADMIN)
def one(login: str) -> str:
    """Show one person: posts, and a new first password."""
    person = _person(login)
    return render_template(
        "account_one.html",
        person=person,
        offered=_offered(),
        chosen={role.value for role in person.roles},
        password=_PASSWORD,
    )


@accounts.post("/<login>/roles")
@requires(Role.ADMIN)
@redraws(".one")
def set_roles(login: str) -> Response:
    """Give a person exactly the ticked posts; none takes them out of service."""
    with unit_of_work():
        current_node().people.set_roles(login, _chosen(), g.actor.login, g.now_ms)
    flash(_("岗位已保存。"))
    return redirect(url_for(".one", login=login), 303)


@accounts.post("/<login>/password")
@requires(Role.ADMIN)
@redraws(".one")
def reset_password(login: str) -> Response:
    """Give a person a first password; wherever they are signed in, they are signed out."""
    new_password = request.form.get("new_password", "")
    ready = current_node().people.first_password(login, new_password)
    with unit_of_work():
        current_node().people.reset_password(ready, g.actor.login, g.now_ms)
    flash(_("密码已重置，请当面告诉本人。"))
    return redirect(url_for(".one", login=login), 303)


def _person(login: str) -> StaffMember:
    found = next((person for person in current_node().people.staff() if person.login == login), None)
    if found is None:
        raise NoSuchStaff(login=login)
    return found


def _offered() -> list[tuple[str, str]]:
    return [(role.value, ROLE_NAMES[role]) for role in Role if role in current_profile().roles]


def _chosen() -> frozenset[Role]:
    """Return the ticked posts that this kind of site has."""
    ticked = set(request.form.getlist("roles"))
    return frozenset(role for role in current_profile().roles if role.value in ticked)
