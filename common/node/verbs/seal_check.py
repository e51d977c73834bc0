"""`seal check`: what can be said of a sealed PDF here, and on whose word."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from common.days import local_day, local_minute
from common.node.seal_process import NoSealEngine
from common.seal.errors import BadPdf
from common.seal.rules.revoked import REASON_WORDS, Known, Revocation, When, Word, weigh

_DATABASE = "node.sqlite3"
_EXIT_UNSOUND = 1
_LOGGED = {True: "yes", False: "no", None: "elsewhere"}
_UNLOGGED = (
    "可能有人在别处用过这枚印章的钥匙，也可能日志缺了后面几条（从备份恢复过）：请立即报告县管理员核实。"
)
_SIGNS = {When.BEFORE: "✓", When.AFTER: "✗", When.UNKNOWN: "？"}
_HEADS = {
    When.BEFORE: "盖章在作废以前，仍然有效",
    When.AFTER: "盖章在作废以后，印章不能作准",
    When.UNKNOWN: "盖章在作废以前还是以后，这里说不出来（没有时间戳）",
}
_OF_CASE = "决定是否成立，以办件记录为准"
_SAYS = {
    Word.LOGGED_BEFORE: "本站用印日志里有这一次（{logged}），办件里的决定也在作废以前（{decided}）。",
    Word.LOGGED_AFTER: f"本站用印日志里的时间是 {{logged}}。{_OF_CASE}，请打印后加盖实物印章。",
    Word.LOGGED_ALONE: (
        "本站用印日志里有这一次（{logged}，在作废以前），但本站的办件里没有这个决定：请等办件传回后再验，或问县级。"
    ),
    Word.LOG_UNSURE: (
        "本站用印日志里有这一次，但日志前后的时间对不上（电脑时间改过），只知道在 {logged}。"
        "请管理员看 seal log。"
    ),
    Word.DECIDED_AFTER: f"它所写的决定是 {{decided}} 作出的，盖章只会更晚。{_OF_CASE}。",
    Word.CLAIMS_AFTER: f"文件自己写的盖章时间是 {{claimed}}。{_OF_CASE}。",
    Word.DECISION_HELD: (
        "它所写的决定在作废以前已经作出（{decided}），本站当时已收到；这份文件是不是那时盖的，却没有凭据："
        "文件自己写的时间是 {claimed}，拿到钥匙的人可以随意写。"
        "请拿到盖章的站点验（那里有用印日志），或把文字与本站的办件逐项核对。"
    ),
    Word.DECISION_SAYS: (
        "它所写的决定写明在作废以前作出（{decided}），但本站在作废以后才收到。"
        "请拿到盖章的站点验（那里有用印日志），或把文字与县级的办件逐项核对。"
    ),
    Word.NOTHING: (
        "本站没有它所写的决定；文件自己写的盖章时间是 {claimed}，不能作凭据。请拿到盖章的站点或县级验。"
    ),
}
assert set(_SAYS) == set(Word)


@dataclass(frozen=True, slots=True)
class _Weighed:
    """How the seal was revoked, what is known of the file, and what follows."""

    revoked: Revocation
    known: Known
    word: Word


def look_at(options: argparse.Namespace, keys: Any, pdf: bytes) -> int:
    """Say what can be said of a sealed PDF; return the exit code, 0 for a seal that is good."""
    try:
        from common.archive.heavy import is_heavy
        from common.seal.addition import before_seal
        from common.seal.signer import check_seal
    except ImportError:
        raise NoSealEngine from None
    if is_heavy(pdf):
        raise BadPdf(sentence="文件展开后大得不正常，没有核验，请不要打开。")
    found = check_seal(pdf, keys.root())
    documents = before_seal(pdf)
    is_logged = _is_logged(keys, found.serial, documents) if found.trusted else None
    weighed = _weighed(options.data, keys, found, documents) if found.trusted else None
    if options.json:
        told = {**asdict(found), "logged": _LOGGED[is_logged], **_facts(keys, weighed)}
        print(json.dumps(told, ensure_ascii=False))
    elif not found.intact:
        print(f"✗ 文件被改动过，或者印章已损坏（自称：{found.organ}）")
    elif not found.trusted:
        print(f"✗ 文件没有改动，但印章不是本县根证书签发的（自称：{found.organ}）")
    elif is_logged is False:
        print(f"✗ {found.organ} 的印章，文件没有改动，但本站的用印日志里没有这一次\n  {_UNLOGGED}")
        if weighed is not None:
            print(f"  {_revoked(weighed.revoked)}")
    elif weighed is not None:
        _tell(found, weighed)
    else:
        print(f"✓ {found.organ} 的印章，文件没有改动\n  {found.reason}\n  {_unrevoked(keys)}")
    is_good = found.trusted and is_logged is not False
    return 0 if is_good and (weighed is None or weighed.word.when is When.BEFORE) else _EXIT_UNSOUND


def _is_logged(keys: Any, serial: str, documents: frozenset[str]) -> bool | None:
    """Say whether this node set a seal of its own on a file; None of one that another node has."""
    said: bool | None = _log(keys).has(serial, documents)
    return False if said is None and keys.is_own(serial) else said


def _log(keys: Any) -> Any:
    from common.seal.log import SealLog

    return SealLog(keys.folder)


def _weighed(data: Path, keys: Any, found: Any, documents: frozenset[str]) -> _Weighed | None:
    from common.seal.signer import named_in

    revoked = keys.register.list(keys.root()).revoked.get(found.serial)
    if revoked is None:
        return None
    logged = _log(keys).span(found.serial, documents)

    def look() -> Known:
        from common.seal.weighing import known_of

        return known_of(*named_in(found.reason), found.organ, logged, found.at)

    known = _on_database(data, look) or Known(logged, found.at, 0, 0)
    return _Weighed(revoked, known, weigh(revoked.since, known))


def _on_database(data: Path, look: Callable[[], Known]) -> Known | None:
    """Look with the node's database open for reading; None where there is none."""
    from common.seal.records import open_read_only
    from common.store.database import close_database

    try:
        open_read_only(data / _DATABASE)
    except FileNotFoundError:
        return None
    try:
        return look()
    finally:
        close_database()


