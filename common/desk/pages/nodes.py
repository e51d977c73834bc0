"""The nodes below this one: how they are, and the codes by which new ones are let in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, g, render_template, request
from flask_babel import gettext as _

from common.casework import queues
from common.desk.pages import line_words, shown
from common.desk.pages.node_places import (
    TOWNSHIP_DIGITS,
    in_groups,
    places_below,
    places_found,
    places_to_join,
    scopes,
    with_good_codes,
)
from common.desk.pages.outage_words import tally_words
from common.errors import BadInput, Problem
from common.outages.service import SPAN_DAYS
from common.people.rules.roles import Role
from common.web.english import on_paper
from common.web.forms import redraws
from common.web.guard import requires
from common.web.ports import current_node
from common.web.qr import plain_qr

nodes = Blueprint("nodes", __name__, url_prefix="/nodes")

# A node that has not been heard of for a day is worth a telephone call, after three somebody should go there.
WARN_MS = 24 * 3_600_000
BAD_MS = 3 * WARN_MS
# So many codes are listed until all are asked for.
CODES_SHOWN = 30
# So long it is told that the county did not accept a computer.
TURNED_DOWN_MS = 30 * 24 * 3_600_000
_SEARCH_MAX = 60
# Up to so many places a drop-down alone will do.
_MANY = 12
# What sheets do with a code that is still good: its site keeps it and gets no other, or it is void.
_KEEP, _VOID = "keep", "void"


class NoPlaceBelow(BadInput):
    """No division below this node was chosen."""

    code = "E244"
    sentence = "请从名单中选择要登记的下级站点。"


@nodes.get("")
@requires(Role.ADMIN)
def index() -> str:
    """Show the nodes below, the codes given out, and the form for a new one."""
    node = current_node()
    codes = node.enrolment.issued()
    # What waits for somebody first; a county that printed a sheet for each site has hundreds.
    issued = sorted(codes, key=lambda row: (bool(row.used_at), -row.issued_at))
    issued = issued if request.args.get("codes") == "all" else issued[:CODES_SHOWN]
    turned_down = node.enrolment.turned_down()
    out = {(one.address, one.joined_at) for one in turned_down}
    fallen, typed = _fallen(), request.args.get("q", "")[:_SEARCH_MAX]
    return render_template(
        "desk/nodes.html",
        below=[state | {"unheard": _unheard(state["address"])} for state in states_below()],
        issued=[
            {
                "name": row.name,
                "address": row.address,
                "issued_at": row.issued_at,
                "expires_at": row.expires_at,
                "used_at": row.used_at,
                "is_out": bool(row.used_at) and (row.address, row.used_at) in out,
                "is_fallen": (row.address, row.used_at) in fallen,
                "is_expired": not row.used_at and row.expires_at < g.now_ms,
            }
            for row in issued
        ],
        codes=len(codes),
        turned_down=[
            {"place": shown.place_words(one.address), "since": one.since, "joined_at": one.joined_at}
            for one in turned_down
            if g.now_ms - one.since < TURNED_DOWN_MS
        ],
        fallen=[{"place": shown.place_words(address), "joined_at": at} for address, at in fallen],
        **_choice(typed),
        days=SPAN_DAYS,
        fingerprint=grouped(node.fingerprint()),
    )


def _choice(typed: str) -> dict[str, Any]:
    """Return among which places a code is given out, those that fit what was typed to find one."""
    found = places_found(typed)
    return {
        "places": in_groups(found),
        "found": len(found),
        "only": found[0] if len(found) == 1 else "",
        "typed_search": typed,
        "has_many": len(places_below()) > _MANY,
    }


@nodes.post("/code")
@requires(Role.ADMIN)
@redraws(".index")
@on_paper
def issue() -> str:
    """Give out a code and show its sheet once, to be printed; the node keeps only what the code keys.

    There is no redirect on purpose: the code is nowhere to be read again. Where another one is still good,
    which this one would make void, nothing is changed until somebody says so of that very one: a page sent
    twice voids no sheet that was just printed.
    """
    node = current_node()
    address = request.form.get("address", "").strip()
    if address not in places_below():
        sentence = str(_(NoPlaceBelow.sentence))
        raise NoPlaceBelow(problems=[Problem("address", str(_("站点")), NoPlaceBelow.code, sentence)])
    name = request.form.get("name", "").strip()[:60] or node.place_name(address)
    with node.unit():
        good = with_good_codes([address], g.now_ms).get(address)
        if good and request.form.get("void") != str(good.issued_at):
            return render_template(
                "desk/node_code_check.html",
                address=address,
                place=shown.place_words(address),
                name=name,
                issued_at=good.issued_at,
                expires_at=good.expires_at,
            )
        code = node.enrolment.issue(address, name, g.now_ms, g.actor.login)
    return render_template("desk/node_code.html", **sheets_of({address: code}, g.staff.name))


@nodes.get("/sheets")
@requires(Role.ADMIN)
def sheets() -> str:
    """Ask for which of the sites that have not joined yet sheets are to be printed in one go."""
    open_places = places_to_join()
    return render_template(
        "desk/node_sheets.html",
        scopes=scopes(open_places),
        waiting=len(with_good_codes(open_places, g.now_ms)),
        seen=current_node().enrolment.mark(),
        fingerprint=current_node().fingerprint(),
    )


@nodes.post("/sheets")
@requires(Role.ADMIN)
@redraws(".sheets")
@on_paper
def print_sheets() -> str:
    """Give a code to each of them and show all sheets once, a page of A4 each; nothing keeps them.

    Whether those get another that have a good one is asked first: `good` says that they keep it or lose it.
    """
    node, under = current_node(), request.form.get("under", "").strip()
    places = [one for one in places_to_join() if one.startswith(under)] if under else []
    if not places:
        sentence = str(_(NoPlaceBelow.sentence))
        raise NoPlaceBelow(problems=[Problem("under", str(_("发给哪里")), NoPlaceBelow.code, sentence)])
    good, answer = with_good_codes(places, g.now_ms), request.form.get("good", "")
    names = {one: node.place_name(one) for one in places if answer == _VOID or one not in good}
    seen = request.form.get("seen") or "nothing"
    node.enrolment.check_seen(seen)
    if good and (answer not in (_KEEP, _VOID) or not names):
        return _ask_of_codes(under, good, len(names))
    with node.unit():
        codes = node.enrolment.issue_sheets(names, g.actor.login, g.now_ms, seen)
    return render_template("desk/node_code.html", **sheets_of(codes, g.staff.name))


def _ask_of_codes(under: str, good: Mapping[str, Any], fresh: int) -> str:
    listed = list(good.items())[:CODES_SHOWN]
    return render_template(
        "desk/node_sheets_check.html",
        under=under,
        seen=request.form.get("seen", ""),
        good=[{"place": shown.place_words(one), "expires_at": row.expires_at} for one, row in listed],
        waiting=len(good),
        fresh=fresh,
    )


def sheets_of(codes: Mapping[str, str], issuer: str) -> dict[str, Any]:
    """Return what `_enrolment_sheet.html` shows: `sheets` for these codes by address, and `by` whom."""
    node = current_node()
    rows = {row.address: row for row in node.enrolment.issued()}
    sheets_shown = [
        {
            "name": rows[address].name,
            "full_name": shown.place_words(address),
            "address": address,
            "code": code,
            "qr": plain_qr(code),
            "expires_at": rows[address].expires_at,
            "program": "town_node" if len(address) == TOWNSHIP_DIGITS else "village_node",
            **_above(address),
        }
        for address, code in codes.items()
    ]
    by = {
        "name": node.site_name(),
        "address": node.me,
        "url": _own_url(),
        "fingerprint": grouped(node.fingerprint()),
        "issuer": issuer,
    }
    return {"sheets": sheets_shown, "by": by}


def _above(address: str) -> dict[str, str]:
    """Return under whom a site will stand, as its sheet says it, and where that one answers, "" if unknown.

    A code is good where it was given alone; that is not always the node right above.
    """
    node, tree = current_node(), current_node().tree()
    above, town = tree.parent(address), address[:TOWNSHIP_DIGITS]
    name = node.site_name() if above == node.me else node.place_name(above)
    words = f"{name}（{above}）"
    if above == node.me and town not in (address, node.me) and town in node.places and town not in tree:
        at = f"{node.place_name(town)}（{town}）"
        words = str(_("%(place)s；它入网以前由%(name)s接收", place=at, name=words))
    return {"parent": words, "parent_url": _own_url() if above == node.me else node.url_of(above)}


def states_below() -> list[dict[str, Any]]:
    """Return the nodes directly below: last contact and light, whether something is to be sent to them,
    whether they are out of service, cut off, or refused since this node's word for them fell, how full their
    disks are as they said last since this program started, and how many cases wait there, or below, for
    somebody's work.
    """
    work, tree, fallen = queues.open_at(), current_node().tree(), dict(_fallen())
    return [
        {
            "address": address,
            "name": name,
            "contact_at": contact_at,
            "waits": waits,
            "light": light_of(contact_at),
            "is_out": tree.is_relieved(address),
            "is_cut_off": line_words.is_cut_off(current_node(), address),
            "is_refused": address in fallen,
            "disk": current_node().engine.disks.get(address, 0),
            "open": sum(count for at, count in work.items() if at == address or tree.is_below(at, address)),
        }
        for address, name, contact_at, waits in current_node().below()
    ]


def _fallen() -> list[tuple[str, int]]:
    node = current_node()
    with node.heart.reading():
        return list(node.enrolment.fallen())


def _unheard(address: str) -> str:
    """Return how often and how long this node did not hear from one below it lately, "" for never."""
    node = current_node()
    return tally_words(node.silences.quiet_of(address, node.me, g.now_ms).tally)


def light_of(contact_at: int) -> str:
    """Return the light of a node last heard at an instant, "" for one that never was."""
    if not contact_at:
        return ""
    silent = g.now_ms - contact_at
    return "bad" if silent > BAD_MS else "warn" if silent > WARN_MS else "good"


def _own_url() -> str:
    """Return under which address this node answers, as the sheet prints it."""
    config = current_node().config
    scheme = "https" if config.tls_cert_file else "http"
    return str(config.public_url or f"{scheme}://{config.bind}")


def grouped(fingerprint: str) -> str:
    """Return the fingerprint in groups of four, as people compare it."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))
