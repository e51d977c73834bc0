"""What stands between a decision and its result in hand: fees, originals, days; each with its code. And what
the item does not provide for, and who stands back.

They belong to `errors.py`, which names them too; a code is never reused.
"""

from __future__ import annotations

from common.errors import BadInput, RuleError


class FeeMissing(BadInput):
    """A fee notice without amount or basis."""

    code = "E139"
    sentence = "缴费通知必须写明金额和收费依据。"
    advice = "请按收费目录填写金额和依据。"


class NoFeeInItem(RuleError):
    """A fee is asked for in a case whose item has none."""

    code = "E176"
    sentence = "本事项不收费，不能发缴费通知。"
    advice = "只能按收件时公布的项目和标准收费；以后要收费的，请县级在事项目录中公布，只用于公布以后收的件。"


class NoProcedureInItem(RuleError):
    """A special procedure would stop the clock of a case whose item names none."""

    code = "E177"
    sentence = "本事项没有规定特别程序，除听证外不能停算时限。"
    advice = "请在办理期限内作出决定；以后要检验、鉴定等的，请县级在事项目录中写明，只用于写明以后收的件。"


class NoFeeOpen(RuleError):
    """No fee was asked for, or it is paid."""

    code = "E140"
    sentence = "本件没有待缴的费用。"
    advice = "需要收费的，请先办理“缴费通知”。"


class ReceiptMissing(BadInput):
    """A payment without the number of its receipt, or of another amount than was asked for."""

    code = "E141"
    sentence = "请填写票据号码，金额必须与缴费通知一致。"
    advice = "请照票据填写号码；金额不对的，请先核对缴费通知。"

    def __init__(self, fen: int, paid: int | None = None, number: str = "") -> None:
        """Say which part is wrong: `fen` is due, `paid` was entered (None: nothing that is an amount)."""
        wrong = []
        if paid is None:
            wrong.append("没有填写实收金额。")
        elif paid != fen:
            wrong.append(f"金额不一致：应缴 {_yuan(fen)} 元，填的是 {_yuan(paid)} 元。")
        if not number:
            wrong.append("没有填写票据号码。")
        super().__init__("".join(wrong) or None, fen=fen)


class FeeOpen(RuleError):
    """The fee that was asked for is not paid."""

    code = "E142"
    sentence = "费用还没有缴清，不能制证。"
    advice = "请先登记缴费，或者由收件站点报“已缴费”，再制证。"


class FeePaid(RuleError):
    """The fee that was asked for is paid; it is asked for once."""

    code = "E153"
    sentence = "费用已经缴清，不能再次通知缴费。"
    advice = "费用已经收过，不用再通知；收错了的，请用“更正”写明。"


class OriginalsMissing(RuleError):
    """The item asks for originals after the review, and nobody has compared them yet."""

    code = "E143"
    sentence = "还没有核对原件，不能制证。"
    advice = "请当面核对原件，登记“已核对原件”，再制证。"


class NotInstant(RuleError):
    """The case cannot be settled on the spot here."""

    code = "E121"
    sentence = "这个事项不能在本站当场办结。"


class NotHeldUp(RuleError):
    """What was approved would be ended though its result can be made out."""

    code = "E169"
    sentence = "已经批准的，只有决定被撤销、费用没有缴或者原件没有核对的，才能终止办理。"
    advice = "没有这些情形的，请制证并通知领取；无人领取的，保管期满后可以按无人领取办结。"


class NotGivenUpYet(RuleError):
    """What was approved would be ended for a fee or originals, though the applicant was not waited for."""

    code = "E170"
    sentence = "要给申请人留出缴费、带原件来核对的时间，{day} 起才能终止办理。"
    advice = "请继续通知申请人；决定被撤销的，先“标注决定效力”，就可以终止。"

    def __init__(self, day: str) -> None:
        super().__init__(day=day)


class NotUncollectedYet(RuleError):
    """A case whose result nobody fetched would be closed before the result was kept long enough."""

    code = "E159"
    sentence = "结果还要为申请人保管，{day} 起才能按无人领取办结。"
    advice = "请继续通知申请人领取；已经交给申请人的，请登记“结果送达”。"

    def __init__(self, day: str) -> None:
        super().__init__(day=day)


