"""That the certificate of the pages ends is said where people look: nobody at a site runs `doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from common import pki
from common.config import write_config
from common.node.assembly import build_app
from common.store.database import close_database
from common.tls import certificates
from common.tls.certificates import Authority
from tests.desk.three import COUNTY, DAY_MS, PASSWORD, VILLAGE, ThreeNodes, copy_of, token_on

MADE = 1_800_000_000_000
HERE: dict[str, Any] = {"base_url": "https://localhost", "headers": {"Referer": "https://localhost/"}}


def pages(three: ThreeNodes, days: int) -> list[str]:
    """Return first page and line page of the open node, so many days after its certificate was made."""
    three.clock.set_wall(MADE + days * DAY_MS)
    client = build_app(three.node).test_client()
    secret = token_on(client.get("/sign-in", **HERE).text)
    typed = {"login": "admin", "password": PASSWORD, "csrf_token": secret}
    assert client.post("/sign-in", data=typed, **HERE).status_code == 303
    return [client.get(path, **HERE).text for path in ("/", "/line")]


@pytest.mark.parametrize("address", [COUNTY, VILLAGE])
def test_both_pages_say_it_sixty_days_before_and_after(enrolled: Path, tmp_path: Path, address: str) -> None:
    """The day after, no browser and no village comes in any more."""
    key = pki.new_key()
    root = Authority(certificates.make_authority(key, "x", MADE), key)
    made = certificates.issue(root, "192.0.2.2", key.public_key(), MADE)
    three = copy_of(enrolled, tmp_path / "nodes")
    write_config(
        three.folder / address, {"address": address, "tls_cert_file": "tls.pem", "tls_key_file": "tls.key"}
    )
    (three.folder / address / "tls.pem").write_bytes(pki.pem(made))
    three.open(address)
    assert not any("网页证书" in page for page in pages(three, 763))
    assert all("到期，还有 59 天" in page for page in pages(three, 765))
    assert all("网页证书已于 2029-04-18 到期" in page for page in pages(three, 826))
    (three.folder / address / "tls.pem").unlink()
    assert not any("网页证书" in page for page in pages(three, 826)), "no fault where it cannot be read"
    close_database()
