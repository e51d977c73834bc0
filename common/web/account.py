"""The pages of one's own account: sign in, sign out, password, preferences, keys that save the mouse."""

from __future__ import annotations

from contextlib import suppress

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _

from common.errors import BadInput, Problem, Unavailable
from common.people.errors import PasswordAgain
from common.people.rules.passwords import password_problems
from common.people.rules.preferences import Preferences, read_preferences
from common.store.database import unit_of_work
from common.web import again as forms_again
from common.web import sessions
from common.web.forms import Field, redraws
from common.web.guard import Guard, guarded, public, requires
from common.web.ports import current_node
from common.web.shortcuts import SHORTCUTS

account = Blueprint("account", __name__)

_YEAR_S = 31_536_000
_OWN = Guard("staff", is_open_before_password_change=True)

PREFERENCE_FIELDS = (
    Field("large_print", "字的大小", kind="choice", choices=(("0", "标准字"), ("1", "大字"))),
    Field("language", "语言", kind="choice", choices=(("zh_CN", "中文"), ("en", "English"))),
    Field(
        "sounds",
        "提示音",
        kind="choice",
        choices=(("0", "不响"), ("1", "新件到、扫码成功时响一声")),
    ),
)
SIGN_IN_FIELDS = (
    Field("login", "账号", autocomplete="username", max_length=32, is_begun_at=True),
    Field("password", "密码", kind="password", autocomplete="current-password", max_length=128),
)
PASSWORD_FIELDS = (
    Field(
        "old_password",
        "原密码",
        kind="password",
        autocomplete="current-password",
        max_length=128,
        is_begun_at=True,
    ),
    Field(
        "new_password",
        "新密码",
        kind="password",
        hint="至少 10 个字符，含大写字母、小写字母、数字、符号中的三种，不含账号和姓名",
        autocomplete="new-password",
        max_length=128,
    ),
    Field(
        "new_password_again", "再输一遍新密码", kind="password", autocomplete="new-password", max_length=128
    ),
)


@account.get("/sign-in")
@public
def sign_in(again: str = "") -> str:
    """Ask for login and password; `again` is a signed form that waits for it."""
    again = again or request.form.get(forms_again.FIELD, "")
    return render_template(
        "sign_in.html",
        again=again,
        fields=SIGN_IN_FIELDS,
        next=sessions.safe_path(request.values.get("next", "/")),
        is_expired=request.args.get("expired") == "1" or bool(again),
        is_lost=request.args.get("lost") == "1",
        has_reset="forgotten" in current_app.blueprints,
    )


@account.post("/sign-in")
@public
@redraws(".sign_in")
def enter() -> Response:
    """Open a session; the token is always a new one."""
    node = current_node()
    typed = request.form.get("login", ""), request.form.get("password", "")
    if not all(part.strip() for part in typed):
        raise BadInput(problems=_missing())
    moment = node.clock.moment()
    proof = node.people.prove(*typed, request.remote_addr or "", moment)
    with unit_of_work():
        node.people.sign_out(sessions.token(), moment)
        outcome = node.people.sign_in(proof, moment, lambda site: node.place_name(site))
    token = outcome.token()
    sessions.begin(token, proof.login)
    waiting = forms_again.unwrapped(request.form.get(forms_again.FIELD, ""), proof.login)
    if waiting:
        response = make_response(render_template("again.html", again=waiting))
    else:
        if request.form.get(forms_again.FIELD):
            flash(_("登录前没有提交成的内容不是您填的，没有送出；请填写的人自己登录后再填。"), "warn")
        response = make_response(redirect(sessions.safe_path(request.form.get("next", "/")), 303))
    chosen = node.people.preferences(proof.login)
    return _as_preferred(response, chosen) if chosen else response


@account.post("/sign-out")
@public
def leave() -> Response:
    """End the session, here and in the browser; in the browser even when the disk takes no word of it.

    The token is then nowhere any more, and whoever sits down next does not go on under this name.
    """
    with suppress(Unavailable), unit_of_work():
        current_node().people.sign_out(sessions.token(), current_node().clock.moment())
    sessions.end()
    flash(_("您已退出登录。"))
    return make_response(redirect(url_for(".sign_in"), 303))


