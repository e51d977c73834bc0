"""Pages that only these tests have: one for each guard, and one for each way to go wrong."""

from __future__ import annotations

import errno

from flask import Blueprint, Response, g, jsonify, redirect, render_template_string, request

from common.errors import BadInput, Problem, RuleError, Unavailable
from common.people.rules.roles import Role
from common.store import counters
from common.store.database import run, unit_of_work
from common.web.forms import Field, redraws
from common.web.guard import public, requires
from common.web.ports import MenuEntry
from sync.protocol.errors import NotForUs

work = Blueprint("work", __name__)

MENU = (
    MenuEntry("首页", "work.home"),
    MenuEntry("受理", "work.desk", (Role.CLERK,)),
    MenuEntry("账号管理", "work.accounts", (Role.ADMIN,)),
)
FIELDS = (
    Field("name", "姓名"),
    Field("note", "说明", kind="textarea"),
    Field("living", "居住情况", kind="choice", choices=("独居", "与子女同住")),
)
FORM = """
{% extends "base.html" %}
{% from "_form_field.html" import form_field %}{% from "_problems.html" import problems_box %}
{% block title %}表{% endblock %}
{% block main %}{{ problems_box(problems, failure) }}<form method="post">
<input type="hidden" name="csrf_token" value="{{ csrf_token() }}">
{% for field in fields %}{{ form_field(field, typed, problems) }}{% endfor %}</form>{% endblock %}
"""


@work.get("/")
@requires()
def home() -> str:
    """For any member of staff."""
    return render_template_string('{% extends "base.html" %}{% block main %}这是首页{% endblock %}')


@work.get("/desk")
@requires(Role.CLERK, Role.AGENT)
def desk() -> Response:
    """For clerks and agents; says as whom one acts."""
    return jsonify(login=g.actor.login, role=g.actor.role, name=g.actor.name)


@work.get("/accounts")
@requires(Role.ADMIN)
def accounts() -> str:
    """For administrators."""
    return "accounts"


@work.get("/guide")
@public
def guide() -> str:
    """For everybody."""
    return "guide"


@work.get("/open/<case>/form")
@requires(Role.CLERK)
def form(case: str) -> str:
    """A form about `case`."""
    return render_template_string(FORM, fields=FIELDS, case=case)


@work.post("/open/<case>/form")
@requires(Role.CLERK)
@redraws(".form")
def take(case: str) -> Response:
    """Refuses in the way the form asks for."""
    refusals = {
        "bad": BadInput(problems=[Problem("name", "姓名", "required", "姓名：请填写。")]),
        "rule": RuleError(),
        "busy": Unavailable(),
    }
    how = request.form.get("how", "")
    with unit_of_work():
        counters.next_number("taken")
        if how == "full":
            raise OSError(errno.ENOSPC, "No space left on device")
        if how == "bug":
            raise KeyError(case)
        if how in refusals:
            raise refusals[how]
    return redirect("/", 303)  # type: ignore[return-value]


@work.get("/wrong/<how>")
@public
def wrong(how: str) -> str:
    """Goes wrong without a form."""
    if how == "sync":
        raise NotForUs("511921")
    if how == "bug":
        raise ZeroDivisionError("secret detail")
    if how == "braces":
        raise RuleError("“{x}”不能这样办。", name="y")
    run("SELECT * FROM no_such_table")
    return ""
