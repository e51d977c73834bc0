"""A member of staff at a browser: signs in, takes cases in, works through the queue, carries sticks."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from common.casework.rules.labels import label
from common.node.demo.accounts import PASSWORD, Account
from common.node.demo.album import Album
from common.node.demo.browser import Answer, Browser, Upload, plain
from common.node.demo.county import NodeProcess
from common.node.demo.errands import Errand, Picture

# Pages of filing after which the next form stands.
APPLICANT, FORM, PAPERS, CHECK = "applicant", "form", "papers", "check"
# Put before the name of a page: the moment in which its form is filled in and not yet sent.
BEFORE = "before "
_STEP = re.compile(r'href="/case/[0-9A-Z-]+/(do|report)/(\w+)"')
_DRAFT = re.compile(r"/file/(\w+)/(applicant|form|papers|check)")
_SLIP = re.compile(r"/file/slip/([0-9A-Z-]+)")
_STATE = re.compile(r'<span class="badge[^"]*">([^<]+)</span>')
_UPLOADED = re.compile(r'name="paper" value="([\w-]+)/([0-9a-f]{64})"')
_ROW = re.compile(
    r'<tr>\s*<td(?: data-label="[^"]*")?><span><a [^>]*href="/case/([0-9A-Z-]+)"[^>]*><b>([^<]*)</b>.*?</tr>',
    re.S,
)
_REPORT = re.compile(r'<section class="notice[^"]*">(.*?)</section>', re.S)
_AT_WORK, _LOOK_AGAIN_S = "hx-get", 0.2
_CODE = re.compile(r'<p class="code digits">([^<]+)</p>')

Cut = Callable[[], None]
_NO_CUTS: Mapping[str, Cut] = {}


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list of cases: number, item, state as shown."""

    number: str
    item: str
    state: str


class Clerk:
    """One person at one site."""

    def __init__(self, node: NodeProcess, account: Account, album: Album) -> None:
        self.node = node
        self.account = account
        self.browser = Browser(node.port)
        self.album = album
        self._draft = ""

    def sign_in(self) -> None:
        """Sign in."""
        self.browser.get("/sign-in")
        self.browser.post("/sign-in", {"login": self.account.login, "password": PASSWORD, "next": "/queue"})

    # --- taking in
    def take_in(self, errand: Errand, cuts: Mapping[str, Cut] = _NO_CUTS) -> str:
        """Take a case in and return the number on its slip.

        Args:
            cuts: what happens at a page once its form is sent and the answer not read, or (BEFORE) before
                it is sent.

        Raises:
            Refused, NoAnswer: as the browser says; `go_on` continues where it stopped.
        """
        self._draft = ""
        self.browser.get("/file")
        here = self.browser.post("/file/begin", {"item": errand.item.code})
        return self._fill_in(errand, here, cuts)

    def go_on(self, errand: Errand, cuts: Mapping[str, Cut] = _NO_CUTS) -> str:
        """Go on with the draft one was at, as the list of drafts offers it, and return the number."""
        drafts = dict(_DRAFT.findall(self.browser.get("/file").text))
        if self._draft not in drafts:
            return self.take_in(errand, cuts)
        here = self.browser.get(f"/file/{self._draft}/{drafts[self._draft]}")
        return self._fill_in(errand, here, cuts)

    def look_up(self, errand: Errand) -> str:
        """Return the number of this errand's case, if the site has it; else ""."""
        self.browser.get("/queue")
        found = _rows(self.browser.post("/queue/find", {"q": errand.person.id_number}).text)
        return next((row.number for row in found if row.item == errand.item.name), "")

    def _fill_in(self, errand: Errand, here: Answer, cuts: Mapping[str, Cut]) -> str:
        while True:
            slip = _SLIP.search(here.path)
            if slip:
                return slip[1]
            at = _DRAFT.search(here.path)
            if at is None:
                raise RuntimeError(f"filing led to {here.path}")
            self._draft, page = at[1], at[2]
            if BEFORE + page in cuts:
                cuts[BEFORE + page]()
            here = self._send_page(errand, here, page, cuts.get(page))

    def _send_page(self, errand: Errand, here: Answer, page: str, cut: Cut | None) -> Answer:
        path = f"/file/{self._draft}/{page}"
        if page == APPLICANT:
            person = errand.person
            return self.browser.post(path, {**person.as_applicant(), "place": person.village}, None, cut)
        if page == FORM:
            return self.browser.post(path, errand.form, None, cut)
        if page == PAPERS:
            there = set(_UPLOADED.findall(here.text))
            files = [u for u, mark in self._uploads(errand.given) if mark not in there]
            return self.browser.post(path, {}, files, cut)
        result = {"result_number": _result_number(errand)} if errand.item.is_instant else {}
        return self.browser.post(path, {**result, **_recusal_on(here)}, None, cut)

    def _uploads(self, papers: Sequence[tuple[str, Picture]]) -> list[tuple[Upload, tuple[str, str]]]:
        found = []
        for key, picture in papers:
            content = self.album.content(picture)
            mark = (key, self.album.hash_of(picture))
            found.append((Upload(f"paper-{key}", picture.file, content), mark))
        return found

    # --- working
    def waiting(self) -> list[str]:
        """Return the numbers of the cases that wait for this person, on the first page of the queue."""
        return [row.number for row in self.rows("/queue")]

    def rows(self, path: str) -> list[Row]:
        """Return the lines of a list of cases."""
        return _rows(self.browser.get(path).text)

    def all_rows(self, view: str) -> list[Row]:
        """Return all lines of a view of the queue, page after page."""
        path, found = f"/queue?view={view}", []
        while path:
            page = self.browser.get(path).text
            found += _rows(page)
            more = re.search(r'href="(/queue\?[^"]*at=[^"]*)"', page)
            path = more[1].replace("&amp;", "&") if more else ""
        return found

    def offered(self, number: str) -> set[str]:
        """Return the steps and reports that the page of a case offers this person."""
        return {step for _, step in _STEP.findall(self.browser.get(f"/case/{number}").text)}

    def times_done(self, number: str, step: str) -> int:
        """Return how often the page of a case says that a step was taken."""
        page = self.browser.get(f"/case/{number}").text
        return len(re.findall(rf'<p class="what"><b>{label(step)}(?:（[^）]*）)?</b>', page))

    def act(self, number: str, action: str, errand: Errand) -> None:
        """Take a step on a case, through its form."""
        path = f"/case/{number}/do/{action}"
        page = self.browser.get(path)
        self.browser.post(path, {**_said(action, errand), **_recusal_on(page)}, [])

    def bring_papers(self, number: str, errand: Errand) -> None:
        """Report that the resident has brought what was missing."""
        path = f"/case/{number}/report/papers_brought"
        self.browser.get(path)
        files = [upload for upload, _ in self._uploads(errand.later)]
        self.browser.post(path, {"note": "申请人已按清单补来材料。"}, files)

    def tell(self, number: str, what: str) -> None:
        """Send a report of few words: an opinion, or that originals were compared."""
        path = f"/case/{number}/report/{what}"
        self.browser.get(path)
        self.browser.post(path, _TOLD[what], [])

    def hand_over(self, number: str, errand: Errand) -> None:
        """Report that the resident has the result in hand."""
        path = f"/case/{number}/report/handed_over"
        self.browser.get(path)
        person = errand.person
        receiver = {
            "receiver.name": person.name,
            "receiver.id_number": person.id_number,
            "receiver.how": "本人领取",
            "receiver.signed": "纸上签名，原件留在本站",
        }
        self.browser.post(path, {**receiver, "note": ""}, [])

    # --- the site
    def give_code(self, address: str) -> str:
        """Return a new enrolment code for a site below."""
        self.browser.get("/nodes")
        sheet = self.browser.post("/nodes/code", {"address": address, "name": ""})
        found = _CODE.search(sheet.text)
        if found is None:
            raise RuntimeError("no code on the sheet")
        return found[1].strip()

    def to_stick(self, address: str, folder: Path) -> Path:
        """Write a bundle for a site to a folder and return the file."""
        self.browser.get("/stick")
        self.browser.post("/stick/out", {"address": address})
        self._stick_done()
        answer = self.browser.get("/stick/bundle")
        path = folder / answer.file_name
        path.write_bytes(answer.body)
        return path

    def from_stick(self, path: Path) -> str:
        """Take a bundle in and return what the page says of it."""
        self.browser.get("/stick")
        self.browser.post("/stick/in", {}, [Upload("file", path.name, path.read_bytes())])
        found = _REPORT.findall(self._stick_done())
        return plain(found[-1]) if found else ""

    def _stick_done(self) -> str:
        """Look at what the page says of work with sticks until it is done, as its reader does; return it."""
        while _AT_WORK in (said := self.browser.get("/stick/state").text):
            time.sleep(_LOOK_AGAIN_S)
        return said


