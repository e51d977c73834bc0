"""Looks a node over as a mechanic would, and says in plain words what to do about what it finds."""

from __future__ import annotations

import stat

from common.casework import days
from common.catalogue.rules.checks import EXAMPLE
from common.clock import BUILT_MS
from common.desk.pages.line_speed import knows_no_way_up
from common.documents.errors import PrintFromBrowser
from common.node import trail_mark
from common.node.backups import backup_origin, last_backup
from common.node.checks import doctor_keys, doctor_seals, doctor_tls, volumes
from common.node.checks.findings import BAD, GOOD, WARN, Finding
from common.node.keyring import keyless
from common.node.node import Node
from common.node.refusals import NoWayUp
from common.node.watches.disk import DiskState
from common.store import audit
from common.store.database import database, driver
from common.store.sorts import OddValues, odd_columns
from sync.protocol.address import level
from sync.protocol.trust.refusal import barred

_SAFE_SQLITE = (3, 51, 3)
_VILLAGE = 5
_OF_A_VALUE = " value in "
_CUT = "末尾少了：本站曾记到第 {upto} 条，现在不是那一条了，请保存数据文件夹并立即报县管理员；"
_CUT += "查明是停电时磁盘没有写进去的，用 audit accept 写明原因。"
_UNREAD = "记着末尾的文件 {file} 读不出来，末尾少没少无从核对，请保存数据文件夹并立即报县管理员；"
_UNREAD += "查明是磁盘坏了的，用 audit accept 写明原因，重新记起。"
# What any paper of ours needs: a place name, the brackets of its number, the mark for what is filled in.
_ON_EVERY_PAPER = "通江县青峪镇〔2026〕第号行政许可决定书〓"


def examine(node: Node) -> list[Finding]:
    """Return the findings, in the order a person would check them. Nothing is changed."""
    found = [_folder(node), _room(node), _sqlite(), _soundness()]
    if found[-1].light == BAD:
        # Whatever else is looked at is read from it.
        return found
    found += [*doctor_keys.keys(node), _enrolled(node), *_line(node)]
    found += [_clock(node), volumes.at_rest(node.config.data_dir), *doctor_tls.tls(node)]
    found += [*last_backup.finding(node), *backup_origin.finding(node)]
    found += [_audit(node), _views(node), _left(node), *_samples(node)]
    return [*found, *_printing(node), *doctor_seals.seals(node)]


def _folder(node: Node) -> Finding:
    mode = stat.S_IMODE(node.config.data_dir.stat().st_mode)
    if mode & 0o077:
        return Finding(
            BAD, "数据文件夹", f"其他用户可以读取本站数据，请执行：chmod 700 {node.config.data_dir}"
        )
    return Finding(GOOD, "数据文件夹", "只有本程序能读写。")


def _room(node: Node) -> Finding:
    state = node.disk.state()
    gigabytes = f"{max(0, node.disk.free()) / 1e9:.1f} GB"
    if state is DiskState.CRITICAL:
        return Finding(BAD, "磁盘空间", f"只剩 {gigabytes}，已停止收新件，请马上清理磁盘。")
    if state is DiskState.LOW:
        return Finding(WARN, "磁盘空间", f"只剩 {gigabytes}，请尽快清理磁盘。")
    return Finding(GOOD, "磁盘空间", f"还有 {gigabytes}。")


def _sqlite() -> Finding:
    version = tuple(int(part) for part in driver.sqlite_version.split("."))
    if version < _SAFE_SQLITE:
        return Finding(WARN, "数据库程序", f"SQLite {driver.sqlite_version} 较旧，请在方便时升级系统。")
    return Finding(GOOD, "数据库程序", f"SQLite {driver.sqlite_version}。")


def _soundness() -> Finding:
    answer = database.execute_sql("PRAGMA quick_check").fetchone()[0]
    # A value of the wrong sort is found by both; here it is told where.
    if answer != "ok" and _OF_A_VALUE not in answer:
        return Finding(BAD, "数据库", "数据库文件有损坏，请停止录入并联系县管理员恢复。")
    if columns := odd_columns():
        return Finding(BAD, "数据库", str(OddValues(columns)))
    return Finding(GOOD, "数据库", "检查无误。")


