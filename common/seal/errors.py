"""Why a document is not sealed. A refused document is unchanged, and so are case and keys."""

from __future__ import annotations

from common.errors import LiandongError, RuleError, Unavailable

_KEPT = "文书没有盖章，办件没有任何改动。"


class SealRefusal(RuleError):
    """The seal process will not sign this; asking again does not help."""

    code = "E580"
    status = 409
    sentence = "印章程序没有盖章。"
    kept = _KEPT
    advice = "请核对办件的办理过程。"


class SealNotRunning(Unavailable):
    """No seal process answers at this node."""

    code = "E581"
    sentence = "印章程序没有运行，暂时不能盖章。"
    kept = _KEPT
    advice = "请稍后再试；一直如此时请管理员查看本站是否安装了印章组件。"


class NotADecision(SealRefusal):
    """The act named is no decision by an approver: the seal is for nothing else."""

    code = "E582"
    sentence = "这一步不是批准人作出的决定，不能盖章。"


class NotDecided(SealRefusal):
    """The case as stored is not decided, or the act is not part of it."""

    code = "E583"
    sentence = "这个办件还没有作出决定，或者决定没有成立，不能盖章。"


class OnePersonOnly(SealRefusal):
    """Reviewed and decided by the same person."""

    code = "E584"
    sentence = "审查和决定是同一个人，不能盖章。"
    advice = "一审一核须由两人办理。"


class NotReviewed(SealRefusal):
    """Nobody reviewed it before it was decided."""

    code = "E585"
    sentence = "这个办件没有审查就作了决定，不能盖章。"
    advice = "一审一核须由两人办理。"


class DecidedElsewhere(SealRefusal):
    """Another node decided it; that node's organ has its own seal."""

    code = "E586"
    sentence = "这个决定不是本站作出的，请由作出决定的站点盖章。"


class Disputed(SealRefusal):
    """Two acts contradict each other here and the top has not said yet which one stands."""

    code = "E587"
    sentence = "这个办件有两个相互矛盾的步骤，理清以前不能盖章。"


class DecisionRevoked(SealRefusal):
    """The decision was revoked."""

    code = "E588"
    sentence = "这个决定已被撤销，不能盖章。"


class NoOrgan(SealRefusal):
    """The case names no department in charge, or the approver is of another one."""

    code = "E589"
    sentence = "办件没有写明主管部门，或者批准人不属于主管部门，不能盖章。"


class NoSealKey(SealRefusal):
    """The organ in charge has no seal at this node."""

    code = "E590"
    sentence = "本站没有“{organ}”的印章。"
    advice = "请管理员制发印章（seal issue 或 seal request）。"


class BadPdf(SealRefusal):
    """The bytes are no plain PDF: damaged, encrypted, with actions or forms, or sealed already."""

    code = "E591"
    status = 400
    sentence = "文件不是可以盖章的PDF。"


class PdfTooLarge(SealRefusal):
    """The document is larger than any decision."""

    code = "E592"
    status = 413
    sentence = "文件太大，不能盖章。"


class ClockImplausible(SealRefusal):
    """The machine's clock shows a time before the seal was issued, after it ends, or before the decision."""

    code = "E593"
    sentence = "电脑时间不在印章的有效期内，或者早于作出决定的时间，没有盖章。"
    advice = "请先校准电脑时间；时间无误的，印章到期的请更换，决定的时间写晚了的到那时以后再盖。"


class SealKeysDamaged(LiandongError):
    """A key or certificate file is missing, damaged or does not belong to the others."""

    code = "E594"
    status = 500
    sentence = "印章钥匙文件缺失或损坏：{file}。"
    kept = _KEPT
    advice = "请从备份恢复印章文件夹，或重新制发印章。"


class AlreadyIssued(RuleError):
    """There is such a key; making another would leave two seals of one organ. Nothing was changed."""

    code = "E595"
    sentence = "{what}已经有了，没有重新制作。"
    kept = "原来的印章没有改动。"
    advice = "确要更换时，请先把旧文件移出印章文件夹。"


class NoRoot(RuleError):
    """The county's root key is not here, so nothing can be issued under it."""

    code = "E596"
    sentence = "这里没有县级印章根钥匙。"
    kept = "没有任何改动。"
    advice = "县级请先执行 seal init；根钥匙另行保管时请先放回印章文件夹。"


class BadSealFile(LiandongError):
    """A request or certificate file is not what it should be, or belongs to other keys."""

    code = "E597"
    status = 400
    sentence = "文件不能用：{why}。"
    kept = "没有任何改动。"
    advice = "请核对文件后重新拷贝。"


