"""What notices say up to the acceptance: lists of what lacks, acceptance, refusal at the door. Pure.

Sources: 行政许可法 32 and 42; domain lists of what each paper has to contain (省级案卷评查清单).
"""

from __future__ import annotations

from common.casework.rules.event import CaseEvent
from common.casework.rules.words import Report
from common.notices.rules.notice import Pair, Text
from common.notices.rules.scene import Scene
from common.notices.rules.speaking import day_words, lacking_table, on_words, received_table, time_words

_TWO_COPIES = "本书一式两份，申请人和受理机关各存一份。"
_GAP_EFFECT = "补齐之前不作出准予决定，不发放证照或批文；逾期没有补齐的，终止办理，后果由申请人承担。"


def promise(scene: Scene) -> Text:
    """容缺受理承诺书: what is missing, by when it follows, what happens else; signed by the applicant."""
    tolerance = scene.moment.filing["tolerance"]
    until = day_words(tolerance["due"])
    return Text(
        opening=(
            f"{scene.self_word}申请办理“{scene.state.item_name}”，主要材料已经交齐，下列次要材料暂时缺少。"
            f"{scene.self_word}承诺于{until}（含当日）前补齐，并对承诺的真实性负责。",
            *([f"承诺内容：{tolerance['promise']}"] if tolerance.get("promise") else []),
        ),
        facts=(("补齐期限", until),),
        tables=(lacking_table("暂缺的材料", tolerance["papers"], scene.item),),
        closing=(f"已知悉：{_GAP_EFFECT}承诺不实的，今后不再适用容缺受理。",),
        small=(_TWO_COPIES,),
    )


def sent_back(scene: Scene) -> Text:
    """初审退补清单: a checker's list before the organ has the case; it says that it is no legal notice."""
    return Text(
        opening=(
            f"{scene.filed_on}提交的“{scene.state.item_name}”申请，初审时发现下列材料需要补交。",
            *_noted(scene, "说明"),
        ),
        tables=(lacking_table("需要补交的材料", scene.moment.data["lacking"], scene.item),),
        closing=(
            f"请补到收件站点（{scene.site(scene.state.parties['origin'])}）或它的上级站点，补来后继续初审。",
            "本清单是便民提示，不是法律意义上的补正告知；是否受理、是否需要补正，由受理机关依法一次性书面告知。",
        ),
    )


def papers_slip(scene: Scene) -> Text:
    """补交材料收件凭证: papers that were brought later need their own slip, which matches the list."""
    asked = {str(paper["key"]) for paper in scene.state.lacking} | set(scene.state.facts.tolerated)
    brought = _keys_of(scene.moment.event)
    here = brought.union(*map(_keys_of, scene.moment.still_open))
    left = [*scene.state.lacking, *_gap(scene)]
    names = dict.fromkeys(str(p["name"]) for p in left if str(p["key"]) not in here)
    # What was brought to another site this one may not have heard of.
    still = f"清单内还没有补来的材料：{'、'.join(names)}（已经交到别的站点的除外）。" if names else ""
    return Text(
        opening=(f"收到申请人补交的下列材料，其中属于补正清单（或容缺承诺）的 {len(asked & brought)} 项。",),
        facts=(
            ("收到时间", time_words(scene.moment.data["at"])),
            ("收件站点", scene.site(scene.moment.event.author)),
        ),
        tables=(received_table("收到的材料", (scene.moment.event,), scene.item),),
        closing=(
            *_noted(scene, "说明"),
            *([still] if still else []),
            "本凭证只说明材料已经收到，不是受理；是否补齐由受理机关核对后告知。",
        ),
    )


def _keys_of(report: CaseEvent) -> set[str]:
    """Return the keys of the papers that a report brought."""
    is_papers = report.body.get("report") == Report.PAPERS_BROUGHT
    return {str(paper["key"]) for paper in report.body["data"].get("papers", ())} if is_papers else set()


