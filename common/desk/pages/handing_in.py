"""Makes a case out of a draft."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import g, request

from common.casework.context import Applicant, Filing, Paper
from common.casework.filing import route_parties
from common.casework.rules.recusal import is_namesake, sides
from common.casework.rules.words import Action
from common.catalogue.rules.form import FormResult
from common.days import local_date
from common.desk.pages import draft_papers, known, slips
from common.desk.pages.moving_on import page_fields
from common.desk.pages.open_draft import Entry, answers
from common.desk.pages.terms import claim_of, follow_by, letter_named, lookalikes
from common.desk.rules import terms, windows
from common.desk.rules.action_form import recusal_said
from common.desk.rules.drafts import RESULT_FIELDS, Draft, Part, check_result, missing_papers, words_of
from common.desk.rules.topics import page_of, topics_of
from common.errors import BadInput, Problem
from common.journal.rules import Fields, What
from common.web.ports import current_node
from common.web.watched import write_down
from sync.protocol.address import is_address
from sync.protocol.frame import BlobRef

_TOWN_GOVERNMENT, _TOWNSHIP = "乡镇人民政府", 9


def to_check(entry: Entry) -> dict[str, Any]:
    """Return what is looked at once more before a draft is filed; cases like it that are shown are logged."""
    found = answers(entry)
    later = terms.following(entry.item, entry.draft)
    alike = lookalikes(entry, found["who"].values)
    if not found["problems"]:
        for row in (*alike["same"], *alike["namesakes"]):
            write_down(What.SEARCH, row["number"], Fields.CONTACT)
    return {
        "answers": found,
        "rows": draft_papers.rows(entry),
        "lacking": [spec for spec in missing_papers(entry.item, entry.draft.papers) if spec not in later],
        "lacking_words": terms.lacking_words(entry.item),
        "may_follow": _may_still_follow(entry),
        "wants_tick": bool(terms.no_papers_problem(entry.item, replace(entry.draft, terms={}))),
        "later": later,
        "organ": _organ(entry),
        "due": follow_by(entry),
        "overrule": terms.OVERRULE_FIELD,
        "is_ready": not found["problems"],
        "is_namesake": entry.item.is_instant
        and is_namesake(sides(found["who"].values, letter_named(entry)), Action.SETTLE, g.staff.name),
        "has_again": any(paper.source for paper in entry.draft.papers),
        "has_consent": terms.has_consent(entry.draft),
        "result": slips.result_fields(entry.item) if entry.item.is_instant else (),
        "known": {**entry.draft.result, **entry.draft.terms},
        "page_fields": page_fields(entry.draft, entry.draft.result, RESULT_FIELDS),
        "seen": _print_of(entry.draft),
        **_by_topic(entry, found),
        **alike,
    }


def _by_topic(entry: Entry, found: dict[str, Any]) -> dict[str, Any]:
    """Return the answers under the heading under which each was asked, and on which page to mend which."""
    topics = topics_of(entry.item, found["form"].values)
    words = found["form_words"]
    return {
        "topics": [
            {
                "name": name,
                "number": topic.number,
                "words": [words[spec.key] for spec in fields if spec.key in words],
            }
            for topic in topics
            for name, fields in topic.parts
        ],
        "topic_pages": {spec.key: page_of(topics, spec.key) for spec in entry.item.fields},
    }


def _may_still_follow(entry: Entry) -> list[str]:
    """Return the names of missing required papers that could be promised for later and are not."""
    marked = terms.following(entry.item, entry.draft)
    found = terms.may_follow(entry.item, entry.draft.papers)
    return [spec.name for spec in found if spec.required and spec not in marked]


def _organ(entry: Entry) -> str:
    """Return the organ that decides; a township's government bears the township's own name."""
    node = current_node()
    typed = entry.draft.applicant.get("place", "").strip()
    place = typed if is_address(typed) else node.me
    competent = route_parties(entry.item, node.tree(), node.me, place)["competent"]
    township = str(node.place_name(competent[:_TOWNSHIP])) if len(competent) >= _TOWNSHIP else ""
    name = entry.item.department
    return name.replace(_TOWN_GOVERNMENT, f"{township}人民政府") if township else name


def keep_last(entry: Entry) -> None:
    """Keep what was typed on the last page, in a unit of its own; nothing once the draft is filed."""
    node = current_node()
    # A browser sends nothing of a box without a tick, so one that does not come is one taken away.
    said = {key: "" for key in terms.TICKS if entry.draft.terms.get(key)}
    said |= {key: request.form[key] for key in terms.LAST_KEYS if key in request.form}
    result = {key: request.form.get(key, "") for key in RESULT_FIELDS} if entry.item.is_instant else {}
    for part, typed in ((Part.TERMS, said), (Part.RESULT, result)):
        if not typed:
            continue
        with node.unit():
            if not node.drafts.case_from(entry.draft.id):
                node.drafts.keep(entry.draft, part, typed, g.now_ms)


def file_draft(entry: Entry) -> str:
    """File the draft as it is now on the disk, or settle it, and take it out; return the case's number, or ""
    where the item has changed since the form was filled in: then nothing is filed.

    Needs an open unit of work; after anything raised, it must be undone.

    Raises:
        BadInput: something entered cannot be filed as it stands; all problems are listed.
        LiandongError: as `Casework.file_case` and `Casework.settle`.
    """
    node = current_node()
    # The item may have changed since this page was asked for: what is checked here is what is signed.
    item = node.catalogue.item(entry.item.code) or entry.item
    entry = Entry(node.drafts.draft(entry.draft.id, g.staff.login), item)
    if entry.is_outdated:
        return ""
    found = answers(entry)
    result = check_result(entry.draft.result, local_date(g.now_ms))
    problems = _unread(entry.draft) + found["problems"] + (result.problems if entry.item.is_instant else [])
    problems += _unseen(entry, found["who"]) + terms.no_papers_problem(entry.item, entry.draft)
    problems += terms.instant_problems(entry.item, entry.draft)
    problems += _not_reusable(entry.draft) + _gone(entry.draft)
    marked, promise = terms.following(entry.item, entry.draft), entry.draft.terms.get(terms.PROMISE, "")
    problems += terms.old_promise_problem(marked, promise, follow_by(entry))
    if problems:
        raise BadInput(problems=problems)
    entered = _filing(entry, found["who"], found["form"])
    if entry.item.is_instant:
        said = slips.settled_as(result.values) | recusal_said(request.form)
        case = node.casework.settle(entered, g.actor, said, g.now_ms)
    else:
        case = node.casework.file_case(entered, g.actor, g.now_ms)
    node.drafts.close(entry.draft, case, g.now_ms)
    return str(case)


def _print_of(draft: Draft) -> str:
    return windows.print_of(words_of(draft, terms.LAST_KEYS))


def _unread(draft: Draft) -> list[Problem]:
    """Return the problem that another window changed something since the page that was sent was drawn."""
    # A page of an older program says nothing of what it showed.
    if request.form.get(windows.SEEN) in (None, "", _print_of(draft)):
        return []
    sentence = "内容在另一个窗口里改过：这一页已换成现在的内容，请再核对一次，没有问题再提交。"
    return [Problem(windows.SEEN, "核对", "changed", sentence)]


def _not_reusable(draft: Draft) -> list[Problem]:
    if not any(paper.source for paper in draft.papers):
        return []
    offered = {one.hash for one in known.papers_of(draft)}
    return terms.reuse_problems(draft, offered, {one.hash for one in known.handed_in(draft)})


def _gone(draft: Draft) -> list[Problem]:
    """Return the problem of each paper whose bytes are not here any more: nobody could ever be shown it."""
    store = current_node().papers
    lost = [one for one in draft.papers if not store.is_here(BlobRef(one.hash, one.size, one.type))]
    return [
        Problem(
            f"paper-{one.key}",
            one.name,
            "gone",
            f"“{one.name}”的文件（{one.file}）已不在本站，请回材料页移除，重新拍照。",
        )
        for one in lost
    ]


def _filing(entry: Entry, who: FormResult, form: FormResult) -> Filing:
    said = {key: str(value) for key, value in who.values.items()}
    return Filing(
        item=entry.item.code,
        place=said["place"],
        applicant=Applicant(
            said["name"],
            said["id_type"],
            said["id_number"],
            said.get("phone", ""),
            said.get("address", ""),
            said.get("representative", ""),
        ),
        form=form.values,
        papers=[
            Paper(paper.key, paper.name, BlobRef(paper.hash, paper.size, paper.type), paper.pages)
            for paper in entry.draft.papers
        ],
        hand_over=said.get("hand_over", ""),
        green=terms.green_of(entry.draft.terms),
        follow=[spec.key for spec in terms.following(entry.item, entry.draft)],
        promise=entry.draft.terms.get(terms.PROMISE, ""),
        overrule=entry.draft.terms.get(terms.OVERRULE, "").strip(),
        authority=claim_of(entry, said["id_number"]),
        linked=terms.linked_of(entry.draft.terms),
        reuse=terms.reuse_of(entry.draft),
    )


def _unseen(entry: Entry, who: FormResult) -> list[Problem]:
    """Return the problem that nobody has looked at the namesakes' cases, when there are some."""
    if who.problems or entry.draft.terms.get(terms.SEEN):
        return []
    if not lookalikes(entry, who.values)["namesakes"]:
        return []
    sentence = "有同名、同日出生的人正在办同一事项：请核对是不是同一个人，核对后勾选。"
    return [Problem(terms.SEEN, "同名同日出生", "namesakes", sentence)]
