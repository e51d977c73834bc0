"""The verb `roster` of a county's command line: keys that somebody names beside the roster, and whose."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from common.errors import NotFound
from common.node.keyring.vouched_keys import AlreadyDecided, Decision, Name
from common.node.node import Node
from common.node.profile import TierProfile
from common.node.verbs.grave import written_reason
from common.web.words import local_time
from sync.protocol.trust.lost_keys import TAKEN
from sync.protocol.trust.vouched import CURRENT, FORMER, Word
from sync.protocol.typed import plain

LIST, CONFIRM, REFUSE = "list", "confirm", "refuse"

_NodeOf = Callable[[TierProfile, argparse.Namespace], Node]
_Needed = Callable[[argparse.Namespace, str, str], Any]


class NoSuchKey(NotFound):
    """Nobody names this key, or not for this site."""

    code = "E467"
    sentence = "没有这把待确认的钥匙：{key}。编号要写全，请用 roster keys 列出后照抄。"


def add_roster(verb: Any, node_of: _NodeOf, needed: _Needed) -> None:
    """Add the verb to a command line.

    Args:
        node_of: puts the node together that the options name.
        needed: returns an option that must be given for what is asked.
    """

    def run(profile: TierProfile, options: argparse.Namespace) -> None:
        node = node_of(profile, options)
        if options.step == LIST:
            _list(node, options)
        else:
            _decide(node, options, needed)

    text = (
        f"待确认的钥匙（名册里没有，由乡镇担保或写在丢失的名册里）："
        f"keys {LIST} 列出 · keys {CONFIRM} 认 · keys {REFUSE} 不认"
    )
    made = verb("roster", run, text)
    made.add_argument("what", choices=["keys"])
    made.add_argument("step", nargs="?", choices=[LIST, CONFIRM, REFUSE], default=LIST)
    made.add_argument(
        "key", nargs="?", type=plain, default="", metavar="KEY", help=f"{CONFIRM}、{REFUSE}：钥匙编号，写全"
    )
    words = f"{CONFIRM}：{CURRENT} 现在正在用的电脑，{FORMER} 以前用过、已经换掉的"
    made.add_argument("--as", dest="whose", choices=[CURRENT, FORMER], default="", help=words)
    made.add_argument("--address", type=plain, default="", help="哪个站点；同一把钥匙担保给几个站点时要写")
    made.add_argument("--why", default="", help="必须写的理由：怎样核实的，记入操作记录")
    made.add_argument("--json", action="store_true", help=f"{LIST}：输出 JSON")


def _list(node: Node, options: argparse.Namespace) -> None:
    with node.heart.reading():
        words = node.trust.vouched.undecided()
    rows = [
        {
            "key": word.key.id,
            "address": word.address,
            "by": word.by,
            "at": word.at,
            "waiting": word.waiting,
        }
        for word in words
    ]
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for word in words:
        site, by = node.place_name(word.address), _named_by(node, word)
        print(f"{word.key.id}  {word.address} {site}  {by}  等着的报文 {word.waiting} 份")
    print(f"共 {len(rows)} 把待确认的钥匙。" if rows else "没有待确认的钥匙。")


def _named_by(node: Node, word: Word) -> str:
    if word.by:
        return f"{node.place_name(word.by)} {local_time(word.at)} 担保"
    taken = "，也有一份说它已作废" if word.state == TAKEN else ""
    return f"丢失的名册写明 {local_time(word.at)} 起用{taken}"


def _decide(node: Node, options: argparse.Namespace, needed: _Needed) -> None:
    needed(options, "key", "KEY")
    vouched = node.trust.vouched
    if options.step == REFUSE:
        decide, done = vouched.refuse, "已判定不是该站点的钥匙，它的报文一律暂扣。"
    elif needed(options, "whose", "--as") == CURRENT:
        decide, done = vouched.confirm_current, "钥匙已确认，等它的报文已经生效。"
    else:
        decide, done = vouched.confirm_former, "钥匙已确认，等它的报文已经生效。"
    name = _named(node, options, needed)
    written_reason(options)
    try:
        with node.unit():
            decide(name, options.why, "")
    except AlreadyDecided:
        with node.heart.reading():
            _tell_who(vouched.decided(name))
        raise
    print(done)


def _named(node: Node, options: argparse.Namespace, needed: _Needed) -> Name:
    """Return which key of which site is meant: one that waits for a word, or that the roster has by now."""
    key = options.key.strip().lower()
    with node.heart.reading():
        waiting = [(word.address, word.key.id) for word in node.trust.vouched.undecided()]
        known = [(entry.address, one.id) for entry in node.trust.entries() for one in entry.keys]
    for names in (waiting, known):
        found = [name for name in names if name[1] == key and options.address in ("", name[0])]
        if len(found) > 1:
            needed(options, "address", "--address")
        if found:
            return found[0]
    raise NoSuchKey(key=options.key[:40])


def _tell_who(decision: Decision | None) -> None:
    if decision is not None and decision.at:
        by = decision.by or "县级控制台"
        print(f"{local_time(decision.at)} 由 {by} 处理。", file=sys.stderr)
