"""What a password must be: long, mixed, not the person's own name or one that everybody tries first.

Follows GB/T 22239 (等级保护) in asking for a minimum complexity; there is no forced change by date,
which only makes people write passwords down. Pure; the password itself is never part of a problem.
"""

from __future__ import annotations

from common.errors import Problem

LENGTH_MIN = 10
LENGTH_MAX = 128
KINDS_MIN = 3

# The beginnings that guessing programs try first in this country, in lower case.
_OBVIOUS = (
    "123456", "abc123", "password", "passw0rd", "p@ssw0rd", "qwerty", "1qaz2wsx", "admin", "111111", "000000",
    "888888", "666666", "woaini", "5201314", "tongjiang", "zhengwu", "liandong", "iloveyou",
)  # fmt: skip


def password_problems(password: str, login: str, name: str) -> list[Problem]:
    """Return everything wrong with `password` for this person; an empty list when it will do."""
    if not password:
        return [_problem("missing", "请填写密码")]
    found = []
    if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
        found.append(_problem("length", f"密码应有 {LENGTH_MIN} 至 {LENGTH_MAX} 个字符"))
    if _kinds(password) < KINDS_MIN:
        found.append(_problem("simple", "密码应包含大写字母、小写字母、数字、符号中的至少三种"))
    folded = password.lower()
    if any(len(word) >= 2 and word.lower() in folded for word in (login, name)):
        found.append(_problem("own_name", "密码不能包含账号或姓名"))
    if any(folded.startswith(start) for start in _OBVIOUS) or len(set(password)) <= 4:
        found.append(_problem("obvious", "这个密码太常见，容易被猜到，请换一个"))
    return found


def _kinds(password: str) -> int:
    is_of_kind = (str.islower, str.isupper, str.isdigit, lambda mark: not mark.isalnum())
    return sum(any(test(mark) for mark in password) for test in is_of_kind)


def _problem(code: str, sentence: str) -> Problem:
    return Problem("new_password", "新密码", code, f"{sentence}。")
