"""A case in full as its page shows it: facts, answers, papers, what happened. It decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _

from common.casework.lists import CasePage, PaperLine, TimelineEntry
from common.casework.rules.corrected import present_form, value_of
from common.casework.rules.event import CaseState, ReportState
from common.casework.rules.facts import FORM
from common.casework.rules.labels import label
from common.casework.rules.staff_words import handed_over_words, staff_sentence
from common.casework.rules.waiting import is_handed_over, waits_for
from common.casework.rules.words import Action, Party, Report
from common.catalogue.rules.applicant import ID_CARD_TYPE, id_type
from common.catalogue.rules.item import FieldSpec, ServiceItem
from common.desk.pages import shown
from common.desk.pages.outline import outline_of
from common.desk.rules.life import Spoken, lines_of
from common.notices.rules.speaking import value_words
from common.papers.rules import PaperDamaged
from common.web.ports import current_node
from common.web.words import local_time, yuan
from sync.protocol.frame import BlobRef

Pair = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Dossier:
    """What the template of a case gets. Pairs are (name, value); `papers` are numbered from 1."""

    number: str
    item_name: str
    state: str
    state_light: str
    tick: str
    limit_words: str
    limit_light: str
    meaning: str
    head: list[Pair]
    applicant: list[Pair]
    answers: list[Pair]
    lacking: list[Mapping[str, Any]]
    missing: list[str]
    result: list[Pair]
    papers: list[dict[str, Any]]
    paper: dict[str, Any] | None
    timeline: list[dict[str, Any]]
    waiting_reports: list[str]


def item_of(state: CaseState) -> ServiceItem | None:
    """Return the item in the version the case was filed under, else the one in force, None when unknown."""
    catalogue = current_node().catalogue
    return catalogue.version(state.item, state.item_version, state.item_doc) or catalogue.item(state.item)


def missing_names(item: ServiceItem | None, brought: Collection[str]) -> list[str]:
    """Return the names of the required papers of an item that nobody has handed in."""
    papers = item.papers if item else ()
    return [paper.name for paper in papers if paper.required and paper.key not in brought]


def dossier_of(page: CasePage) -> Dossier:
    """Return all that is shown of a case; the paper looked at is numbered in the address (`paper`)."""
    state, outline = page.state, outline_of(page)
    work, _at = waits_for(state)
    is_over, said = is_handed_over(state), spoken(state)
    item = item_of(state)
    papers = [_paper(line, place) for place, line in enumerate(in_list_order(page.papers, item), 1)]
    return Dossier(
        **asdict(outline),
        meaning=handed_over_words(state.state)[1] if is_over else staff_sentence(state.state, work.value),
        head=_head(state),
        applicant=_applicant(state, page.remark),
        answers=_answers(page, item),
        lacking=[dict(entry) for entry in state.lacking],
        missing=[] if page.is_decided else missing(page),
        result=_result(state),
        papers=papers,
        paper=_looked_at(_chosen(papers)),
        timeline=[_entry(entry, said) for entry in page.timeline],
        # That the result was handed over is what `meaning` says already.
        waiting_reports=[
            _told(report)
            for report in state.open_reports
            if not (is_over and report.what is Report.HANDED_OVER)
        ],
    )


def in_list_order(papers: Iterable[PaperLine], item: ServiceItem | None) -> list[PaperLine]:
    """Return papers in the order of the item's list, as on the slip; others after them, as they came."""
    order = {spec.key: place for place, spec in enumerate(item.papers)} if item else {}
    return sorted(papers, key=lambda paper: order.get(paper.key, len(order)))


def missing(page: CasePage) -> list[str]:
    """Return the required papers nobody has handed in; those allowed to follow are told apart from them."""
    brought = {line.key for line in page.papers} | page.state.facts.tolerated.keys()
    return missing_names(item_of(page.state), brought)


