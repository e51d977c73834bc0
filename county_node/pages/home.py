"""The first page of the county centre: what waits for me, how the townships are, the catalogue."""

from __future__ import annotations

from flask import Blueprint, render_template

from common.desk.pages import shown
from common.desk.pages.overview import overview
from common.people.rules.roles import Role
from common.web.guard import requires
from common.web.ports import current_node

home = Blueprint("home", __name__, template_folder="../templates")


@home.get("/")
@requires()
def index() -> str:
    """Show the heaps of work of this person, and the townships."""
    catalogue = current_node().catalogue
    is_filing = Role.CLERK.value in shown.my_posts() and bool(catalogue.items_for("county"))
    item_count = len(catalogue.all_items())
    return render_template("county/home.html", is_filing=is_filing, item_count=item_count, **overview())
