"""An agent at the desk of a village: goes through the pages of filing as they lead."""

from __future__ import annotations

import io
import re
from random import Random
from typing import Any

from werkzeug.test import TestResponse

from common.casework import queues
from common.node.demo_data.people import fill, resident_for
from tests.desk.filing.village import VILLAGE, DeskNode
from tests.web.browser import Browser

OLD_AGE, RELIEF = "DEMO-511921-0503", "DEMO-511921-0501"
JPEG = b"\xff\xd8\xff\xe0" + b"p" * 200
DAY_MS = 86_400_000


class Desk(Browser):
    """An agent at the desk; `path` is where the pages of the draft being worked on are."""

    path = ""

    def begin(self, code: str = OLD_AGE, **more: str) -> Desk:
        self.get("/file")
        answer = self.post("/file/begin", {"item": code, **more})
        assert answer.status_code == 303, answer.text
        self.path = answer.location.rpartition("/")[0]
        return self

    def fill_in(self, node: DeskNode, code: str = OLD_AGE, seed: int = 1) -> Desk:
        """Go through all pages up to the check, as the pages lead."""
        self.begin(code)
        found = node.catalogue.item(code)
        person = resident_for(found, seed, VILLAGE)
        self.send("applicant", {**person.as_applicant(), "place": VILLAGE}, leads_to="form")
        self.send("form", fill(found, person, Random(seed)), leads_to="papers")
        # What is settled on the spot needs all its papers; elsewhere one shows that others may lack.
        wanted = [spec.key for spec in found.papers if spec.required and found.is_instant]
        files = {f"paper-{key}": paper(f"{key}.jpg") for key in (*wanted, "id_card")}
        self.send("papers", files, leads_to="check")
        return self

    def send(self, page: str, data: dict[str, Any], leads_to: str = "") -> TestResponse:
        """Open a page of the draft and send its form; `leads_to` is the page it must go on to."""
        assert self.get(f"{self.path}/{page}").status_code == 200
        answer = self.post(f"{self.path}/{page}", data)
        if leads_to:
            assert (answer.status_code, answer.location) == (303, f"{self.path}/{leads_to}"), answer.text
        return answer

    @property
    def draft(self) -> str:
        return self.path.rpartition("/")[2]


def paper(name: str, content: bytes = JPEG) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def problems_on(page: str) -> list[str]:
    return re.findall(r'<p class="problem"[^>]*>([^<]+)</p>', page)


def cases() -> list[str]:
    return [line.case for line in queues.newest()]
