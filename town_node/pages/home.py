"""The first page of a township hall: what waits for me, how the villages are, walk-in filing."""

from __future__ import annotations

from flask import Blueprint, render_template

from common.desk.pages import shown
from common.desk.pages.overview import overview
from common.people.rules.roles import Role
from common.web.guard import requires

home = Blueprint("home", __name__, template_folder="../templates")


@home.get("/")
@requires()
def index() -> str:
    """Show the heaps of work of this person, and the villages."""
    is_filing = bool({Role.CLERK.value, Role.AGENT.value} & shown.my_posts())
    return render_template("town/home.html", is_filing=is_filing, **overview())
