"""What a person at the console is told of a site that serves: where to open it, how to stop it."""

from __future__ import annotations

import contextlib

from common.config import NodeConfig

_EVERYWHERE = ("0.0.0.0", "[::]", "")


def opened(name: str, config: NodeConfig) -> str:
    """Return the line for a site that answers from now on; `name` is what its header says."""
    return (
        f"{name}（{config.address}）已启动，请用浏览器打开 {url_of(config)} 。"
        "停止请按 Ctrl+C（装成系统服务的：systemctl stop liandong）。"
    )


def closed(config: NodeConfig) -> str:
    """Return the line for a site that has stopped as it was told."""
    return f"本站（{config.address}）已停止。"


def url_of(config: NodeConfig) -> str:
    """Return where a browser finds the site: as the settings say, else by where it listens."""
    if config.public_url:
        return str(config.public_url)
    host, _, port = config.bind.rpartition(":")
    scheme = "https" if config.tls_cert_file else "http"
    return f"{scheme}://{'这台电脑的地址' if host in _EVERYWHERE else host}:{port}"


def say(line: str) -> None:
    """Print a line at once; where nobody reads on, the site serves all the same."""
    with contextlib.suppress(OSError):
        print(line, flush=True)
