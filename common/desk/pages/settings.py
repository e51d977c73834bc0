"""The settings in force at this node, to be read: they stand in a file, and count from the next start."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, render_template
from flask_babel import gettext as _

from common.config import CONFIG_FILE, SETTINGS, Setting
from common.people.rules.roles import Role
from common.web.guard import requires
from common.web.ports import current_node

settings = Blueprint("settings", __name__, url_prefix="/settings")

UNITS = {
    "s": "秒",
    "ms": "毫秒",
    "h": "小时",
    "days": "天",
    "bytes": "字节",
    "MB": "MB",
    "threads": "个",
    "requests": "个",
    "attempts": "次",
    "hops": "级",
}
# An address may hold the password of a proxy: that is for nobody's screen. A password may hold "@" or "/"
# itself, and an address may lack its scheme, so everything before the last "@" is covered.
_PASSWORD = re.compile(r"\A([a-z][a-z0-9+.-]*://)?.*@", re.DOTALL | re.IGNORECASE)
_KB, _MB = 1 << 10, 1 << 20


@settings.get("")
@requires(Role.ADMIN)
def index() -> str:
    """Show every setting: what it is now, with its unit, and whether somebody changed it."""
    config = current_node().config
    rows = [_row(setting, getattr(config, setting.name)) for setting in SETTINGS]
    return render_template("desk/settings.html", rows=rows, file=CONFIG_FILE)


def _row(setting: Setting, value: Any) -> dict[str, Any]:
    return {
        "name": setting.name,
        "help": _(setting.help),
        "value": _words(setting, value),
        "default": _words(setting, setting.default),
        "is_changed": value != setting.default,
    }


def _words(setting: Setting, value: Any) -> str:
    if value == "":
        return str(_("（空）"))
    if isinstance(value, str):
        return _PASSWORD.sub(r"\1***@", value) if setting.unit.startswith("url") else value
    if setting.unit == "bytes" and value >= _KB:
        return f"{value / _MB:.3g} MB" if value >= _MB else f"{value // _KB} KB"
    unit = UNITS.get(setting.unit, "")
    return f"{value} {_(unit)}" if unit else str(value)
