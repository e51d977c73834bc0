"""Three real nodes of one line (county, township, village), one open at a time, their cases carried by file.

Real databases, signatures, pages and accounts; nothing is made up but the residents and the clock.
"""

from __future__ import annotations

import html
import io
import re
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import county_node.profile
import town_node.profile
import village_node.profile
from common.casework.context import Applicant, Filing, Paper
from common.clock import FixedClock
from common.config import read_config, write_config
from common.node.assembly import build_app, build_node
from common.node.demo_data.people import resident
from common.node.node import Node
from common.node.profile import TierProfile
from common.node.verbs import commands
from common.people.rules.roles import Actor, Role
from common.people.rules.staff import NewStaff
from common.store.database import close_database
from sync.adapters.bundle_file import export, import_file

COUNTY, TOWN, VILLAGE = "511921", "511921126", "511921126204"
PROFILES = {
    COUNTY: county_node.profile.PROFILE,
    TOWN: town_node.profile.PROFILE,
    VILLAGE: village_node.profile.PROFILE,
}


def profile_of(address: str) -> TierProfile:
    """Return what a node is, by its level."""
    return next(profile for known, profile in PROFILES.items() if len(known) == len(address))


NOW = 1_772_500_000_000  # 2026-03-03, a Tuesday, 09:06 local
DAY_MS = 86_400_000
PASSWORD = "Qing-yu2026"
ID_NUMBER = resident(1, VILLAGE).id_number
# What an item may ask for by kind; enough for a case to be filed.
_ANSWERS = {
    "text": "通江农商银行",
    "number": 2,
    "date": "1946-02-03",
    "phone": "15400001234",
    "id_number": ID_NUMBER,
    "money_fen": 620_050,
    "place": VILLAGE,
    "textarea": "年纪大了，独自居住。",
    "yesno": 0,
}
# login → (name, posts), at every tier those that exist there.
PEOPLE = {
    "agent": ("周代办", {Role.AGENT}),
    "clerk": ("李窗口", {Role.CLERK}),
    "checker": ("何初审", {Role.CHECKER}),
    "reviewer": ("吴审查", {Role.REVIEWER}),
    "approver": ("郑批准", {Role.APPROVER}),
    "both": ("钱两岗", {Role.REVIEWER, Role.APPROVER}),
    "admin": ("孙管理", {Role.ADMIN}),
}
SUBSISTENCE = "DEMO-511921-0504"  # village → township checks → county decides
RELIEF = "DEMO-511921-0501"  # the township decides
OLD_AGE = "DEMO-511921-0503"
JPEG = b"\xff\xd8\xff\xe0" + b"a photograph of a paper " * 40


# How a case is accepted though papers are missing; what the tests file seldom has all.
WAIVED = {"lacking_waived": "1", "note": "已由部门核验"}


class ThreeNodes:
    """Folders of three enrolled nodes; `open` puts one of them together, the others are closed meanwhile."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = FixedClock(NOW)
        self.node: Node
        self.app: Flask

    def open(self, address: str) -> Node:
        """Put a node together; it is the one that all other methods speak of from now on."""
        close_database()
        config = read_config(self.folder / address, {})
        self.node = build_node(config, profile_of(address), self.clock)
        return self.node

    def client(self, address: str, login: str) -> FlaskClient:
        """Return a browser signed in at a node."""
        self.app = build_app(self.open(address))
        client = self.app.test_client()
        answer = post(client, "/sign-in", {"login": login, "password": PASSWORD}, page="/sign-in")
        assert answer.status_code == 303, answer.text
        return client

    def again(self, login: str) -> FlaskClient:
        """Return another browser signed in at the open node."""
        client = self.app.test_client()
        assert post(client, "/sign-in", {"login": login, "password": PASSWORD}, "/sign-in").status_code == 303
        return client

    def file(
        self, code: str = SUBSISTENCE, name: str = "王秀英", papers: int = 2, seed: int = 0, **who: str
    ) -> str:
        """File a case at the open node and return its number; `who` may say the filer's `department`."""
        node = self.node
        item = node.catalogue.item(code)
        assert item is not None
        taken = []
        for spec in item.papers[:papers]:
            content = io.BytesIO(JPEG + f"{spec.key}/{seed}/{name}".encode())
            taken.append(Paper(spec.key, spec.name, node.papers.take_in(content)))
        answers: dict[str, Any] = {
            spec.key: spec.choices[0] if spec.choices else _ANSWERS[spec.kind] for spec in item.fields
        }
        applicant = Applicant(name, "111", ID_NUMBER, "15400001234", "鹿角坪村2组7号")
        filing = Filing(code, VILLAGE, applicant, answers, taken, "代办", overrule="另一户")
        post_held = Role.AGENT if node.me == VILLAGE else Role.CLERK
        with node.unit():
            filer = Actor("agent", "周代办", post_held, who.get("department", ""))
            return node.casework.file_case(filing, filer, self.now())

    def move(self, case: str, action: str, role: Role, **data: Any) -> None:
        """Take a step at the open node, as the person with that post."""
        login = role.value.lower()
        actor = Actor(login, PEOPLE[login][0], role, "")
        if action == "accept" and self.node.casework.lacking_papers(case):
            data = {"lacking_waived": 1, "note": WAIVED["note"], **data}
        if action == "review":
            data = {"proposal": "approve", **data}
        with self.node.unit():
            self.node.casework.move_case(case, action, actor, data, self.now())

    def carry(self, source: str, target: str) -> None:
        """Bring everything one node has for another there, by file; `target` is open afterwards."""
        done = export(self.open(source).engine, target, self.folder)
        report = import_file(self.open(target).engine, done.path)
        assert report.complete and not report.refused, report
        done.path.unlink()

    def hear(self) -> None:
        """Let the open node hear once more from those it has heard before, who have nothing new for it."""
        with self.node.unit():
            spool = self.node.peer.core.spool
            for neighbour in spool.neighbours():
                neighbour.acked_stamp = self.node.peer.core.identity.stamp
                spool.put_neighbour(neighbour)

    def now(self) -> int:
        return self.clock.now_ms()


