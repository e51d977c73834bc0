"""What every page of filing begins with: the draft, the item in force, and what to do when either is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import flash, g, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.catalogue.rules.applicant import APPLICANT_FIELDS, ID_TYPE_NAMES, id_types_for
from common.catalogue.rules.item import ServiceItem
from common.clock import BUILT_MS
from common.days import local_date
from common.desk.pages.shown import place_words
from common.desk.rules import terms
from common.desk.rules.applicants import ID_SURE, ID_TYPE, NO_PHONE, REPRESENTATIVE, check_applicant
from common.desk.rules.drafts import Draft, Ground, check_item_form, is_empty, spoken
from common.desk.service import KEPT_DAYS, DraftNotFound
from common.places.rules import is_dissolved, level, today_of
from common.web.forms import Field
from common.web.ports import current_node
from sync.protocol.address import is_address

Page = str | Response
_DAY_MS = 24 * 3_600_000


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
    flash(_("事项内容已经更新，请核对填写的内容，再继续。"), "warn")
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
    fetched = [address for address, _name in hand_over_choices(place)]
    # A clock that lost its battery says the year 2000: whoever is born since is not turned away for that.
    today = local_date(max(g.now_ms, BUILT_MS))
    merged = {address: place_words(today_at(address)) for address in node.places if _is_merged(address)}
    return Ground(today, _divisions() if node.places else (), fetched, merged)


def _divisions() -> list[str]:
    """Return every division there is: those on the list, and those with a site that no list has yet.

    What was merged into another one is filed under that from then on.
    """
    return sorted(address for address in _known() if not _is_merged(address))


def _known() -> set[str]:
    node = current_node()
    return {*node.places, *node.tree().addresses()}


def today_at(address: str) -> str:
    """Return the division into which one was merged, itself where it was not, or into none that is known
    here: nobody is left without a place to file for.
    """
    after = today_of(current_node().places, address)
    return after if after in _known() else address


def _is_merged(address: str) -> bool:
    return is_dissolved(current_node().places, address) and today_at(address) != address


def hand_over_choices(place: str) -> list[tuple[str, str]]:
    """Return (address, name) of the sites where a result may be fetched: on the way up, and at the place."""
    node = current_node()
    tree = node.tree()
    # What was typed may be no place at all; the page on which it can be mended must open all the same.
    way = [*(tree.up(place) if is_address(place) else ()), *tree.up(node.me)]
    others = [address for address in way if address in tree and address != node.me]
    found = dict.fromkeys(address for address in others if not tree.is_relieved(address))
    return [(address, place_words(address)) for address in found]


def answers(entry: Entry) -> dict[str, Any]:
    """Return all that was entered, checked: values, problems by page, and everything in words."""
    draft, item = entry.draft, entry.item
    ground = ground_for(draft.applicant.get("place", ""))
    who, form = (
        check_applicant(item, draft.applicant, ground),
        check_item_form(item, draft.form, ground, draft.applicant),
    )
    first, letter = terms.check_first(item, draft.terms), terms.letter_problems(draft.terms)
    places = {str(value): place_words(str(value)) for value in form.values.values()}
    return {
        "who": who,
        "form": form,
        "problems": who.problems + form.problems + first.problems + letter,
        "first": first,
        "letter_problems": letter,
        "is_proxy": terms.is_proxy(draft.terms),
        "who_words": _who_words(who.values, draft.applicant.get(NO_PHONE, "")),
        "terms_words": _terms_words(draft),
        "form_words": spoken(item, form.values, places),
    }


def _who_words(values: dict[str, str | int], no_phone: str) -> list[tuple[str, str]]:
    known = {"phone": _("没有电话") if no_phone else "", **values}
    words = [(spec.label, str(known.get(spec.key, ""))) for spec in (*APPLICANT_FIELDS, REPRESENTATIVE)]
    words[1] = (ID_TYPE_NAMES.get(str(values.get(ID_TYPE, "")), words[1][0]), words[1][1])
    words.append((_("所在村（社区）"), place_words(str(values.get("place", "")))))
    fetched = str(values.get("hand_over", ""))
    return [*words, (_("结果领取地点"), place_words(fetched) if fetched else _("本站"))]


def _terms_words(draft: Draft) -> list[tuple[str, str]]:
    """Return who files, urgency and the case before, as the check shows them."""
    letter = draft.terms.get(terms.LETTER, "")
    proxy = _("凭委托书 %(number)s 代办", number=letter) if letter else _("凭委托书代办，还没有选委托书")
    linked = terms.linked_of(draft.terms)
    return [
        (_("谁来办"), proxy if terms.is_proxy(draft.terms) else _("本人办理")),
        (_("绿色通道"), terms.green_of(draft.terms)),
        (_("关联原办件"), f"{linked['case']}（{linked['why']}）" if linked else ""),
    ]


def applicant_page(entry: Entry) -> dict[str, Any]:
    """Return the fields of the first page in their groups, and what stands in all of them at first."""
    node = current_node()
    is_village = level(node.me) == "village"
    # A village that no list has is known by its code, which is no address.
    mine = today_at(node.me)
    home = mine if mine in node.places else mine[:9]
    known = {"place": mine, "address": place_words(home) if is_village else "", **entry.draft.applicant}
    # At a village nobody chooses it: what was typed before the merger could not be put right.
    known["place"] = today_at(known["place"])
    return {
        "filer": _filer_field(),
        "fields": _who_fields(entry),
        "more": _where_fields(known["place"]),
        "rare": terms.first_fields(entry.item),
        "is_rare_open": terms.has_rare(entry.item, entry.draft.terms),
        "known": {
            terms.FILER: terms.SELF,
            terms.GREEN: terms.NO_GREEN,
            ID_TYPE: _first_type(entry),
            **known,
            **entry.draft.terms,
        },
        "no_phone": NO_PHONE,
        "id_sure": ID_SURE,
    }


def _first_type(entry: Entry) -> str:
    return id_types_for(entry.item.subjects)[0].code


def _filer_field() -> Field:
    proxy = _("申请人不在场，代办员或亲属凭委托书代办")
    choices = ((terms.SELF, _("申请人在场，本人办理")), (terms.PROXY, proxy))
    return Field(terms.FILER, _("谁来办"), "choice", choices=choices)


def _who_fields(entry: Entry) -> list[Field]:
    """Return the applicant's fields in the words that fit those whom the item serves."""
    kinds = id_types_for(entry.item.subjects)
    units = [kind for kind in kinds if kind.is_units]
    name = _("单位名称") if len(units) == len(kinds) else _("申请人姓名（单位申请的填单位名称）")
    fields = {spec.key: Field(spec.key, spec.label, spec.kind, True, spec.hint) for spec in APPLICANT_FIELDS}
    if units:
        fields["name"] = Field("name", name, hint=_("与身份证或营业执照上的一致"), max_length=100)
    kind = Field(ID_TYPE, _("证件类型"), "choice", choices=tuple((kind.code, kind.name) for kind in kinds))
    hint = _("身份证 18 位，旧证 15 位也可以；其他证件照证件填")
    number = Field("id_number", _("证件号码"), "id_number", hint=hint)
    known = [] if len(kinds) == 1 else [kind]
    unit = [Field(REPRESENTATIVE.key, REPRESENTATIVE.label, required=False, hint=REPRESENTATIVE.hint)]
    return [fields["name"], *known, number, *(unit if units else []), fields["phone"], fields["address"]]


