"""The catalogue at the county: what is in force, each item in full, and publishing a new version."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.catalogue.rules.item import TYPE_NAMES, CatalogueError, ServiceItem, parse_item
from common.catalogue.service import ItemUnknown
from common.errors import BadInput, Problem
from common.people.rules.roles import Role
from common.web.forms import redraws
from common.web.guard import requires
from common.web.ports import current_node

items = Blueprint("items", __name__, url_prefix="/items", template_folder="../templates")

ITEM_BYTES_MAX = 200_000
_LEVEL_NAMES = {"origin": "收件站点", "village": "村", "township": "乡镇", "county": "县", "": ""}


class BadItemFile(BadInput):
    """The file is not an item that could be published; every problem is listed."""

    code = "E305"
    sentence = "事项文件有误，没有发布。"
    kept = "目录没有变化，原来的版本继续有效。"


@items.get("")
@requires()
def index() -> str:
    """Show the items in force; administrators also publish here."""
    found = current_node().catalogue.search(request.args.get("q", ""))
    return render_template(
        "county/items.html",
        items=[_row(item) for item in found],
        typed_search=request.args.get("q", ""),
        may_publish=Role.ADMIN in g.staff.roles,
    )


@items.get("/<code>")
@requires()
def one(code: str) -> str:
    """Show one item in full."""
    item = current_node().catalogue.item(code)
    if item is None:
        raise ItemUnknown(item=code)
    return render_template("county/item.html", item=item, row=_row(item))


@items.post("")
@requires(Role.ADMIN)
@redraws(".index")
def publish() -> Response:
    """Publish the item in an uploaded file to all nodes below; its version is counted by the catalogue."""
    node = current_node()
    obj = _uploaded()
    _check(obj)
    before = node.catalogue.item(str(obj["code"]))
    with node.unit():
        item = node.catalogue.publish(obj, g.now_ms, g.actor.login)
    node.wake()
    if before is not None and before.version == item.version:
        flash(_("内容与现行第 %(n)s 版完全相同，没有重复发布。", n=item.version))
    else:
        flash(_("已发布“%(name)s”第 %(n)s 版，将自动送达各级站点。", name=item.name, n=item.version))
    return redirect(url_for(".one", code=item.code), 303)


def _uploaded() -> dict[str, Any]:
    file = request.files.get("file")
    content = file.stream.read(ITEM_BYTES_MAX + 1) if file and file.filename else b""
    if not content:
        raise _refused([_("请选择事项文件（JSON）。")])
    if len(content) > ITEM_BYTES_MAX:
        raise _refused([_("文件超过 %(n)s KB，不是事项文件。", n=ITEM_BYTES_MAX // 1000)])
    try:
        obj = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise _refused([_("文件不是 JSON 格式，或不是 UTF-8 编码。")]) from None
    if not isinstance(obj, dict):
        raise _refused([_("文件应是一个事项（一个 JSON 对象）。")])
    return obj


def _check(obj: dict[str, Any]) -> None:
    """Refuse an item that cannot be read, with every problem as one of the form's."""
    try:
        # The catalogue counts versions itself, so a file need not know the next one.
        parse_item({**obj, "version": 1})
    except CatalogueError as wrong:
        raise _refused(wrong.problems) from None


def _refused(sentences: list[str]) -> BadItemFile:
    name, code = str(_("事项文件")), BadItemFile.code
    ended = [f"{sentence}".rstrip("。") + "。" for sentence in sentences]
    return BadItemFile(problems=[Problem("file", name, code, sentence) for sentence in ended])


def _row(item: ServiceItem) -> dict[str, Any]:
    route = item.route
    steps = [_("%(at)s收件", at="、".join(_LEVEL_NAMES[level] for level in route.intake_levels))]
    if route.checker:
        steps.append(_("%(at)s初审", at=_LEVEL_NAMES[route.checker]))
    steps.append(_("%(at)s受理", at=_LEVEL_NAMES[route.acceptor]))
    steps.append(_("%(at)s决定", at=_LEVEL_NAMES[route.competent]))
    return {
        "code": item.code,
        "name": item.name,
        "version": item.version,
        "kind": _("即办件") if item.is_instant else _("承诺件"),
        "type": TYPE_NAMES[item.type_code],
        "department": item.department,
        "route": " → ".join(str(step) for step in steps),
        "promised": _("当场") if not item.promised_days else _("%(n)s 个工作日", n=item.promised_days),
        "statutory": _("%(n)s 个工作日", n=item.statutory_days) if item.statutory_days else _("未规定"),
        "papers": len(item.papers),
        "href": url_for(".one", code=item.code),
    }
