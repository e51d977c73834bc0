"""The line to the nodes above, as the settings have it: patience, proxy, whose certificates count."""

from __future__ import annotations

from common.config import NodeConfig
from sync.adapters.http_client import HttpLine, Timeouts


def line_up(config: NodeConfig) -> HttpLine:
    """Return a line that is made as the settings say; enrolment and exchanges use the same."""
    authority = str(config.path(config.tls_ca_file)) if config.tls_ca_file else ""
    return HttpLine(Timeouts(silence_s=config.sync_timeout_s), config.sync_proxy, authority)
