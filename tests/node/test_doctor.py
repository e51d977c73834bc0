"""`doctor` says what is wrong with seals, printing and chained logs, and nothing where there are none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from common.casework.jobs import do_what_days_bring
from common.catalogue.service import shipped_items
from common.clock import FixedClock
from common.config import read_config, write_config
from common.documents.errors import PrintFromBrowser
from common.node.assembly import build_node
from common.node.checks import doctor
from common.node.checks.findings import BAD, GOOD, WARN
from common.node.cli import main
from common.node.node import Node
from common.node.verbs import commands
from common.seal.keys import FOLDER, SealKeys
from common.seal.log import FILE, Sealing, SealLog
from common.seal.register import LIST
from common.seal.revoking import Order, revoke
from common.seal.rules.revoked import Reason
from common.store.database import close_database, database
from county_node.profile import PROFILE as COUNTY
from sync.protocol.trust import registrar
from village_node.profile import PROFILE as VILLAGE

NOW = 1_800_000_000_000
YEAR_MS = 365 * 86_400_000
ORGAN = "县民政局"


@pytest.fixture
def county(founded_alone: Path, tmp_path: Path) -> Iterator[Node]:
    """A county that was just founded, with the seal of one organ."""
    shutil.copytree(founded_alone, tmp_path, dirs_exist_ok=True)
    node = build_node(read_config(tmp_path, {}), COUNTY, FixedClock(NOW))
    keys = SealKeys(tmp_path / FOLDER)
    keys.found("通江县", "511921", NOW)
    keys.issue(ORGAN, "511921", NOW)
    yield node
    close_database()


def said(node: Node, subject: str) -> tuple[str, str]:
    """Return light and sentence of what was found about a subject."""
    found = [(one.light, one.sentence) for one in doctor.examine(node) if one.subject == subject]
    assert len(found) == 1, found
    return found[0]


def subjects(node: Node) -> set[str]:
    return {one.subject for one in doctor.examine(node)}


def test_a_sound_county_is_told_so(county: Node) -> None:
    for subject in ("操作记录", "查阅记录", "印章", "用印记录"):
        assert said(county, subject)[0] == GOOD, subject
    assert said(county, "印章程序")[0] == WARN
    county.seals.is_running = lambda: True  # type: ignore[method-assign]
    assert said(county, "印章程序") == (GOOD, "在运行。")


def test_items_with_the_telephones_of_the_samples_are_told_until_they_are_put_right(county: Node) -> None:
    light, words = said(county, "事项目录")
    assert light == WARN and words.startswith("64 个事项的咨询、投诉电话还是示例")
    for item in shipped_items():
        contact = {**item["contact"], "consult_phone": "0827-7221234", "complaint_phone": "12345"}
        with county.unit():
            county.catalogue.publish({**item, "contact": contact}, NOW)
    assert "事项目录" not in subjects(county)


def test_a_key_gone_over_from_is_told_too_for_the_county_may_ask_for_that_one(county: Node) -> None:
    former = county.peer.core.own_key().id
    assert said(county, "钥匙文件") == (GOOD, f"在，且只有本程序能读。本站钥匙编号 {former}。")
    with county.unit():
        new = county.trust.rotate(bytes(range(64)), "")
    assert said(county, "钥匙文件")[1].endswith(f"本站钥匙编号 {new}。以前用的：{former}。")


def test_a_key_that_was_revoked_is_not_called_one_of_former_days(county: Node) -> None:
    """The county tells keys by these numbers: a stolen one must not be taken for a former one."""
    keys, here = county.peer.core, county.peer.core.own_key().id
    stolen, lost, strange, former = (county.keys.add(bytes([n]) * 64).id for n in range(4))
    entry = keys.roster.entries[county.me]
    fields = registrar.fields_of(entry)
    whole = {"cut": {}, "ids": [], "since": NOW}
    reasons = {stolen: "stolen", lost: "lost", strange: "not_ours"}
    fields["keys"] = [
        *({**county.keys[key].public.as_fields(), "from": NOW, "until": NOW} for key in (*reasons, former)),
        *fields["keys"],
    ]
    fields["revoked"] = [{**whole, "key": key, "reason": reason} for key, reason in reasons.items()]
    with county.unit():
        registrar.enter(keys, keys.means.roster_key, fields, NOW)
    told = said(county, "钥匙文件")[1]
    assert told.endswith(
        f"本站钥匙编号 {here}。已作废的（被盗或泄露）：{stolen}。已作废的（遗失或损坏）：{lost}。"
        f"县级判定不是本站的：{strange}。以前用的：{former}。"
    )
    assert "已作废" not in told.split("。")[1]


def test_a_root_key_that_still_lies_at_a_working_county_is_warned_of(county: Node, tmp_path: Path) -> None:
    light, told = said(county, "根钥匙")
    assert light == WARN and "trust root export" in told and str(county.config.data_dir) in told
    real, county.config = county.config, replace(county.config, practice=1)
    assert "根钥匙" not in subjects(county), "there is nothing to guard"
    county.config = real
    with county.unit():
        county.trust.office.move_root_out(tmp_path / "root-1.key", "")
    assert "根钥匙" not in subjects(county)


def test_a_revoked_seal_is_told_until_there_is_a_new_one(county: Node) -> None:
    keys = SealKeys(county.config.path(FOLDER))
    revoke(keys, Order(ORGAN, Reason.STOLEN), county.clock)
    light, words = said(county, "印章")
    assert light == BAD and ORGAN in words and "换发" in words
    keys.issue(ORGAN, "511921", NOW)
    assert said(county, "印章")[0] == GOOD
    # Of an organ that is no more nothing is to be done.
    keys.issue("县旅游局", "511921", NOW)
    revoke(keys, Order("县旅游局", Reason.CEASED), county.clock)
    assert said(county, "印章")[0] == GOOD
    (keys.folder / LIST).write_bytes(b"-----BEGIN X509 CRL-----")
    light, words = said(county, "印章")
    assert light == BAD and "seal install" in words and "备份" not in words


def test_a_seal_under_a_name_that_nothing_finds_is_told(county: Node) -> None:
    """A program of before took a blank around the organ's name for a part of it."""
    for path in (county.config.path(FOLDER) / "organs").iterdir():
        path.rename(path.with_stem("0" * 16))
    light, words = said(county, "印章")
    assert light == BAD and ORGAN in words and "seal issue" in words


