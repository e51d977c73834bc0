"""Filing through the pages of a real node, as they lead, without JavaScript: plain posts and redirects."""

from __future__ import annotations

import io
import re
from random import Random
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from common.node.demo_data.people import Resident, fill, resident
from tests.desk.three import JPEG, VILLAGE, ThreeNodes, post

FELLING = "DEMO-511921-0102"  # village → county; serves units, papers that follow, originals after the review
HOMESTEAD = "DEMO-511921-0101"  # village → township decides, with two other departments


class Counter:
    """One draft at the desk of the node that `three` has open."""

    def __init__(self, three: ThreeNodes, client: FlaskClient, code: str, seed: int = 3) -> None:
        self.three, self.client, self.code = three, client, code
        self.person: Resident = resident(seed, VILLAGE)
        answer = post(client, "/file/begin", {"item": code}, page="/file")
        assert answer.status_code == 303, answer.text
        self.path = answer.location.rpartition("/")[0]

    @property
    def draft(self) -> str:
        return self.path.rpartition("/")[2]

    def send(self, page: str, data: dict[str, Any], leads_to: str = "") -> TestResponse:
        """Send the form of a page; `leads_to` is the page it must go on to."""
        # Most of these tests are not about papers: that there are none is meant.
        data = {"no_papers": "1", **data} if page == "check" else data
        answer = post(self.client, f"{self.path}/{page}", data, page=f"{self.path}/{page}")
        if leads_to:
            assert answer.status_code == 303, told(answer)
            assert answer.location == f"{self.path}/{leads_to}"
        return answer

    def applicant(self, **more: str) -> dict[str, str]:
        return {**self.person.as_applicant(), "place": VILLAGE, **more}

    def to_check(self, papers: dict[str, Any] | None = None, **applicant: str) -> Counter:
        """Go through all pages up to the check; an agent's letter is not asked for here."""
        self.send("applicant", self.applicant(**applicant), leads_to="form")
        return self.on_from_form(papers)

    def all_papers(self) -> dict[str, Any]:
        """Return a photograph for each paper the item requires."""
        item = self.three.node.catalogue.item(self.code)
        assert item is not None
        return {f"paper-{spec.key}": photo(f"{spec.key}.jpg") for spec in item.papers if spec.required}

    def on_from_form(self, papers: dict[str, Any] | None = None) -> Counter:
        item = self.three.node.catalogue.item(self.code)
        assert item is not None
        self.send("form", fill(item, self.person, Random(1)), leads_to="papers")
        self.send("papers", papers or {}, leads_to="check")
        return self

    def file(self, **last: str) -> str:
        """Send the last page and return the number of the case."""
        answer = self.send("check", last)
        assert answer.status_code == 303, told(answer)
        return answer.location.rpartition("/")[2]


def photo(name: str = "a.jpg", content: bytes = JPEG) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def told(answer: TestResponse) -> list[str]:
    """Return what a refused page says is wrong."""
    found = re.findall(r'<p class="problem"[^>]*>([^<]+)</p>', answer.text)
    return found or re.findall(r'<div class="summary".*?</div>', answer.text, re.S)[:1] or [answer.text[:400]]