def _rows(page: str) -> list[Row]:
    found = []
    for match in _ROW.finditer(page):
        state = _STATE.search(match[0])
        found.append(Row(match[1], plain(match[2]), state[1] if state else ""))
    return found


def _recusal_on(page: Answer) -> dict[str, str]:
    """Return what a namesake of the resident ticks where a form asks: nobody at a desk applies here."""
    return {"not_the_applicant": "1"} if 'name="not_the_applicant"' in page.text else {}


def _result_number(errand: Errand) -> str:
    return f"演示〔2026〕{errand.no + 1:04d}号"


_TOLD = {
    "opinion": {"verdict": "同意", "note": "经核实，没有不同意见。"},
    "originals_seen": {"note": "已当面核对身份证、权属证书原件，与照片一致。"},
}
# fmt: off
_NOTES = {
    "send_back":  "初审发现材料不齐，请补来后继续办理。",
    "return":     "申请人在外县已领取同类待遇，不能重复申请，现退回。",
    "ask_papers": "请在收到本告知后一次补齐所列材料。",
    "not_accept": "经核对，家庭人均收入高于当地最低生活保障标准，不予受理；不服的可依法申请行政复议。",
    "review":     "材料齐全，情况属实，符合条件，建议批准。",
    "refuse":     "申请救助的情形不在临时救助范围内，不予批准；不服的可依法申请行政复议。",
    "approve":    "同意。",
}
# fmt: on


def _said(action: str, errand: Errand) -> dict[str, str]:
    """Return what the person types into the form of a step."""
    typed = {"note": _NOTES.get(action, "")}
    if action in ("send_back", "ask_papers"):
        for key, _ in errand.later:
            typed |= {f"lack-{key}": "1", f"how-{key}": "请带原件来，现场拍照"}
    if action == "review":
        typed["proposal"] = "建议不予批准" if errand.decision == "refuse" else "建议批准"
    if action == "approve":
        typed |= {"result_name": errand.item.result_name, "result_number": _result_number(errand)}
    return typed
