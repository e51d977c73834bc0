"""One line of JSON a log record, on standard error. Bodies, names and numbers of people are never logged.

What a person typed can stand in the text of an error that nobody foresaw, and whoever asks for a page chooses
its path. So numbers as people have them and Chinese words of such errors are blotted out, and no sign is left
that would begin a line of its own or steer the terminal of who reads the log.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime

from common.errors import LiandongError

BLOT = "…"
# Identity numbers of either length, mobile telephones; addresses (12 digits) and moments (13) stay.
_NUMBERS = re.compile(r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{15}|1\d{10})(?![0-9A-Za-z])")
_WORDS = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
# JSON escapes what is below a space by itself, not the other controls, line ends and turns of direction.
_STEERING = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# Their texts speak of the program and the machine; those of others (ValueError, KeyError …) quote people.
_PLAIN = (LiandongError, OSError, AttributeError, ImportError, NameError, RuntimeError, TypeError)
_PLAIN_LIBRARIES = ("peewee", "sqlite3", "sqlcipher3")
_CHAIN_MAX = 5
_OURS = ("liandong", "common", "sync", "gunicorn")


class JsonLines(logging.Formatter):
    """Writes a record as one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without the end of it."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "from": record.name,
            "said": _NUMBERS.sub(BLOT, record.getMessage()),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = _trace(record.exc_info[1])
        return _STEERING.sub(BLOT, json.dumps(line, ensure_ascii=False))


def _trace(problem: BaseException | None) -> str:
    """Return where an error came from, and what from that; of its text only what quotes nobody."""
    parts: list[str] = []
    while problem is not None and len(parts) < _CHAIN_MAX:
        where = "".join(traceback.format_tb(problem.__traceback__))
        kind = f"{type(problem).__module__}.{type(problem).__qualname__}"
        is_plain = isinstance(problem, _PLAIN) or kind.partition(".")[0] in _PLAIN_LIBRARIES
        parts.append(f"{where}{kind}: {problem}" if is_plain else f"{where}{kind}")
        problem = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)
    return _WORDS.sub(BLOT, _NUMBERS.sub(BLOT, "\nout of:\n".join(parts)))


def configure_logs(level: str) -> None:
    """Send log records to standard error as JSON lines: ours from `level` on, others from WARNING.

    At DEBUG the database library writes every statement with its values, and others what they send.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(level)
