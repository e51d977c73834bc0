"""The administrator's pages: who works here, in which posts; a first password for those who forgot theirs."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.errors import RuleError
from common.people.rules.departments import LENGTH_MAX, departments, is_out_of_reach
from common.people.rules.roles import ROLE_NAMES, Role, write_roles
from common.people.rules.staff import NewStaff, StaffMember
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
# What else an administrator does with people, at the tiers that have it.
_LINKS = (
    ("left_drafts.index", "未办完的草稿"),
    ("away.index", "外出代岗"),
    ("views.index", "查阅记录"),
    ("below.index", "下级人员"),
)
NEW_FIELDS = (
    Field("login", "账号", hint="2 至 32 位小写字母、数字、点或下划线，以后不能更改", max_length=32),
    Field("name", "姓名", max_length=40),
    _PASSWORD,
)
DEPARTMENT = Field(
    "department",
    "所属部门",
    required=False,
    hint="件按部门名分给人办，请从名单中选；不填的不分部门，各部门的件都能看到全部内容，也都能办",
    max_length=LENGTH_MAX,
)


class PostsChanged(RuleError):
    """Somebody else has given this person other posts, or none, while the page was open."""

    code = "E229"
    sentence = "这个人的岗位刚被别人改过，没有保存。"
    advice = "下面是现在的岗位，请看清后再改。"


@accounts.get("")
@requires(Role.ADMIN)
def index() -> str:
    """Show everybody of this node."""
    links = [
        (endpoint, words)
        for endpoint, words in _LINKS
        if endpoint.partition(".")[0] in current_app.blueprints
    ]
    people = current_node().people.staff()
    return render_template(
        "accounts.html", people=people, lost=_out_of_reach(people), names=ROLE_NAMES, links=links
    )


@accounts.get("/new")
@requires(Role.ADMIN)
def new() -> str:
    """Ask for a new person."""
    return render_template(
        "account_new.html",
        fields=NEW_FIELDS,
        department=DEPARTMENT,
        departments=_departments(),
        offered=_offered(),
        chosen=set(request.form.getlist("roles")),
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
    node = current_node()
    ready = node.people.ready(person)
    with node.unit():
        node.people.add_staff(ready, g.actor.login, g.now_ms)
        node.staffing.report()
    node.wake()
    flash(_("已添加 %(name)s。", name=person.name))
    return redirect(url_for(".index"), 303)


@accounts.get("/<login>")
@requires(Role.ADMIN)
def one(login: str) -> str:
    """Show one person: posts, department, and a new first password."""
    person = current_node().people.member(login)
    return render_template(
        "account_one.html",
        person=person,
        department=DEPARTMENT,
        departments=_departments(),
        lost=_out_of_reach([person]),
        offered=_offered(),
        chosen={role.value for role in person.roles},
        seen=write_roles(person.roles),
        password=_PASSWORD,
        drafts=_drafts_of(login),
    )


@accounts.post("/<login>/roles")
@requires(Role.ADMIN)
@redraws(".one")
def set_roles(login: str) -> Response:
    """Give a person exactly the ticked posts; none takes them out of service.

    Raises:
        PostsChanged: they were changed since the page was drawn; else it would undo what it never showed.
    """
    node = current_node()
    with node.unit():
        now = write_roles(node.people.member(login).roles)
        if request.form.get("seen", now) != now:
            raise PostsChanged()
        node.people.set_roles(login, _chosen(), g.actor.login, g.now_ms)
        node.staffing.report()
    node.wake()
    flash(_("岗位已保存。"))
    return redirect(url_for(".one", login=login), 303)


@accounts.post("/<login>/department")
@requires(Role.ADMIN)
@redraws(".one")
def set_department(login: str) -> Response:
    """Move a person to another department."""
    node = current_node()
    with node.unit():
        node.people.set_department(login, request.form.get("department", "").strip(), g.actor.login, g.now_ms)
        node.staffing.report()
    node.wake()
    flash(_("部门已保存。"))
    return redirect(url_for(".one", login=login), 303)


@accounts.post("/<login>/password")
@requires(Role.ADMIN)
@redraws(".one")
def reset_password(login: str) -> Response:
    """Give a person a first password; wherever they are signed in, they are signed out."""
    new_password = request.form.get("new_password", "")
    node = current_node()
    ready = node.people.first_password(login, new_password)
    with node.unit():
        node.people.reset_password(ready, g.actor.login, g.now_ms)
    flash(_("密码已重置，请当面告诉本人。"))
    return redirect(url_for(".one", login=login), 303)


def _drafts_of(login: str) -> int:
    """Return how many drafts would be out of reach if this person were; 0 where there are no drafts."""
    if "left_drafts" not in current_app.blueprints:
        return 0
    count: int = current_node().drafts.owners().get(login, (0,))[0]
    return count


def _departments() -> tuple[str, ...]:
    node = current_node()
    return departments(node.catalogue.departments(), (person.department for person in node.people.staff()))


def _out_of_reach(people: Iterable[StaffMember]) -> set[str]:
    """Return the logins of those to whom no case can come, because no item names their department."""
    of_cases = current_node().catalogue.departments()
    return {one.login for one in people if is_out_of_reach(one.roles, one.department, of_cases)}


def _offered() -> list[tuple[str, str]]:
    return [(role.value, ROLE_NAMES[role]) for role in Role if role in current_profile().roles]


def _chosen() -> frozenset[Role]:
    """Return the ticked posts that this kind of site has."""
    ticked = set(request.form.getlist("roles"))
    return frozenset(role for role in current_profile().roles if role.value in ticked)
