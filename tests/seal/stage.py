"""A node's folder with a decided case in its database, seals issued, and a plain PDF to put them on."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter

from common.casework.messages import apply
from common.casework.rules.words import Action
from common.clock import FixedClock
from common.seal.keys import FOLDER, SealKeys
from common.seal.sealer import Sealer
from common.store.database import close_database, unit_of_work
from tests.casework.build import COUNTY, NOON, as_act
from tests.casework.nodes import FakeOutbox, make_context, make_tables
from tests.casework.story import Story

ORGAN = "示例部门"
NOW = 1_800_000_000_000
NOW_EARLIEST = 1_790_000_000_000
TO_REVIEW = (Action.TRANSFER, Action.ACCEPT, Action.REVIEW)
OURS: dict[str, Any] = {"department": ORGAN, "note": "归本部门管"}


def pdf(text: str = "decision") -> bytes:
    """Return a plain one-page PDF."""
    writer = PdfFileWriter()
    content = generic.StreamObject(stream_data=f"BT ({text}) Tj ET".encode())
    box = generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842)))
    writer.insert_page(PageObject(contents=writer.add_object(content), media_box=box))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def in_charge() -> Story:
    """Return a case filed for the county, given to the example department and accepted there."""
    story = Story("direct")
    story.move(Action.TRANSFER, data=OURS)
    return story.go_to(Action.ACCEPT)


def reviewed() -> Story:
    """Return it reviewed."""
    return in_charge().go_to(Action.REVIEW)


class Stage:
    """One node's folder; `store` writes a story into its database as the sync layer would."""

    def __init__(self, folder: Path, me: str = COUNTY) -> None:
        self.folder = folder
        self.me = me
        self.clock = FixedClock(NOW)
        self.keys = SealKeys(folder / FOLDER)
        self._context = make_context(me, FakeOutbox(me))
        make_tables(folder / "node.sqlite3")

    def store(self, story: Story) -> None:
        """Apply the story's events and close the file."""
        with unit_of_work():
            result = apply(self._context, [as_act(event) for event in story.events], NOON)
        assert not result.parked, result.parked
        close_database()

    def found(self, *organs: str, at: int = NOW) -> None:
        """Make the root and a seal for each organ."""
        self.keys.found("南江县政务服务中心", self.me, at)
        for organ in organs:
            self.keys.issue(organ, self.me, at)

    def sealer(self) -> Sealer:
        """Return the seal process's inside, on this process's database."""
        return Sealer(self.folder, self.me, self.clock)


def decided(stage: Stage) -> tuple[str, str]:
    """Store a decided case; return its number and the deciding act."""
    story = reviewed()
    act = story.move(Action.APPROVE).id
    stage.store(story)
    return story.case, act
