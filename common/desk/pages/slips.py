"""The slip a resident takes home, and the result box of what is settled on the spot.

A slip says that papers were handed in, never that the case is accepted: only the acceptance notice does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, after_this_request, g, render_template, request, session

from common.casework.lists import CasePage, PaperLine, TimelineEntry
from common.casework.rules.event import CaseState
from common.casework.rules.labels import MEANINGS, UNSERVED_MEANING, label
from common.casework.rules.words import State
from common.catalogue.rules.form import Value
from common.catalogue.rules.item import FieldSpec, ServiceItem
from common.desk.pages.dossier import missing_names
from common.desk.pages.shown import place_words
from common.desk.rules.drafts import RESULT_SPECS
from common.desk.rules.result_names import with_choice
from common.notices.rules.naming import site_name
from common.notices.rules.speaking import wanted_words
from common.web.ports import current_node
from common.web.qr import qr

# The case that somebody has just filed, whose slip opens the window for printing, once.
_JUST_FILED = "just_filed"
# The paper of the printer beside this computer, chosen once: of no person.
_COOKIE, _YEAR_S = "slip_paper", 365 * 24 * 3600
_NARROW = ("80", "narrow")


def just_filed(case: str) -> None:
    """Remember for the next page that this case was filed with a button that promises to print."""
    session[_JUST_FILED] = case


def drawn(case: str) -> str:
    """Return the page with a case's slip.

    Raises:
        CaseNotFound: this node has no such case.
    """
    is_new = session.pop(_JUST_FILED, "") == case
    return render_template("desk/filing_slip.html", slip=slip_of(case), is_narrow=is_narrow(), is_new=is_new)


def is_narrow() -> bool:
    """Say whether slips are for a roll of 80 mm; what is asked for here is kept for the next ones."""
    asked = request.args.get("paper", "")
    if not asked:
        return request.cookies.get(_COOKIE) in _NARROW

    @after_this_request
    def kept(response: Response) -> Response:
        response.set_cookie(_COOKIE, asked[:8], max_age=_YEAR_S, httponly=True, samesite="Lax")
        return response

    return asked in _NARROW


def slip_of(case: str) -> dict[str, Any]:
    """Return what the slip of a case says, as it now stands, with the code signed anew.

    Raises:
        CaseNotFound: this node has no such case.
    """
    node = current_node()
    page: CasePage = node.casework.page(case)
    state = page.state
    item = node.catalogue.version(state.item, state.item_version, state.item_doc)
    filed = page.timeline[0]
    handed_in = [paper for paper in page.papers if paper.act == state.chain[0]]
    follow = _follow(filed)
    here = {*follow, *(paper.key for paper in handed_in)}
    is_settled = item is not None and item.is_instant and _was_settled(state)
    return {
        "state": state,
        "item": item,
        "item_name": state.item_name,
        "filed": filed,
        "papers": _by_name(handed_in, item),
        # On the day of filing the slip's own words say it; printed again later, it tells what came of it.
        "stands": _stands(state, "" if is_settled else MEANINGS.get(state.state, "")),
        "missing": [] if is_settled else missing_names(item, here),
        "follow": follow,
        "follow_by": filed.data.get("tolerance", {}).get("due", ""),
        "letter": filed.data.get("authority", {}),
        "again": len(filed.data.get("reuse", {}).get("papers", ())),
        "place": place_words(state.place),
        "organ": site_name(state.parties["origin"], place_words),
        "origin": place_words(state.parties["origin"]),
        "fetched_at": place_words(state.facts.collect_at or state.parties["hand_over"]),
        "is_settled": is_settled,
        "issued_at": g.now_ms,
        # Said only where it is another than the one that took the case in.
        "site": "" if state.parties["origin"] == node.me else str(node.site_name()),
        "stage": label(state.state),
        "qr": qr(node.proofs.claim("settled" if is_settled else "slip", state, g.now_ms)),
    }


def _stands(state: CaseState, meaning: str) -> str:
    """Return what came of a case, for who has its slip printed again; "" while that is only filed."""
    if state.state is State.RECEIVED:
        return ""
    return meaning + (UNSERVED_MEANING if state.facts.unserved else "")


def _was_settled(state: CaseState) -> bool:
    """Say whether a case has come to what was applied for; one refused or taken back ends, too."""
    has_result = bool(state.result) and not state.facts.standing
    return has_result and state.state in (State.ISSUED, State.CLOSED, State.ARCHIVED)


def _follow(filed: TimelineEntry) -> dict[str, str]:
    """Return the papers that the filing allows to follow, by key."""
    return {paper["key"]: paper["name"] for paper in filed.data.get("tolerance", {}).get("papers", ())}


def _by_name(papers: Iterable[PaperLine], item: ServiceItem | None) -> list[dict[str, Any]]:
    """Return the papers by name in the item's order, each with its form and how many pictures were taken."""
    order = {spec.key: place for place, spec in enumerate(item.papers)} if item else {}
    counts: dict[str, int] = {}
    for paper in sorted(papers, key=lambda paper: order.get(paper.key, len(order))):
        counts[paper.name] = counts.get(paper.name, 0) + 1
    forms = {spec.name: wanted_words(spec, item) for spec in item.papers} if item else {}
    return [{"name": name, "count": count, "form": forms.get(name, "")} for name, count in counts.items()]


def result_fields(item: ServiceItem) -> tuple[FieldSpec, ...]:
    """Return what is asked when an item is settled on the spot."""
    return with_choice(RESULT_SPECS, item) if item.is_instant else ()


def settled_as(values: Mapping[str, Value]) -> dict[str, Any]:
    """Return the checked result as `Casework.settle` takes it; a name left empty becomes the item's."""
    result = {
        "name": str(values.get("result_name", "")),
        "number": str(values.get("result_number", "")),
        "valid_until": str(values.get("valid_until", "")),
    }
    return {"result": result, "note": str(values.get("note", ""))}
