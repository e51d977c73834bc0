"""The verb `staff` of the command line: accounts added and listed, an administrator's password set anew."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable
from typing import Any

from common.errors import RuleError
from common.node.node import Node
from common.node.profile import TierProfile
from common.people.accounts import ReadyPassword, ReadyStaff
from common.people.errors import LoginTaken, NotAdmin
from common.people.rules.departments import is_out_of_reach
from common.people.rules.roles import ROLE_NAMES, Role, write_roles
from common.people.rules.staff import NewStaff
from sync.protocol.typed import plain

LIST, RESET, ANSWER = "list", "reset-admin", "answer-reset"

_TAKEN = (
    "账号 {login} 已经有了，是{who}的，没有改动。就是这个人的，不用再添加："
    "忘了密码的，由管理员在网页“账号管理”里重置，管理员自己的用 staff reset-admin。"
    "是另一个人的，请换一个账号（staff list 列出全部）。"
)
_NO_CASES = (
    "注意：没有事项由“{department}”办，分给部门的件到不了这个账号。"
    "请在网页“账号管理”里改成事项里的部门，写法要一样：{known}。"
)
_NodeOf = Callable[[TierProfile, argparse.Namespace], Node]
_Needed = Callable[[argparse.Namespace, str, str], Any]


class PostNotHere(RuleError):
    """A site of this tier has no such post."""

    code = "E218"
    sentence = "{title}没有这个岗位：{posts}。"


def add_staff(verb: Any, node_of: _NodeOf, needed: _Needed) -> None:
    """Add the verb to a command line.

    Args:
        node_of: puts the node together that the options name.
        needed: returns an option that must be given for what is asked.
    """

    def run(profile: TierProfile, options: argparse.Namespace) -> None:
        node = node_of(profile, options)
        if options.login == RESET:
            _reset(node, options)
        elif options.login == ANSWER:
            _answer(node, options, needed)
        elif options.login == LIST and not options.name:
            _list(node, options)
        else:
            _add(node, options, needed)

    made = verb("staff", run, f"工作人员账号：添加（密码从键盘或标准输入读）· {LIST} · {RESET} · {ANSWER}")
    made.add_argument("login", help=f"要添加的账号；{LIST} 列出，{RESET} 重置管理员，{ANSWER} 批复下级")
    made.add_argument("--name", default="", help="姓名")
    words = "、".join(role.value for role in Role)
    made.add_argument("--roles", default=frozenset(), type=_posts, help=f"用逗号分开：{words}")
    made.add_argument("--department", default="", help="所属部门")
    made.add_argument("--login", dest="who", default="", help=f"{RESET}、{ANSWER}：哪个管理员账号")
    made.add_argument("--address", type=plain, default="", help=f"{ANSWER}：哪个下级站点")
    made.add_argument("--challenge", default="", help=f"{ANSWER}：对方的重置码")
    made.add_argument("--json", action="store_true", help=f"{LIST}：输出 JSON")


def _posts(text: str) -> frozenset[Role]:
    known = {role.value: role for role in Role}
    words = plain(text).split(",")
    wrong = [word for word in words if word not in known]
    if wrong:
        raise argparse.ArgumentTypeError(f"没有这个岗位：{'、'.join(wrong)[:60]}")
    return frozenset(known[word] for word in words)


def _add(node: Node, options: argparse.Namespace, needed: _Needed) -> None:
    name, roles = needed(options, "name", "--name"), needed(options, "roles", "--roles")
    strange = [ROLE_NAMES[role] for role in Role if role in roles - set(node.profile.roles)]
    if strange:
        raise PostNotHere(title=node.profile.title, posts="、".join(strange))
    ready = node.people.ready(NewStaff(options.login, name, roles, options.department, _password()))
    try:
        with node.unit():
            node.people.add_staff(ready, "", node.clock.now_ms())
            node.staffing.report()
    except LoginTaken:
        raise LoginTaken(
            sentence=_TAKEN.format(login=options.login, who=_holder(node, options.login))
        ) from None
    print(f"已添加：{name}（{options.login}）")
    of_cases = node.catalogue.departments()
    if is_out_of_reach(roles, options.department, of_cases):
        print(_NO_CASES.format(department=options.department, known="、".join(sorted(of_cases))))


def _holder(node: Node, login: str) -> str:
    return next((one.name for one in node.people.staff() if one.login == login), "")


def _list(node: Node, options: argparse.Namespace) -> None:
    people = [
        {
            "login": one.login,
            "name": one.name,
            "roles": write_roles(one.roles),
            "department": one.department,
            "active": int(one.is_active and not one.is_barred),
        }
        for one in node.people.staff()
    ]
    if options.json:
        print(json.dumps(people, ensure_ascii=False))
        return
    for person in people:
        posts = _post_names(str(person["roles"]))
        print(
            "{login:16} {name}  {posts}  {department}".format(**person, posts=posts)
            + ("" if person["active"] else "  停用")
        )


def _post_names(roles: str) -> str:
    return "、".join(ROLE_NAMES[Role(role)] for role in roles.split(",") if role) or "没有岗位"


def _reset(node: Node, options: argparse.Namespace) -> None:
    """Set a first password for an administrator, or make a new one when the login is nobody's."""
    login = options.who or _only_admin(node)
    is_known = any(one.login == login for one in node.people.staff())
    password = _password()
    ready: ReadyPassword | ReadyStaff
    if is_known or not options.name:
        ready = node.people.first_password(login, password)
    else:
        new = NewStaff(login, options.name, frozenset({Role.ADMIN}), options.department, password, True)
        ready = node.people.ready(new)
    with node.unit():
        node.resets.by_console(ready, node.clock.now_ms())
        node.staffing.report()
    print(f"已重置管理员 {login} 的密码，首次登录须修改；已记入日志并将报上级。")


def _only_admin(node: Node) -> str:
    found = [
        one.login
        for one in node.people.staff()
        if one.is_active and not one.is_barred and Role.ADMIN in one.roles
    ]
    if len(found) != 1:
        raise NotAdmin(
            sentence="请用 --login 写明重置哪个管理员；要新建管理员，再加 --name。", login="、".join(found)
        )
    return found[0]


def _answer(node: Node, options: argparse.Namespace, needed: _Needed) -> None:
    address, challenge = needed(options, "address", "--address"), needed(options, "challenge", "--challenge")
    login = needed(options, "who", "--login")
    with node.unit():
        print(node.resets.answer(address, challenge, login, "", node.clock.now_ms()))


def _password() -> str:
    return getpass.getpass("密码：") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
