"""The letter under which a case was filed is seen by whoever sees the case whole."""

from __future__ import annotations

import re

from common.store.database import run
from tests.desk.desk_pages import Counter
from tests.desk.test_filing_terms import LETTER
from tests.desk.three import OLD_AGE, TOWN, ThreeNodes


def test_who_works_on_a_case_sees_the_letter_it_was_filed_under(three: ThreeNodes) -> None:
    """A link stood on the case and led to a refusal for everybody but those who take cases in."""
    counter = Counter(three, three.client(TOWN, "clerk"), OLD_AGE)
    counter.send("applicant", counter.applicant(filer="proxy"), leads_to="authority")
    counter.send("authority", LETTER, leads_to="form")
    case = counter.on_from_form().file()
    for login in ("clerk", "checker", "reviewer", "approver"):
        client = three.again(login)
        link = re.search(r'href="(/letters/[^"]+)"', client.get(f"/case/{case}").text)
        assert link, login
        page = client.get(link[1].replace("&amp;", "&"))
        assert page.status_code == 200 and counter.person.id_number in page.text, login
        assert f'href="/case/{case}"' in page.text, "and the way back is theirs, too"
    assert three.node.views.newest(1)[0][2:4] == ("approver", "letter")
    reviewer, path = three.again("reviewer"), link[1].partition("?")[0]
    for case_named in ("", "?case=", "?case=511921126-A9-0000", f"?case={case}x"):
        assert reviewer.get(f"{path}{case_named}").status_code == 403
    assert reviewer.get(f"{path.replace('W2026', 'W2025')}?case={case}").status_code == 404
    run("DELETE FROM letter")
    assert "/letters/" not in reviewer.get(f"/case/{case}").text, "what is not here is not linked"
