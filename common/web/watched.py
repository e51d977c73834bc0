"""A page that shows personal data says so, and each view of it is written down before the page leaves."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import g, make_response
from werkzeug.wrappers import Response

from common.journal.rules import Fields, What
from common.store.database import unit_of_work
from common.web.ports import current_node

View = TypeVar("View", bound=Callable[..., Any])

_REDIRECT = 300
_HOUR_MS = 3_600_000
# Nobody has more people at one site who look at one list within an hour.
_LOOKED_BACK = 200


def shows(what: What, of: str = "", fields: Fields = Fields.WHOLE) -> Callable[[View], View]:
    """Mark a view as showing personal data; write it below the guard, nearest to the function.

    Each answer that is a page, not a redirect or a refusal, is one row of the log; when the row cannot be
    written (a full disk), the page is not shown.

    Args:
        fields: unless the view itself puts what it showed into `g.fields_shown`.
        of: the path argument that names the case, paper or letter; "" for pages about many.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def watched(*args: Any, **named: Any) -> Response:
            answer = cast(Response, make_response(view(*args, **named)))
            if answer.status_code < _REDIRECT:
                write_down(what, str(named.get(of, "")), g.get("fields_shown", fields))
            return answer

        watched.shows = what  # type: ignore[attr-defined]
        return cast(View, watched)

    return mark


def write_down(what: What, name: str, fields: Fields = Fields.WHOLE) -> None:
    """Write one view by the person signed in into the log, in a unit of its own.

    Raises:
        UnitMisuse: a unit of work is open.
        DiskFull, DatabaseBusy, DiskFault: nothing was written.
    """
    login = g.staff.login if g.get("staff") else ""
    with unit_of_work():
        current_node().views.record(login, (what, name[:64], fields), g.now_ms)


def write_down_list(what: What, name: str) -> None:
    """Write that this person looked at a list of people; once an hour, for lists refresh themselves.

    Raises:
        UnitMisuse, DiskFull, DatabaseBusy, DiskFault: as `write_down`.
    """
    login = g.staff.login if g.get("staff") else ""
    seen = current_node().views.of(name[:64], _LOOKED_BACK)
    if not any(view.login == login and 0 <= g.now_ms - view.at < _HOUR_MS for view in seen):
        write_down(what, name, Fields.CONTACT)
