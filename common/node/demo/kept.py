"""What stays of a demonstration in a kept folder: where its sites answer and how they are served again."""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path

from common.config import CONFIG_FILE, ENVIRONMENT_PREFIX, NodeConfig, read_config, write_config
from common.errors import LiandongError
from common.node.backups.restore import is_running
from common.node.demo.county import ROOT, NodeProcess, said_at_start
from common.node.demo_data.sites import SITES


def urls_of(folder: Path) -> dict[str, str]:
    """Return where each site in a folder answers when it is served, by its address: those that were made."""
    found = {site.address: _config(folder / site.address) for site in SITES}
    return {address: f"http://{config.bind}" for address, config in found.items() if config is not None}


def lead_to_parents(folder: Path) -> None:
    """Write the parent's own address into the settings of each site: the relay of its line is gone.

    No site may be running.
    """
    urls = urls_of(folder)
    for site in SITES:
        if site.address in urls and site.parent in urls:
            place = folder / site.address
            settings = tomllib.loads((place / CONFIG_FILE).read_text(encoding="utf-8"))
            write_config(place, {**settings, "parent_url": urls[site.parent]})


def serve_commands(folder: Path) -> list[str]:
    """Return the commands that serve the sites of a folder again; none where it holds no demonstration.

    Where a demonstration was killed its sites still have the addresses of relays, and are told better.
    """
    urls = urls_of(folder)
    return [
        _command(folder / site.address, site.address, urls.get(site.parent, ""))
        for site in SITES
        if site.address in urls
    ]


def used_folder(folder: Path) -> list[str]:
    """Return what is said to somebody who wants to begin a demonstration in a folder with something in it."""
    said = [f"{folder} 不是空文件夹，演示没有开始：请换一个空文件夹。"]
    running = {address: url for address, url in urls_of(folder).items() if _is_running(folder / address)}
    if running:
        sites = [f"  {address} {url}" for address, url in running.items()]
        return [*said, "里面的站点现在正在运行，用浏览器就能打开：", *sites]
    again = serve_commands(folder)
    return (
        [*said, "要重新启动里面的站点，请在各自的窗口分别执行：", *(f"  {one}" for one in again)]
        if again
        else said
    )


def _is_running(folder: Path) -> int:
    config = _config(folder)
    return int(config is not None and is_running(config))


def _config(folder: Path) -> NodeConfig | None:
    if not (folder / CONFIG_FILE).is_file():
        return None
    try:
        return read_config(folder, {})
    except LiandongError:
        return None


def _command(folder: Path, address: str, above: str) -> str:
    config = _config(folder)
    is_led = config is not None and config.parent_url == above
    line = f"{ENVIRONMENT_PREFIX}PARENT_URL={above} " if above and not is_led else ""
    package = NodeProcess(address, folder, 0).package
    served = f"{line}{_python()} -m {package} serve --data {shlex.quote(str(folder.resolve()))}"
    return " ".join([served, *(said_at_start(config) if config else [])])


def _python() -> str:
    return shlex.quote(str(ROOT / ".venv" / "bin" / "python"))
