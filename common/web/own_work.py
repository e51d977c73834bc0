"""The page of one's own long work: what is being made, how far it is, the file to fetch when it is done."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Blueprint, current_app, flash, g, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.errors import NotFound
from common.journal.rules import Fields, What
from common.people.rules.roles import ROLE_NAMES, Role
from common.web.guard import WrongPost, requires
from common.web.long_work import DONE, RUNNING, Job, LongWork, Tell, Work, first_of, given
from common.web.ports import current_node
from common.web.watched import write_down

own_work = Blueprint("own_work", __name__, url_prefix="/made")

FOLDER = "work"
# Where an earlier version made packages: nothing reads it any more, and what lies there is of people.
_FORMER = "packages"
# So long the answer waits: most work is done by then, and its file comes at once.
_SHORT_S = 1.0
_KINDS = ("package", "register", "register_print", "archive")


class NothingMade(NotFound):
    """Nothing of this kind was made for this person, or it was fetched or cleared away since."""

    code = "E227"
    sentence = "没有做好的文件：可能已经取走并清除，或者做好超过一天已清除。需要的请再做一次。"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made: kind, what it is about, title, the page it was asked for on, how much it is in all.

    `name` and `type` are those of the file; who fetches it holds one of `posts`, and one of `and_posts` too
    where there are any; what it is about and `fields` stand in the log of views when it is. `is_shown` is 1
    for a page that is looked at in the browser. Work that leaves no file needs none of these.
    """

    kind: str
    about: str
    title: str
    back: str
    total: int
    name: str = ""
    type: str = ""
    posts: tuple[Role, ...] = ()
    and_posts: tuple[Role, ...] = ()
    fields: Fields = Fields.WHOLE
    is_shown: int = 0


def begin(order: Order, make: Callable[[Path, Tell], None]) -> Response:
    """Begin to make a file for the person signed in; lead to it where that is soon done, else to its page.

    Args:
        make: writes the file; it runs beside the page, with the application but without a request.
    """
    path = _jobs().new_file(order.kind, g.staff.login)

    def made(tell: Tell) -> Mapping[str, Any]:
        make(path, tell)
        return {"file": path.name}

    is_done = _is_soon_done(order, made)
    return redirect(url_for("own_work.fetch", kind=order.kind) if is_done else url_for("own_work.index"), 303)


def begin_many(order: Order, do: Callable[[Tell], tuple[int, list[str]]]) -> Response:
    """Begin to do something to many cases for the person signed in; lead to the page that tells how far.

    Args:
        do: does it, and returns to how many it was done and, in words, to which it was not and why.
    """

    def done(tell: Tell) -> Mapping[str, Any]:
        count, left = do(tell)
        return {"count": count, "left": left}

    _is_soon_done(order, done)
    return redirect(url_for("own_work.index"), 303)


def _is_soon_done(order: Order, do: Work) -> bool:
    """Begin work, wait a moment, and say whether it is done by then."""
    jobs, owner = _jobs(), g.staff.login
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def work(tell: Tell) -> Mapping[str, Any]:
        with app.app_context():
            return do(tell)

    first = first_of(order.kind, order.about, owner, g.now_ms, order.total)
    thread = jobs.begin(replace(first, told=_told(order)), work, owner)
    if thread is None:
        flash(_("上一个还在做，请等它做完。"), "warn")
        return False
    thread.join(_SHORT_S)
    job = jobs.job(order.kind, owner)
    return job is not None and job.state == DONE


def is_busy(kind: str) -> bool:
    """Say whether this person's last work of a kind is still going on."""
    job = _jobs().job(kind, g.staff.login)
    return job is not None and job.state == RUNNING


@own_work.get("")
@requires()
def index() -> str:
    """Show one's own long work."""
    return render_template("own_work.html", **_shown())


@own_work.get("/state")
@requires()
def state() -> str:
    """Show the same as a part of the page that refreshes itself."""
    return render_template("_own_work.html", **_shown())


@own_work.get("/<kind>/file")
@requires()
def fetch(kind: str) -> Response:
    """Give the file that was made, cleared away some minutes later; the log of views says who had it."""
    job = _jobs().job(kind, g.staff.login) if kind in _KINDS else None
    path = _file_of(job)
    if job is None or path is None:
        raise NothingMade()
    for asked in (job.told["posts"], job.told.get("and_posts")):
        posts = [Role(post) for post in asked or ()]
        if posts and g.staff.acting_as(posts) is None:
            raise WrongPost(posts="、".join(ROLE_NAMES[post] for post in posts))
    write_down(What.EXPORT, job.about, Fields(job.told["fields"]))
    response = Response(given(path), mimetype=job.told["type"])
    response.headers["Content-Length"] = str(path.stat().st_size)
    response.headers["Content-Disposition"] = _disposition(job)
    response.headers["Cache-Control"] = "no-store"
    return response


def sweep(data_dir: Path, now_ms: int) -> None:
    """Clear away what was fetched, and what nobody fetched within a day."""
    LongWork(data_dir / FOLDER).sweep(now_ms)
    if (data_dir / _FORMER).is_dir():
        shutil.rmtree(data_dir / _FORMER, ignore_errors=True)


def _disposition(job: Job) -> str:
    """Return how a browser takes the file, and its name; one in Chinese also in plain signs, for old ones."""
    way, name = "inline" if job.told["is_shown"] else "attachment", str(job.told["name"])
    plain = name.encode("ascii", "ignore").decode().lstrip("-")
    words = "" if plain == name else f"; filename*=UTF-8''{quote(name)}"
    return f'{way}; filename="{plain}"{words}'


def _told(order: Order) -> dict[str, Any]:
    return {
        "title": order.title,
        "back": order.back,
        "name": order.name,
        "type": order.type,
        "department": g.staff.department,
        "posts": [post.value for post in order.posts],
        "and_posts": [post.value for post in order.and_posts],
        "fields": order.fields.value,
        "is_shown": order.is_shown,
    }


def _jobs() -> LongWork:
    return LongWork(current_node().config.data_dir / FOLDER)


def _file_of(job: Job | None) -> Path | None:
    if job is None or job.state != DONE:
        return None
    if job.told.get("department", g.staff.department) != g.staff.department:
        # How much of a case somebody sees hangs on their department; the file has what they saw then.
        return None
    path = _jobs().folder / str(job.told.get("file", ""))
    return path if path.is_file() else None


def _shown() -> dict[str, Any]:
    found = [job for job in (_jobs().job(kind, g.staff.login) for kind in _KINDS) if job is not None]
    found.sort(key=lambda job: -job.at)
    return {
        "jobs": [{"job": job, "is_ready": _file_of(job) is not None} for job in found],
        "is_busy": any(job.state == RUNNING for job in found),
    }
