"""Enrolment sheets of many sites as one file to be printed: `enrol sheets`."""

from __future__ import annotations

import os
from pathlib import Path

from common.desk.pages.node_places import places_to_join, with_good_codes
from common.desk.pages.nodes import grouped, sheets_of
from common.errors import RuleError
from common.node.assembly import build_app
from common.node.node import Node

__all__ = ("grouped", "voided_by_sheets", "write_sheets")

_CONSOLE = "命令行"
# More than one sheet takes, with a name as long as may be; and what stands around them all.
_SHEET_BYTES, _PAGE_BYTES = 16_384, 131_072


class NobodyToJoin(RuleError):
    """All sites that were asked for have joined, or there are none."""

    code = "E449"
    sentence = "没有还没登记的下级站点，没有发入网码。"


def voided_by_sheets(node: Node, under: str) -> int:
    """Return how many codes that are still good lose their validity by the sheets that `under` asks for."""
    with build_app(node).test_request_context():
        places = [one for one in places_to_join() if one.startswith(under)]
        return len(with_good_codes(places, node.clock.now_ms()))


def write_sheets(node: Node, under: str, path: Path, seen: str = "") -> int:
    """Give a code to every site below (`under` "" or a township) that has not joined; write their sheets.

    Args:
        seen: see `EnrolmentDesk.issue_sheets`.

    Returns:
        how many sheets the file has. Only its owner can read it: it holds the codes.

    Raises:
        JoinFirst, NobodyToJoin, SheetsJustMade: nothing was changed.
        OSError: the file cannot be written, has no room, or is there already; nothing was changed.
    """
    # Before the file is made, else an empty one would be left.
    node.enrolment.check_joined()
    app = build_app(node)
    with app.test_request_context():
        names = {one: node.place_name(one) for one in places_to_join() if one.startswith(under)}
        if not names:
            raise NobodyToJoin
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            try:
                # The codes make those before them void, and are nowhere to be read again.
                os.posix_fallocate(handle, 0, _PAGE_BYTES + _SHEET_BYTES * len(names))
                with node.unit():
                    codes = node.enrolment.issue_sheets(names, "", node.clock.now_ms(), seen)
            except BaseException:
                path.unlink()
                raise
            page = app.jinja_env.get_template("desk/node_sheets_file.html")
            file.write(page.render(**sheets_of(codes, _CONSOLE)))
            file.flush()
            os.ftruncate(handle, file.tell())
            os.fsync(handle)
    return len(codes)