def _where_fields(place: str) -> tuple[Field, ...]:
    node = current_node()
    place_kind = "hidden" if level(node.me) == "village" else "place"
    hint = _("不选就在本站领取：%(name)s", name=place_words(node.me))
    choices = hand_over_choices(place)
    # Where only this site hands out there is nothing to choose.
    fetched_kind = "place" if choices else "hidden"
    return (
        Field("place", _("申请人所在的村（社区）"), place_kind, choices=place_choices()),
        Field("hand_over", _("结果领取地点"), fetched_kind, required=False, hint=hint, choices=choices),
    )


def place_choices() -> tuple[tuple[str, str], ...]:
    """Return (address, name) of the divisions a form offers: one's own township in full, other townships.

    The county is offered every village; below it a list of all would be long to search and to send.
    """
    node = current_node()
    own = node.me[:9]
    return tuple(
        (address, place_words(address))
        for address in _divisions()
        if address.startswith(own) or (len(address) == 9 and address.startswith(node.me[:6]))
    )


def draft_rows() -> list[dict[str, Any]]:
    """Return this person's drafts as lists show them: item, applicant, when, and where they go on."""
    node = current_node()
    rows = []
    for draft in (found for found in node.drafts.of(g.staff.login) if not is_empty(found)):
        item = node.catalogue.version(draft.item, draft.version)
        rows.append(
            {
                "id": draft.id,
                "item_name": item.name if item else draft.item,
                "is_ended": node.catalogue.item(draft.item) is None,
                "applicant": draft.applicant.get("name", ""),
                "updated_at": draft.updated_at,
                "days_left": _days_left(draft),
                "href": url_for(f"filing.{draft.step}", draft=draft.id),
            }
        )
    return rows


def _days_left(draft: Draft) -> int:
    """Return in how many days it goes; one kept by a clock that had lost its battery has all of them anew."""
    if draft.updated_at < BUILT_MS <= g.now_ms:
        return KEPT_DAYS
    return max(1, KEPT_DAYS - (g.now_ms - draft.updated_at) // _DAY_MS)


def left(draft: Draft) -> Response:
    """Go home; a draft in which nothing was typed is not kept."""
    if is_empty(draft):
        with current_node().unit():
            current_node().drafts.discard(draft, g.now_ms)
        flash(_("没有填写内容，没有保存草稿。"), "warn")
        return redirect("/", 303)
    flash(_("已保存为草稿，可以从首页继续。"))
    return redirect("/", 303)
