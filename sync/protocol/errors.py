"""Every refusal of the sync layer, each with a stable code; it never hides a fault of the program."""

from __future__ import annotations


class SyncError(Exception):
    """Root of all refusals made on purpose.

    `code` is stable and never reused; `sentence` is shown to people; `detail`
    holds addresses, counters and hashes only, never a body.
    """

    code = "S000"
    sentence = "同步出错。"

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.code} {detail}".strip())
        self.detail = detail


class OurFault(SyncError):
    """This node asked for something the protocol does not allow."""


class TheirFault(SyncError):
    """What arrived does not keep the protocol; nothing of it was taken."""


class NotCanonical(TheirFault):
    """Bytes that should be canonical JSON are not."""

    code = "S101"
    sentence = "数据格式不规范，未收取。"


class BadFrame(TheirFault):
    """A frame or header breaks the format."""

    code = "S102"
    sentence = "报文格式错误，未收取。"


class BadSignature(TheirFault):
    """A signature does not fit the bytes and the key."""

    code = "S103"
    sentence = "签名验证不通过，未收取。"


class BadExchange(TheirFault):
    """The head of an exchange breaks the format."""

    code = "S104"
    sentence = "不是本系统的数据包，或数据包已损坏。"


class UnknownVersion(TheirFault):
    """The exchange speaks a wire version this node does not know."""

    code = "S105"
    sentence = "数据包的版本本站不认识，请先升级本站程序。"


class NotForUs(TheirFault):
    """The exchange is addressed to another node."""

    code = "S106"
    sentence = "这个数据包不是发给本站的。"


class OtherNetwork(NotForUs):
    """The exchange was made in another network: another county's, or one for practice."""

    code = "S116"
    sentence = "这个数据包来自另一个网络（外县的，或演练用的），本站不收。"


class UnknownSender(TheirFault):
    """The sender or its key is not in the roster."""

    code = "S107"
    sentence = "发送方的钥匙不在名册里或已作废，未收取。"


class CannotOpen(TheirFault):
    """The content key was sealed to a key this node does not have."""

    code = "S108"
    sentence = "数据包不是用本站当前钥匙封装的，无法打开。"


class UnknownDictionary(CannotOpen):
    """Compressed with a preset dictionary of another program version; an answer tells the sender."""

    code = "S115"
    sentence = "数据包由另一版本的程序压缩，本站无法读取；对方会改用通用格式重发。"


class BadRecord(TheirFault):
    """A record was altered, cut or moved; the records before it stand."""

    code = "S109"
    sentence = "数据包有一段损坏，从这一段起没有收取。"


class TooLarge(TheirFault):
    """A declared length is above the limit."""

    code = "S110"
    sentence = "数据超过允许的长度，未收取。"


class Foreign(TheirFault):
    """A frame whose path does not hold this node."""

    code = "S111"
    sentence = "收到与本站无关的报文，未收取。"


class BadRoster(TheirFault):
    """A roster object is not signed by whom it must be, or goes backwards."""

    code = "S112"
    sentence = "节点名册有误，未采用。"


class EntryFull(BadRoster):
    """One more key of an address would not fit its entry; that is too many to be chance."""

    code = "S117"
    sentence = "这个站点的钥匙太多，名册里写不下了。"


class BadReceipt(TheirFault):
    """A receipt is malformed or not signed by its signer."""

    code = "S113"
    sentence = "回执有误，未采用。"


class BadBlob(TheirFault):
    """The bytes of a paper do not have the hash they were announced under."""

    code = "S114"
    sentence = "材料文件内容与登记的不一致，已要求重传。"


class BodyTooLarge(OurFault):
    """What is to be sent does not fit one record."""

    code = "S201"
    sentence = "内容过长，请把长篇材料作为附件上传。"


class NotEnrolled(OurFault):
    """This node has no place in a network yet."""

    code = "S202"
    sentence = "这台电脑还没有本站的钥匙，不能办件和传送：还没有登记入网，或者数据是恢复来的。"


class NoSuchNeighbour(OurFault):
    """No exchange is possible between the two addresses."""

    code = "S203"
    sentence = "不能与这个站点直接交换：它与本站不在同一条上下级线上，或者它的钥匙已作废、还没有重新入网。"


class BadEnrolment(TheirFault):
    """An enrolment request or answer does not fit its code."""

    code = "S301"
    sentence = (
        "入网码不对、已用过、已作废或已过期，或者不是这一级站点发的：在发码的那一级站点才能用。"
        "请核对登记单；还不行的，请发码的站点重新发码。"
    )


class CodeUsedTwice(BadEnrolment):
    """Another key has joined with this code: one of the two had no right to it. `detail` is the address."""

    code = "S302"
    sentence = "这个入网码已经被另一台电脑用过：登记单可能外泄，请马上报告上级。"


class NotACode(BadEnrolment):
    """What was typed for an enrolment code has not the shape of one; nobody was asked anything."""

    code = "S303"
    sentence = (
        "这样的写法不是入网码，还没有联系上级，手里的入网码没有用掉：请照登记单再输一遍。"
        "入网码像 1-0A1B2C3-4D5E6F7-8G9H0J1，前面是序号，后面三组各 7 位字母或数字；"
        "横线、空格、大小写、全角半角都不要紧，多一位、少一位不行。"
    )
