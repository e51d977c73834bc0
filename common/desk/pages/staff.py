"""The accounts of this node: who is there, add a person, change posts, give a new first password."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.people.errors import NoSuchStaff
from common.people.rules.roles import ROLE_NAMES, Role
from common.people.rules.staff import NewStaff, StaffMember
from common.web.forms import Field, redraws
from common.web.guard import requires
from common.web.ports import current_node

staff = Blueprint("staff", __name__, url_prefix="/staff")

PASSWORD = Field(
    "new_password",
    "初始密码",
    kind="password",
    hint="至少 10 个字符，含大写字母、小写字母、数字、符号中的三种；本人首次登录时必须改掉",
    autocomplete="new-password",
    max_length=128,
)
FIELDS = (
    Field("name", "姓名", max_length=40),
    Field("login", "账号", hint="2 至 32 位小写字母、数字、点或下划线；定后不能改，也不能给别人用", max_length=32),
    Field("department", "部门或窗口", required=False, max_length=60),
)


@staff.get("")
@requires(Role.ADMIN)
def index() -> str:
    """Show everybody with an account here."""
    return render_template(
        "desk/staff.html",
        people=[_row(person) for person in current_node().people.staff()],
        fields=FIELDS,
        password=PASSWORD,
        roles=_roles(),
    )


@staff.post("")
@requires(Role.ADMIN)
@redraws(".index")
def add() -> Response:
    """Add a person, who must choose an own password at the first sign-in."""
    node, form = current_node(), request.form
    new = NewStaff(
        login=form.get("login", "").strip(),
        name=form.get("name", "").strip(),
        roles=_chosen_roles(),
        department=form.get("department", "").strip()[:60],
        password=form.get("new_password", ""),
        must_change=True,
    )
    with node.unit():
        node.people.add_staff(new, g.actor.login, g.now_ms)
    flash(_("已添加 %(name)s（账号 %(login)s）。", name=new.name, login=new.login))
    return redirect(url_for(".index"), 303)


@staff.get("/<login>")
@requires(Role.ADMIN)
def one(login: str) -> str:
    """Show one person, to change posts or password."""
    return render_template(
        "desk/staff_one.html", person=_row(_member(login)), password=PASSWORD, roles=_roles()
    )


@staff.post("/<login>/roles")
@requires(Role.ADMIN)
@redraws(".one")
def change_roles(login: str) -> Response:
    """Give a person exactly the chosen posts; none takes them out of service."""
    node, roles = current_node(), _chosen_roles()
    # Posts that this tier does not hand out are not on the form; they stay as they are.
    kept = frozenset(role for role in _member(login).roles if role not in dict(_roles()))
    with node.unit():
        node.people.set_roles(login, roles | kept, g.actor.login, g.now_ms)
    flash(_("岗位已更新。") if roles | kept else _("该账号已停用，不能再登录。"))
    return redirect(url_for(".index"), 303)


@staff.post("/<login>/password")
@requires(Role.ADMIN)
@redraws(".one")
def reset(login: str) -> Response:
    """Give a person a new first password; their sessions end."""
    node = current_node()
    with node.unit():
        node.people.reset_password(login, request.form.get("new_password", ""), g.actor.login, g.now_ms)
    flash(_("密码已重置，请把新的初始密码当面告诉本人。"))
    return redirect(url_for(".index"), 303)


def _member(login: str) -> StaffMember:
    for person in current_node().people.staff():
        if person.login == login:
            return person
    raise NoSuchStaff(login=login)


def _row(person: StaffMember) -> dict[str, Any]:
    return {
        "login": person.login,
        "name": person.name,
        "department": person.department,
        "roles": [role.value for role in person.roles],
        "role_words": "、".join(ROLE_NAMES[role] for role in Role if role in person.roles),
        "is_active": person.is_active,
        "must_change": person.must_change,
    }


def _roles() -> list[tuple[Role, str]]:
    """Return the posts that people may hold at this tier, with their names."""
    return [(role, ROLE_NAMES[role]) for role in current_app.extensions["profile"].roles]


def _chosen_roles() -> frozenset[Role]:
    return frozenset(role for role, _name in _roles() if request.form.get(f"role-{role.value}"))
