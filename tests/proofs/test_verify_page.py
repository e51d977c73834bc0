"""The page, the slip and the verb: what a clerk and a resident see of a claim."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from common.node.assembly import build_app
from common.node.cli import main
from common.notices.rules.kinds import FORMS
from common.people.rules.roles import Role
from common.proofs.pages import _organ
from common.proofs.rules.claim import KIND_NAMES, Claim
from common.proofs.rules.paper import lines_of
from common.proofs.rules.text import from_text, to_text
from common.proofs.rules.verdict import ON_FILE, SENTENCES, OnFile, Verdict
from common.store.database import close_database
from common.web.qr import qr
from tests.desk.three import COUNTY, ID_NUMBER, PROFILES, RELIEF, TOWN, VILLAGE, ThreeNodes, token_on
from tests.web.browser import Browser

Slip = tuple[str, str]


def browser_at(three: ThreeNodes, address: str) -> Browser:
    """Return a browser in which nobody has signed in."""
    return Browser(build_app(three.open(address)))


def asked(browser: Browser, text: str) -> str:
    browser.get("/v")
    answer = browser.post("/v", {"claim": text})
    assert answer.status_code == 200
    return answer.text


def altered(text: str) -> str:
    data = from_text(text)
    return to_text("", data[:30] + bytes((data[30] ^ 4,)) + data[31:])


@pytest.mark.parametrize("address", [VILLAGE, TOWN, COUNTY])
def test_anybody_checks_a_slip_at_any_node_without_signing_in(
    three: ThreeNodes, slip: Slip, address: str
) -> None:
    browser = browser_at(three, address)
    assert 'href="/v"' in browser.get("/sign-in").text, "who has no account must find the way"
    page = asked(browser, slip[1])
    assert SENTENCES[Verdict.VALID][1] in page and slip[0] in page
    assert "王*英" in page and ID_NUMBER[-4:] in page and "鹿角坪村" in page
    assert "王秀英" not in page and ID_NUMBER not in page
    assert (ON_FILE[OnFile.AGREES] in page) == (address == VILLAGE)


def test_an_altered_slip_shows_nothing_of_what_it_says(three: ThreeNodes, slip: Slip) -> None:
    page = asked(browser_at(three, COUNTY), altered(slip[1]))
    assert "纸上应当写着" not in page and slip[0] not in page


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "A" * 5000, "https://zw.example/v#QQ"])
def test_garbage_is_answered_with_a_sentence_and_not_shown_again(three: ThreeNodes, text: str) -> None:
    page = asked(browser_at(three, VILLAGE), text)
    assert SENTENCES[Verdict.UNREADABLE][1] in page and text not in page


def test_nothing_typed_asks_again(three: ThreeNodes) -> None:
    assert 'role="status"' not in asked(browser_at(three, VILLAGE), "  ")


def test_the_form_needs_its_secret_and_more_than_a_claim_is_refused(three: ThreeNodes, slip: Slip) -> None:
    browser = browser_at(three, VILLAGE)
    assert browser.client.post("/v", data={"claim": slip[1]}).status_code == 400
    secret = token_on(browser.get("/v").text)
    too_much = {"claim": "A" * 100_000, "csrf_token": secret}
    assert browser.client.post("/v", data=too_much).status_code == 413


def test_every_verdict_has_its_words() -> None:
    assert set(SENTENCES) == set(Verdict) and set(ON_FILE) == set(OnFile)
    assert {light for light, _, _ in SENTENCES.values()} == {"good", "warn", "bad"}


def test_every_notice_is_named_as_its_title_says() -> None:
    """A clerk compares the two."""
    assert {kind.value: form.title for kind, form in FORMS.items()}.items() <= KIND_NAMES.items()


def test_the_slip_bears_a_code_that_an_80_mm_roll_prints_readably(three: ThreeNodes, slip: Slip) -> None:
    """Modules of the drawing, border included: on 64 mm each is over half a millimetre, five printer dots."""
    three.open(VILLAGE)
    drawing = str(qr(slip[1]))
    box = re.match(r'<svg viewBox="0 0 (\d+) \1" class="qr">', drawing)
    assert box is not None, "without a view box, or with a size of its own, the browser would cut it off"
    modules = int(box[1])
    version = (modules - 8 - 17) // 4
    assert version <= 20 and 64 / modules > 0.6
    assert len(slip[1]) < 1000
    page = three.client(VILLAGE, "agent").get(f"/file/slip/{slip[0]}").text
    assert drawing[:40] in page and len(page) < 60_000


def test_the_address_on_the_slip_is_the_countys_from_the_settings(three: ThreeNodes) -> None:
    for setting, begin in (
        ("", f"http://127.0.0.1:90{len(VILLAGE)}/v#"),
        ('public_url = "http://village.example"\n', "http://village.example/v#"),
        (
            'verify_url = "https://zw.example/"\npublic_url = "http://village.example"\n',
            "https://zw.example/v#",
        ),
    ):
        file = three.folder / VILLAGE / "node.toml"
        kept = file.read_text()
        file.write_text(kept + setting)
        node = three.open(VILLAGE)
        text = node.proofs.claim("slip", node.casework.case(three.file(seed=len(setting))), three.now())
        file.write_text(kept)
        assert text.startswith(begin)


def test_the_verb_tells_the_same_and_ends_with_a_code(
    three: ThreeNodes, slip: Slip, capsys: pytest.CaptureFixture[str]
) -> None:
    close_database()
    data = ["--data", str(three.folder / COUNTY)]
    assert main(PROFILES[COUNTY], ["verify-claim", slip[1], *data]) == 0
    told = capsys.readouterr().out
    assert "核验通过" in told and slip[0] in told and "王*英" in told
    assert main(PROFILES[COUNTY], ["verify-claim", slip[1], "--json", *data]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["verdict"], facts["claim"]["number"]) == ("valid", slip[0])
    assert main(PROFILES[COUNTY], ["verify-claim", altered(slip[1]), *data]) == 1
    assert slip[0] not in capsys.readouterr().out


def test_what_is_to_be_compared_stands_on_the_slip(three: ThreeNodes, slip: Slip) -> None:
    """Method: every line of the page is looked for on the paper, but for the name, which is masked here."""
    page = asked(browser_at(three, COUNTY), slip[1])
    lines = re.findall(r"<dt>([^<]+)</dt><dd>([^<]*)</dd>", page.partition("纸上应当写着")[2])
    printed = three.client(VILLAGE, "agent").get(f"/file/slip/{slip[0]}").text
    assert {"收件时间", "开具时间", "开具时办到", "开具站点"} <= {name for name, _ in lines}
    assert all(text in printed for name, text in lines if name != "申请人")
    assert ID_NUMBER[-4:] in printed


def test_of_a_decision_only_what_decisions_print_is_asked() -> None:
    names = {key: "" for key in Claim.__dataclass_fields__}
    claim = Claim(**{**names, "kind": "approval", "at": 0, "filed": 0, "due": "2026-03-12"})
    lines = dict(lines_of(claim, "已批准", "青峪镇", "青峪镇人民政府"))
    assert lines["发文机关"] == "青峪镇人民政府" and lines["承诺决定期限"] == "2026年3月12日"
    assert not {"开具时办到", "开具站点", "收件时间"} & set(lines)
    assert "承诺决定期限" not in dict(lines_of(replace(claim, kind="handover"), "", "", "x"))


def test_a_townships_decision_printed_at_the_county_names_the_townships_organ(three: ThreeNodes) -> None:
    """As the paper prints it while the case is here; else after the place where the number was made."""
    three.open(VILLAGE)
    case = three.file(RELIEF)
    three.carry(VILLAGE, TOWN)
    three.move(case, "accept", Role.CLERK)
    three.move(case, "review", Role.REVIEWER, note="符合条件")
    three.move(case, "approve", Role.APPROVER, result={"name": "临时救助", "number": "1", "valid_until": ""})
    three.carry(TOWN, COUNTY)
    county = three.node
    text = county.proofs.claim("approval", county.casework.case(case), three.now())
    page = asked(browser_at(three, COUNTY), text)
    assert SENTENCES[Verdict.VALID][1] in page and "青峪镇人民政府" in page
    claim = three.node.proofs.check(text).claim
    assert claim is not None and claim.node == COUNTY
    with build_app(three.node).app_context():
        assert _organ(replace(claim, number=case[:-1] + "?")) == "青峪镇人民政府"
        assert _organ(replace(claim, number="511921-A-000001-AAAA")) == ""