def password() -> str:
    """Ask for the old and the new password."""
    return render_template("password.html", fields=PASSWORD_FIELDS)


@redraws(".password")
def change() -> Response:
    """Change the password; other sessions of the person end."""
    form = request.form
    if form.get("new_password", "") != form.get("new_password_again", ""):
        differs = Problem("new_password_again", "新密码", "differs", _("两次输入的新密码不一样。"))
        # Also what else is wrong with it, to be put right at once; the old one is not looked at yet.
        more = password_problems(form.get("new_password", ""), g.staff.login, g.staff.name)
        raise PasswordAgain(problems=[*more, differs])
    people, moment = current_node().people, current_node().clock.moment()
    old, new = form.get("old_password", ""), form.get("new_password", "")
    proof = people.prove(g.staff.login, old, request.remote_addr or "", moment)
    if not proof.is_right:
        with unit_of_work():
            people.count_wrong(proof, moment)
    ready = people.own_password(proof, old, new)
    with unit_of_work():
        people.change_password(sessions.token(), ready, g.now_ms)
    flash(_("密码已修改，其他电脑上的登录已全部退出。"))
    return make_response(redirect("/", 303))


account.add_url_rule("/password", "password", guarded(password, _OWN), methods=["GET"])
account.add_url_rule("/password", "change", guarded(change, _OWN), methods=["POST"])


@account.post("/display")
@public
def display() -> Response:
    """Choose the size of letters or the language, and go back to the page one was on.

    For who is signed in it is kept with the account, too.
    """
    response = make_response(redirect(sessions.way_back(), 303))
    now = _present()
    size = request.form.get("size")
    chosen = read_preferences(
        str(now.is_large) if size is None else str(int(size == "large")),
        request.form.get("language", now.language),
        str(now.has_sounds),
    )
    if g.staff is not None:
        _keep(chosen)
    return _as_preferred(response, chosen)


@account.get("/preferences")
@requires()
def preferences() -> str:
    """Ask how pages should look and sound."""
    now = _present()
    values = {"large_print": str(now.is_large), "language": now.language, "sounds": str(now.has_sounds)}
    return render_template("preferences.html", fields=PREFERENCE_FIELDS, values=values)


@account.post("/preferences")
@requires()
def prefer() -> Response:
    """Keep the choice with the account, and show it at once."""
    form = request.form
    chosen = read_preferences(form.get("large_print", ""), form.get("language", ""), form.get("sounds", ""))
    _keep(chosen)
    response = _as_preferred(make_response(redirect(url_for(".preferences"), 303)), chosen)
    flash(_("已保存，以后在哪台电脑上登录都是这样。"))
    return response


@account.get("/shortcuts")
@public
def shortcuts() -> str:
    """Show the keys; the same list opens on `?` where scripts run."""
    return render_template("shortcuts.html", shortcuts=SHORTCUTS)


def _present() -> Preferences:
    """Return how this browser shows pages now."""
    return read_preferences(
        str(int(request.cookies.get("size") == "large")),
        request.cookies.get("language", ""),
        request.cookies.get("sounds", ""),
    )


def _keep(chosen: Preferences) -> None:
    with unit_of_work():
        current_node().people.prefer(g.staff.login, chosen, g.now_ms)


def _as_preferred(response: Response, chosen: Preferences) -> Response:
    """Let this browser show pages so from now on."""
    worn = {
        "size": "large" if chosen.is_large else "normal",
        "language": chosen.language,
        "sounds": str(chosen.has_sounds),
    }
    for name, value in worn.items():
        response.set_cookie(name, value, max_age=_YEAR_S, httponly=True, samesite="Lax")
    return response


def _missing() -> list[Problem]:
    return [
        Problem(field.key, field.label, "missing", _("请填写%(label)s。", label=field.label))
        for field in SIGN_IN_FIELDS
        if not request.form.get(field.key, "").strip()
    ]
