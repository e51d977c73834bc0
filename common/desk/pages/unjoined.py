"""A computer that may not speak for its site: what its pages say of that, and what stands at the door.

Its data were put back without the keys, or it never joined. Nothing can be signed there: no case taken in,
no step taken, nothing sent by line or stick. Whoever stands at the counter must not type a case first.
"""

from __future__ import annotations

from typing import Any

from flask import g, make_response, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.desk.pages.open_draft import draft_rows
from common.places.rules import level
from common.web.ports import current_node
from sync.protocol.errors import NotEnrolled

_STATUS = 409
# Where a new case begins and where it would be signed. A draft may still be looked at and kept.
_DOOR = ("choose", "begin", "file")


def unjoined_said(node: Any) -> str:
    """Return why this computer can neither take in nor send, and what to do; "" when it can."""
    if node.has_joined():
        return ""
    identity = node.spool.identity()
    if identity is None or not identity.epoch:
        return str(
            _(
                "本站还没有登记入网：现在不能收件，也不能发送。"
                "请打电话向上级站点要登记单，请管理员照单在这台电脑上登记（enrol join）。"
            )
        )
    put_back = _("这台电脑上的数据是恢复来的，还没有本站的钥匙：以前的件都能查看，现在不能收件、办件和发送。")
    if node.tree().up(node.me)[1:]:
        do = _(
            "请打电话向上级站点要新的入网码，请管理员在这台电脑上登记（enrol join）；"
            "以前发出的，登记以后自动取回。"
        )
    else:
        do = _("请管理员停止服务，把另存的钥匙（keys.json）放进数据文件夹，再恢复一次（restore）。")
    return f"{put_back}{do}"


def refuse_before_joining() -> Response | None:
    """Answer in place of a page of filing where nothing could be signed; None where it can."""
    is_door = request.endpoint in [f"filing.{name}" for name in _DOOR]
    if not is_door or g.get("staff") is None:
        return None
    node = current_node()
    said = unjoined_said(node)
    if not said:
        return None
    items = node.catalogue.items_for(level(node.me))
    page = render_template(
        "desk/unjoined.html", said=said, items=items, drafts=draft_rows(), code=NotEnrolled.code
    )
    return make_response(page, _STATUS)