def _facts(keys: Any, weighed: _Weighed | None) -> dict[str, str | int]:
    number = keys.register.list(keys.root()).number
    if weighed is None:
        return {"revoked": "", "since": "", "sealed": "", "word": "", "list": number}
    revoked, word = weighed.revoked, weighed.word
    return {
        "revoked": revoked.reason.value,
        "since": local_day(revoked.since),
        "sealed": word.when.value,
        "word": word.value,
        "list": number,
    }


def _tell(found: Any, weighed: _Weighed) -> None:
    known, when = weighed.known, weighed.word.when
    print(f"{_SIGNS[when]} {found.organ} 的印章，文件没有改动；{_HEADS[when]}\n  {_revoked(weighed.revoked)}")
    times = {
        "decided": local_minute(known.decided),
        "claimed": local_minute(known.claimed),
        "logged": _span(known),
    }
    print(f"  {_SAYS[weighed.word].format(**times)}")
    print(f"  {found.reason}")


def _span(known: Known) -> str:
    if known.logged is None:
        return ""
    first, last = local_minute(known.logged.earliest), local_minute(known.logged.latest)
    return first if first == last else f"{first} 至 {last} 之间"


def _unrevoked(keys: Any) -> str:
    """Return by which list a seal was not revoked: a newer one, that has not come here, may say otherwise."""
    known = keys.register.list(keys.root())
    if not known.number:
        return "本站没有收到过作废名单"
    return f"按本站的作废名单（第 {known.number} 号，{local_day(known.at)}）没有作废"


def _revoked(one: Revocation) -> str:
    said = f"这枚印章已作废：{REASON_WORDS[one.reason]}，自 {local_minute(one.since)} 起不能作准"
    return said if one.since == one.at else f"{said}（{local_day(one.at)} 宣布）"
