"""The first page of the county centre: what waits for me, how the townships are, the catalogue."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, url_for
from flask_babel import gettext as _

from common.calendar.rules.year import year_wanted
from common.days import local_date
from common.desk.pages import shown
from common.desk.pages.filing import DESK
from common.desk.pages.overview import hall_home
from common.people.rules.roles import Role
from common.web.guard import requires
from common.web.ports import current_node

home = Blueprint("home", __name__, template_folder="../templates")


@home.get("/")
@requires()
def index() -> str:
    """Show the heaps of work of this person, and the townships."""
    catalogue = current_node().catalogue
    # Nobody files at a centre whose catalogue has nothing for it.
    filers = DESK if catalogue.items_for("county") else ()
    count = len(catalogue.all_items())
    return hall_home(_("各乡镇站点"), filers, "county/home.html", item_count=count, calls=_calls())


def _calls() -> list[dict[str, Any]]:
    """Return what waits for the administrator, of the roster and the calendar: nobody else is told."""
    node = current_node()
    if Role.ADMIN not in g.staff.roles:
        return []
    with node.heart.reading():
        held, keys = node.trust.waiting(), node.trust.vouched.count()
    calls = [
        {
            "said": _(
                "%(place)s：有两台电脑在用同一个站点身份。请打电话核对，只留一台。",
                place=shown.place_words(a),
            ),
            "at": at,
            "href": url_for("roster.show", address=a),
        }
        for a, at in node.twins(g.now_ms)
    ]
    if held:
        said = _("有 %(n)s 份报文暂扣，等您放行或剔除。", n=held)
        calls.append({"said": said, "at": 0, "href": url_for("roster.held")})
    if keys:
        said = _("有 %(n)s 把名册里没有的钥匙，等您核实确认。", n=keys)
        calls.append({"said": said, "at": 0, "href": url_for("roster_keys.index")})
    year = year_wanted(local_date(g.now_ms), node.calendars.current().years)
    if year:
        said = _("%(year)s年的放假安排还没有发布，算到这一年的办理期限都是暂定的。", year=year)
        calls.append({"said": said, "at": 0, "href": url_for("calendar.edit", year=year)})
    return calls
