"""An administrator's pages by plain HTTP: each form that links lead to is sent, without a script."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tests.desk.three import COUNTY, RELIEF, TOWN, VILLAGE, ThreeNodes
from tests.web.plain_forms import Form, Page, faults_of

# Signing out ends the walk, and what is only looked for is no action.
LEFT_OUT = {"account.leave", "queue.find"}
# What a form may answer: done, shown again, or refused in words.
ANSWERS = {200, 303, 400, 403, 404, 409}
# Codes that say the form itself was wrong: its secret, its address, its method, a fault of the program.
BROKEN = ("E220", "E222", "E224", "E225")
# What people type where a page leaves a field empty.
TYPED = {
    "login": "zhao", "name": "赵新人", "password": "Qing-yu2027", "new_password": "Qing-yu2027",
    "reason": "电脑坏了", "note": "电脑坏了", "off": "1月1日至3日", "work": "1月9日", "source": "国办发明电",
}  # fmt: skip
# What an administrator of the county does, and it is done.
DONE = {
    "accounts.add", "accounts.set_roles", "accounts.set_department", "accounts.reset_password",
    "calendar.check", "calendar.publish", "editor.draft", "editor.preview", "editor.publish",
    "items.withdraw", "nodes.issue", "nodes.print_sheets", "roster.do", "take_over.check", "take_over.take",
    "below.bar", "stick.bring_out", "register.files.export", "account.prefer",
}  # fmt: skip
# What needs a file, a code or a secret that nobody has here: the form is sent, and told in words what lacks.
SENT = {"account.change", "editor.take_file", "stick.take_in", "package_check.check", "verify.check"}
# Pages of cases have walks of their own; the rest of what is listed belongs to nobody's work.
# One's own account is left as it is: whoever changes its posts or password is signed out.
_NOT_HERE = re.compile(r"/(static|_gallery|made/|case/\w+/|file|guide|accounts/admin)")
_TRIES = 5


class Walk:
    """One person's way over all pages: a page of each kind opened, a form of each kind sent until it does."""

    def __init__(self, three: ThreeNodes, client: FlaskClient) -> None:
        self.three, self.client = three, client
        self.waiting = ["/", "/register?scope=below"]
        self.opened: set[str] = set()
        self.pressed: dict[str, list[int]] = {}
        self.forms: list[tuple[Form, dict[str, str]]] = []

    def go(self) -> None:
        """Open all there is, then send all there is, and look at what comes of that."""
        while self.waiting or self.forms:
            if self.waiting:
                self._open(self.waiting.pop(0))
            else:
                self._press(*self.forms.pop(0))

    def done(self) -> set[str]:
        """Return the views that took a form and did what it asks."""
        return {view for view, answers in self.pressed.items() if {200, 303} & set(answers)}

    def _open(self, path: str) -> None:
        kind = re.sub(r"[0-9a-fA-F]{6}[0-9a-zA-Z-]*|DEMO-[\d-]+|=[^&]*|\d+", "#", path)
        if kind in self.opened or _NOT_HERE.match(path):
            return
        self.opened.add(kind)
        answer = self.client.get(path)
        assert answer.status_code < 500, path
        self._look(path, answer)

    def _look(self, path: str, answer: TestResponse) -> None:
        if answer.mimetype != "text/html" or not answer.text.startswith("<!doctype"):
            return
        page = Page(answer.text)
        assert not list(faults_of(page)), path
        for tag, given in page.elements:
            if tag == "a" and given["href"].startswith("/"):
                self.waiting.append(given["href"].partition("#")[0])
        # What a form led to is gone on with at once, as people do; what ends an item comes last.
        found = [
            (one, button) for one in page.forms for button in one.buttons if one.given["method"] == "post"
        ]
        ending = [one for one in found if one[0].action.endswith("/withdraw")]
        self.forms = [one for one in found if one not in ending] + self.forms + ending

    def _press(self, form: Form, button: dict[str, str]) -> None:
        path = button.get("formaction", form.action).partition("#")[0]
        view = self.view_of(path)
        answers = self.pressed.setdefault(view, [])
        if view in LEFT_OUT or len(answers) >= _TRIES or view in self.done():
            return
        for sent in (form.values.copy(), _filled(form)):
            if button.get("name"):
                sent.add(button["name"], button.get("value", ""))
            answer = self.client.post(path, data=sent, content_type=form.given.get("enctype"))
            answers.append(answer.status_code)
            assert answer.status_code in ANSWERS, (view, answer.status_code)
            # The words too: a key's fingerprint or a code for letting in may hold the same four signs.
            broken = [code for code in BROKEN if f"错误代码 {code}" in answer.text]
            assert not broken, (view, answer.text[-3000:])
            if answer.status_code != 400:
                break
        if answer.status_code == 303:
            self.waiting.append(answer.location)
        self._look(path, answer)

    def view_of(self, path: str) -> str:
        """Return the view that takes what is sent to a path."""
        try:
            found = self.three.app.url_map.bind("localhost").match(path.partition("?")[0], method="POST")
        except HTTPException as fault:
            raise AssertionError(f"no view takes {path}") from fault
        return str(found[0])


def _filled(form: Form) -> MultiDict[str, str]:
    """Return what somebody sends who fills in whatever a page left empty."""
    sent: MultiDict[str, str] = form.values.copy()
    for name, value in {**form.choices, **TYPED}.items():
        if not sent.get(name) and (name in sent or name in form.choices):
            sent.setlist(name, [value])
    return sent


def test_whatever_an_administrator_does_is_done_by_plain_forms(three: ThreeNodes) -> None:
    three.open(VILLAGE)
    three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    three.carry(TOWN, COUNTY)
    three.clock.advance(8 * 86_400_000)
    walk = Walk(three, three.client(COUNTY, "admin"))
    walk.go()
    assert DONE - walk.done() == set(), {view: walk.pressed.get(view) for view in DONE - walk.done()}
    assert SENT - walk.pressed.keys() == set()
