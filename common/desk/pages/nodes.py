"""The nodes below this one: how they are, and the codes by which new ones are let in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request
from flask_babel import gettext as _

from common.desk.pages import shown
from common.errors import BadInput, Problem
from common.people.rules.roles import Role
from common.web.forms import redraws
from common.web.guard import requires
from common.web.ports import current_node

nodes = Blueprint("nodes", __name__, url_prefix="/nodes")

# A node that has not been heard of for a day is worth a telephone call, after three somebody should go there.
WARN_MS = 24 * 3_600_000
BAD_MS = 3 * WARN_MS
# A township's code has nine digits; six more letters would be a village of another county.
_NEXT_DIGITS = {6: (9, 12), 9: (12,)}


class NoPlaceBelow(BadInput):
    """No division below this node was chosen."""

    code = "E244"
    sentence = "请从名单中选择要登记的下级站点。"


@nodes.get("")
@requires(Role.ADMIN)
def index() -> str:
    """Show the nodes below, the codes given out, and the form for a new one."""
    node = current_node()
    issued = node.enrolment.issued()
    return render_template(
        "desk/nodes.html",
        below=states_below(),
        issued=[
            {
                "name": row.name,
                "address": row.address,
                "issued_at": row.issued_at,
                "expires_at": row.expires_at,
                "used_at": row.used_at,
                "is_expired": not row.used_at and row.expires_at < g.now_ms,
            }
            for row in issued
        ],
        places=_places_below(),
        fingerprint=_grouped(node.fingerprint()),
    )


@nodes.post("/code")
@requires(Role.ADMIN)
@redraws(".index")
def issue() -> str:
    """Give out a code and show its sheet once, to be printed; the node keeps only what the code keys.

    There is no redirect on purpose: the code is nowhere to be read again.
    """
    node = current_node()
    address = request.form.get("address", "").strip()
    if address not in dict(_places_below()):
        sentence = str(_(NoPlaceBelow.sentence))
        raise NoPlaceBelow(problems=[Problem("address", str(_("站点")), NoPlaceBelow.code, sentence)])
    name = request.form.get("name", "").strip()[:60] or node.place_name(address)
    with node.unit():
        code = node.enrolment.issue(address, name, g.now_ms)
    row = next(row for row in node.enrolment.issued() if row.address == address)
    return render_template(
        "desk/node_code.html",
        code=code,
        name=name,
        full_name=shown.place_words(address),
        address=address,
        parent_name=node.site_name(),
        parent_address=node.me,
        parent_url=_own_url(),
        fingerprint=_grouped(node.fingerprint()),
        expires_at=row.expires_at,
        program="town_node" if len(address) == 9 else "village_node",
    )


def states_below() -> list[dict[str, Any]]:
    """Return the nodes directly below with last contact, light and whether something waits for them."""
    return [
        {
            "address": address,
            "name": name,
            "contact_at": contact_at,
            "waits": waits,
            "light": _light(contact_at),
        }
        for address, name, contact_at, waits in current_node().below()
    ]


def _light(contact_at: int) -> str:
    if not contact_at:
        return ""
    silent = g.now_ms - contact_at
    return "bad" if silent > BAD_MS else "warn" if silent > WARN_MS else "good"


def _places_below() -> list[tuple[str, str]]:
    """Return the divisions that may get a node below this one, the next level first."""
    node = current_node()
    levels = _NEXT_DIGITS.get(len(node.me), ())
    found = [address for address in node.places if len(address) in levels and address.startswith(node.me)]
    return [(address, shown.place_words(address)) for address in sorted(found, key=lambda a: (len(a), a))]


def _own_url() -> str:
    """Return under which address this node answers, as the sheet prints it."""
    config = current_node().config
    scheme = "https" if config.tls_cert_file else "http"
    return str(config.public_url or f"{scheme}://{config.bind}")


def _grouped(fingerprint: str) -> str:
    """Return the fingerprint in groups of four, as people compare it."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))