def supplement(scene: Scene) -> Text:
    """补正材料告知书: the one full list, by when, how to bring it, what happens else (许可法 32)."""
    data = scene.moment.data
    return Text(
        opening=(
            f"{scene.you}于{scene.filed_on}提出的“{scene.state.item_name}”申请，经审查，申请材料不齐全或者不符合"
            "法定形式，现将需要补正的全部内容一次告知如下：",
        ),
        facts=(
            ("受理机关收到材料", day_words(scene.state.facts.acceptor_on)),
            ("补正期限", day_words(str(data["answer_by"]))),
        ),
        tables=(lacking_table("需要补正的材料", data["lacking"], scene.item),),
        closing=(
            *_noted(scene, "说明"),
            f"请于{day_words(str(data['answer_by']))}（含当日）前将上列材料补交到收件站点"
            f"（{scene.site(scene.state.parties['origin'])}）或它的上级站点，补交时另给收件凭证。",
            "本告知一次作出，不再要求清单以外的材料；补正的时间不计入办理期限。"
            "按要求补正全部材料的，本机关予以受理；逾期没有补正的，不再办理，备齐后可以重新申请。",
        ),
    )


def still_lacking(scene: Scene) -> Text:
    """补正情况告知单: which of the listed papers are still missing; it refers to the one notice."""
    notice = scene.earlier("ask_papers")
    data = scene.moment.data
    return Text(
        opening=(
            f"{scene.you}补交的材料已经核对。{scene.title_and_number(notice) if notice else '补正材料告知书'}"
            "所列材料中，下列各项仍未补齐：",
        ),
        facts=(("补正期限", day_words(str(data["answer_by"]))),),
        tables=(lacking_table("仍未补齐的材料", data["lacking"], scene.item),),
        closing=(
            *_noted(scene, "说明"),
            "本单不是新的补正告知，没有增加材料；补齐的要求、方式和逾期的后果以原告知书为准。",
        ),
    )


def lapse(scene: Scene) -> Text:
    """逾期不补正通知书: which notice, whose day has passed, what now."""
    notice = scene.earlier("ask_papers")
    by = f"于{on_words(notice.body['data']['at'])}以{scene.title_and_number(notice)}" if notice else ""
    until = day_words(scene.state.facts.answer_by)
    return Text(
        opening=(
            f"{scene.you}于{scene.filed_on}提出的“{scene.state.item_name}”申请，本机关{by}告知补正，期限至{until}。"
            "期限届满仍没有补齐，本件不再办理。",
            *_noted(scene, "说明"),
        ),
        facts=(("补正期限", until),),
        tables=(lacking_table("没有补来的材料", scene.state.lacking, scene.item),),
        closing=("备齐材料后可以重新提出申请；已经交来的材料原件请到收件站点领回。",),
    )


def acceptance(scene: Scene) -> Text:
    """受理通知书, 容缺受理通知书: from when, by when decided, with which papers (许可法 32, 42)."""
    state, data = scene.state, scene.moment.data
    gap = _gap(scene)
    tables = [received_table("收到的申请材料", _bringers(scene), scene.item)]
    closing = [_until(scene)]
    if gap:
        tables.append(lacking_table("容缺后补的材料", gap, scene.item))
        closing.append(f"请于{day_words(state.facts.tolerance_due)}（含当日）前补齐容缺材料。{_GAP_EFFECT}")
    elif scene.moment.filing.get("tolerance"):
        closing.append("容缺材料在受理前已经补齐。")
    waived = data.get("waived", ())
    if waived:
        tables.append(lacking_table("经核对不需要提交的材料", waived, scene.item))
    opening = (
        f"{scene.you}于{scene.filed_on}提出的“{state.item_name}”申请及所附材料收悉。"
        f"{_why_accepted(scene, gap)}",
        *(_noted(scene, "不需要提交的理由" if waived else "说明") if scene.moment.word == "accept" else ()),
    )
    return Text(
        opening=opening,
        facts=(
            ("受理日期", day_words(state.facts.accepted_on)),
            ("决定期限", scene.due_words(str(data["due"]))),
            ("法定期限", scene.due_words(state.facts.legal_due)),
            ("容缺补齐期限", day_words(state.facts.tolerance_due) if gap else ""),
            ("结果领取", scene.site(state.facts.collect_at)),
        ),
        tables=tuple(tables),
        closing=tuple(closing),
        small=(_TWO_COPIES,) if gap else (),
    )


