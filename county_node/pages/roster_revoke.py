"""Revoking a node's keys: how far each of its streams counts, and what was taken shown before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.casework import lists
from common.desk.pages import shown
from common.errors import BadInput, NotFound, Problem
from common.node.keyring.as_seen import lines_with, revoke_as_seen
from common.node.keyring.trust import NotAllowedInRoster
from common.people.rules.roles import Role
from common.web.forms import Field, redraws
from common.web.guard import requires
from common.web.ports import current_node
from county_node.pages.roster import entry_of, key_rows, row_of
from county_node.pages.roster_held import said
from county_node.pages.roster_steps import STEPS
from sync.protocol.entries import Entry
from sync.protocol.trust.revocation import LOST, STOLEN, Line, Revocation

roster_revoke = Blueprint("roster_revoke", __name__, url_prefix="/roster", template_folder="../templates")

_STEP = STEPS["revoke"]
_CUT = "cut:"
_DIGITS_MAX = 11
# So many of the newest acts are listed of a stream, and on a page: a thief opens streams without end.
SENT_SHOWN = 50
SENT_MAX = 500
# So many streams are asked about, the first ones: a form of all that a thief has opened could not be sent.
LINES_MAX = 1_000


@roster_revoke.get("/<address>/revoke")
@requires(Role.ADMIN)
def ask(address: str) -> str:
    """Ask which keys, why, and up to where each stream counts."""
    with current_node().heart.reading():
        entry = _entry(address)
        found = _lines(entry, {key.id for key in entry.good_keys})
        lines = _listed(found[:LINES_MAX])
        falling = _falling(entry, [])
    good = [key.id for key in entry.good_keys]
    return render_template(
        "county/roster_revoke.html",
        row=row_of(entry),
        step=_STEP,
        reason=Field("reason", str(_("原因")), "choice", True, "", tuple(_reasons().items())),
        reason_first=STOLEN,
        lines=lines,
        left_out=len(found) - len(lines),
        falling=falling,
        keys=[key for key in key_rows(entry) if key["id"] in good and len(good) > 1],
        ticked=request.form.getlist("key") if request.form else good,
    )


@roster_revoke.post("/<address>/revoke/check")
@requires(Role.ADMIN)
@redraws(".ask")
def check(address: str) -> str:
    """Show which keys would be revoked and up to where each stream would count; nothing is changed."""
    with current_node().heart.reading():
        entry = _entry(address)
        wanted, listed = _read(entry)
        places = [(line, wanted.cut.get(line.stream, line.upto)) for line in listed]
        left_out = len(wanted.cut.keys() - {line.stream for line in listed})
        lines = [{**_line(line), "place": place, "last": _sent(line, place, 1)} for line, place in places]
        falling = _falling(entry, wanted.keys)
    keys = [key.id for key in entry.good_keys if not wanted.keys or key.id in wanted.keys]
    return render_template(
        "county/roster_revoke_check.html",
        row=row_of(entry),
        title=_STEP.title,
        reason=wanted.reason,
        why=_reasons()[wanted.reason],
        keys=keys,
        is_several="several" in request.form,
        lines=lines,
        left_out=left_out,
        falling=falling,
        is_last=len(keys) == len(entry.good_keys),
    )


@roster_revoke.post("/<address>/revoke")
@requires(Role.ADMIN)
@redraws(".ask")
def do(address: str) -> Response:
    """Revoke them; of a stream that came only after the person had looked nothing counts."""
    node = current_node()
    with node.unit():
        entry = _entry(address)
        wanted, _lines_now = _read(entry)
        fallen = _falling(entry, wanted.keys)
        unseen = revoke_as_seen(node.trust, wanted, g.actor.login)
    node.wake()
    flash(_("名册已改，各站点下次联系时生效。"))
    if unseen:
        flash(_("核对以后新出现的 %(n)s 段您没有看过，全部暂扣。", n=len(unseen)), "warn")
    for one in fallen:
        flash(_("%(place)s %(key)s…：要发新的入网码", place=one["place"], key=one["key"][:16]), "warn")
    return redirect(url_for("roster.show", address=address), 303)


def _entry(address: str) -> Entry:
    """Return the entry of a node with a key that may be revoked.

    Raises:
        NotFound: no such node, or it is retired, or the county itself.
        NotAllowedInRoster: it has no such key.
    """
    entry = entry_of(address)
    if entry.status not in _STEP.standing or address == current_node().me:
        raise NotFound
    return current_node().trust.with_key(address)


def _lines(entry: Entry, keys: set[str]) -> list[Line]:
    """Return the streams begun with these keys, by their epochs: what a thief has opened comes last."""
    found = lines_with(current_node().trust, entry.address, keys)
    return sorted(found, key=lambda line: int(line.stream.epoch.split("-")[0]))


def _falling(entry: Entry, keys: Sequence[str]) -> list[dict[str, str]]:
    """Return the keys for which only these keys, all where none is named, give their word."""
    names = current_node().trust.vouched.falling(entry.address, keys or [key.id for key in entry.good_keys])
    return [{"address": at, "place": shown.place_words(at), "key": key} for at, key in names]


def _read(entry: Entry) -> tuple[Revocation, list[Line]]:
    """Return what is to be revoked, and the streams asked about.

    Raises:
        BadInput: a number that no stream has, no key ticked, no reason, or nobody is sure; all are listed.
        NotAllowedInRoster: none of the keys named is good any more, as on a page that was open for long.
    """
    form, problems = request.form, []
    keys, reason = tuple(form.getlist("key")), form.get("reason", "")
    if keys and not any(key.id in keys for key in entry.good_keys):
        raise NotAllowedInRoster(sentence="要作废的钥匙已经作废，没有改动。")
    good = {key.id for key in entry.good_keys}
    lines = _lines(entry, good & set(keys) if keys else good)
    # Where not all could be asked about, nothing counts of those that were not.
    is_crowded = len(_lines(entry, good)) > LINES_MAX
    asked = [line for line in lines if not is_crowded or _name(line) in form]
    cut = {line.stream: 0 for line in lines} if is_crowded else {}
    for line in asked:
        name = _name(line)
        if name not in form:
            continue
        place, problem = _place(form[name], line)
        cut[line.stream] = place
        problems += [Problem(name, str(_("截止号")), "number", problem)] if problem else []
    if form.get("several") and not keys:
        problems.append(Problem("key", str(_("钥匙")), "required", str(_("请勾选要作废的钥匙。"))))
    if reason not in _reasons():
        problems.append(Problem("reason", str(_("原因")), "required", str(_("请选择原因。"))))
    if not form.get("sure"):
        problems.append(Problem("sure", str(_("确认")), "required", str(_("请先勾选确认。"))))
    if problems:
        raise BadInput(problems=problems)
    return Revocation(entry.address, reason, keys, cut), asked


def _place(typed: str, line: Line) -> tuple[int, str]:
    """Return the number typed for a stream, and what is wrong with it, "" when nothing is."""
    typed = typed.strip()
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= _DIGITS_MAX):
        return 0, str(_("截止号请填数字。"))
    if int(typed) > line.upto:
        # Were it taken for the last one, a slip of the hand would let all count that the thief has sent.
        return 0, str(_("这一段只到第 %(n)s 号，请填 0 到 %(n)s；全部不认的填 0。", n=line.upto))
    return int(typed), ""


def _reasons() -> dict[str, str]:
    return {STOLEN: str(_("被盗或泄露")), LOST: str(_("遗失或损坏"))}


def _name(line: Line) -> str:
    return f"{_CUT}{line.stream}"


def _listed(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return the streams as the form asks about them, each with its newest acts; needs an open reading."""
    found, room = [], SENT_MAX
    for line in lines:
        sent = _sent(line, line.upto, min(SENT_SHOWN, room))
        room -= len(sent)
        found.append({**_line(line), "sent": sent, "is_more": line.is_seen and len(sent) < line.upto})
    return found


def _sent(line: Line, upto: int, limit: int) -> list[dict[str, Any]]:
    """Return the newest acts of a stream up to a number, newest first, with when each came to this node."""
    rows = [
        {**said(frame), "act": frame.act} for frame in current_node().trust.sent(line.stream, upto, limit)
    ]
    came = lists.came_at(row["act"] for row in rows)
    return [{**row, "came_at": came.get(row["act"], 0)} for row in reversed(rows)]


def _line(line: Line) -> dict[str, Any]:
    return {
        "key": _name(line),
        "to": shown.place_words(line.stream.dst),
        "epoch": line.stream.epoch.split("-")[0],
        "upto": line.upto,
        "is_seen": line.is_seen,
        "marks": [(shown.place_words(m.signer), m.upto, m.at, m.is_off) for m in line.marks],
    }
