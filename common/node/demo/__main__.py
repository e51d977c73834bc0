"""`./deploy.sh demo [--exit] [--json] [--keep DIR]`: plays the story, proves it, then lets visitors in."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from common.arguments import Arguments
from common.node.demo.accounts import PASSWORD, accounts_of
from common.node.demo.check import Finding, Proof, Tally
from common.node.demo.docket import Docket
from common.node.demo.errands import Ending
from common.node.demo.kept import lead_to_parents, serve_commands, urls_of, used_folder
from common.node.demo.network import Network
from common.node.demo.proof import prove, result_line
from common.node.demo.show import NOTHING, Show, standard_error, standard_out
from common.node.demo.story import CUT_OFF, Story
from common.node.demo_data.sites import SITES, spoken_name
from common.people.rules.roles import ROLE_NAMES

# How long the story may take to notice that its sites are gone.
STORY_END_S = 10.0
_ACCOUNTS = ("站点", "网址", "账号", "密码", "姓名", "岗位", "部门")
EXIT_UNSOUND, EXIT_FAILED, EXIT_INTERRUPTED = 1, 2, 130
_ACTS = {
    "收件": ("file",),
    "办理": (
        "forward",
        "send_back",
        "resume",
        "ask_papers",
        "take_papers",
        "accept",
        "review",
        "approve",
        "issue",
    ),
    "送达": ("handed_over",),
}


class Interrupted(BaseException):
    """Somebody wants the demonstration to end."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the demonstration and return the exit code: 0 all passed, 1 a check failed, 2 it broke off."""
    options = _options(arguments)
    show = standard_error() if options.json else standard_out()
    _hear(_interrupt)
    folder = options.keep or Path(tempfile.mkdtemp(prefix="liandong-demo-"))
    day = _Day(Network(folder, SITES, [CUT_OFF]), show, options)
    try:
        day.start()
        while day.is_alive():
            # Signals are heard here alone, between two short waits, never while something is being started.
            day.join(0.2)
    except Interrupted:
        # Once the checks are through, their outcome stands.
        day.code = EXIT_INTERRUPTED if day.code == EXIT_FAILED else day.code
    finally:
        # Once is enough: what follows is the orderly end, and a second key must not break it.
        _hear(signal.SIG_IGN)
        show.hush()
        day.network.stop()
        day.join(STORY_END_S)
    _tidy(show, folder, options.keep is not None or day.code in (EXIT_UNSOUND, EXIT_FAILED))
    return day.code


class _Day(threading.Thread):
    """The story and what comes after it; `code` is the exit code as far as it is known."""

    def __init__(self, network: Network, show: Show, options: argparse.Namespace) -> None:
        super().__init__(daemon=True)
        self.network = network
        self.code = EXIT_FAILED
        self._show = show
        self._options = options

    def run(self) -> None:
        try:
            self._play()
        except Exception as trouble:
            if not self.network.is_closed.is_set():
                traceback.print_exc()
                self._show.bad(f"演示中断：{trouble or type(trouble).__name__}")

    def _play(self) -> None:
        show, network = self._show, self.network
        show.title("联动 · 通江县政务服务演示", f"数据文件夹：{network.folder}")
        story = Story(network, show)
        story.play()
        show.chapter("六、从外部核对：逐站读取记录，重新计算每个签名、每个摘要")
        proof = prove(network, story.docket, show)
        _tell(show, proof.findings)
        _tables(show, story, proof)
        if self._options.json:
            print(result_line(proof.tally, show.seconds), flush=True)
        self.code = 0 if proof.is_sound else EXIT_UNSOUND
        if not self._options.exit:
            _invite(show, network, story)
            network.is_closed.wait()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = Arguments(prog="./deploy.sh demo", description="一县两乡四村的完整演示")
    parser.add_argument("--exit", action="store_true", help="演完、核对完就全部停止；有一项不过就以非零退出")
    parser.add_argument("--json", action="store_true", help="过程写到标准错误，标准输出最后一行是 JSON 结果")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="数据放在这个（空）文件夹，结束后不删除")
    options = parser.parse_args(arguments)
    if options.keep is None:
        return options
    options.keep = options.keep.resolve()
    try:
        options.keep.mkdir(parents=True, exist_ok=True)
        is_empty = not any(options.keep.iterdir())
    except OSError:
        parser.error(f"{options.keep} 不能用作文件夹")
    if not is_empty:
        # Nothing is written wrong: no usage, and nothing behind a command that is to be copied.
        parser.exit(EXIT_FAILED, "\n".join(used_folder(options.keep)) + "\n")
    return options


