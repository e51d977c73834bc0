"""What can go wrong between people and accounts. Codes E201–E219, with the pages; the web's from E220."""

from __future__ import annotations

from common.errors import BadInput, LiandongError, NotAllowed, NotFound, RuleError


class PasswordAgain(BadInput):
    """A form with passwords was refused: they are never sent back to the page, whatever else was typed is."""

    kept = "密码不会留在页面上，请重新输入；别的内容没有丢失。"


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


class Barred(LiandongError):
    """The password is right, but a node above has put the login out of service."""

    code = "E206"
    status = 403
    sentence = "账号 {login} 已被上级（{author}）停用，不能登录。"
    advice = "如有疑问，请向上级站点的管理员核实。"


class NotBelow(NotAllowed):
    """Only nodes below this one may be told, and only nodes above may tell."""

    code = "E207"
    sentence = "{node} 不是本站的下级站点。"


class WrongChallenge(BadInput):
    """The typed challenge does not fit the node's address, or was mistyped."""

    code = "E208"
    sentence = "重置码或站点代码不对，请核对后重新输入。"
    advice = "重置码为 16 位，空格和大小写不影响；最后一位是校验位。"


class WrongAnswer(BadInput):
    """What was typed is no answer to this node's challenge."""

    code = "E209"
    sentence = "批复内容不对：{why}。"
    advice = "请逐行核对；也可以用U盘把批复文件带来，粘贴全部内容。"


class NoChallenge(RuleError):
    """No challenge waits for an answer here, or it lapsed, or it was answered already."""

    code = "E210"
    sentence = "重置码已经用过或已失效，这份批复不能再用。"
    advice = "请重新生成重置码，再请上级站点批复。"


class NoSuchArrangement(NotFound):
    """No stand-in with this id was made at this node."""

    code = "E211"
    sentence = "没有这条代岗安排。"


class ArrangementsClash(RuleError):
    """The person is replaced on some of these days already, or is away themselves."""

    code = "E212"
    sentence = "这几天已经另有代岗安排：{who}。"
    advice = "请先取消原来的安排，或换一个日期。"


class NotAdmin(RuleError):
    """The login that was to be given a first password is no administrator in service here."""

    code = "E213"
    sentence = "账号 {login} 不是本站在用的管理员，不能这样重置。"


class ListTooLong(RuleError):
    """More logins were put out of service at one node than a list holds."""

    code = "E214"
    sentence = "一个站点停用的账号过多，名单放不下。"


class NotOnRoster(NotFound):
    """The node below has told of its staff, and nobody there has this login."""

    code = "E219"
    sentence = "该站点上报的人员里没有账号 {login}，没有停用。"
    advice = "请核对账号；刚添加的账号要等该站点下次联系后才会上报。"


# Why something another node said of people is not taken into use; shown on the line page.
UNREADABLE = "E215"
NOT_ITS_TO_SAY = "E216"
SENTENCES = {
    UNREADABLE: "下级报来或上级发来的人员信息格式有误，没有采用，请核对双方程序版本。",
    NOT_ITS_TO_SAY: "收到不该由对方发出的人员信息，没有采用，请报县管理员。",
}
