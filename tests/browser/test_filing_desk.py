"""Filing at a real screen: kept as typed, numbers checked, photographs made fit, a name signed by pen."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from common.node.demo.small import VILLAGE
from common.node.demo_data.people import resident
from tests.browser.conftest import Sit
from tests.browser.hands import OLD_AGE, begin

SAVED = re.compile(r"已保存 \d\d:\d\d")


def saved(page: Page) -> None:
    """Wait until the page says that what stands in it is kept."""
    page.locator("[data-saved]").filter(has_text=SAVED).wait_for()


def photograph(path: Path, shade: int, size: tuple[int, int] = (3600, 2700)) -> Path:
    """Make a large photograph of print on paper of this shade."""
    picture = Image.new("RGB", size, (shade, shade, shade))
    pen = ImageDraw.Draw(picture)
    for y in range(60, size[1] - 80, 60):
        pen.text((80, y), "Liandong 2026 0123456789 " * 12, fill="black", font_size=36)
    picture.save(path, quality=95)
    return path


def test_what_is_typed_is_kept_whatever_happens_to_the_window(sit: Sit) -> None:
    """The window is closed without a word, the way back is taken, another window writes beside."""
    agent, person = sit(VILLAGE, "agent"), resident(7_411, VILLAGE)
    begin(agent, OLD_AGE)
    page = agent.page
    address = page.url
    page.locator("#f-name").press_sequentially(person.name)
    number = page.locator("#f-id-number")
    number.press_sequentially(person.id_number[:17] + ("1" if person.id_number[17] != "1" else "2"))
    expect(page.get_by_text("号码不对")).to_be_visible()
    # Typed wide, or pasted from a telephone with signs of direction round it, it is the same number.
    number.fill("".join(chr(ord(digit) + 0xFEE0) for digit in person.id_number))
    expect(page.get_by_text("✓ 号码对得上")).to_be_visible()
    number.fill(f"\u202a{person.id_number[:6]}-{person.id_number[6:17]}?")
    expect(page.get_by_text("号码不对")).to_be_visible()
    number.press("Backspace")
    number.press_sequentially(person.id_number[17])
    expect(page.get_by_text("✓ 号码对得上")).to_be_visible()
    saved(page)
    page.close()
    agent.page = page = agent.context.new_page()
    page.goto("/")
    page.locator(f'a[href="{address[len(agent.url) :]}"]').first.click()
    expect(page.locator("#f-name")).to_have_value(person.name)
    other = agent.context.new_page()
    other.goto(address)
    other.locator("#f-phone").press_sequentially(person.phone)
    saved(other)
    page.locator("#f-address").fill("二组 8 号")
    expect(page.locator("[data-saved]")).to_contain_text("另一个窗口")
    expect(page.locator("#f-phone")).to_have_value(person.phone)
    other.close()
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile("/form"))
    page.go_back()
    expect(page.locator("#f-address")).to_have_value("二组 8 号")


def test_photographs_are_made_fit_before_they_leave_the_browser(sit: Sit, tmp_path: Path) -> None:
    agent = sit(VILLAGE, "agent")
    begin(agent, OLD_AGE)
    page = agent.go(agent.page.url.replace("/applicant", "/papers"))
    files = [photograph(tmp_path / "good.jpg", 245), photograph(tmp_path / "dark.jpg", 40)]
    page.set_input_files("#f-paper-id-card", files)
    # Kept at once: a window closed now loses none.
    stored = page.locator("#row-paper-id_card .papers li")
    expect(stored).to_have_count(2)
    expect(page.get_by_text("太暗，可能看不清")).to_have_count(1)
    size = re.search(r"(\d+) KB", stored.first.inner_text())
    assert size and int(size[1]) * 1024 < files[0].stat().st_size
    picture = stored.first.locator("img")
    expect(picture).to_have_js_property("naturalWidth", 2400)
    stored.first.get_by_role("button", name="转一下").click()
    expect(picture).to_have_js_property("naturalWidth", 1800)
    stored.nth(1).get_by_role("button", name="移除").click()
    expect(stored).to_have_count(1)
    page.close()
    agent.page = agent.context.new_page()
    agent.go(page.url)
    expect(agent.page.locator("#row-paper-id_card .papers li")).to_have_count(1)


def test_the_camera_of_the_desk_puts_what_it_sees_beside_the_paper_chosen(sit: Sit) -> None:
    """A picture of the page's own stands for the camera; without one the button is not shown."""
    agent = sit(VILLAGE, "agent")
    begin(agent, OLD_AGE)
    address = agent.page.url.replace("/applicant", "/papers")
    expect(agent.go(address).locator("[data-camera-open]")).to_be_hidden()
    agent.page.add_init_script(
        "navigator.mediaDevices.enumerateDevices = async () => [{kind: 'videoinput', deviceId: ''}];"
        "navigator.mediaDevices.getUserMedia = async () => {"
        " const one = document.createElement('canvas'); one.width = 1600; one.height = 1200;"
        " const pen = one.getContext('2d');"
        " setInterval(() => pen.fillRect(9, 9, 400, Math.random() * 400), 50);"
        " return one.captureStream() };"
    )
    page = agent.go(address)
    page.locator("[data-camera-open]").click()
    page.select_option("#camera-paper", "paper-household_register")
    expect(page.locator("[data-switch]")).to_be_hidden()
    page.locator("[data-snap]").click()
    expect(page.locator("dialog [role=status]")).to_contain_text("已拍 1 张")
    page.locator("[data-close]").click()
    expect(page.locator("#row-paper-household_register .papers img")).to_have_count(1)