def not_accepted(scene: Scene) -> Text:
    """不予受理决定书: the reason, where to turn instead, remedies (许可法 32)."""
    return Text(
        opening=(
            f"{scene.you}于{scene.filed_on}提出的“{scene.state.item_name}”申请收悉。经审查，本机关决定不予受理。",
            f"理由：{scene.note}",
        ),
        facts=_turn_to(scene),
        closing=("申请材料退还申请人；情况变化后可以重新提出申请。",),
    )


def returned(scene: Scene) -> Text:
    """退回件通知书: the written reason, and how to object."""
    return Text(
        opening=(
            f"{scene.you}于{scene.filed_on}提出的“{scene.state.item_name}”申请，现予退回。",
            f"理由：{scene.note}",
        ),
        facts=_turn_to(scene),
        closing=(
            "改好后可以重新提出申请。对退回有异议的，可以向作出退回的站点书面提出，也可以请县政务服务中心复核。",
        ),
    )


def _noted(scene: Scene, name: str) -> tuple[str, ...]:
    return (f"{name}：{scene.note}",) if scene.note else ()


def _turn_to(scene: Scene) -> tuple[Pair, ...]:
    return (("应当向其申请的机关", str(scene.moment.data.get("department", ""))),)


def _gap(scene: Scene) -> list[dict[str, str]]:
    return [{"key": key, "name": name} for key, name in scene.state.facts.tolerated.items()]


def _bringers(scene: Scene) -> list[CaseEvent]:
    """Return the acts that brought the applicant's papers: the filing and what was brought later."""
    later = [one for one in scene.moment.answered if one.body.get("report") == Report.PAPERS_BROUGHT]
    return [scene.moment.path[0], *later]


def _why_accepted(scene: Scene, gap: list[dict[str, str]]) -> str:
    facts = scene.state.facts
    if scene.moment.word == "deem_accept":
        since = day_words(facts.deemed_on)
        return (
            "本机关自收到申请材料之日起五个工作日内没有告知需要补正的内容，"
            f"依法自收到申请材料之日，即{since}起视为受理。"
        )
    if gap and scene.moment.data.get("waived"):
        return "经审查，部分材料经核对不需要提交；根据申请人对其余材料的书面承诺，决定容缺受理。"
    if gap:
        return "经审查，主要材料齐全、符合法定形式，根据申请人的书面承诺，决定容缺受理。"
    if scene.moment.data.get("waived"):
        return "经审查，申请事项属于本机关职权范围；部分材料经核对不需要提交，其余已经收到，决定予以受理。"
    if _not_brought(scene):
        return "经审查，申请事项属于本机关职权范围，收到的材料见下表，决定予以受理。"
    return "经审查，申请事项属于本机关职权范围，申请材料齐全、符合法定形式，决定予以受理。"


def _not_brought(scene: Scene) -> list[str]:
    """Return the required papers no act up to here has brought; none are known where the item is not here."""
    brought = {str(paper["key"]) for act in _bringers(scene) for paper in act.body["data"].get("papers", ())}
    papers = scene.item.papers if scene.item else ()
    return [spec.name for spec in papers if spec.required and spec.key not in brought]


def _until(scene: Scene) -> str:
    return (
        f"本机关将于{scene.due_words(str(scene.moment.data['due']))}前作出决定。依法需要延长期限，"
        "或者需要听证、检验、检测、检疫、鉴定、专家评审的，将另行书面告知。"
    )
