"""How the sites in a kept folder are served again: the commands, one for each site, the county first."""

from __future__ import annotations

import shlex
from pathlib import Path

from common.config import CONFIG_FILE, ENVIRONMENT_PREFIX, read_config
from common.errors import LiandongError
from common.node.demo.county import ROOT, NodeProcess
from common.node.demo_data.sites import SITES


def serve_commands(folder: Path) -> list[str]:
    """Return the commands that serve the sites of a folder again; none where it holds no demonstration.

    In the demonstration lines led over relays, which are gone: each site is told its parent's own address.
    """
    binds = {site.address: _bind(folder / site.address) for site in SITES}
    return [
        _command(folder / site.address, site.address, binds.get(site.parent, ""))
        for site in SITES
        if binds[site.address]
    ]


def _bind(folder: Path) -> str:
    if not (folder / CONFIG_FILE).is_file():
        return ""
    try:
        return read_config(folder, {}).bind
    except LiandongError:
        return ""


def _command(folder: Path, address: str, above: str) -> str:
    line = f"{ENVIRONMENT_PREFIX}PARENT_URL=http://{above} " if above else ""
    package = NodeProcess(address, folder, 0).package
    return f"{line}{_python()} -m {package} serve --data {shlex.quote(str(folder.resolve()))}"


def _python() -> str:
    return shlex.quote(str(ROOT / ".venv" / "bin" / "python"))
