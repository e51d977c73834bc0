"""`./deploy.sh demo [--exit] [--json] [--keep DIR]`: plays the story, proves it, and leaves the sites to visitors."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from common.node.demo.accounts import PASSWORD, accounts_of
from common.node.demo.check import Finding, Tally
from common.node.demo.network import Network
from common.node.demo.proof import prove, result_line
from common.node.demo.show import Show, standard_error, standard_out
from common.node.demo.story import CUT_OFF, Story
from common.node.demo_data.sites import SITES, VILLAGES
from common.people.rules.roles import ROLE_NAMES

EXIT_UNSOUND, EXIT_FAILED, EXIT_INTERRUPTED = 1, 2, 130
_ACTS = {
    "收件": ("file",),
    "办理一步": ("forward", "send_back", "return", "ask_papers", "accept", "not_accept", "review", "approve", "refuse"),
    "送达": ("handed_over",),
}


class Interrupted(BaseException):
    """Somebody wants the demonstration to end."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the demonstration and return the exit code: 0 all passed, 1 a check failed, 2 it broke off."""
    options = _options(arguments)
    show = standard_error() if options.json else standard_out()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    folder = options.keep or Path(tempfile.mkdtemp(prefix="liandong-demo-"))
    network = Network(folder, SITES, [CUT_OFF])
    code = EXIT_FAILED
    try:
        code = _run(network, show, options)
    except Interrupted:
        code = code if code == 0 else EXIT_INTERRUPTED
    except Exception as trouble:
        show.bad(f"演示中断：{type(trouble).__name__} {trouble}")
        raise
    finally:
        _end(network, show, options.keep is not None, code)
    return code


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./deploy.sh demo", description="一县两乡四村的完整演示")
    parser.add_argument("--exit", action="store_true", help="演完、核对完就全部停止；有一项不过就以非零退出")
    parser.add_argument("--json", action="store_true", help="过程写到标准错误，标准输出最后一行是 JSON 结果")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="数据放在这个（空）文件夹，结束后不删除")
    options = parser.parse_args(arguments)
    if options.keep is not None and options.keep.exists() and any(options.keep.iterdir()):
        parser.error(f"{options.keep} 不是空文件夹")
    if options.keep is not None:
        options.keep = options.keep.resolve()
        options.keep.mkdir(parents=True, exist_ok=True)
    return options


def _interrupt(number: int, frame: FrameType | None) -> None:
    # Once is enough: what follows is the orderly end, and a second key must not break it.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Interrupted


def _run(network: Network, show: Show, options: argparse.Namespace) -> int:
    show.title("联动 · 通江县政务服务演示", f"数据文件夹：{network.folder}")
    story = Story(network, show)
    story.play()
    show.chapter("六、从外部核对：逐站读取记录，重新计算每个签名、每个摘要")
    tally, findings = prove(network, story.docket)
    _tell(show, findings)
    _tables(show, story, tally)
    is_sound = not any(finding.wrong for finding in findings)
    if options.json:
        print(result_line(tally, show.seconds), flush=True)
    if not options.exit:
        _stay(network, show)
    return 0 if is_sound else EXIT_UNSOUND


def _tell(show: Show, findings: Sequence[Finding]) -> None:
    for finding in findings:
        if not finding.wrong:
            show.good(f"{finding.name}（{finding.looked_at}）")
            continue
        show.bad(f"未通过：{finding.name}（{finding.looked_at}）")
        for wrong in finding.wrong[:10]:
            show.bad(f"    {wrong}")


def _tables(show: Show, story: Story, tally: Tally) -> None:
    docket = story.docket
    head = ("收件站点", "收件", "已到县", "已决定", "已送达", "材料", *(f"{name}/秒" for name in _ACTS))
    rows = []
    for site in [s for s in SITES if s.parent]:
        mine = docket.of(site.address)
        figures = [
            len(mine),
            sum(1 for e in mine if e.number),
            sum(1 for e in mine if e.is_decided),
            sum(1 for e in mine if "handed_over" in e.steps),
            sum(len(e.papers) for e in mine),
        ]
        means = [docket.mean_s(site.address, steps) for steps in _ACTS.values()]
        rows.append([site.name, *map(str, figures), *(f"{mean:.2f}" if mean else "—" for mean in means)])
    show.chapter("结果")
    show.table(head, rows)
    show.say(
        f"合计收件 {tally.filed} 件，到县 {tally.at_county} 件，决定 {tally.decided} 件，送达 {tally.handed_over} 件；"
        f"丢失 {tally.lost}，重复 {tally.applied_twice}，搁置 {tally.parked}；"
        f"材料 {tally.papers_intact}/{tally.papers} 份完好；用时 {show.seconds:.0f} 秒"
    )


def _stay(network: Network, show: Show) -> None:
    show.chapter("七个站点仍在运行，请用浏览器试用（按 Ctrl-C 全部停止）")
    rows = []
    for site in SITES:
        url = network.nodes[site.address].url
        for account in accounts_of(site.address):
            posts = "、".join(ROLE_NAMES[role] for role in account.roles)
            rows.append([site.name, url, account.login, PASSWORD, account.name, posts])
            url = ""
    show.table(("站点", "网址", "账号", "密码", "姓名", "岗位"), rows)
    dead = next(village.name for village in VILLAGES if village.address == CUT_OFF)
    show.say(f"各站都留有待办的件；{dead}没有线路，可试“线路和U盘”页。")
    while True:
        time.sleep(3_600)


def _end(network: Network, show: Show, is_kept: int, code: int) -> None:
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    network.stop()
    if is_kept or code in (EXIT_UNSOUND, EXIT_FAILED):
        show.say(f"已全部停止，数据保留在 {network.folder}")
    else:
        shutil.rmtree(network.folder, ignore_errors=True)
        show.say("已全部停止，演示数据已删除")


if __name__ == "__main__":
    sys.exit(main())
