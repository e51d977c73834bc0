"""A browser for tests: keeps cookies, sends forms with the secret of the page they stood on."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.web.fakes import PASSWORD

_SECRET = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """Real requests against the application; `host` is what it believes it talks to."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.page = ""
        self.secret = ""

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page and remember the form secret on it."""
        return self._seen(self.client.get(path, **options))

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form as it stood on the page seen last."""
        return self._seen(self.client.post(path, data={"csrf_token": self.secret, **(data or {})}, **options))

    def sign_in(self, login: str, password: str = PASSWORD) -> Browser:
        """Sign in through the page, as people do."""
        self.get("/sign-in")
        answer = self.post("/sign-in", {"login": login, "password": password, "next": "/"})
        assert answer.status_code == 303, answer.text
        return self

    def _seen(self, answer: TestResponse) -> TestResponse:
        if answer.mimetype == "text/html":
            self.page = answer.text
            found = _SECRET.search(self.page)
            self.secret = found[1] if found else self.secret
        return answer
