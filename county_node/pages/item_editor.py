"""Making and changing an item at the county: one form for every part, a look at the result, publication.

Nothing is stored before publication: each page carries what was typed to the next, so that nothing is lost
on a refusal and no half item lies about.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.catalogue.rules import codes
from common.catalogue.rules.differences import Difference, differences
from common.catalogue.rules.item import FORMAT, CatalogueError, ServiceItem, parse_item, second_parts
from common.catalogue.rules.schema import ITEM
from common.catalogue.rules.typed import (
    Typed,
    key_of,
    moved_up,
    object_of,
    path_words,
    places,
    renumbered,
    typed_of,
    with_entry,
    without_entry,
)
from common.catalogue.service import WITHDRAWN, ItemUnknown, is_withdrawn
from common.days import local_day
from common.errors import Problem, RuleError
from common.people.rules.roles import Role
from common.web.forms import redraws
from common.web.guard import requires
from common.web.ports import current_node
from county_node.pages.item_file import BadItemFile, refused, uploaded
from county_node.pages.item_texts import replaced_by
from county_node.pages.items import day_problem
from sync.protocol import canonical
from sync.protocol.errors import NotCanonical
from sync.protocol.shelf import CONTENT_BYTES_MAX

editor = Blueprint("editor", __name__, url_prefix="/items", template_folder="../templates")

# A little is kept for the version's number.
_SIGNED_BYTES_MAX = CONTENT_BYTES_MAX - 100
# The number of an entry of a list has fewer digits than this.
_PLACE_DIGITS = 4
# What the form carries beside the item: the version it began from, and `more`, which it does not show.
BASE, MORE = "_base", "_more"
_PARTS = {part.key: part for part in ITEM}
_ORGANS = ("department", "department_code", "department_nature", "office", "office_code")
_ONLINE = ("online_address", "system_level")
# The cards of the form; every part that is shown is in one of them (a test sees to it).
SECTIONS = (
    ("事项", ("code", "base_code", "name", "kind", "type_code", "level_code", "effective_from")),
    ("机构", (*_ORGANS, "intermediary", "authority")),
    ("依据", ("basis",)),
    ("谁可以办", ("subjects", "themes", "conditions", "quantity_limit", "green")),
    ("路线", ("route", "joint", "checklist")),
    (
        "程序",
        ("steps", "channels", "place", "hours", "reach", "visits", "supports", *_ONLINE, "remedies"),
    ),
    ("材料", ("papers", "originals", "tolerance_days")),
    ("表单", ("fields",)),
    ("时限", ("statutory", "promised", "extension_days", "special", "supervision")),
    ("收费和结果", ("fees", "result")),
    ("咨询", ("contact", "questions", "source")),
)


class NewerVersion(RuleError):
    """Somebody published a version after this form was opened; publishing would undo it unseen."""

    code = "E306"
    sentence = "这个事项刚刚有了新版本，没有发布，以免盖掉别人的修改。"
    kept = "您填写的内容仍在页面上。"
    advice = "请先看版本记录，再决定怎样修改。"


@editor.get("/new")
@requires(Role.ADMIN)
def new() -> str:
    """Show an empty form."""
    typed: Typed = {}
    for key in ("basis", "steps", "papers", "fields", "questions"):
        typed = with_entry(typed, _PARTS[key], key)
    return _form({**typed, BASE: "0"})


@editor.get("/<code>/edit")
@requires(Role.ADMIN)
def edit(code: str) -> str:
    """Show the form filled with the newest version of an item; one that still waits keeps its date."""
    catalogue = current_node().catalogue
    known = catalogue.history(code)
    if not known:
        raise ItemUnknown(item=code[:50])
    parts = second_parts(catalogue.content_of(code, (newest := known[-1].item).version))
    if (day := newest.effective_from) > local_day(g.now_ms) and not is_withdrawn(newest):
        # Else a correction published at once would bring all that waits into force with it.
        flash(_("下面的内容 %(day)s 才生效。不改生效日期，就不会提前生效。", day=day))
    else:
        parts.pop("effective_from", None)
    return _form(_begun(parts, newest.version))


@editor.post("/draft")
@requires(Role.ADMIN)
def draft() -> str:
    """Show the form again as typed, with an entry more, less or moved, or with what is wrong."""
    return _form(_changed(renumbered(_typed()), request.form.get("then", "")))


@editor.post("/preview")
@requires(Role.ADMIN)
@redraws(".draft")
def preview() -> str:
    """Show the item as the public would see it, and what differs from the version before."""
    typed = renumbered(_typed())
    return _preview(_read(typed), typed)


@editor.post("")
@requires(Role.ADMIN)
@redraws("items.index")
def take_file() -> str:
    """Show the item in an uploaded file, to be looked at and published."""
    name, obj = uploaded()
    try:
        parse_item({**obj, "version": 1}, name)
    except CatalogueError as wrong:
        raise refused([f"{name}：{fault}（{path_words(fault.path)}）" for fault in wrong.faults]) from None
    parts = second_parts({**obj, "version": 1})
    if parts.get("effective_from", "") < local_day(g.now_ms):
        # What was published is in force by now where it came from; the file is to be taken all the same.
        parts.pop("effective_from", None)
    typed = _begun(parts, _newest(str(obj["code"])))
    return _preview(_read(typed), typed)


@editor.post("/publish")
@requires(Role.ADMIN)
@redraws(".draft")
def publish() -> Response:
    """Publish what was looked at to all nodes; the version is counted by the catalogue."""
    node, typed = current_node(), renumbered(_typed())
    item = _read(typed)
    obj = _object(typed)
    with node.unit():
        before = _newest(item.code)
        if str(before) != typed.get(BASE, ""):
            raise NewerVersion(item=item.code)
        done = node.catalogue.publish(obj, g.now_ms, g.actor.login)
    node.wake()
    if done.version == before:
        flash(_("内容与第 %(n)s 版完全相同，没有重复发布。", n=before))
    elif done.effective_from:
        words = {"name": done.name, "n": done.version, "day": done.effective_from}
        flash(_("已发布“%(name)s”第 %(n)s 版，%(day)s 起生效，将自动送达各级站点。", **words))
    else:
        flash(_("已发布“%(name)s”第 %(n)s 版，将自动送达各级站点。", name=done.name, n=done.version))
    return redirect(url_for("items.one", code=done.code), 303)


def _typed() -> Typed:
    """Return the form as flat text; ticked boxes of one part stand one a line."""
    return {key: "\n".join(request.form.getlist(key)) for key in request.form if key != "csrf_token"}


def _begun(parts: Mapping[str, Any], base: int) -> Typed:
    """Return the form of an item's parts; a version that ended the item says nothing about the next one."""
    more = {key: value for key, value in parts.get("more", {}).items() if key != WITHDRAWN}
    return {**typed_of(parts), BASE: str(base), MORE: json.dumps(more, ensure_ascii=False)}


