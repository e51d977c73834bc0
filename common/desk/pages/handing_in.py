"""Makes a case out of a draft."""

from __future__ import annotations

from flask import g

from common.casework.context import Applicant, Filing, Paper
from common.catalogue.rules.applicant import ID_CARD_TYPE
from common.catalogue.rules.form import FormResult
from common.desk.pages import slips
from common.desk.pages.open_draft import Entry, answers, ground_for
from common.desk.rules.drafts import check_result
from common.errors import BadInput
from common.web.ports import current_node
from sync.protocol.frame import BlobRef


def file_draft(entry: Entry) -> str:
    """File the draft as it is now on the disk, or settle it, and take it out; return the case's number.

    Needs an open unit of work; after anything raised, it must be undone.

    Raises:
        BadInput: something entered cannot be filed as it stands; all problems are listed.
        LiandongError: as `Casework.file_case` and `Casework.settle`.
    """
    node = current_node()
    entry = Entry(node.drafts.draft(entry.draft.id, g.staff.login), entry.item)
    found = answers(entry)
    result = check_result(entry.draft.result, ground_for("").today)
    problems = found["problems"] + (result.problems if entry.item.is_instant else [])
    if problems:
        raise BadInput(problems=problems)
    entered = _filing(entry, found["who"], found["form"])
    if entry.item.is_instant:
        case = node.casework.settle(entered, g.actor, slips.settled_as(result.values), g.now_ms)
    else:
        case = node.casework.file_case(entered, g.actor, g.now_ms)
    node.drafts.close(entry.draft, case, g.now_ms)
    return str(case)


def _filing(entry: Entry, who: FormResult, form: FormResult) -> Filing:
    said = {key: str(value) for key, value in who.values.items()}
    return Filing(
        item=entry.item.code,
        place=said["place"],
        applicant=Applicant(
            said["name"], ID_CARD_TYPE, said["id_number"], said.get("phone", ""), said.get("address", "")
        ),
        form=form.values,
        papers=[
            Paper(paper.key, paper.name, BlobRef(paper.hash, paper.size, paper.type))
            for paper in entry.draft.papers
        ],
        hand_over=said.get("hand_over", ""),
    )
