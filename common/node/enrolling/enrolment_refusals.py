"""Who gives out no enrolment code, to whom none is given, and when no sheets are printed."""

from __future__ import annotations

from common.errors import RuleError
from sync.protocol.address import Tree


class AddressRetired(RuleError):
    """No code is given for an address that the county has retired: it never returns."""

    code = "E468"
    sentence = "这个站点县级已经撤销，代码不再使用，不能发入网码。"


class NumberedTooHigh(RuleError):
    """A site's epochs are numbered as no computer of ours does: nobody could join above them.

    Of a revoked key such numbers are not believed.
    """

    code = "E490"
    sentence = (
        "站点 {address} 的报文编号高得不正常，钥匙多半在别人手里，不能发入网码："
        "请县级管理员先在“名册”里作废它的钥匙，再发码。"
    )


class JoinFirst(RuleError):
    """This node has joined no network yet: whom it let in would join none either."""

    code = "E484"
    sentence = "本站自己还没有入网，不能给下级发入网码：请先用上级发的入网码登记本站（enrol join），再发码。"
    advice = ""


class NotBelowHere(RuleError):
    """The site stands below another one: a code from here would let nobody in."""

    code = "E470"
    sentence = "这个站点不归本站管，入网码请由它的上级站或县级发。"


class SheetsJustMade(RuleError):
    """Codes were given out since whoever asks for sheets last looked."""

    code = "E249"
    sentence = "刚才已经发过入网码，再发一次会让那些登记单作废，这一次没有发。"
    advice = "请先看已发的入网码，确实要重新发的，再确认一次。"


class KeyRevoked(RuleError):
    """The key that a computer asked to join with is revoked, which it had not heard of; it has not joined."""

    code = "E481"
    sentence = (
        "本机原来的钥匙县级已经作废，还没有入网，入网码也没有用掉：下次申请换用新钥匙，"
        "请用同一个入网码再申请一次（enrol request，或者 enrol join）。"
    )


def may_let_in(tree: Tree, me: str, address: str) -> bool:
    """Say whether an address joins below `me`: where the roster has put it, else where its number does."""
    return tree.is_below(address, me) if address in tree else address != me and address.startswith(me)
