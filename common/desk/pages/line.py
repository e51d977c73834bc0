"""The line page: last contact, what waits and why, what was refused; send now, to a stick, from a stick."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import IO, Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.casework import queues
from common.casework.context import Tick
from common.casework.queues import Wanted
from common.desk.pages import line_speed, line_words, shown
from common.errors import BadInput, Problem
from common.people.rules.challenge import grouped
from common.web.english import on_paper
from common.web.forms import redraws
from common.web.guard import requires
from common.web.ports import current_node
from sync.adapters.bundle_file import VOLUME_BYTES, Exported, export
from sync.adapters.engine import Report

line = Blueprint("line", __name__, url_prefix="/line")

NOTES_SHOWN = 40
PARKED_SHOWN = 40
UNSENT_LOOKED_AT = 100
UNSENT_SHOWN = 20
# About four sheets of A4; the file of the day has them all.
SHEET_ROWS = 160
OUTGOING = "outgoing"
_PIECE = 1 << 18
_one_at_a_time = threading.Lock()
# A little above the largest file: the form around it has a length, too.
_UPLOAD_BYTES = VOLUME_BYTES + 10_000_000


class NoBundle(BadInput):
    """No file was chosen."""

    code = "E242"
    sentence = "请选择U盘上的数据包（扩展名 .ldx）。"


class NotOnOurLine(BadInput):
    """The address is neither above nor below this node."""

    code = "E243"
    sentence = "请从名单中选择收件的站点。"


@line.url_value_preprocessor
def _allow_bundles(endpoint: str | None, _values: Any) -> None:
    # Said before anything reads the form; the guard still comes first, so strangers cannot send that much.
    if endpoint == "line.take_in":
        request.max_content_length = _UPLOAD_BYTES


@line.get("")
@requires()
def index() -> str:
    """Show the state of the line, of the sticks, and what stands in the way."""
    node = current_node()
    parked = node.spool.parked()
    return render_template(
        "desk/line.html",
        state=node.runner.state if node.runner else None,
        uplinks=node.runner.uplinks() if node.runner else (),
        line_said=line_words.line_said(node, g.now_ms),
        pace_said=line_speed.pace_said(node),
        disk=int(node.disk.state()),
        sites=line_words.sites_of(node),
        targets=[(address, shown.place_words(address)) for address in line_words.partners(node)],
        unsent=_unsent(),
        parked=[line_words.parked_row(row) for row in parked[:PARKED_SHOWN]],
        notes=[
            {"at": n.at_ms, "code": n.code, "sentence": n.sentence, "who": line_words.who(n.address)}
            for n in node.notes(NOTES_SHOWN)
        ],
        report=g.get("stick_report"),
    )


@line.post("/send")
@requires()
def send() -> Response:
    """Contact the node above at once, whatever pause the line is in."""
    node = current_node()
    if node.runner is None or not node.runner.uplinks():
        flash(_("本站没有设置上级线路，请用U盘交换。"))
        return redirect(url_for(".index"), 303)
    if node.runner.state.failures:
        # A failing line keeps its pause when it is woken; a person who asks gets a try of their own.
        node.runner.step()
    node.wake()
    state = node.runner.state
    if state.failures:
        flash(_("没有联系上：%(why)s 内容都存在本站，会自动再试，也可以用U盘送出。", why=state.last_sentence))
    else:
        flash(_("已开始发送，几秒后刷新本页看结果。"))
    return redirect(url_for(".index"), 303)


@line.post("/export")
@requires()
@redraws(".index")
def bring_out() -> Response:
    """Give the browser one file with everything the chosen node may lack."""
    node = current_node()
    address = request.form.get("address", "")
    if address not in line_words.partners(node):
        sentence = str(_(NotOnOurLine.sentence))
        raise NotOnOurLine(problems=[Problem("address", str(_("收件站点")), NotOnOurLine.code, sentence)])
    with _one_at_a_time:
        done, file = _exported(address)
    response = Response(_pieces(file), mimetype="application/vnd.liandong.exchange")
    response.headers["Content-Length"] = str(done.size)
    response.headers["Content-Disposition"] = f'attachment; filename="{done.path.name}"'
    return response


@line.post("/import")
@requires()
@redraws(".index")
def take_in() -> str:
    """Take a file from a stick in: what is readable and new is kept, the rest is told."""
    node = current_node()
    file = request.files.get("file")
    if file is None or not file.filename:
        sentence = str(_(NoBundle.sentence))
        raise NoBundle(problems=[Problem("file", str(_("U盘数据包")), NoBundle.code, sentence)])
    g.stick_report = _told(node.engine.receive(_pieces(file.stream)))
    node.wake()
    return index()


@line.get("/sheet")
@requires()
@on_paper
def sheet() -> str:
    """Show the heads of all streams with one hash over them, to be printed on A4 and kept in a binder."""
    node = current_node()
    found = node.heads_sheet(g.now_ms)
    fields = found["fields"]
    return render_template(
        "desk/sheet.html",
        said=fields,
        hash=grouped(fields["hash"]),
        root=grouped(node.fingerprint()[:32]),
        rows=[line_words.head_row(row) for row in found["lines"][:SHEET_ROWS]],
        left_out=max(0, fields["streams"] - SHEET_ROWS),
        site=str(node.site_name()),
    )


def _exported(address: str) -> tuple[Exported, IO[bytes]]:
    """Write a bundle into the data folder and return it open and without a name: it goes with its reader."""
    node = current_node()
    folder = node.config.path(OUTGOING)
    folder.mkdir(mode=0o700, exist_ok=True)
    for left_over in folder.iterdir():
        # Only a power cut leaves one behind.
        left_over.unlink(missing_ok=True)
    done = export(node.engine, address, folder)
    file = done.path.open("rb")
    done.path.unlink()
    return done, file


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


def _told(report: Report) -> dict[str, Any]:
    return {
        "sender": shown.place_words(report.sender) if report.sender else "",
        "fresh": report.fresh,
        "known": max(0, report.frames - report.fresh),
        "refused": report.refused,
        "pieces": report.pieces,
        "records": report.records,
        "is_complete": report.complete,
        "code": report.code,
        "sentence": report.sentence,
    }


def _unsent() -> list[dict[str, Any]]:
    """Return cases filed here that have not left yet, of the newest ones."""
    node = current_node()
    if node.tree().top == node.me:
        return []
    found = queues.newest(Wanted(origin=node.me), UNSENT_LOOKED_AT)
    ticks = node.casework.ctx.sync.places_of(case.first_act for case in found)
    return shown.rows([case for case in found if ticks[case.first_act] is Tick.SAVED][:UNSENT_SHOWN])