def _changed(typed: Typed, then: str) -> Typed:
    what, _sep, rest = then.partition("/")
    key, _dot, place = rest.partition(".")
    part = _PARTS.get(key)
    is_place = place.isdecimal() and len(place) < _PLACE_DIGITS
    if part is None or part.kind != "objects" or (what != "add" and not is_place):
        return typed
    if what == "add" and len(places(typed, key)) < part.most:
        return with_entry(typed, part, key)
    if what == "drop":
        return renumbered(without_entry(typed, key, int(place)))
    return moved_up(typed, key, int(place)) if what == "up" else typed


def _form(typed: Typed) -> str:
    is_new = typed.get(BASE, "0") == "0"
    sections = [(title, [_PARTS[key] for key in keys]) for title, keys in SECTIONS]
    counts = {part.key: places(typed, part.key) for part in ITEM if part.kind == "objects"}
    return render_template(
        "county/item_edit.html",
        sections=sections,
        values=typed,
        counts=counts,
        opened=_opened(typed, counts),
        is_new=is_new,
        carried=(BASE, MORE),
    )


def _opened(typed: Typed, counts: Mapping[str, list[int]]) -> set[str]:
    """Return the entries of lists to be shown open: those with a problem, and those still empty."""
    wrong = [f"{problem.field}." for problem in g.get("problems", [])]
    opened = set()
    for key, numbers in counts.items():
        for entry in (f"{key}.{place}" for place in numbers):
            is_empty = not any(text for name, text in typed.items() if name.startswith(f"{entry}."))
            if is_empty or any(field.startswith(f"{entry}.") for field in wrong):
                opened.add(entry)
    return opened


def _object(typed: Typed) -> dict[str, Any]:
    """Return the item that was typed, with what only other programs know under `more`."""
    try:
        more = json.loads(typed.get(MORE, "") or "{}")
    except (ValueError, RecursionError):
        more = typed[MORE]
    return {"format": FORMAT, **object_of(typed), "version": 1, **({"more": more} if more else {})}


def _read(typed: Typed) -> ServiceItem:
    """Return the item that was typed.

    Raises:
        BadItemFile: something is wrong with it; every problem leads to its field.
    """
    problems = []
    item = None
    try:
        item = parse_item(_object(typed))
    except CatalogueError as wrong:
        for fault in wrong.faults:
            words = path_words(fault.path)
            problems.append(
                Problem(key_of(fault.path), words, CatalogueError.code, f"{words}：{fault.reason}。")
            )
    if (size := _size(typed)) > _SIGNED_BYTES_MAX:
        now, most = size // 1000 + 1, _SIGNED_BYTES_MAX // 1000
        sentence = f"事项名称：整个事项的内容有 {now} KB，最多 {most} KB，请精简依据、问答等长文字。"
        problems.append(Problem("name", "事项名称", "too_long", sentence))
    if reason := day_problem(typed.get("effective_from", "").strip()):
        problems.append(Problem("effective_from", "生效日期", "date", f"生效日期：{reason}。"))
    if typed.get(BASE, "0") == "0" and _newest(typed.get("code", "").strip()):
        problems.append(
            Problem("code", "实施编码", "taken", "实施编码：已经有这个编码的事项，请从那里修改。")
        )
    if item is None or problems:
        raise BadItemFile(problems=list(dict.fromkeys(problems)))
    return item


def _size(typed: Typed) -> int:
    """Return how long the item is as it is signed, in bytes; 0 where it cannot be."""
    try:
        return len(canonical.dumps(_object(typed)))
    except NotCanonical:
        return 0


def _newest(code: str) -> int:
    known = current_node().catalogue.history(code)
    return int(known[-1].item.version) if known else 0


def _preview(item: ServiceItem, typed: Typed) -> str:
    number = _newest(item.code)
    return render_template(
        "county/item_preview.html",
        item=item,
        words=codes,
        values=typed,
        before=number,
        replaced=replaced_by(item),
        changes=_changes(typed, item.code, number),
    )


def _changes(typed: Typed, code: str, number: int) -> list[Difference]:
    catalogue = current_node().catalogue
    before = catalogue.content_of(code, number)
    if before is None:
        return []
    found = differences(second_parts(before), _object(typed))
    newest = catalogue.version(code, number)
    if newest is not None and is_withdrawn(newest):
        found.insert(0, Difference(str(_("状态")), str(_("停办")), str(_("重新开办"))))
    return found
