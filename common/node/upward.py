"""The line to the nodes above, as the settings have it: patience, proxy, whose certificates count."""

from __future__ import annotations

from common.config import NodeConfig
from common.errors import LiandongError
from sync.adapters.http_client import HttpLine, LineFault, Refused, Timeouts


class ParentNotReached(LiandongError):
    """There was no answer to a request to join; the same request is sent when it is asked again."""

    code = "E469"
    status = 503
    sentence = "没有联系上上级站 {url}（{why}），还没有入网：请核对网址和线路，再执行一次。"


def line_up(config: NodeConfig) -> HttpLine:
    """Return a line that is made as the settings say; enrolment and exchanges use the same."""
    authority = str(config.path(config.tls_ca_file)) if config.tls_ca_file else ""
    return HttpLine(Timeouts(silence_s=config.sync_timeout_s), config.sync_proxy, authority)


def ask_to_join(config: NodeConfig, url: str, request: bytes) -> bytes:
    """Send a request to join to the node that answers at `url`, and return what it says.

    Raises:
        ParentNotReached: nobody answered, or no node.
        BadEnrolment, CodeUsedTwice, Refused: it said no.
    """
    try:
        return line_up(config).enrol(url, request)
    except Refused:
        raise
    except LineFault as problem:
        raise ParentNotReached(url=url, why=problem.code) from problem