def found_network(folder: Path) -> None:
    """Make the three nodes in `folder`: the county founds, the others enrol with a code, all get staff."""
    for address in PROFILES:
        (folder / address).mkdir(parents=True)
        settings: dict[str, str | int] = {"address": address, "bind": f"127.0.0.1:{9000 + len(address)}"}
        write_config(folder / address, settings)
    three = ThreeNodes(folder)
    for address, parent in ((COUNTY, ""), (TOWN, COUNTY), (VILLAGE, TOWN)):
        close_database()
        node = commands.init(read_config(folder / address, {}), PROFILES[address])
        _add_staff(node)
        if parent:
            enrol(three, address, parent)
    # What the county published, and the entries it confirmed, come down with the first files.
    for source, target in ((TOWN, COUNTY), (COUNTY, TOWN), (TOWN, VILLAGE), (VILLAGE, TOWN), (TOWN, COUNTY)):
        three.carry(source, target)
    three.carry(COUNTY, TOWN)
    three.carry(TOWN, VILLAGE)
    close_database()


def enrol(three: ThreeNodes, address: str, parent: str) -> None:
    """Let a node join below another, by files; it is open afterwards."""
    request, answer = three.folder / "request", three.folder / "answer"
    code = commands.enrol_issue(three.open(parent), address, "")
    commands.enrol_request(three.open(address), code, request)
    commands.enrol_answer(three.open(parent), request, answer)
    commands.enrol_finish(three.open(address), code, answer)


def _add_staff(node: Node) -> None:
    ready = [
        node.people.ready(NewStaff(login, name, frozenset(roles), "", PASSWORD))
        for login, (name, roles) in PEOPLE.items()
        if roles <= set(node.profile.roles)
    ]
    with node.unit():
        for person in ready:
            node.people.add_staff(person, "", NOW)


def copy_of(template: Path, folder: Path) -> ThreeNodes:
    """Return three nodes of one's own, made from the template."""
    shutil.copytree(template, folder)
    return ThreeNodes(folder)


def token_on(text: str) -> str:
    """Return the form secret on a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert found, text[:2000]
    return found[1]


def cuts_on(page: str) -> dict[str, str]:
    """Return up to which number each stream counts, as a page of a revocation has it."""
    found = re.findall(r'name="(cut:[^"]+)" value="(\d+)"', page)
    return {html.unescape(name): value for name, value in found}


def made(client: FlaskClient, path: str, data: Mapping[str, Any], page: str = "/line") -> TestResponse:
    """Ask for a file that is made beside the page, and fetch it as soon as it is done."""
    answer = post(client, path, data, page)
    assert answer.status_code == 303, answer.text
    # What is made in a moment is given at once, the rest is told on the page of long work.
    way = re.search(r"/made/\w+/file", answer.location)
    for _ in range(400):
        if way:
            return client.get(way[0])
        way = re.search(r"/made/\w+/file", client.get("/made").text)
        time.sleep(0.02)
    raise AssertionError(client.get("/made").text)


def post(client: FlaskClient, path: str, data: Mapping[str, Any], page: str = "/line") -> TestResponse:
    """Post a form with the secret of `page`."""
    secret = token_on(client.get(page).text)
    return client.post(path, data={**data, "csrf_token": secret}, content_type="multipart/form-data")