class NotAtThisTier(RuleError):
    """The verb belongs to another tier."""

    code = "E598"
    sentence = "这一级不能执行这个操作：{why}。"
    kept = "没有任何改动。"
    advice = ""


class ListDamaged(SealKeysDamaged):
    """The list of revoked seals is damaged: whether a seal counts cannot be told, so none is set."""

    code = "E610"
    sentence = "印章作废名单（seals.crl）损坏，停止盖章：请装入县级最新的名单（seal install）。"
    advice = "请管理员装入县级最新的名单（seal install）。"


class SealLogBroken(LiandongError):
    """The log of sealings was changed by other hands; nothing is sealed until that is cleared up."""

    code = "E599"
    status = 500
    sentence = "用印日志从第 {pos} 条起被改动过，停止盖章。"
    kept = _KEPT
    advice = "请立即报告县管理员，保存好印章文件夹，不要自行修改。"


class SealFault(LiandongError):
    """The seal process met a fault of its own."""

    code = "E600"
    status = 500
    sentence = "印章程序出错，没有盖章。"
    kept = _KEPT
    advice = "请稍后再试；一直如此时请联系管理员。"


class SealRevoked(SealRefusal):
    """The county revoked the seal of the organ in charge; it seals nothing any more."""

    code = "E601"
    sentence = "“{organ}”的印章已作废（{reason}，自 {day} 起），不能再盖章。"
    advice = "请打印后由机关加盖实物印章，并请管理员换发（县级 seal issue，乡镇 seal request）。"


class AlreadyRevoked(RuleError):
    """It is revoked already, from that day or an earlier one. Nothing was changed."""

    code = "E602"
    sentence = "印章 {serial} 已经作废（自 {day} 起），名单没有改动。要改为更早的日期，请用 --since 写明。"
    kept = "没有任何改动。"
    advice = ""


class UnknownSeal(RuleError):
    """No certificate of such an organ was issued here, as far as this folder knows."""

    code = "E603"
    sentence = "没有找到“{what}”的印章。请写明编号：乡镇的 seal list 和 seal check --json 里都有。"
    kept = "没有任何改动。"
    advice = ""


class SeveralSeals(RuleError):
    """An organ has several seals that count; which one is meant must be said."""

    code = "E604"
    sentence = "“{organ}”有几枚没有作废的印章，请写明要作废的编号：{serials}。"
    kept = "没有任何改动。"
    advice = ""


class OldList(RuleError):
    """A list of revoked seals that is not newer than the one here, or lacks a seal that is revoked here."""

    code = "E605"
    sentence = "{why}，没有装入。请拿县级最新的名单来（在县级执行 seal crl）。"
    kept = "本站的作废名单没有改动。"
    advice = ""


class NoList(RuleError):
    """No list of revoked seals is here."""

    code = "E606"
    sentence = "这里没有印章作废名单：县级作废第一枚印章（seal revoke）时才有，乡镇用 seal install 装入。"
    kept = ""
    advice = ""


class RootKeyAway(RuleError):
    """The root's key is kept elsewhere, as it should be, and the list must be signed with it."""

    code = "E607"
    sentence = (
        "县级印章根钥匙（root.key）不在 {folder}，签不了作废名单：请放回去再执行一次，办完后再取出。"
        "机关是县级的、一时取不到钥匙的，先把印章文件夹里 organs 移到别处，本站就不再盖章。"
    )
    kept = "作废名单没有改动。"
    advice = ""


class BadDay(RuleError):
    """The day from which a seal is to count no more cannot be."""

    code = "E608"
    sentence = "日期 {day} 不能用：{why}。"
    kept = "没有任何改动。"
    advice = ""


class StolenKey(RuleError):
    """A certificate is asked for a key whose seal was revoked."""

    code = "E609"
    sentence = (
        "这份申请用的是已作废印章的钥匙，不能再签发：请申请单位先装入作废名单，再执行 seal request 重新申请。"
    )
    kept = "没有任何改动。"
    advice = ""


class ListNotKept(LiandongError):
    """A list of revoked seals came over the line and could not be written into the folder of seals."""

    code = "E611"
    status = 500
    sentence = "县级的印章作废名单到了，却写不进印章文件夹：请管理员查看磁盘和权限，再重启本站。"
    kept = "名单已保存，重启时再试。"
    advice = ""


def error_of(code: str, details: dict[str, str | int]) -> LiandongError:
    """Return the error that the seal process told by its code."""
    known = {kind.code: kind for kind in _kinds(LiandongError) if kind.__module__ == __name__}
    return known.get(code, SealFault)(None, **details)


def _kinds(root: type[LiandongError]) -> set[type[LiandongError]]:
    below = {kind for child in root.__subclasses__() for kind in _kinds(child)}
    return {root, *below}
