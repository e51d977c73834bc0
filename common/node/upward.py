"""The line to the nodes above, as the settings have it: patience, proxy, whose certificates count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from common.config import NodeConfig
from common.errors import LiandongError
from sync.adapters.http_client import HttpLine, Timeouts
from sync.adapters.line import LineFault, ProxyNotReached, Refused
from sync.protocol.errors import BadEnrolment
from sync.protocol.trust.refusal import barred

if TYPE_CHECKING:
    from common.node.node import Node


class ParentNotReached(LiandongError):
    """There was no answer to a request to join; the same request is sent when it is asked again."""

    code = "E469"
    status = 503
    sentence = "没有联系上上级站 {url}{why}，还没有入网：请核对网址和线路，再执行一次。"


class JoinedAlready(LiandongError):
    """The node has joined, and this code lets nobody in: mostly a sheet that was typed a second time."""

    code = "E473"
    status = 409
    sentence = (
        "本站已经入网，不用再登记。这个入网码不对、已用过、已作废或已过期，或者不是这一级站点发的；"
        "确实要重新登记的，请向上级要新的入网码，照登记单写的网址登记（--url）。"
    )


@contextmanager
def once_joined(node: Node) -> Iterator[None]:
    """Tell somebody whose node has joined already, and is heard, that a useless code is no loss.

    Raises:
        JoinedAlready: instead of the plain no; that another computer came first is never taken for a slip.
    """
    try:
        yield
    except BadEnrolment as problem:
        is_in = node.has_joined() and barred(node.peer.core) is None
        if is_in and problem.code == BadEnrolment.code:
            raise JoinedAlready from problem
        raise


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
        proxy = f"，连不上代理 {problem.proxy}" if isinstance(problem, ProxyNotReached) else ""
        raise ParentNotReached(url=url, why=f"{proxy}（{problem.code}）") from problem