def test_a_node_without_seals_hears_nothing_of_them(county: Node) -> None:
    for file in (county.config.path(FOLDER) / "organs").iterdir():
        file.unlink()
    assert not {"印章", "印章程序", "用印记录"} & subjects(county)


@pytest.mark.parametrize(
    ("years", "light", "words"), [(14, GOOD, "有效期内"), (14.9, WARN, "快到期"), (15.1, BAD, "已到期")]
)
def test_certificates_are_told_in_time(county: Node, years: float, light: str, words: str) -> None:
    assert isinstance(county.clock, FixedClock)
    county.clock.advance(int(years * YEAR_MS))
    found = said(county, "印章")
    assert found[0] == light and words in found[1]
    assert light == GOOD or (ORGAN in found[1] and "根证书" not in found[1])


@pytest.mark.parametrize("name", ["root.cer", "secret.key"])
def test_damaged_seal_files_are_told(county: Node, name: str) -> None:
    (county.config.path(FOLDER) / name).write_bytes(b"nonsense")
    assert said(county, "印章")[0] == BAD


def test_a_changed_log_of_sealings_is_told(county: Node) -> None:
    folder = county.config.path(FOLDER)
    SealLog(folder).add(Sealing(NOW, "case", "act", ORGAN, "ab" * 32, "1"))
    assert said(county, "用印记录") == (GOOD, "1 条，前后相连。")
    (folder / FILE).write_bytes((folder / FILE).read_bytes().replace(b"case", b"cast", 1))
    light, sentence = said(county, "用印记录")
    assert light == BAD and "第 1 条" in sentence


