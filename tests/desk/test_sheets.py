"""Enrolment sheets for all sites of a county in one go: a code is good once, a later print voids it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from weasyprint import HTML

from common.config import read_config
from common.node.assembly import build_node
from common.node.cli import main
from common.node.enrolling.enrolment import VALID_MS
from common.node.verbs import commands
from common.store import audit
from common.store.database import close_database
from sync.protocol.errors import BadEnrolment
from tests.desk.three import COUNTY, PROFILES, TOWN, VILLAGE, ThreeNodes, post

SHEETS = "/nodes/sheets"
CODE = re.compile(r'<p class="code digits">(\d-[0-9A-Z-]{23})</p>')
OTHER = "511921126200"


def seen_on(text: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', text)
    assert found
    return found[1]


def test_a_county_prints_a_sheet_for_every_site_that_has_not_joined(
    three: ThreeNodes, tmp_path: Path
) -> None:
    client = three.client(COUNTY, "admin")
    node, joined = three.node, {COUNTY, TOWN, VILLAGE}
    asked = client.get(SHEETS).text
    page = post(client, SHEETS, {"under": COUNTY, "seen": seen_on(asked)}, SHEETS).text
    codes = CODE.findall(page)
    places = {one for one in node.places if len(one) in (9, 12)} - joined
    assert len(codes) == len(set(codes)) == len(places) > 100
    assert page.count('<section class="slip apart"') == page.count('class="qr"') == len(codes)
    for wanted in (
        "三步登记",
        f'install village <span class="opt">--address {OTHER}</span>',
        node.site_name(),
        "http://127.0.0.1:9006",
    ):
        assert wanted in page
    fingerprint = node.fingerprint()
    grouped = " ".join(fingerprint[at : at + 4] for at in range(0, 64, 4))
    assert page.count(grouped) == len(codes) and f"--address {VILLAGE}<" not in page
    rows = {row.address: row for row in node.enrolment.issued()}
    assert set(rows) >= places and rows[OTHER].expires_at - rows[OTHER].issued_at == 14 * 86_400_000
    last = audit.rows(COUNTY)[-1]
    assert (last.action, last.actor, last.detail) == ("node.sheets", "admin", f'{{"count":{len(codes)}}}')
    assert audit.rows(OTHER)[-1].actor == "admin"
    assert not any(code in path.read_bytes().decode("latin-1") for code in codes for path in _kept(three))

    # Sent again by mistake, the sheets just printed stay good; asked for anew, they are void.
    again = post(client, SHEETS, {"under": COUNTY, "seen": seen_on(asked)}, SHEETS)
    assert again.status_code == 409 and "E249" in again.text and not CODE.search(again.text)
    first = _code_of(page, OTHER)
    asked = client.get(SHEETS).text
    assert f"其中 {len(codes)} 个站点发过码" in asked
    three.clock.advance(60_000)
    page = post(client, SHEETS, {"under": TOWN, "seen": seen_on(asked), "good": "void"}, SHEETS).text
    second = _code_of(page, OTHER)
    assert first != second and "511921101" not in "".join(re.findall(r"--address (\d+)", page))
    assert not _joins(three, first, tmp_path / "first") and _joins(three, second, tmp_path / "second")


def test_a_sheet_says_where_its_code_is_good(three: ThreeNodes) -> None:
    """A county gives a new code to a village whose computer was told the township's address."""
    client = three.client(COUNTY, "admin")
    page = post(client, "/nodes/code", {"address": VILLAGE}, "/nodes").text
    line = re.sub(r"<[^>]+>", "", page[page.index("enrol join") :].partition("</code>")[0])
    # Broken after its dashes an option would be typed with a space in it.
    options = [word for word in re.findall(r"<code>(.*?)</code>", page) for word in word.split("--")[:-1]]
    assert len(options) == 4 and all(before.endswith('<span class="opt">') for before in options)
    assert line == "enrol join --url http://127.0.0.1:9006 --code"
    assert f"这个码只在{three.node.site_name()}能用" in page and "才能用" in BadEnrolment.sentence


def test_a_sheet_is_a_paper_and_stays_chinese_on_an_english_page(three: ThreeNodes) -> None:
    """Who prints it may read English; who types by it is at the village."""
    client = three.client(COUNTY, "admin")
    assert post(client, "/preferences", {"language": "en"}, "/preferences").status_code == 303
    page = post(client, "/nodes/code", {"address": OTHER}, "/nodes").text
    around, sheet = page.split('<section class="slip apart" lang="zh-CN">')
    sheet = sheet.partition("</section>")[0]
    assert "Print" in around and "入网码" not in around
    assert all(words in sheet for words in ("站点登记单", "三步登记", "登记完成时会显示网络指纹"))
    assert "Enrol" not in sheet and sheet.count("____________") == 2, "a line to sign on, and one for the day"
    # What is still to be filled in is not broken in two.
    assert '<span class="opt">〔上级网址〕</span>' in sheet


