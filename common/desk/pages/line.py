"""The line page: last contact, what waits and why, what was refused; send now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.casework import queues, waits_ended
from common.casework.context import Tick
from common.casework.errors import WaitNotEnded
from common.casework.queues import CaseLine, Wanted
from common.desk.pages import line_back, line_speed, line_words, shown
from common.desk.pages.line_light import astray_said, light_said, via_said
from common.desk.pages.outage_words import outage_line
from common.desk.pages.parked import SETTLED, filings_of, parked_row, told_of
from common.desk.pages.stick_jobs import OUT, Sticks
from common.desk.pages.unjoined import unjoined_said
from common.errors import BadInput, NotFound, Problem
from common.people.rules.challenge import grouped
from common.people.rules.roles import Role
from common.web.english import on_paper
from common.web.forms import redraws
from common.web.guard import requires
from common.web.long_work import DONE, Job
from common.web.ports import current_node
from sync.adapters.line import NotKnownThere
from sync.adapters.runner import LineState
from sync.protocol.acts.quarantine import STRUCK_OUT
from sync.protocol.incoming.left import LEFT
from sync.protocol.own.returned import has_all

line = Blueprint("line", __name__, url_prefix="/line")

NOTES_READ, NOTES_SHOWN = 400, 40
PARKED_SHOWN = 40
UNSENT_LOOKED_AT = 200
UNSENT_SHOWN = 20
OUTAGES_SHOWN = 8
_WHY_MAX = 500
# About four sheets of A4; the file of the day has them all.
SHEET_ROWS = 160


@line.get("")
@requires()
def index() -> str:
    """Show the state of the line, and what stands in the way."""
    node = current_node()
    notes = node.notes(NOTES_READ)
    unjoined = unjoined_said(node)
    # What a node put back does next it does with a key alone.
    notes = [note for note in notes if not (unjoined and note.code == line_back.PUT_BACK)]
    no_way = "" if unjoined else line_speed.no_way_said(node)
    return render_template(
        "desk/line.html",
        state=node.runner.state if node.runner else None,
        # A computer without the site's key tries no line: what is said of one would send somebody to mend it.
        uplinks=node.runner.uplinks() if node.runner and not unjoined else (),
        unjoined_said=unjoined,
        line_said=line_words.line_said(node, g.now_ms),
        astray_said=astray_said(node.runner.state, node.runner.ways.astray()) if node.runner else (),
        via_said=via_said(node.runner.state, node.runner.uplinks(), node.runner.ways.astray())
        if node.runner
        else "",
        light_said=light_said(node.runner.state if node.runner else None),
        is_unknown_there=node.runner is not None and node.runner.state.last_code == NotKnownThere.code,
        patience_said=line_words.patience_said(node.runner.state if node.runner else None, g.now_ms),
        barred_said=line_words.barred_said(node),
        pace_said=line_speed.pace_said(node),
        no_way_said=no_way,
        coming=[said for said in line_speed.coming_said(node) if said != no_way],
        disk=int(node.disk.state()),
        sites=line_words.sites_of(node),
        outages=[outage_line(one) for one in node.outages.own(OUTAGES_SHOWN)],
        unsent=_unsent(),
        aside=line_words.aside_said(node, g.now_ms),
        standing_said=line_words.standing_said(node),
        notes=line_words.notes_said(notes)[:NOTES_SHOWN],
        back=None if unjoined else line_back.back_said(node, notes),
        **_parked(),
    )


@line.post("/send")
@requires()
def send() -> Response:
    """Contact the node above at once, whatever pause the line is in."""
    node = current_node()
    if node.runner is None or not node.runner.uplinks():
        flash(_("本站没有设置上级线路，请用U盘交换。"), "warn")
        return redirect(url_for(".index"), 303)
    if node.runner.state.failures:
        # A failing line keeps its pause when it is woken; a person who asks gets a try of their own.
        node.runner.step()
    node.wake()
    state = node.runner.state
    flash(*_what_came(node, state))
    return redirect(url_for(".index"), 303)


@line.post("/wait-no-longer")
@requires(Role.ADMIN)
@redraws(".index")
def wait_no_longer() -> Response:
    """Tell no more of an act that waits for what nobody may have, as an administrator says with a reason."""
    node, act, why = current_node(), request.form.get("act", ""), request.form.get("why", "")[:_WHY_MAX]
    if not act:
        left = Problem("act", str(_("哪一份")), "required", str(_("请选择不再等哪一份。")))
        raise BadInput(problems=[left, *waits_ended.reason_problems(why)])
    with node.unit():
        kept = node.spool.parked()
        row = next((one for one in told_of(kept) if one.id == act), None)
        # Of what is still on its way, or waits for a word of the county's, nobody here ends the wait.
        if row is None or not parked_row(row, g.now_ms, filings_of(kept))["may_end"]:
            raise WaitNotEnded
        waits_ended.end_wait(row, kept, g.actor, why, g.now_ms)
    flash(_("已不再等这一份。报文留存，它等的到了照样自动办理。"))
    return redirect(url_for(".index"), 303)


def _what_came(node: Any, state: LineState) -> tuple[str, str]:
    """Return what is said of a try somebody asked for, and its colour: nothing that failed is green."""
    if state.is_busy:
        return _("线路是通的，上级站正忙。内容都存在本站，会自动再试，也可以用U盘送出。"), "warn"
    if state.failures and line_speed.is_unheard(node):
        told = _("没有交换成：%(why)s 内容都存在本站，重新入网以前送不出去。", why=state.last_sentence)
        return told, "bad"
    if state.failures:
        told = _("没有交换成：%(why)s 内容都存在本站，会自动再试，也可以用U盘送出。", why=state.last_sentence)
        return told, "warn"
    return _("已开始发送，几秒后刷新本页看结果。"), "good"


@line.post("/sheet")
@requires()
def make_sheet() -> Response:
    """Keep the heads of all streams as they are now, with one hash over them, and show what was kept."""
    return redirect(url_for(".sheet", name=current_node().keep_heads(g.now_ms)), 303)


@line.get("/sheet")
@requires()
def former_sheet() -> Response:
    """Lead those who kept the address by which sheets were once shown to the page that makes one."""
    return redirect(url_for(".index"), 303)


@line.get("/sheet/<name>")
@requires()
@on_paper
def sheet(name: str) -> str:
    """Show a kept sheet of heads, to be printed on A4 and kept in a binder: never what no file holds."""
    node = current_node()
    found = node.kept_heads(name)
    if found is None:
        raise NotFound
    fields = found["fields"]
    return render_template(
        "desk/sheet.html",
        said=fields,
        file=found["file"],
        hash=grouped(fields["hash"]),
        root=grouped(node.fingerprint()[:32]),
        rows=[line_words.head_row(row) for row in found["lines"][:SHEET_ROWS]],
        left_out=max(0, fields["streams"] - SHEET_ROWS),
        site=str(node.site_name()),
    )


def _parked() -> dict[str, Any]:
    """Return what is said of acts that cannot be applied yet, and of which the reader may end the wait."""
    kept = current_node().spool.parked()
    settled, told = Counter(row.reason for row in kept if row.reason in SETTLED), told_of(kept)
    filings = filings_of(kept)
    rows = [parked_row(row, g.now_ms, filings) for row in told[:PARKED_SHOWN]]
    return {
        "parked": rows,
        "more_parked": len(told) - len(rows),
        "may_end": [row for row in rows if row["may_end"]] if Role.ADMIN in g.staff.roles else [],
        "left_behind": settled[LEFT],
        "struck": settled[STRUCK_OUT],
        "ended": len(kept) - settled.total() - len(told),
    }


def _unsent() -> list[dict[str, Any]]:
    """Return why cases filed here have not left yet: each reason with how many, and the newest of them."""
    node = current_node()
    above = node.tree().up(node.me)[1:]
    if not above:
        return []
    found = queues.newest(Wanted(origin=node.me), UNSENT_LOOKED_AT)
    ticks = node.casework.ctx.sync.places_of(case.first_act for case in found)
    unsent = [case for case in found if ticks[case.first_act] is Tick.SAVED]
    reached = _reached([case.first_act for case in unsent], above)
    bundle, reasons = _bundle(above), dict[str, list[CaseLine]]()
    for case in unsent:
        why = line_words.unsent_said(node)
        if case.first_act in reached:
            why = str(_("上级站已经收到，等它的回执，到了自动更新。"))
        elif bundle is not None and case.filed_at <= bundle.at:
            why = line_words.bundled_said(bundle.at)
        reasons.setdefault(why, []).append(case)
    return [
        {"why": why, "count": len(cases), "rows": shown.rows(cases[:UNSENT_SHOWN])}
        for why, cases in reasons.items()
    ]


def _reached(acts: Sequence[str], above: Sequence[str]) -> set[str]:
    """Return those of these acts that a node above says it holds, though no receipt has come yet.

    A number alone is no word of an act: where two copies of this node were at work, another act may have it.
    """
    spool = current_node().spool
    places = spool.places_of_acts(acts)
    upto = dict.fromkeys((stream for at in places.values() for stream, _seq in at), 0)
    for vector in map(spool.vector, above):
        for stream in upto.keys() & vector.keys():
            part = vector[stream]
            if part.upto > upto[stream] and has_all(spool, spool.stream(stream), part):
                upto[stream] = part.upto
    return {act for act, at in places.items() if any(upto[stream] >= seq for stream, seq in at)}


def _bundle(above: Sequence[str]) -> Job | None:
    """Return the making of the newest bundle, when that was one for a node above and is done."""
    job = Sticks(current_node().config.data_dir).job(OUT)
    return job if job is not None and job.state == DONE and job.about in above else None
