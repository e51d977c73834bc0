"""The command line of a node, the same at every tier: `python -m village_node VERB --data FOLDER …`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from common.arguments import Arguments, is_cut, while_read
from common.config import CONFIG_FILE, NodeConfig, read_config
from common.errors import BadInput, LiandongError
from common.node.assembly import build_node
from common.node.checks import doctor
from common.node.node import Node
from common.node.place import take_place
from common.node.practice import check_as_asked
from common.node.profile import COUNTY, TOWNSHIP, VILLAGE, TierProfile
from common.node.refusals import (
    check_made,
    check_user,
    has_lost_database,
    no_node_in,
    of_the_system,
    on_console,
)
from common.node.serve import WrongTier, serve
from common.node.verbs import commands, told
from common.node.verbs.audit import add_audit
from common.node.verbs.backup import add_backup
from common.node.verbs.bundle import add_bundle
from common.node.verbs.calendar import add_calendar
from common.node.verbs.days import add_days
from common.node.verbs.enrol import add_enrol
from common.node.verbs.figures import unread
from common.node.verbs.init import add_init
from common.node.verbs.item import add_items
from common.node.verbs.keys import add_roster
from common.node.verbs.practice import add_practice
from common.node.verbs.proofs import add_proofs
from common.node.verbs.seal import add_seal
from common.node.verbs.staff import add_staff
from common.node.verbs.sync_now import sync_now
from common.node.verbs.tls import add_tls
from common.node.verbs.trust import add_trust
from common.places.rules import level
from common.store.database import refusal_of
from common.store.sorts import OddValues, told_if_odd
from sync.protocol.address import parse
from sync.protocol.errors import SyncError
from sync.protocol.typed import plain

_EXIT_REFUSED = 2
_PACKAGES = {VILLAGE: "village_node", TOWNSHIP: "town_node", COUNTY: "county_node"}
_EXIT_UNSOUND = 1
_INSTALLED = Path("/var/lib/liandong")
_DATA_HELP = f"本站的数据文件夹；不写就是当前文件夹里的 data，没有就是 {_INSTALLED}"
_NEW_HELP = "新站点的数据放在哪个文件夹，必须写明"


class Data(NamedTuple):
    """The folder of the data where none is named, None where one must be, and what the help says of it."""

    folder: Path | None
    words: str


class OptionMissing(LiandongError):
    """The verb needs an option that was not given."""

    code = "E415"
    status = 400
    sentence = "缺少参数 {option}。"


def main(profile: TierProfile, arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code: 0 done, 1 something is unsound, 2 refused with a sentence.

    Where nobody reads on what it says, it ends without a word.
    """
    return while_read(lambda: _run(profile, arguments))


def _run(profile: TierProfile, arguments: Sequence[str] | None) -> int:
    options = _parser(profile).parse_args(arguments)
    try:
        with told_if_odd():
            return int(options.run(profile, options) or 0)
    except LiandongError as problem:
        _refuse(problem)
        for one in problem.problems if isinstance(problem, BadInput) else []:
            if one.sentence == problem.sentence:
                continue
            # Some sentences begin with the name of the field, because pages show them alone.
            before = "" if one.sentence.startswith(one.label) else f"{one.label}："
            print(f"  {before}{one.sentence}", file=sys.stderr)
    except SyncError as problem:
        print(f"{problem.code} {problem.sentence}", file=sys.stderr)
    except OSError as problem:
        if is_cut(problem):
            raise
        print(of_the_system(problem), file=sys.stderr)
    except Exception as problem:
        refusal = refusal_of(problem)
        if refusal is None:
            raise
        _refuse(refusal)
    return _EXIT_REFUSED


def _refuse(problem: LiandongError) -> None:
    print(on_console(problem), file=sys.stderr)


def _usual_folder(profile: TierProfile) -> Path:
    """Return where the data are when nobody says so: beside whoever asks, else where `install` puts them.

    A folder of that name without a node of this tier hides none: practice may have left it.
    """
    beside = Path("data")
    return beside if _holds_node(beside, profile) or not _INSTALLED.is_dir() else _INSTALLED


def _holds_node(folder: Path, profile: TierProfile) -> int:
    try:
        if not (folder / CONFIG_FILE).is_file():
            return 0
    except OSError:
        # Another user's, as root's of practice: what is wrong with it is told only to whoever names it.
        return 0
    try:
        address = read_config(folder, {}).address
    except LiandongError:
        # What is wrong with it is to be told, not passed over.
        return 1
    return int(bool(address) and level(address) == profile.tier)


def _nowhere(options: argparse.Namespace) -> LiandongError:
    if options.data is not options.usual:
        return no_node_in(options.data)
    return no_node_in(f"没有写 --data，看过的 {Path('data').absolute()} 和 {_INSTALLED}")


