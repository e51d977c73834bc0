"""What every page of filing begins with: the draft, the item in force, and what to do when either is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.casework.rules.deadlines import local_date
from common.catalogue.rules.applicant import APPLICANT_FIELDS
from common.catalogue.rules.item import ServiceItem
from common.desk.pages.shown import place_words
from common.desk.rules.drafts import Draft, Ground, check_applicant, check_item_form, spoken
from common.desk.service import DraftNotFound
from common.places.rules import level
from common.web.forms import Field
from common.web.ports import current_node

Page = str | Response


@dataclass(frozen=True, slots=True)
class Entry:
    """A draft being worked on, and its item as it is in force now."""

    draft: Draft
    item: ServiceItem

    @property
    def is_outdated(self) -> bool:
        """Whether the item has changed since the form was filled in."""
        return self.draft.version != self.item.version


def on_draft(view: Callable[[Entry], Page]) -> Callable[..., Page]:
    """Let a view have its draft. One that is filed leads to its slip; one whose item ended, to saying so."""

    @wraps(view)
    def opened(draft: str) -> Page:
        node = current_node()
        found = node.drafts.find(draft, g.staff.login)
        if found is None:
            # Filing takes the draft out and remembers the case, both at once.
            case = node.drafts.case_from(draft)
            if not case:
                raise DraftNotFound(draft=draft[:40])
            return redirect(url_for("filing.slip", case=case), 303)
        item = node.catalogue.item(found.item)
        if item is None or not item.may_be_filed_at(level(node.me)):
            return make_response(_ended(found), 409)
        return view(Entry(found, item))

    return opened


def to_form_again(entry: Entry) -> Response:
    """Send the person back to the form, because the item changed since they filled it in."""
    flash(_("事项内容已经更新，请核对填写的内容，再继续。"))
    return redirect(url_for("filing.form", draft=entry.draft.id), 303)


def _ended(draft: Draft) -> str:
    node = current_node()
    item = node.catalogue.version(draft.item, draft.version)
    return render_template(
        "desk/filing_ended.html",
        draft=draft,
        item=item,
        applicant=[(spec.label, draft.applicant.get(spec.key, "")) for spec in APPLICANT_FIELDS],
        form=[(spec.label, draft.form.get(spec.key, "")) for spec in item.fields] if item else [],
    )


def ground_for(place: str) -> Ground:
    """Return what a check may know; `place` is the division the case is filed for."""
    node = current_node()
    return Ground(local_date(g.now_ms), node.places, [address for address, _name in hand_over_choices(place)])


def hand_over_choices(place: str) -> list[tuple[str, str]]:
    """Return (address, name) of the sites where a result may be fetched: on the way up, and at the place."""
    node = current_node()
    tree = node.tree()
    way = [*tree.up(place or node.me), *tree.up(node.me)]
    found = dict.fromkeys(address for address in way if address in tree and address != node.me)
    return [(address, place_words(address)) for address in found]


def answers(entry: Entry) -> dict[str, Any]:
    """Return all that was entered, checked: values, problems by page, and everything in words."""
    draft, item = entry.draft, entry.item
    ground = ground_for(draft.applicant.get("place", ""))
    who, form = check_applicant(draft.applicant, ground), check_item_form(item, draft.form, ground)
    places = {str(value): place_words(str(value)) for value in form.values.values()}
    return {
        "who": who,
        "form": form,
        "problems": who.problems + form.problems,
        "who_words": _who_words(who.values),
        "form_words": spoken(item, form.values, places),
    }


def _who_words(values: dict[str, str | int]) -> list[tuple[str, str]]:
    words = [(spec.label, str(values.get(spec.key, ""))) for spec in APPLICANT_FIELDS]
    words.append((_("所在村（社区）"), place_words(str(values.get("place", "")))))
    fetched = str(values.get("hand_over", ""))
    return [*words, (_("结果领取地点"), place_words(fetched) if fetched else _("本站"))]


def applicant_fields(entry: Entry) -> tuple[tuple[Field, ...], dict[str, str]]:
    """Return the fields a case asks beside the applicant's own, and what stands in all of them at first."""
    node = current_node()
    is_village = level(node.me) == "village"
    known = {"place": node.me, "address": place_words(node.me) if is_village else "", **entry.draft.applicant}
    place_kind = "hidden" if is_village else "place"
    fields = (
        Field("place", _("申请人所在的村（社区）"), place_kind, choices=place_choices()),
        Field(
            "hand_over",
            _("结果领取地点"),
            "place",
            required=False,
            hint=_("不选就在本站领取：%(name)s", name=place_words(node.me)),
            choices=hand_over_choices(known["place"]),
        ),
    )
    return fields, known


def place_choices() -> tuple[tuple[str, str], ...]:
    """Return (address, name) of the divisions a form offers: one's own township in full, other townships.

    The county is offered every village; below it a list of all would be long to search and to send.
    """
    node = current_node()
    own = node.me[:9]
    return tuple(
        (address, place_words(address))
        for address in sorted(node.places)
        if address.startswith(own) or (len(address) == 9 and address.startswith(node.me[:6]))
    )


def draft_rows() -> list[dict[str, Any]]:
    """Return this person's drafts as lists show them: item, applicant, when, and where they go on."""
    node = current_node()
    rows = []
    for draft in node.drafts.of(g.staff.login):
        item = node.catalogue.version(draft.item, draft.version)
        rows.append(
            {
                "id": draft.id,
                "item_name": item.name if item else draft.item,
                "is_ended": node.catalogue.item(draft.item) is None,
                "applicant": draft.applicant.get("name", ""),
                "updated_at": draft.updated_at,
                "href": url_for(f"filing.{draft.step}", draft=draft.id),
            }
        )
    return rows
