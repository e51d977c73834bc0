"""The administrator's forgotten password, for who cannot sign in: challenge, answer, first password."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.errors import Problem
from common.people.errors import PasswordAgain
from common.people.rules.challenge import ANSWER_LENGTH_MAX, grouped
from common.web.forms import Field, redraws
from common.web.guard import public
from common.web.ports import current_node

forgotten = Blueprint("forgotten", __name__, url_prefix="/forgotten")

FIELDS = (
    Field(
        "answer",
        "上级的批复",
        kind="textarea",
        hint="照批复逐行输入，或把文件内容全部粘贴进来；空格和大小写不影响",
        max_length=ANSWER_LENGTH_MAX,
    ),
    Field(
        "new_password",
        "初始密码",
        kind="password",
        autocomplete="new-password",
        max_length=128,
        hint="至少 10 个字符，含大写字母、小写字母、数字、符号中的三种；首次登录时须再改一次",
    ),
    Field("new_password_again", "再输一遍", kind="password", autocomplete="new-password", max_length=128),
)


@forgotten.get("")
@public
def index() -> str:
    """Tell how it goes, and show the challenge if one waits."""
    node = current_node()
    waiting = node.resets.waiting(node.clock.moment())
    return render_template(
        "people/forgotten.html",
        challenge=grouped(waiting),
        fields=FIELDS,
        address=node.me,
        is_top=not node.tree().parent(node.me),
    )


@forgotten.post("")
@public
def challenge() -> Response:
    """Make a challenge; the one that waits already stays."""
    node = current_node()
    with node.unit():
        node.resets.challenge(node.clock.moment())
    return redirect(url_for(".index"), 303)


@forgotten.post("/answer")
@public
@redraws(".index")
def answer() -> Response:
    """Take the answer and store the first password it grants."""
    node, form = current_node(), request.form
    moment, password = node.clock.moment(), form.get("new_password", "")
    with node.unit():
        granted = node.resets.check(form.get("answer", ""), moment)
    if password != form.get("new_password_again", ""):
        told = str(_("两次输入的密码不一样。"))
        raise PasswordAgain(problems=[Problem("new_password_again", str(_("再输一遍")), "differs", told)])
    ready = node.people.first_password(granted.login, password)
    with node.unit():
        node.resets.redeem(granted, ready, moment)
    node.wake()
    flash(_("账号 %(login)s 的密码已重置，请用初始密码登录并改成自己的。", login=granted.login))
    return redirect(url_for("account.sign_in"), 303)