def _parser(profile: TierProfile) -> argparse.ArgumentParser:
    parser = Arguments(prog=f"python -m {_PACKAGES[profile.tier]}", description=profile.title)
    usual = _usual_folder(profile)
    here = Data(usual, _DATA_HELP)
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    def verb(name: str, run: Any, help_text: str, data: Data = here) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=help_text, description=help_text)
        made.add_argument("--data", type=Path, default=data.folder, help=data.words)
        made.set_defaults(run=run, usual=usual)
        return made

    # Where there is none yet, no folder is the usual one.
    _add_practice(add_init(partial(verb, data=Data(None, _NEW_HELP)), _config, _needed, _division))
    add_enrol(verb, _node, _needed, _division)
    _add_practice(verb("serve", _serve, "启动本站（网页、对接、后台任务）"))
    made = verb("sync", _sync, "立即与上级交换")
    made.add_argument("when", choices=["now"])
    _add_json(made)
    _add_json(add_bundle(verb, _node, _needed, _division))
    _add_json(verb("status", _status, "本站状态"))
    _add_json(verb("verify", _verify, "核对全部签名、链条和材料"))
    _add_json(verb("doctor", _doctor, "体检"))
    add_backup(verb, _node, _config)
    add_items(verb, _node)
    add_staff(verb, _node, _needed)
    add_calendar(verb, _node)
    add_days(verb, _node)
    add_proofs(verb, _node, _needed)
    add_seal(verb, _node)
    if profile.tier == COUNTY:
        add_practice(verb, _needed)
        add_roster(verb, _node, _needed)
    add_audit(verb, _node)
    add_trust(verb, _node, _needed)
    add_tls(verb, profile)
    return parser


def _add_json(made: argparse.ArgumentParser) -> None:
    made.add_argument("--json", action="store_true", help="输出 JSON")


def _add_practice(made: argparse.ArgumentParser) -> None:
    made.add_argument("--practice", action="store_const", const=1, default=0, help="演练站点，不办真事")


def _division(text: str) -> str:
    try:
        return parse(plain(text)) if text else ""
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text[:20]}”不是区划代码") from None


def _needed(options: argparse.Namespace, name: str, option: str) -> Any:
    value = getattr(options, name)
    if not value:
        raise OptionMissing(option=option)
    return value


def _node(profile: TierProfile, options: argparse.Namespace) -> Node:
    config = _config(profile, options)
    # Held until the verb is done: what it wrote during a restore would go with what is replaced. First, for
    # a database that is on its way is none that was lost.
    options.place = take_place(config) if config.address else None
    # To look into an empty folder leaves nothing in it, nor a database where one was lost.
    is_one = bool(config.address) and not has_lost_database(options.data)
    node = build_node(config, profile) if is_one else None
    if node is None or not node.is_made():
        raise _nowhere(options)
    return node


def _config(profile: TierProfile, options: argparse.Namespace) -> NodeConfig:
    check_user(options.data)
    config = read_config(options.data, os.environ)
    if config.address and level(config.address) != profile.tier:
        raise WrongTier(address=config.address)
    return config


def _serve(profile: TierProfile, options: argparse.Namespace) -> None:
    config = _config(profile, options)
    check_made(config)
    check_as_asked(config, options.practice)
    serve(config, lambda: profile)


def _sync(profile: TierProfile, options: argparse.Namespace) -> int:
    node = _node(profile, options)
    done = sync_now(node)
    _show(done, told.sync_lines(done, node.place_name), options)
    return 0 if done["ok"] else _EXIT_UNSOUND


def _status(profile: TierProfile, options: argparse.Namespace) -> None:
    node = _node(profile, options)
    facts = commands.status(node)
    _show(facts, told.status_lines(facts, node.place_name), options)


def _verify(profile: TierProfile, options: argparse.Namespace) -> int:
    try:
        with told_if_odd():
            found = commands.verify(_node(profile, options))
    except OddValues as odd:
        found = unread(odd)
    _show(found, told.verify_lines(found), options)
    return _EXIT_UNSOUND if found["problems"] else 0


def _show(
    facts: dict[str, Any] | list[dict[str, str]], lines: Sequence[str], options: argparse.Namespace
) -> None:
    print(json.dumps(facts, ensure_ascii=False) if options.json else "\n".join(lines))


def _doctor(profile: TierProfile, options: argparse.Namespace) -> int:
    findings = doctor.examine(_node(profile, options))
    signs = {doctor.GOOD: "✓", doctor.WARN: "!", doctor.BAD: "✗"}
    lines = [f"{signs[one.light]} {one.subject}：{one.sentence}" for one in findings]
    facts = [{"state": one.light, "subject": one.subject, "told": one.sentence} for one in findings]
    _show(facts, lines, options)
    return _EXIT_UNSOUND if any(f.light == doctor.BAD for f in findings) else 0
