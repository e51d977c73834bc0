"""What may come of checking a claim, and what a clerk is told of each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Verdict(StrEnum):
    """What came of checking a claim. From OTHER_NETWORK on the paper proves nothing."""

    VALID = "valid"
    VOUCHED = "vouched"
    RELIEVED = "relieved"
    WITHIN_CUT = "within_cut"
    REVOKED = "revoked"
    UNKNOWN_SIGNER = "unknown_signer"
    OTHER_NETWORK = "other_network"
    PRACTICE = "practice"
    ALTERED = "altered"
    UNREADABLE = "unreadable"


class OnFile(StrEnum):
    """What this node's own record of the case says to a claim.

    OUT: the act it names counts no more. DISPUTED: it, or one before it, has a rival and the county has not
    ruled. The last three: it agrees, but the decision was corrected, suspended
    or revoked since.
    """

    AGREES = "agrees"
    DIFFERS = "differs"
    OUT = "out"
    DISPUTED = "disputed"
    NOT_YET = "not_yet"
    ABSENT = "absent"
    CORRECTED = "corrected"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


# Light, headline, what it means.
Sentence = tuple[str, str, str]
_BAD = "bad"
SENTENCES: Mapping[Verdict, Sentence] = {
    Verdict.VALID: (
        "good",
        "核验通过",
        "本凭证由下列站点签发，签名完好。请与纸上内容逐项对照，有一项不同就不是这张凭证。",
    ),
    Verdict.VOUCHED: (
        "warn",
        "签名完好，签发站点尚待确认",
        "签发站点由它的上级站点担保，县级名册还没有确认。请与纸上内容逐项对照。",
    ),
    Verdict.RELIEVED: (
        "warn",
        "签名完好，签发站点后来已停用",
        "签发站点已停用或由上级接管。请与纸上内容逐项对照，并核对办件记录。",
    ),
    Verdict.WITHIN_CUT: (
        "warn",
        "签名完好，签发密钥后来作废",
        "凭证所写的这一步在密钥作废之前已报到县级，仍然有效。请与纸上内容逐项对照，并核对办件记录。",
    ),
    Verdict.REVOKED: (
        "bad",
        "签发密钥已作废",
        "密钥作废以后，任何人都可能用它开出凭证。不能只凭这张纸认定，请核对办件记录。",
    ),
    Verdict.UNKNOWN_SIGNER: (
        "bad",
        "无法核验：本站不认识签发站点",
        "本站的名册里没有这个站点或这把密钥。请到县级站点核验，或等名册更新以后再试。",
    ),
    Verdict.OTHER_NETWORK: (
        "bad",
        "不是本网络的凭证",
        "它由另一个网络签发（例如外县的），本站无法核验。",
    ),
    Verdict.PRACTICE: (
        "bad",
        "演练用的凭证，没有效力",
        "它由演练站点打印，上面的人和件都是编的，不能当真。",
    ),
    Verdict.ALTERED: (
        "bad",
        "凭证被改动过",
        "内容与签名不符，不能采用。请申请人出示原件，或凭编号查询办件。",
    ),
    Verdict.UNREADABLE: (
        "bad",
        "没有读出凭证",
        "这不是本系统凭证上的二维码，或者内容没有扫全、被改动过。请把二维码完整地再扫一次。",
    ),
}

ON_FILE: Mapping[OnFile, str] = {
    OnFile.AGREES: "本站登记的办件与凭证一致。",
    OnFile.DIFFERS: "本站登记的办件与凭证不一致（登记可能后来更正过），请人工核对。",
    OnFile.OUT: "本站登记：凭证所写的这一步已撤销，或者没有成立。",
    OnFile.DISPUTED: "本站登记：这一步与另一步相互矛盾，县级还没有理清。",
    OnFile.NOT_YET: "本站有这个办件，但还没有收到凭证所写的这一步。",
    OnFile.ABSENT: "",
    OnFile.CORRECTED: "本站登记：这项决定后来更正过。",
    OnFile.SUSPENDED: "本站登记：这项决定已中止执行。",
    OnFile.REVOKED: "本站登记：这项决定已被撤销。",
}
# What is said instead of a headline that is good, where the record here does not bear the paper out.
DOUBTS: Mapping[OnFile, Sentence] = {
    OnFile.DIFFERS: (
        "bad",
        "签名完好，但与本站登记的办件不符",
        "不能只凭这张纸认定。请查看办件记录，并向签发站点核对。",
    ),
    OnFile.OUT: (
        "bad",
        "签名完好，但凭证所写的这一步不作数",
        "不能再凭这张纸办事。请凭编号查询办件现在的情况。",
    ),
    OnFile.DISPUTED: (
        "warn",
        "签名完好，但凭证所写的这一步还有争议",
        "理清以前，先不要凭这张纸办事。请凭编号查询办件现在的情况。",
    ),
    OnFile.NOT_YET: (
        "warn",
        "签名完好，本站还没有收到这一步",
        "请与纸上内容逐项对照，并向签发站点或县级站点核对，或等本站收到以后再核验一次。",
    ),
    OnFile.CORRECTED: (
        "warn",
        "签名完好，但决定后来更正过",
        "请申请人出示《更正决定书》，两份一并使用。",
    ),
    OnFile.SUSPENDED: (
        "bad",
        "签名完好，但决定已中止执行",
        "恢复效力以前，不能凭这张纸办事。请凭编号查询办件现在的情况。",
    ),
    OnFile.REVOKED: (
        "bad",
        "签名完好，但决定已被撤销",
        "不能再凭这张纸办事。请凭编号查询办件现在的情况。",
    ),
}
PRACTICE = "这是演练站点的凭证：人和件都是编的，没有效力。"
AHEAD = "凭证上的时间比本站的时钟晚：签发站点或本站有一个时钟不准。"


def sentence_of(verdict: Verdict, on_file: OnFile) -> Sentence:
    """Return what is said of a claim: a good signature is no good paper where the record here objects."""
    said = SENTENCES[verdict]
    return said if said[0] == _BAD else DOUBTS.get(on_file, said)
