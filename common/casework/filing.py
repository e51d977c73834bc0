"""Takes a new case in: checks what was entered, finds the parties, gives the number, signs and stores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from common.casework import ledger, records
from common.casework.context import Actor, CaseContext, Filing, Paper
from common.casework.errors import (
    DuplicateCase,
    FilingIncomplete,
    ItemNotAvailable,
    LevelNotAllowed,
    OutOfService,
    TooManyPapers,
)
from common.casework.rules import number
from common.casework.rules.case import begin
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.facts import AFTER_REVIEW
from common.casework.rules.flow import ENDED, FLOW_VERSION, TO_HAND_OVER, State, step_for
from common.casework.rules.intake import check_authority, tolerance_of
from common.casework.rules.judge import holder_after
from common.casework.rules.shape import FILED
from common.casework.rules.words import Action, Party, read_role
from common.catalogue.rules import identity
from common.catalogue.rules.applicant import ID_CARD_TYPE
from common.catalogue.rules.form import asked
from common.catalogue.rules.item import ServiceItem
from common.days import local_day
from common.errors import Problem
from common.store import audit, counters
from sync.protocol.address import Tree, is_address, level
from sync.protocol.frame import BLOBS_MAX, BlobRef

COUNTER = "case"
# A person may have another case of the same item once the one before is in these states.
DONE = tuple(state.value for state in (*ENDED, *TO_HAND_OVER))
_LEVELS = {5: "village", 4: "township", 3: "county"}
_TOWNSHIP = 4


def file_case(ctx: CaseContext, filing: Filing, actor: Actor, now_ms: int) -> CaseState:
    """Take a case in and return it; see `Casework.file_case`."""
    item = _item(ctx, filing)
    _check_filing(item, filing)
    refs, papers = paper_entries(filing.papers)
    tree = ctx.tree()
    body = _body(ctx, tree, item, filing)
    body["data"] = {
        "actor": actor_entry(actor),
        "applicant": _applicant(filing),
        "at": now_ms,
        "form": dict(filing.form),
        "item_name": item.name,
        "papers": papers,
        "remark": filing.remark,
        **_extras(ctx, item, filing, now_ms),
    }
    body["state"], body["holder"] = _first_outcome(ctx.me, body["parties"], actor)
    body["to"] = list(tree.cover(ctx.me, body["parties"].values()))
    event = CaseEvent("", FILED, ctx.me, body, tuple(ref.hash for ref in refs))
    state = begin(event, apex=body["apex"])
    act = ctx.outbox.announce(FILED, body, body["to"], refs)
    event = replace(event, id=act)
    state = replace(state, chain=(act,), held_since=act)
    records.add_case(
        ledger.file_row(state, now_ms, ctx.calendar()),
        ledger.event_row(event, 1, ledger.text_of(body), refs, now_ms),
        ledger.paper_rows(event, refs),
    )
    ledger.write_asked(state)
    audit.record(actor.login, "case.file", state.case, {"item": item.code}, now_ms)
    return state


def _item(ctx: CaseContext, filing: Filing) -> ServiceItem:
    if ctx.neighbours.is_relieved(ctx.me):
        raise OutOfService()
    item = ctx.catalogue.item(filing.item)
    if item is None:
        raise ItemNotAvailable(item=filing.item)
    if not item.may_be_filed_at(_LEVELS.get(level(ctx.me), "")):
        raise LevelNotAllowed(item=filing.item)
    return item


def _check_filing(item: ServiceItem, filing: Filing) -> None:
    problems = []
    applicant = filing.applicant
    if not applicant.name.strip():
        problems.append(Problem("name", "姓名", "required", "请填写申请人姓名或名称。"))
    if not applicant.id_number:
        problems.append(Problem("id_number", "证件号码", "required", "请填写证件号码。"))
    elif applicant.id_type == ID_CARD_TYPE:
        code = identity.citizen_number_problem(applicant.id_number)
        if code:
            sentence = f"{identity.ID_NUMBER_SENTENCES[code]}。"
            problems.append(Problem("id_number", "证件号码", code, sentence))
    if not is_address(filing.place):
        problems.append(Problem("place", "所在村（社区）", "place", "请选择申请人所在的村（社区）或乡镇。"))
    if filing.hand_over and not is_address(filing.hand_over):
        problems.append(Problem("hand_over", "领取地点", "place", "请选择领取结果的地点。"))
    for spec in asked(item.fields, filing.form):
        if spec.required and filing.form.get(spec.key, "") == "":
            problems.append(Problem(spec.key, spec.label, "required", f"请填写{spec.label}。"))
    if problems:
        raise FilingIncomplete(problems=problems)


def _extras(ctx: CaseContext, item: ServiceItem, filing: Filing, now_ms: int) -> dict[str, Any]:
    """Return what few filings have: urgency, papers to follow, a letter of authority, a case before."""
    extras: dict[str, Any] = {}
    if filing.green.strip():
        extras["green"] = filing.green.strip()
    if filing.follow:
        extras["tolerance"] = tolerance_of(item, filing.follow, filing.promise, ctx.calendar(), now_ms)
    if item.originals == AFTER_REVIEW:
        extras["originals"] = item.originals
    if filing.authority:
        check_authority(filing.authority, filing.applicant.name, item.code, local_day(now_ms))
        extras["authority"] = dict(filing.authority)
    if filing.linked:
        extras["linked"] = dict(filing.linked)
    if filing.reuse:
        extras["reuse"] = dict(filing.reuse)
    before = records.open_cases(filing.applicant.id_number, item.code, DONE)
    if before and not filing.overrule.strip():
        raise DuplicateCase(before)
    if before:
        extras["overruled"] = {"cases": before, "reason": filing.overrule.strip()}
    contact = ctx.last_contact()
    # One that is still to come was noted by a clock that was wrong.
    if 0 < contact <= now_ms:
        extras["contact"] = contact
    return extras


def _body(ctx: CaseContext, tree: Tree, item: ServiceItem, filing: Filing) -> dict[str, Any]:
    chance = int.from_bytes(ctx.random(3), "big") >> (24 - number.RANDOM_BITS)
    parties = route_parties(item, tree, ctx.me, filing.place)
    parties[Party.HAND_OVER.value] = filing.hand_over or ctx.me
    found = {} if not item.joint else {"joint": [part.department for part in item.joint]}
    return found | {
        "action": Action.FILE.value,
        "answers": [],
        "apex": tree.top,
        "department": item.route.department,
        "item_doc": ctx.catalogue.statement_of(item.code, item.version),
        "window": item.route.window,
        "case": number.make(ctx.me, ctx.epoch_n(), counters.next_number(COUNTER), chance),
        "flow": FLOW_VERSION,
        "follows": "",
        "item": item.code,
        "item_version": item.version,
        "parties": parties,
        "place": filing.place,
    }


def route_parties(item: ServiceItem, tree: Tree, me: str, place: str) -> dict[str, str]:
    """Return who takes which part in a case of `item` filed at `me` for `place`.

    A township is the one above the filing node, else above the place served, else the node next above: where
    a township is not in service its work falls to whoever stands in for it.
    """
    parties = {Party.ORIGIN.value: me}
    route = item.route
    if route.checker:
        parties[Party.CHECKER.value] = _at_level(route.checker, tree, me, place)
    parties[Party.ACCEPTOR.value] = _at_level(route.acceptor, tree, me, place)
    parties[Party.COMPETENT.value] = _at_level(route.competent, tree, me, place)
    return parties


def _at_level(wanted: str, tree: Tree, me: str, place: str) -> str:
    if wanted == "origin":
        return me
    if wanted == "county":
        return tree.top
    for address in (*tree.up(me), *tree.up(place)):
        if level(address) == _TOWNSHIP and address in tree and not tree.is_relieved(address):
            return address
    return tree.parent(me) or me


def _first_outcome(me: str, parties: dict[str, str], actor: Actor) -> tuple[str, str]:
    step = step_for(State.START, Action.FILE, Party.ORIGIN, read_role(actor.role))
    return step.next_state.value, holder_after(step, Party.ORIGIN, me, parties)[1]


def _applicant(filing: Filing) -> dict[str, str]:
    applicant = filing.applicant
    found = {
        "address": applicant.address,
        "id_number": applicant.id_number,
        "id_type": applicant.id_type,
        "name": applicant.name.strip(),
        "phone": applicant.phone,
    }
    return found | {"representative": applicant.representative} if applicant.representative else found


def actor_entry(actor: Actor) -> dict[str, str]:
    """Return what a signed body says of who acted, and in whose stead."""
    found = {
        "department": actor.department,
        "login": actor.login,
        "name": actor.name,
        "role": str(actor.role),
    }
    return {**found, "stands_in_for": actor.stands_in_for} if actor.stands_in_for else found


def paper_entries(papers: Sequence[Paper]) -> tuple[tuple[BlobRef, ...], list[dict[str, Any]]]:
    """Return the contents an act carries, each once, and its list of papers that points to them.

    Raises:
        TooManyPapers: more contents than one act can carry.
    """
    places: dict[BlobRef, int] = {}
    entries = [
        {
            "blob": places.setdefault(paper.blob, len(places)),
            "key": paper.key,
            "name": paper.name,
            "pages": paper.pages,
        }
        for paper in papers
    ]
    if len(places) > BLOBS_MAX:
        raise TooManyPapers(count=len(places))
    return tuple(places), entries
