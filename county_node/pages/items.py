"""The catalogue at the county: what is in force, what waits, each item in full with its versions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.catalogue.rules import codes
from common.catalogue.rules.item import TYPE_NAMES, ServiceItem
from common.catalogue.rules.versions import that_come
from common.catalogue.service import ItemUnknown, is_withdrawn, matching
from common.days import local_day
from common.errors import BadInput, Problem
from common.people.rules.roles import Role
from common.web.forms import Field, redraws
from common.web.guard import requires
from common.web.ports import current_node
from county_node.pages.item_texts import numbers_said, numbers_shortly, text_of, text_rows

items = Blueprint("items", __name__, url_prefix="/items", template_folder="../templates")

_DATE_SHOWN = 10
_EFFECTIVE = Field(
    "effective_from",
    "停办日期",
    "date",
    required=False,
    hint="不填为立即停办；从这一天起不再收件，已收的件照常办完",
)


@items.get("")
@requires()
def index() -> str:
    """Show the items with their counts; administrators see what waits and what has ended, too."""
    typed, shown = request.args.get("q", ""), request.args.get("show", "")
    every = _entries()
    chosen = [entry for entry in every if not shown or shown in entry["sorts"]]
    by_code = {entry["item"].code: entry for entry in chosen}
    texts = {code: text for code, entry in by_code.items() if (text := text_of(entry["item"]))}
    found = matching((entry["item"] for entry in chosen), typed)
    staffed = _staffed()
    return render_template(
        "county/items.html",
        items=[by_code[item.code] for item in found],
        counts=_counts(every),
        shown=shown,
        typed_search=typed,
        may_publish=_may_publish(),
        numbers={code: numbers_shortly(text) for code, text in texts.items()},
        unstaffed={
            code: entry["item"].route.department
            for code, entry in by_code.items()
            if _is_unstaffed(entry["item"], staffed)
        },
    )


@items.get("/<code>")
@requires()
def one(code: str) -> str:
    """Show one item as the public sees it, and what an administrator may do with it."""
    item, state = _found(code)
    return render_template(
        "county/item.html",
        item=item,
        state=state,
        words=codes,
        may_publish=_may_publish(),
        row=_row(item),
        numbers=numbers_said(text, item.version) if (text := text_of(item)) else "",
    )


@items.get("/<code>/versions")
@requires()
def versions(code: str) -> str:
    """Show every version of an item, newest first, with what it changed."""
    node = current_node()
    known = node.catalogue.named.texts(code)
    if not known:
        raise ItemUnknown(item=code[:50])
    in_force = node.catalogue.item(code)
    rows = text_rows(known, in_force.version if in_force else 0)
    return render_template(
        "county/item_versions.html",
        item=known[-1].numbers[-1].item,
        versions=rows,
        may_publish=_may_publish(),
    )


@items.get("/<code>/versions/<int:version>.json")
@requires()
def export(code: str, version: int) -> Response:
    """Give one version as an item file; `doc` names one text where the number has two."""
    obj = current_node().catalogue.content_of(code, version, request.args.get("doc", ""))
    if obj is None:
        raise ItemUnknown(item=code[:50])
    answer = Response(json.dumps(obj, ensure_ascii=False, indent=2), mimetype="application/json")
    name = "".join(sign for sign in code if sign.isascii() and (sign.isalnum() or sign in "-_")) or "item"
    answer.headers["Content-Disposition"] = f"attachment; filename={name}-{version}.json"
    return answer


@items.get("/<code>/withdraw")
@requires(Role.ADMIN)
def ask_withdraw(code: str) -> str:
    """Ask from which day an item is no longer taken in."""
    item, _state = _found(code)
    return render_template("county/item_withdraw.html", item=item, field=_EFFECTIVE)


@items.post("/<code>/withdraw")
@requires(Role.ADMIN)
@redraws(".ask_withdraw")
def withdraw(code: str) -> Response:
    """Publish the version that ends an item."""
    node = current_node()
    day = request.form.get(_EFFECTIVE.key, "").strip()
    _check_day(day)
    with node.unit():
        item = node.catalogue.withdraw(code, g.now_ms, g.actor.login, day)
    node.wake()
    if day:
        flash(_("“%(name)s”从 %(day)s 起停办。", name=item.name, day=day))
    else:
        flash(_("“%(name)s”已停办，将自动送达各级站点。", name=item.name))
    return redirect(url_for("items.versions", code=code), 303)


def _check_day(day: str) -> None:
    problem = day_problem(day)
    if problem:
        raise BadInput(problems=[Problem(_EFFECTIVE.key, _EFFECTIVE.label, "date", f"停办日期：{problem}。")])


def day_problem(day: str) -> str:
    """Return what is wrong with a day from which something is to be in force; nothing typed is good."""
    today = local_day(g.now_ms)
    is_shaped = len(day) == _DATE_SHOWN and day.replace("-", "").isdecimal() and day[4] == day[7] == "-"
    if day and not is_shaped:
        return str(_("请填日期，例如 2026-03-05"))
    return str(_("不能早于今天")) if day and day < today else ""


def _may_publish() -> bool:
    return Role.ADMIN in g.staff.roles


def _found(code: str) -> tuple[ServiceItem, dict[str, str]]:
    """Return the item in force, else (for administrators) the newest version, with its state in words."""
    catalogue = current_node().catalogue
    known = catalogue.history(code)
    item = catalogue.item(code) or (known[-1].item if known and _may_publish() else None)
    if item is None:
        raise ItemUnknown(item=code[:50])
    waits = that_come([one.standing for one in known], local_day(g.now_ms))
    next_one = next((one.item for one in known if waits and one.item.version == waits[0].version), None)
    return item, _state(known[-1].item, catalogue.item(code), next_one)


def _state(
    newest: ServiceItem, in_force: ServiceItem | None, waits: ServiceItem | None = None
) -> dict[str, str]:
    """Return where an item stands: a word for lists, its colour, and what comes next (`waits`)."""
    coming = ""
    if waits is None and newest.effective_from > local_day(g.now_ms):
        waits = newest
    if waits is not None:
        what = _("停办") if is_withdrawn(waits) else _("第 %(n)s 版生效", n=waits.version)
        coming = f"{waits.effective_from} {what}"
    if in_force is not None:
        return {"word": str(_("现行")), "light": "good", "coming": coming}
    if is_withdrawn(newest):
        return {"word": str(_("已停办")), "light": "bad", "coming": coming}
    return {"word": str(_("待生效")), "light": "warn", "coming": coming}


def _entries() -> list[dict[str, Any]]:
    catalogue = current_node().catalogue
    in_force = {item.code: item for item in catalogue.all_items()}
    newest = catalogue.newest() if _may_publish() else []
    others = {found.item.code: found.item for found in newest if found.item.code not in in_force}
    coming = {found.item.code: found.item for found in newest}
    return [
        _entry(item, coming.get(item.code, item), in_force.get(item.code))
        for item in [*in_force.values(), *others.values()]
    ]


def _entry(item: ServiceItem, newest: ServiceItem, in_force: ServiceItem | None) -> dict[str, Any]:
    state = _state(newest, in_force)
    sorts = {*item.route.intake_levels} if in_force else set()
    sorts |= {"waiting"} if state["coming"] else set()
    sorts |= {"ended"} if is_withdrawn(newest) and not in_force else set()
    sorts |= {"instant"} if item.is_instant and in_force else set()
    sorts |= {"joint"} if item.is_joint and in_force else set()
    return {**_row(item), "item": item, "state": state, "sorts": sorts}


def _staffed() -> set[str]:
    """Return the departments that somebody in service here belongs to."""
    return {one.department for one in current_node().people.staff() if one.is_active and not one.is_barred}


def _is_unstaffed(item: ServiceItem, staffed: set[str]) -> bool:
    """Say whether the county decides an item for whose department nobody could sign in here."""
    return item.route.competent == "county" and item.route.department not in staffed


def _counts(entries: Iterable[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """Return (sort, its name, how many), the administrators' own only when there are any."""
    rows = list(entries)
    found = Counter(sort for entry in rows for sort in entry["sorts"])
    names = {
        "village": _("村可收"),
        "township": _("乡镇可收"),
        "county": _("县可收"),
        "instant": _("即办件"),
        "joint": _("联办"),
    }
    more = {"waiting": _("待生效"), "ended": _("已停办")}
    counts = [
        ("", str(_("全部")), len(rows)),
        *((sort, str(name), found[sort]) for sort, name in names.items()),
    ]
    return counts + [(sort, str(name), found[sort]) for sort, name in more.items() if found[sort]]


def _row(item: ServiceItem) -> dict[str, Any]:
    route = item.route
    intake = "、".join(codes.INTAKE_NAMES[level] for level in route.intake_levels)
    steps = [_("%(at)s收件", at=intake)]
    if route.checker:
        steps.append(_("%(at)s初审", at=codes.CHECKER_NAMES[route.checker]))
    steps.append(_("%(at)s受理", at=codes.SEAT_NAMES[route.acceptor]))
    steps.append(_("%(at)s决定", at=codes.SEAT_NAMES[route.competent]))
    return {
        "code": item.code,
        "name": item.name,
        "version": item.version,
        "kind": codes.KIND_NAMES[item.kind],
        "type": TYPE_NAMES[item.type_code],
        "department": item.department,
        "route": " → ".join(str(step) for step in steps),
        "promised": _("当场") if item.is_instant else item.promised.words,
        "papers": len(item.papers),
        "href": url_for("items.one", code=item.code),
    }
