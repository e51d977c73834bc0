"""What a scanner types from a slip leads to its case, whatever a keyboard made of it."""

from __future__ import annotations

from common.proofs.rules.verdict import SENTENCES, Verdict
from tests.desk.three import COUNTY, TOWN, VILLAGE, ThreeNodes, post, token_on


def claim_of(three: ThreeNodes, number: str) -> str:
    """Return the text in the QR code of a case's slip, as the village signs it."""
    node = three.open(VILLAGE)
    return str(node.proofs.claim("slip", node.casework.page(number).state, node.clock.now_ms()))


def found(three: ThreeNodes, typed: str) -> str:
    """Return where the search leads the checker of the township, "" when it leads nowhere."""
    client = three.client(TOWN, "checker")
    return str(post(client, "/queue/find", {"q": typed}).headers.get("Location", ""))


def test_the_code_on_a_slip_leads_to_its_case(three: ThreeNodes, received: str) -> None:
    claim = claim_of(three, received)
    for typed in (claim, claim.lower(), f"  {claim}\n", claim.replace("/v#", "/v＃")):
        assert found(three, typed).endswith(f"/case/{received}"), typed[:40]


def test_other_signs_are_only_looked_for(three: ThreeNodes, received: str) -> None:
    for typed in ("#", "http://x/v#", "http://x/v#AAAA", "#" * 1500, "a#b", "王#秀"):
        assert found(three, typed) == "", typed[:20]


def test_the_code_of_a_case_that_is_not_here_is_offered_to_be_checked(
    three: ThreeNodes, received: str
) -> None:
    """The case has not come to the county yet; what was scanned is asked for once, and in no address."""
    claim = claim_of(three, received)
    client = three.client(COUNTY, "reviewer")
    page = post(client, "/queue/find", {"q": claim}).text
    assert "核验这张凭证" in page and f'name="claim" value="{claim}"' in page
    assert '="/v?' not in page and "没有找到" not in page
    told = client.post("/v", data={"claim": claim, "csrf_token": token_on(page)}).text
    assert SENTENCES[Verdict.VALID][1] in told and received in told
    assert "核验这张凭证" not in post(client, "/queue/find", {"q": "http://x/v#AAAA"}).text
