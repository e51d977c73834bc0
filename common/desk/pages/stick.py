"""The page of sticks, step by step: what to carry where; the work goes on when the page is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.desk.pages import line_speed, line_words, shown, stick_jobs
from common.desk.pages.stick_jobs import IN, OUT, Sticks
from common.desk.pages.unjoined import unjoined_said
from common.errors import BadInput, NotFound, Problem
from common.web.forms import redraws
from common.web.guard import requires
from common.web.long_work import KEPT_MS, Job, first_of, given
from common.web.ports import current_node
from sync.adapters.bundle_file import VOLUME_BYTES

stick = Blueprint("stick", __name__, url_prefix="/stick")

# A little above the largest bundle: the form around it has a length, too.
_UPLOAD_BYTES = VOLUME_BYTES + 10_000_000


class NoBundle(BadInput):
    """No file was chosen."""

    code = "E242"
    sentence = "请选择U盘上的数据包（扩展名 .ldx）。"


class NotOnOurLine(BadInput):
    """The address is neither above nor below this node."""

    code = "E243"
    sentence = "请从名单中选择收件的站点。"


class NothingToFetch(NotFound):
    """No bundle was made, or it was cleared away since."""

    code = "E346"
    sentence = "没有做好的数据包，请先做一个。"


@stick.url_value_preprocessor
def _allow_bundles(endpoint: str | None, _values: Any) -> None:
    # Said before anything reads the form; the guard still comes first, so strangers cannot send that much.
    if endpoint == "stick.take_in":
        request.max_content_length = _UPLOAD_BYTES


@stick.get("")
@requires()
def index() -> str:
    """Show what there is to carry where, and how far the work has come."""
    node = current_node()
    above = _above()
    partners = line_words.partners(node)
    return render_template(
        "desk/stick.html",
        loads=[_load(address) for address in above],
        is_part=0,
        targets=[(address, shown.place_words(address)) for address in partners],
        unjoined_said=unjoined_said(node),
        barred_said=line_words.barred_said(node),
        first_target=(above or partners or ("",))[0],
        **_jobs(),
    )


@stick.get("/state")
@requires()
def state() -> str:
    """Show how far the work has come, as a part of the page that refreshes itself."""
    jobs = _jobs()
    # What was taken in may have brought receipts: what is to be carried is counted anew once that is done.
    loads = [] if jobs["is_busy"] else [_load(address) for address in _above()]
    return render_template("desk/parts/_stick_jobs.html", loads=loads, is_part=1, **jobs)


@stick.post("/out")
@requires()
@redraws(".index")
def bring_out() -> Response:
    """Begin to make a bundle for a node; the page may be left meanwhile."""
    node = current_node()
    address = request.form.get("address", "")
    if address not in line_words.partners(node):
        sentence = str(_(NotOnOurLine.sentence))
        raise NotOnOurLine(problems=[Problem("address", str(_("收件站点")), NotOnOurLine.code, sentence)])
    job = first_of(OUT, address, g.staff.login, g.now_ms, node.waiting_for(address).size)
    if not _sticks().begin_out(node.engine, job):
        flash(_("上一个数据包还在做，请等它做完。"), "warn")
    return redirect(url_for(".index"), 303)


@stick.get("/bundle")
@requires()
def fetch() -> Response:
    """Give the browser the bundle that was made, for the stick; some minutes later it is cleared away."""
    path = _sticks().bundle()
    if path is None:
        raise NothingToFetch()
    size = path.stat().st_size
    response = Response(given(path), mimetype="application/vnd.liandong.exchange")
    response.headers["Content-Length"] = str(size)
    response.headers["Content-Disposition"] = f'attachment; filename="{path.name}"'
    return response


@stick.post("/in")
@requires()
@redraws(".index")
def take_in() -> Response:
    """Begin to take a bundle in; the page may be left meanwhile."""
    node = current_node()
    file = request.files.get("file")
    if file is None or not file.filename:
        sentence = str(_(NoBundle.sentence))
        raise NoBundle(problems=[Problem("file", str(_("U盘数据包")), NoBundle.code, sentence)])
    job = first_of(IN, "", g.staff.login, g.now_ms, 0)

    def receive(pieces: Iterator[bytes]) -> Any:
        report = stick_jobs.take_in(node, lambda: node.engine.receive(pieces))
        node.wake()
        return report

    if not _sticks().begin_in(file.stream, receive, job):
        flash(_("上一个数据包还在读，请等它读完。"), "warn")
    return redirect(url_for(".index"), 303)


def _sticks() -> Sticks:
    return Sticks(current_node().config.data_dir)


def _jobs() -> dict[str, Any]:
    sticks = _sticks()
    jobs = {kind: sticks.job(kind) for kind in (OUT, IN)}
    made = jobs[OUT]
    return {
        "out": _shown(made),
        "taken": _shown(jobs[IN]),
        "is_ready": sticks.bundle() is not None,
        "is_recent": made is not None and g.now_ms - made.at < KEPT_MS,
        "is_busy": any(job is not None and job.state == "running" for job in jobs.values()),
    }


def _shown(job: Job | None) -> dict[str, Any] | None:
    if job is None:
        return None
    sender, receiver = (str(job.told.get(key, "")) for key in ("sender", "receiver"))
    return {
        "state": job.state,
        "place": shown.place_words(job.about) if job.about else "",
        "at": job.at,
        "percent": job.percent,
        "told": job.told,
        "size": line_speed.amount(int(job.told.get("size", 0))),
        "sender": shown.place_words(sender) if sender else "",
        "receiver": shown.place_words(receiver) if receiver else "",
    }


def _above() -> tuple[str, ...]:
    node = current_node()
    return tuple(node.tree().up(node.me)[1:])


def _load(address: str) -> dict[str, Any]:
    waiting = current_node().waiting_for(address)
    return {
        "name": shown.place_words(address),
        "acts": waiting.acts,
        "papers": waiting.papers,
        "size": line_speed.amount(waiting.size),
    }