WITHOUT_HAS = (
    "for (const sheet of document.styleSheets) for (let at = sheet.cssRules.length; at--;)"
    " if ((sheet.cssRules[at].selectorText || '').includes(':has(')) sheet.deleteRule(at)"
)


def test_a_name_is_signed_on_the_screen(sit: Sit) -> None:
    agent = sit(VILLAGE, "agent")
    page = agent.go("/queue?view=mine&work=hand_out")
    page.locator('a[href^="/case/"]').first.click()
    page.locator('a[href$="/report/handed_over"]').first.click()
    page.wait_for_url(re.compile("/report/handed_over"))
    # What the way does not need is not there, be it chosen by mouse or by keys.
    ways = ("relation", "tracking", "signed")
    asked = {key: page.locator(f'[name="receiver.{key}"]').first for key in ways}
    first = page.locator('[name="receiver.how"]').first
    # Once more as a browser sees it that throws away what it does not know.
    for script in ("", WITHOUT_HAS):
        page.evaluate(script)
        for key, seen in (
            ("", "signed"),
            ("ArrowDown", "relation signed"),
            ("ArrowUp", "signed"),
            ("ArrowUp", "tracking"),
            ("ArrowDown", "signed"),
        ):
            first.focus() if not key else page.keyboard.press(key)
            assert " ".join(name for name, field in asked.items() if field.is_visible()) == seen, key
    pad = page.locator("canvas.pad")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    page.mouse.move(box["x"] + 40, box["y"] + 40)
    page.mouse.down()
    for step in range(1, 6):
        page.mouse.move(box["x"] + 40 + 30 * step, box["y"] + 40 + 20 * (step % 2))
    page.mouse.up()
    expect(page.locator('[value="屏幕上签名"]')).to_be_checked()
    signature = page.locator("[data-sign] input[type=file]")
    # The browser packs the picture beside the page, and hands it to the form when that is done.
    kept = "one => new Promise(done => { const look = () => one.files[0] ? done(one.files[0].type) : "
    kept += "setTimeout(look, 20); look() })"
    assert signature.evaluate(kept) == "image/png"
    page.get_by_role("button", name="擦掉重签").click()
    assert signature.evaluate("one => one.files.length") == 0
