"""The guide for everybody: the items there are, each with content, procedure, papers, limits and fees."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from common.catalogue.rules import codes
from common.catalogue.rules.applicant import id_types_for
from common.catalogue.rules.form import condition_words
from common.catalogue.rules.item import ServiceItem
from common.catalogue.service import ItemUnknown
from common.places.rules import level
from common.web.english import on_paper
from common.web.guard import public
from common.web.ports import current_node

guide = Blueprint("guide", __name__, url_prefix="/guide")


@guide.get("")
@public
def index() -> str:
    """Show the items in force: those taken in here first."""
    node = current_node()
    typed, here = request.args.get("q", ""), level(node.me)
    found = node.catalogue.search(typed)
    groups = [
        (_("本站可以收件的"), [item for item in found if item.may_be_filed_at(here)]),
        (_("到其他站点办理的"), [item for item in found if not item.may_be_filed_at(here)]),
    ]
    return render_template("desk/guide.html", groups=groups, typed_search=typed, words=codes)


@guide.get("/<code>")
@public
def one(code: str) -> str:
    """Show one item in full.

    Raises:
        ItemUnknown: no such item is in force.
    """
    item = _in_force(code)
    is_here = item.may_be_filed_at(level(current_node().me))
    return render_template("desk/guide_item.html", item=item, words=codes, is_here=is_here)


@guide.get("/<code>/form")
@public
@on_paper
def blank(code: str) -> str:
    """Show the blank form of an item, to be printed on A4 and filled in by hand.

    Raises:
        ItemUnknown: no such item is in force.
    """
    item = _in_force(code)
    conditions = {spec.key: condition_words(spec, item.fields) for spec in item.fields}
    return render_template(
        "desk/guide_form.html",
        item=item,
        has_units=any(kind.is_units for kind in id_types_for(item.subjects)),
        conditions=conditions,
        site=str(current_node().site_name()),
    )


def _in_force(code: str) -> ServiceItem:
    item = current_node().catalogue.item(code)
    if item is None:
        raise ItemUnknown(item=code[:50])
    return item
