"""The first page of the county centre: what waits for me, how the townships are, the catalogue."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext as _

from common.desk.pages.filing import DESK
from common.desk.pages.overview import hall_home
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
    return hall_home(_("各乡镇站点"), filers, "county/home.html", item_count=len(catalogue.all_items()))