def now_words(state: CaseState) -> str:
    """Return who is next, and what they do."""
    work, where = waits_for(state)
    if is_handed_over(state):
        return f"{shown.place_words(state.holder)} · {_(handed_over_words(state.state)[0])}"
    return f"{shown.place_words(where)} · {label(work)}" if where else ""


def _head(state: CaseState) -> list[Pair]:
    return [
        (_("办件编号"), state.case),
        (_("收件站点"), shown.place_words(state.parties[Party.ORIGIN])),
        (_("收件时间"), local_time(state.filed_at)),
        (_("现在由谁办"), now_words(state)),
        (_("领取地点"), shown.place_words(state.parties[Party.HAND_OVER])),
        (_("审查人"), state.reviewer[1]),
    ]


def _applicant(state: CaseState, remark: str) -> list[Pair]:
    applicant = state.applicant
    return [
        (_("姓名"), applicant["name"]),
        (_("证件类型"), _paper_name(applicant["id_type"])),
        (_("证件号码"), applicant["id_number"]),
        (_("法定代表人（负责人）"), applicant.get("representative", "")),
        (_("联系电话"), applicant["phone"] or _("没有电话")),
        (_("居住地址"), applicant["address"]),
        (_("所在村（社区）"), shown.place_words(state.place)),
        (_("收件备注"), remark),
    ]


def _paper_name(code: str) -> str:
    """Return the kind of identity paper where it is not the usual one."""
    return "" if code == ID_CARD_TYPE else id_type(code).name


def _answers(page: CasePage, item: ServiceItem | None) -> list[Pair]:
    """Return what was filled in as it now stands; what was put right says what stood there first."""
    first: dict[str, str] = {}
    for one in page.state.facts.corrections:
        first.setdefault(one.field, one.old)
    form = present_form(page.form, page.state.facts.corrections, item)
    fields = {spec.key: spec for spec in item.fields} if item else {}
    known = [key for key in fields if key in form or f"{FORM}{key}" in first]
    found = []
    for key in (*known, *(key for key in form if key not in fields)):
        spec = fields.get(key)
        words, field = _spoken(form.get(key, ""), spec), f"{FORM}{key}"
        if field in first:
            old = value_of(field, first[field], item)
            words = _("%(now)s（原为 %(old)s）", now=words or _("空"), old=_spoken(old, spec) or _("空"))
        found.append((spec.label if spec else key, words))
    return found


def spoken(state: CaseState) -> Spoken:
    """Return how a signed value of a field of this case is written for people: an amount is not in fen."""
    item = item_of(state)
    return lambda field, text: value_words(field, text, item, shown.place_words)


def answer_words(page: CasePage, key: str) -> str:
    """Return one answer of the form as it now stands, in words."""
    item = item_of(page.state)
    form = present_form(page.form, page.state.facts.corrections, item)
    fields = {spec.key: spec for spec in item.fields} if item else {}
    return _spoken(form.get(key, ""), fields.get(key))


def _spoken(value: str | int, spec: FieldSpec | None) -> str:
    if spec is None:
        return str(value)
    if spec.kind == "money_fen" and isinstance(value, int):
        return str(_("%(yuan)s 元", yuan=yuan(value)))
    if spec.kind == "yesno" and isinstance(value, int):
        return str(_("是") if value == 1 else _("否"))
    return shown.place_words(str(value)) if spec.kind == "place" else str(value)


def _result(state: CaseState) -> list[Pair]:
    result = state.result
    if not result:
        return []
    names = (("name", _("结果名称")), ("number", _("文号（证号）")), ("valid_until", _("有效期至")))
    return [(words, result.get(key, "")) for key, words in names]