def _hear(handler: Any) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted


def _tell(show: Show, findings: Sequence[Finding]) -> None:
    for finding in findings:
        if not finding.wrong:
            show.good(f"{finding.name}（{finding.looked_at}）")
            continue
        show.bad(f"未通过：{finding.name}（{finding.looked_at}）")
        for wrong in finding.wrong[:10]:
            show.bad(f"    {wrong}")


def _tables(show: Show, story: Story, proof: Proof) -> None:
    docket = story.docket
    head = ("站点", "收件", "已到县", "已决定", "已送达", "材料", *(f"{name}(秒)" for name in _ACTS))
    rows = []
    for site in SITES:
        mine = docket.of(site.address)
        figures = [
            len(mine),
            sum(1 for e in mine if e.number in proof.at_county),
            sum(1 for e in mine if e.is_decided),
            sum(1 for e in mine if "handed_over" in e.steps),
            sum(len(e.papers) for e in mine),
        ]
        means = [docket.mean_s(site.address, steps) for steps in _ACTS.values()]
        rows.append([site.name, *map(str, figures), *(f"{mean:.2f}" if mean else NOTHING for mean in means)])
    show.chapter("结果（右边三列是每一步的平均秒数，连网页在内）")
    show.table(head, rows)
    show.say(f"{_total(docket, proof.tally)}；用时 {show.seconds:.0f} 秒")


def _total(docket: Docket, tally: Tally) -> str:
    """Return the figures of all sites; that not every case was handed over is meant so, and said."""
    left = sum(1 for e in docket.entries if e.is_done and e.errand.ending is not Ending.HANDED_OVER)
    return (
        f"合计收件 {tally.filed} 件，到县 {tally.at_county} 件，决定 {tally.decided} 件，"
        f"送达 {tally.handed_over} 件，其余 {left} 件按剧情停在办理中；"
        f"丢失 {tally.lost}，重复 {tally.applied_twice}，搁置 {tally.parked}；"
        f"材料 {tally.papers_intact}/{tally.papers} 份完好"
    )


def _invite(show: Show, network: Network, story: Story) -> None:
    show.chapter("七个站点仍在运行，请用浏览器试用（按 Ctrl-C 全部停止）")
    show.table(_ACCOUNTS, _accounts({address: node.url for address, node in network.nodes.items()}))
    show.say(f"留给您办的：{story.left_for_visitors()}")
    show.say(f"{spoken_name(CUT_OFF)}没有线路，可试“线路和U盘”页。按 Ctrl-C 全部停止。")


def _accounts(urls: Mapping[str, str]) -> list[list[str]]:
    """Return who signs in where, of the sites that answer at these addresses."""
    rows = []
    for site in [site for site in SITES if site.address in urls]:
        for account in accounts_of(site.address):
            posts = "、".join(ROLE_NAMES[role] for role in account.roles)
            of = account.department or "不限"
            rows.append([site.name, urls[site.address], account.login, PASSWORD, account.name, posts, of])
    return rows


def _tidy(show: Show, folder: Path, is_kept: int) -> None:
    if is_kept:
        show.last(f"已全部停止，数据保留在 {folder}")
        lead_to_parents(folder)
        again = serve_commands(folder)
        if again:
            show.last("\n".join(["要重新启动，请在各自的窗口分别执行：", *again]))
            show.last_table("启动以后用浏览器登录：", _ACCOUNTS, _accounts(urls_of(folder)))
        return
    shutil.rmtree(folder, ignore_errors=True)
    show.last("已全部停止，演示数据已删除")


if __name__ == "__main__":
    sys.exit(main())