class NothingToServe(RuleError):
    """What was made after the end would be recorded as handed over, or kept, and nothing is owed."""

    code = "E181"
    sentence = "本件没有办结以后作出、还没有送达的文书。"
    advice = "不用再办；要看送达的经过，请看办理经过和送达回证。"


class AnnouncedMissing(BadInput):
    """An announcement that does not say where, when or why, or names a day on which it cannot have been."""

    code = "E182"
    sentence = "公告送达必须写明原因、在哪里公告和公告日期。"
    advice = "请写明下落不明还是其他方式无法送达，在哪里（公告栏、报纸或网站）哪一天公告的；先公告，再登记。"


class AnnouncementRuns(RuleError):
    """What was announced would be announced anew, or given up, before its thirty days are over."""

    code = "E184"
    sentence = "文书已经公告送达，{day} 满三十日，之后由系统登记视为送达；不用再公告，也不能按无人领取处理。"
    advice = "请等公告期满；申请人来了的，当面送达后登记“结果送达”。"

    def __init__(self, day: str) -> None:
        super().__init__(day=day)


class NotTried(RuleError):
    """A paper is announced because other ways failed, but was not tried in any, or was only refused."""

    code = "E185"
    sentence = "以“其他方式无法送达”公告的，要先登记过“没有送到”；只是拒收的，不能公告。"
    advice = "请先上门或者邮寄，没有送到的登记“没有送到”；拒收的，请上门留置送达，再登记“结果送达”。"


class NotSought(BadInput):
    """A paper is announced as the applicant is missing, and it is not said how they were sought."""

    code = "E188"
    sentence = "以“下落不明”公告的，要写明怎样找过申请人。"
    advice = "请写明打过哪个电话、去过哪里、问过谁（村委会、邻居、亲属），各是哪天。"


class WaysLeft(BadInput):
    """A paper is announced as other ways failed, and one that was open has not been tried with it."""

    code = "E189"
    sentence = "以“其他方式无法送达”公告的，上门和邮寄都要登记过“没有送到”；有一种不能用的，要写明原因。"
    advice = "请先用还没有试过的方式送；确实不能上门或者不能邮寄的，写明原因再公告。"


class LetterDayMissing(BadInput):
    """The day of a letter is put right without naming a record that counts, or by a day that cannot be."""

    code = "E186"
    sentence = "更正回执日期必须写明哪一封邮件、正确的收件日期和理由；收件日期不能早于交邮，也不能晚于今天。"
    advice = "请照邮件回执核对后再填；刚刚有人更正过的，请先看办件现在登记的日期。"


class LetterVoidMissing(BadInput):
    """The receipt of a letter is made void without naming a record that counts."""

    code = "E193"
    sentence = "作废回执登记必须写明哪一封邮件和理由。"
    advice = "请先看办件现在登记的收件日期；刚刚有人更正或者作废过的，不用再办。"


class LetterDayReliedOn(RuleError):
    """The day of a letter would be put right or made void after a body of review or a court went by it."""

    code = "E187"
    sentence = "登记这个收件日期以后，复议、诉讼等已经使决定的效力有了变化，不能再自行更正或者作废。"
    advice = "请把邮件回执和说明交给作出那份文书的机关，由它认定送达日期；回执原件存卷。"


class NotPassed(RuleError):
    """What was announced would count as served before thirty days have passed, or on another day."""

    code = "E183"
    sentence = "公告还没有满三十日，不能视为送达。"
    advice = "公告满三十日后由系统自动登记；申请人来了的，当面送达后登记“结果送达”。"


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}" if fen % 100 else str(fen // 100)


class SiteNotHeard(RuleError):
    """A case would end as nobody paid or came, and a site where they may have done so was not heard since."""

    code = "E179"
    sentence = "等候期满后还没有和{sites}联系上，可能有缴费、核对原件或者领取结果的消息在路上，暂不能办。"
    advice = "请打电话问清有没有人缴费、来核对或者领取，并请对方接通线路或者送U盘来；联系上了再办。"


class OwnCase(BadInput):
    """Somebody would decide on a case of an applicant who has their name, and has not said who they are."""

    code = "E180"
    sentence = (
        "申请人或其代理人与您同名。是您本人的，应当回避，请由其他人办理；不是同一个人的，请勾选后再办。"
    )
