"""What can go wrong between a person and their account. Codes E201–E209; the web's own begin at E220."""

from __future__ import annotations

from common.errors import LiandongError, NotFound, RuleError


class WrongPassword(LiandongError):
    """Login and password do not belong together; which of them is wrong is never said."""

    code = "E201"
    status = 401
    sentence = "账号或密码不正确。"
    advice = "请核对后重新输入；忘记密码请联系本站管理员重置。"


class SignInPaused(LiandongError):
    """Too many wrong passwords for this account or from this address."""

    code = "E202"
    status = 429
    sentence = "连续输错次数过多，请 {minutes} 分钟后再试。"
    advice = "如不是您本人操作，请告知本站管理员。"


class LoginTaken(RuleError):
    """Somebody already has this login; logins are never given to a second person."""

    code = "E203"
    sentence = "账号 {login} 已经有人使用。"
    advice = "请换一个账号。"


class NoSuchStaff(NotFound):
    """No member of staff has this login."""

    code = "E204"
    sentence = "没有账号为 {login} 的工作人员。"


class LastAdmin(RuleError):
    """The node would be left without anybody who may manage accounts."""

    code = "E205"
    sentence = "本站至少要保留一名在用的管理员。"
    advice = "请先把管理员岗位交给另一位工作人员。"
