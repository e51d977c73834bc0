"""The first page of a township hall: what waits for me, how the villages are, walk-in filing."""

from __future__ import annotations

from flask import Blueprint
from flask_babel import gettext as _

from common.desk.pages.filing import DESK
from common.desk.pages.overview import hall_home
from common.web.guard import requires

home = Blueprint("home", __name__)


@home.get("/")
@requires()
def index() -> str:
    """Show the heaps of work of this person, and the villages."""
    return hall_home(_("各村站点"), DESK)