def _enrolled(node: Node) -> Finding:
    identity = node.spool.identity()
    if identity is None or not identity.epoch:
        return Finding(BAD, "入网", "本站还没有入网，请用入网码登记。")
    if not node.has_joined():
        return Finding(BAD, "入网", f"{keyless.STATE}。{keyless.next_step(node.profile.tier)}")
    if barred(node.peer.core) is not None:
        told = "本站的钥匙县级已经作废，上级不再收本站的报文：请向上级要新的入网码，重新入网（enrol join）。"
        return Finding(BAD, "入网", told)
    return Finding(GOOD, "入网", f"已入网，名册版本 {node.peer.core.roster.version}。")


def _line(node: Node) -> list[Finding]:
    """Say where a node that has joined will speak with nobody; whether a line holds the pages say."""
    is_lost = node.has_joined() and knows_no_way_up(node)
    return [Finding(WARN, "上级线路", NoWayUp.sentence)] if is_lost else []


def _clock(node: Node) -> Finding:
    if node.clock.now_ms() < BUILT_MS:
        return Finding(WARN, "时钟", "电脑时间不对（可能主板电池没电），请校准；收件不受影响。")
    doubt = days.doubt(node.clock.now_ms())
    if doubt is not None:
        told = (
            f"今天是 {doubt.today} 吗？本站上次运行是 {doubt.last}：不对的请校准，无误的请执行 days confirm。"
        )
        return Finding(WARN, "时钟", told)
    return Finding(GOOD, "时钟", "正常。")


def _audit(node: Node) -> Finding:
    broken = audit.first_broken()
    if broken is not None:
        return Finding(BAD, "操作记录", f"从第 {broken} 条起被改动过，请保存数据文件夹并立即报县管理员。")
    ends = dict(trail_mark.cut_off(node))
    if trail_mark.UNREAD in ends:
        return Finding(BAD, "操作记录", _UNREAD.format(file=trail_mark.FILE))
    if cut := ends.get(trail_mark.AUDIT):
        return Finding(BAD, "操作记录", _CUT.format(upto=cut))
    lost = trail_mark.accepted(node)
    once = f"末尾少过或无从核对过，{lost[0]} 已写明原因：{lost[1]}。" if lost else ""
    return Finding(GOOD, "操作记录", f"{audit.head()[0]} 条，前后相连。{once}")


def _views(node: Node) -> Finding:
    problems = node.views.problems()
    if problems:
        return Finding(BAD, "查阅记录", f"被改动过（{problems[0]}），请保存数据文件夹并立即报县管理员。")
    if cut := dict(trail_mark.cut_off(node)).get(trail_mark.VIEWS):
        return Finding(BAD, "查阅记录", _CUT.format(upto=cut))
    return Finding(GOOD, "查阅记录", "前后相连，与每日摘要相符。")


def _left(node: Node) -> Finding:
    """Say what was deleted by rule, so that nobody takes it for a loss."""
    left, subject = node.keeping.totals(), "按期清理"
    if not left.bodies:
        return Finding(GOOD, subject, "还没有删过报文正文。")
    megabytes = f"{left.bytes / 1e6:.1f} MB"
    told = (
        f"办结已久、终点已签收的报文正文已删 {left.bodies} 份（{megabytes}），最近一次 {left.day}；县级都有。"
    )
    return Finding(GOOD, subject, told)


def _samples(node: Node) -> list[Finding]:
    """Say that items still tell the samples' telephones: they stand on every slip and notice."""
    is_top = node.is_made() and node.tree().top == node.me
    if not is_top or node.config.practice:
        return []
    items = node.catalogue.all_items()
    count = sum(EXAMPLE in f"{item.consult_phone}{item.complaint_phone}" for item in items)
    if not count:
        return []
    told = f"{count} 个事项的咨询、投诉电话还是示例，会印在凭证和文书上：开始办件以前请在“事项目录”里改好。"
    return [Finding(WARN, "事项目录", told)]


def _printing(node: Node) -> list[Finding]:
    subject, browser = "文书打印", "文书仍可从浏览器打印。"
    if not node.documents.is_installed():
        # A village prints from the browser alone, and lacks nothing.
        if level(node.me) == _VILLAGE:
            return []
        return [Finding(WARN, subject, f"没有安装PDF打印（requirements/pdf.lock）；{browser}")]
    try:
        missing = node.documents.missing_characters(_ON_EVERY_PAPER)
    except (PrintFromBrowser, OSError, KeyError):
        return [Finding(BAD, subject, f"字体缺失或损坏，请重新安装 requirements/pdf.lock；{browser}")]
    if missing:
        return [Finding(BAD, subject, f"字体缺字（{'、'.join(sorted(missing))}），请重新安装字体；{browser}")]
    return [Finding(GOOD, subject, "PDF打印和字体都在。")]
