"""What the server under the pages logs, in the one form of all logs: who asks chooses what it has to say.

By itself it writes lines of its own kind, and with an error that nobody foresaw all of its text.
"""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger

from common.node.logs import JsonLines


class ServerLog(Logger):
    """The server's log as JSON lines."""

    def setup(self, cfg: Any) -> None:
        """Make it ready, as the settings say."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonLines())

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Log an error; of the address that was asked for without what was asked for there."""
        super().exception(msg, *(str(one).partition("?")[0] for one in args), **kwargs)
