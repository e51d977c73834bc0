"""A letter of authority in words, on its own page and in lists."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_babel import gettext as _

from common.authority.rules import ALL_ITEMS, PROOF_NAMES, Letter, covers
from common.catalogue.rules.applicant import id_type
from common.catalogue.rules.identity import mask_id_number, mask_phone
from common.days import local_day
from common.web.ports import current_node


def told(letter: Letter) -> dict[str, Any]:
    """Return what the page of one letter says beside the letter itself."""
    return {
        "scope": _scope_name(letter.scope),
        "proof": _(PROOF_NAMES[letter.proof]),
        "is_good": covers(letter, letter.scope, local_day(g.now_ms)),
        "id_type": id_type(letter.principal.id_type).name,
        "agent_id_type": id_type(letter.relative.id_type).name if letter.relative else "",
    }


def line(letter: Letter) -> dict[str, Any]:
    """Return a letter as lists show it: numbers masked."""
    return {
        "id": letter.id,
        "name": letter.principal.name,
        "id_number": mask_id_number(letter.principal.id_number),
        "phone": mask_phone(letter.principal.phone),
        "agent": letter.agent_name + (f"（{_(letter.relative.relation)}）" if letter.relative else ""),
        "scope": _scope_name(letter.scope),
        "from_day": letter.from_day,
        "to_day": letter.to_day,
        "is_good": covers(letter, letter.scope, local_day(g.now_ms)),
        "is_revoked": bool(letter.revoked_on),
    }


def _scope_name(scope: str) -> str:
    if scope == ALL_ITEMS:
        return str(_("本站代办的全部事项"))
    item = current_node().catalogue.item(scope)
    return str(item.name) if item else scope
