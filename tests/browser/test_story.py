"""One case by hand through three real sites, with the line cut and the browser killed in between."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from common.node.demo.small import TOWNSHIP, VILLAGE, SmallCounty
from common.node.demo_data.sites import COUNTY
from tests.browser.conftest import Sit
from tests.browser.desk import Desk
from tests.browser.hands import Visit, begin, come, fill_in, finish, go_on, step, to_papers, visit

# Who at the county takes which step, and says what.
_AT_THE_COUNTY = (
    ("clerk", "accept", {"lacking_waived": "1", "note": "材料已核对，所缺的不需要。"}),
    ("reviewer", "review", {"proposal": "建议批准", "note": "情况属实，建议批准。"}),
    ("approver", "approve", {"result_number": "演示〔2026〕7001号", "note": "同意。"}),
    ("clerk", "issue", {}),
)


def file_with_the_line_cut_and_the_browser_killed(
    county: SmallCounty, sit: Sit, coming: Visit, **options: object
) -> tuple[Desk, str]:
    """Take a case in without a line; amid the form the browser dies. Return a desk and the number."""
    agent = sit(VILLAGE, **options).sign_in("agent")
    begin(agent, coming.item.code)
    draft = agent.page.url.split("/")[-2]
    fill_in(agent.page, coming.typed)
    go_on(agent.page)
    county.network.lines[VILLAGE].down()
    fill_in(agent.page, coming.typed)
    left_at = f"/file/{draft}/form?topic={agent.page.input_value('main [name=topic]')}"
    if options.get("java_script_enabled", True):
        # Kept as typed: nothing was pressed since.
        expect(agent.page.locator("[data-saved]")).to_contain_text(re.compile(r"\d\d:\d\d"))
    else:
        go_on(agent.page)
    typed = {
        key: value for key, value in coming.form.items() if agent.page.locator(f'[name="{key}"]').count()
    }
    agent.close()
    again = sit(VILLAGE, "agent", **options)
    again.go("/")
    again.page.locator(f'a[href^="/file/{draft}/"]').first.click()
    if options.get("java_script_enabled", True):
        again.go(left_at)
        for key, value in typed.items():
            assert shown(again, key) == value, key
    to_papers(again.page, coming)
    return again, finish(again.page, coming)


def shown(desk: Desk, key: str) -> str:
    """Return what stands in a field of the page."""
    field = desk.page.locator(f'main [name="{key}"]')
    if field.first.get_attribute("type") == "radio":
        field = desk.page.locator(f'main [name="{key}"]:checked')
        return field.input_value() if field.count() else ""
    return field.first.input_value()


@pytest.mark.parametrize("scripts", [1, 0], ids=["with_scripts", "without_scripts"])
def test_a_case_goes_from_the_village_to_the_county_and_back(
    county: SmallCounty, sit: Sit, tmp_path: Path, scripts: int
) -> None:
    """Method: real browsers at three real sites; every step through the page that offers it."""
    coming = visit(7_100 + scripts, VILLAGE, tmp_path)
    options = {"java_script_enabled": bool(scripts)}
    agent, number = file_with_the_line_cut_and_the_browser_killed(county, sit, coming, **options)
    assert number in agent.page.inner_text("main") and agent.page.locator("svg.qr").count() == 1
    lacking = next(
        paper.key for paper in coming.item.papers if paper.required and paper.key not in coming.photos
    )

    checker = sit(TOWNSHIP, **options).sign_in("checker")
    # Longer than a village with a line rests: what has not come by now is held up by the cut.
    time.sleep(1.5)
    assert checker.go("/queue").locator(f'a[href="/case/{number}"]').count() == 0
    county.network.lines[VILLAGE].up()
    come(checker, "/queue", lambda: checker.page.locator(f'a[href="/case/{number}"]').count() > 0, number)
    ask_and_forward(checker, agent, number, lacking, next(iter(coming.photos.values())))
    sit(COUNTY, **options).sign_in("approver").close()
    for login, name, said in _AT_THE_COUNTY:
        step(sit(COUNTY, login, **options), number, name, **said)
    hand_over(agent, number, coming)
    come(agent, f"/case/{number}", lambda: "已办结" in agent.page.inner_text("main .case-head"), "the end")


def ask_and_forward(checker: Desk, agent: Desk, number: str, lacking: str, photo: Path) -> None:
    """The township asks for a paper, the village brings it, the township passes the case on."""
    asked = {f"lack-{lacking}": "1", f"how-{lacking}": "请带原件来拍照", "note": "材料不齐。"}
    step(checker, number, "send_back", **asked)
    bring(agent, number, lacking, photo)
    step(checker, number, "resume", note="已补来。")
    step(checker, number, "forward", note="")


def hand_over(agent: Desk, number: str, coming: Visit) -> None:
    """The resident takes the result home."""
    who = {"receiver.name": coming.person.name, "receiver.id_number": coming.person.id_number}
    how = {"receiver.how": "本人领取", "receiver.signed": "纸上签名，原件留在本站"}
    step(agent, number, "handed_over", **who, **how)


def bring(agent: Desk, number: str, key: str, photo: Path) -> None:
    """Report that the resident has brought what was missing, with a photograph of it."""
    page = agent.page
    way = 'a[href$="/report/papers_brought"]'
    come(agent, f"/case/{number}", lambda: page.locator(way).count() > 0, "the request")
    agent.go(str(page.locator(way).first.get_attribute("href")))
    page.locator(f'input[type=file][name="paper-{key}"]').last.set_input_files(photo)
    page.locator("main form.card .actions button").first.click()
    page.wait_for_url(lambda address: "/report/" not in address)
