"""The letter under which a case was filed is seen by whoever sees the case whole."""

from __future__ import annotations

import re
from dataclasses import replace

from common.authority.rules import ALL_ITEMS, Principal, Relative
from common.node.demo_data.people import resident
from common.store.database import run
from tests.authority.test_letters import DRAFT
from tests.authority.test_looked_for import clerks
from tests.desk.desk_pages import Counter
from tests.desk.test_filing_terms import LETTER
from tests.desk.three import OLD_AGE, TOWN, VILLAGE, ThreeNodes


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


def test_a_letter_of_another_department_is_offered_without_a_link_that_refuses(three: ThreeNodes) -> None:
    """With a relative as agent any desk files; the letter itself is the business of who entered it."""
    three.open(TOWN)
    clerks(three, farming="农业综合服务中心", housing="村镇建设办公室")
    person, kin = resident(3, VILLAGE), Relative("赵小军", "111", resident(5, VILLAGE).id_number, "子女")
    principal = Principal(person.name, "111", person.id_number)
    draft = replace(DRAFT, principal=principal, scope=ALL_ITEMS, relative=kin)
    with three.node.unit():
        letter = three.node.letters.enter(draft, None, "farming", three.now()).id
    for login, is_linked in (("housing", False), ("farming", True)):
        counter = Counter(three, three.client(TOWN, login), OLD_AGE)
        counter.send("applicant", counter.applicant(filer="proxy"), leads_to="authority")
        page = counter.client.get(f"{counter.path}/authority").text
        assert f'value="{letter}"' in page
        assert (f"/letters/{letter}/print" in page) is is_linked, login