@pytest.mark.parametrize(("table", "subject"), [("audit", "操作记录"), ("view_log", "查阅记录")])
def test_a_changed_chain_is_told(county: Node, table: str, subject: str) -> None:
    if table == "view_log":
        from common.journal.rules import Fields, What

        with county.unit():
            county.views.record("clerk", (next(iter(What)), "x", next(iter(Fields))), NOW)
    trigger = [
        row[0]
        for row in database.execute_sql(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
        ).fetchall()
    ]
    assert trigger, "the log itself refuses to be changed"
    for name in trigger:
        database.execute_sql(f"DROP TRIGGER {name}")
    database.execute_sql(f"UPDATE {table} SET object = 'another' WHERE pos = 1")
    light, sentence = said(county, subject)
    assert light == BAD and "被改动过" in sentence


class Press:
    """Documents in a given state."""

    def __init__(self, installed: bool, missing: Any = ()) -> None:
        self.installed, self.missing = installed, missing

    def is_installed(self) -> bool:
        return self.installed

    def missing_characters(self, text: str) -> set[str]:
        if isinstance(self.missing, Exception):
            raise self.missing
        return set(self.missing)


@pytest.mark.parametrize(
    ("press", "light", "words"),
    [
        (Press(True), GOOD, "都在"),
        (Press(True, "〓"), BAD, "缺字（〓）"),
        (Press(True, PrintFromBrowser()), BAD, "字体"),
        (Press(True, FileNotFoundError()), BAD, "字体"),
        (Press(False), WARN, "浏览器"),
    ],
)
def test_the_printing_of_a_hall_is_looked_at(county: Node, press: Press, light: str, words: str) -> None:
    county.documents = press  # type: ignore[assignment]
    found = said(county, "文书打印")
    assert found[0] == light and words in found[1]


def test_a_village_without_printing_lacks_nothing(tmp_path: Path) -> None:
    write_config(tmp_path, {"address": "511921126204"})
    commands.init(read_config(tmp_path, {}), VILLAGE)
    close_database()
    node = build_node(read_config(tmp_path, {}), VILLAGE, FixedClock(NOW))
    node.documents = Press(False)  # type: ignore[assignment]
    assert "文书打印" not in subjects(node)
    close_database()


def test_a_date_in_doubt_is_told(county: Node) -> None:
    assert said(county, "时钟") == (GOOD, "正常。")
    do_what_days_bring(county.casework, county.unit, "c", NOW)
    county.clock.set_wall(NOW + 40 * 365 * 86_400_000)  # type: ignore[attr-defined]
    light, sentence = said(county, "时钟")
    assert light == WARN and "今天是 2067-01-05 吗" in sentence and "days confirm" in sentence


def test_what_doctor_finds_is_told_to_programs_in_the_same_order_and_ends_alike(
    county: Node, capsys: pytest.CaptureFixture[str]
) -> None:
    signs, folder = {"✓": "good", "!": "warn", "✗": "bad"}, county.config.data_dir
    close_database()
    for mode, code in ((0o700, 0), (0o755, 1)):
        folder.chmod(mode)
        capsys.readouterr()
        assert main(COUNTY, ["doctor", "--data", str(folder)]) == code
        lines = capsys.readouterr().out.splitlines()
        assert main(COUNTY, ["doctor", "--data", str(folder), "--json"]) == code
        found = json.loads(capsys.readouterr().out)
        assert [{*one} for one in found] == [{"state", "subject", "told"}] * len(lines)
        assert [signs[line[0]] for line in lines] == [one["state"] for one in found]
        assert [line[2:] for line in lines] == [f"{one['subject']}：{one['told']}" for one in found]
        assert (found[0]["subject"], found[0]["state"]) == ("数据文件夹", "bad" if code else "good")