def _paper(line: PaperLine, place: int) -> dict[str, Any]:
    blob = BlobRef(line.hash, line.size, line.type)
    return {
        "place": place,
        "name": line.name,
        "blob": blob,
        "href": url_for("papers.show", blob=line.hash),
        "look": f"?paper={place}#paper",
        "is_picture": line.type.startswith("image/"),
        "is_here": current_node().papers.is_here(blob),
        "size": _("%(n)s KB", n=max(1, line.size // 1024)),
        "from": shown.place_words(line.author),
        "at": line.at,
    }


def _chosen(papers: list[dict[str, Any]]) -> dict[str, Any] | None:
    asked = request.values.get("paper", "1")
    place = int(asked) if asked.isdecimal() and len(asked) < 6 else 1
    if not papers:
        return None
    return papers[min(max(place, 1), len(papers)) - 1]


def _looked_at(paper: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the paper on view; a damaged one is told instead of shown, and asked for again."""
    if paper is None:
        return None
    node = current_node()
    is_damaged = paper["is_here"] and not node.papers.is_intact(paper["blob"])
    asked = is_damaged and node.ask_for_damaged(paper["blob"].hash)
    return {**paper, "damage": PaperDamaged() if is_damaged else None, "asked": asked}


def _entry(entry: TimelineEntry, said: Spoken) -> dict[str, Any]:
    """Return one event as `_timeline.html` shows it; what does not count says so."""
    standing = {"struck": _("（已撤销）"), "out": _("（不生效）"), "open": _("（等待答复）")}
    return {
        "at": local_time(entry.at) if entry.at else "",
        "title": entry.label + standing.get(entry.standing, ""),
        "where": shown.place_words(entry.author),
        "who": str(entry.actor.get("name", "")) + (_("（代岗）") if entry.actor.get("stands_in_for") else ""),
        "note": _note(entry, said),
        "tick": shown.event_tick(entry.tick),
        "is_ours": entry.author == current_node().me,
    }


def _note(entry: TimelineEntry, said: Spoken) -> str:
    data = entry.data
    # What a site writes down by itself says nothing that its title does not say.
    lines = [entry.note] if entry.note and entry.word != Action.RECORD.value else []
    lacking = data.get("lacking") if isinstance(data.get("lacking"), list) else []
    names = [str(paper.get("name", "")) for paper in lacking or [] if isinstance(paper, dict)]
    if names:
        lines.append(_("所缺材料：%(names)s", names="、".join(names)))
    if data.get("due"):
        lines.append(_("办理期限：%(day)s", day=data["due"]))
    papers = data.get("papers")
    if isinstance(papers, list) and papers and entry.word != "file":
        lines.append(_("附材料 %(n)s 份", n=len(papers)))
    result, receiver = data.get("result"), data.get("receiver")
    if isinstance(result, dict) and result.get("name"):
        lines.append(_("结果：%(name)s", name=f"{result['name']} {result.get('number', '')}".strip()))
    if isinstance(receiver, dict) and receiver.get("name"):
        lines.append(_("领取人：%(name)s（%(how)s）", name=receiver["name"], how=receiver.get("how", "")))
    lines += lines_of(data, said)
    return "\n".join(str(line) for line in lines)


_REPORT_WORDS = {
    Report.PAPERS_BROUGHT: "申请人补来材料，等待收取。",
    Report.WITHDRAW: "申请人要求撤回，等待办理站点答复。",
    Report.HANDED_OVER: "结果已交给申请人，等待办理站点办结。",
    Report.REMIND: "有人催办，请尽快办理。",
}


def _told(report: ReportState) -> str:
    return str(
        _("%(at)s %(place)s：", at=local_time(report.at), place=shown.place_words(report.author))
    ) + _awaited(report)


def _awaited(report: ReportState) -> str:
    words = _REPORT_WORDS.get(report.what)
    return str(_(words)) if words else str(_("已登记“%(what)s”，等待办理站点记入。", what=label(report.what)))


def actor_of_page() -> dict[str, str]:
    """Return login and name of the person signed in, as steps are compared by."""
    return {"login": g.staff.login, "name": g.staff.name}