def test_a_village_is_told_its_township_by_whom_it_is_let_in(three: ThreeNodes, tmp_path: Path) -> None:
    """A code of the county is good there; the village stands below its township, wherever that answers."""
    client, url = three.client(COUNTY, "admin"), "http://192.0.2.26:8600"
    for known, led in (("", "〔上级网址〕"), (url, url)):
        if known:
            three.clock.advance(VALID_MS + 1)
            client = three.again("admin")
            with three.node.unit():
                three.node.trust.set_url(TOWN, known, ("admin", three.now()))
        page = re.sub(r"<[^>]+>", "", post(client, "/nodes/code", {"address": OTHER}, "/nodes").text)
        for wanted in (
            f"{three.node.place_name(TOWN)}（{TOWN}）",
            f"--address {OTHER} --parent-url {led}\n",
            "enrol join --url http://127.0.0.1:9006 --code",
            known or "请向上级站点问明",
        ):
            assert wanted in page, wanted


def test_a_village_whose_township_is_still_to_come_is_told_who_takes_its_place(three: ThreeNodes) -> None:
    client, town = three.client(COUNTY, "admin"), "511921101"
    village = min(one for one in three.node.places if len(one) == 12 and one.startswith(town))
    page = re.sub(r"<[^>]+>", "", post(client, "/nodes/code", {"address": village}, "/nodes").text)
    county = f"{three.node.site_name()}（{COUNTY}）"
    assert f"{three.node.place_name(town)}（{town}）；它入网以前由{county}接收" in page
    assert f"--address {village} --parent-url http://127.0.0.1:9006" in page


def test_who_is_let_in_by_the_county_knows_its_township_at_once(three: ThreeNodes, tmp_path: Path) -> None:
    """Else it would take its township's address on the net for the county's, and ask there for the county."""
    with three.open(COUNTY).unit():
        code = three.node.enrolment.issue(OTHER, "", three.now())
    assert _joins(three, code, tmp_path / "folder")
    words = [
        "--code",
        code,
        "--in",
        str(tmp_path / "folder" / "answer"),
        "--data",
        str(tmp_path / "folder" / "node"),
    ]
    close_database()
    assert main(PROFILES[VILLAGE], ["enrol", "finish", *words]) == 0
    close_database()
    node = build_node(read_config(tmp_path / "folder" / "node", {}), PROFILES[VILLAGE])
    assert node.tree().up(OTHER) == (OTHER, TOWN, COUNTY)
    close_database()


def _pages_of(text: str) -> int:
    """Return how many pages of A4 the first three sheets take, with addresses as long as real ones are."""
    page = re.sub(
        r"http://127[0-9.:]*", "https://zhengwu-liandong.nuojiang.tongjiang.bazhong.gov.cn:8443", text
    )
    head, *sheets = page.split('<section class="slip apart"')
    return len(HTML(string='<section class="slip apart"'.join([head, *sheets[:3]])).render().pages)


def _code_of(page: str, address: str) -> str:
    part = page[: page.index(f"--address {address}<")]
    return str(CODE.findall(part)[-1])


def _kept(three: ThreeNodes) -> list[Path]:
    return [path for path in (three.folder / COUNTY).iterdir() if path.is_file()]


def _joins(three: ThreeNodes, code: str, folder: Path) -> bool:
    folder.mkdir()
    words = ["--data", str(folder / "node")]
    assert main(PROFILES[VILLAGE], ["init", "--address", OTHER, *words]) == 0
    request = folder / "request"
    assert main(PROFILES[VILLAGE], ["enrol", "request", "--code", code, "--out", str(request), *words]) == 0
    try:
        commands.enrol_answer(three.open(COUNTY), request, folder / "answer")
    except BadEnrolment:
        return False
    return True


def test_who_may_not_gets_no_sheets_and_nonsense_gives_out_no_code(three: ThreeNodes) -> None:
    clerk = three.client(COUNTY, "clerk")
    assert clerk.get(SHEETS).status_code == 403
    assert post(clerk, SHEETS, {"under": COUNTY, "seen": "0"}).status_code == 403
    admin = three.again("admin")
    for under in ("", "5", "999999", "' OR 1=1"):
        before = len(three.node.enrolment.issued())
        answer = post(admin, SHEETS, {"under": under, "seen": "٣"}, SHEETS)
        assert answer.status_code in (400, 409) and len(three.node.enrolment.issued()) == before, under
    # A township prints for its own villages alone.
    page = three.client(TOWN, "admin").get(SHEETS).text
    assert re.findall(r'<option value="(\d+)"', page) == [TOWN]


def test_the_verb_writes_a_file_for_its_owner_alone(
    three: ThreeNodes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    close_database()
    file, data = tmp_path / "sheets.html", ["--data", str(three.folder / COUNTY)]
    words = ["enrol", "sheets", "--address", TOWN, "--out", str(file), *data]
    assert main(PROFILES[COUNTY], words) == 0
    text = file.read_text()
    count = len(CODE.findall(text))
    assert file.stat().st_mode & 0o777 == 0o600 and f"入网码 {count} 个" in capsys.readouterr().out
    assert count > 3 and "break-after: page" in text and not re.search(r"(?:src|href)=", text)
    assert _pages_of(text) == 3
    # Never over a file that may be somebody's; then no code is given out either.
    before = three.open(COUNTY).enrolment.mark()
    assert main(PROFILES[COUNTY], [*words, "--yes"]) == 2
    assert three.open(COUNTY).enrolment.mark() == before and file.read_text() == text
