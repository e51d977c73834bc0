"""Of the verb `seal`: which seals there are, and the list of those that were revoked."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from common import pki
from common.days import local_day
from common.node.node import Node
from common.node.seal_news import SealNews
from common.seal.rules.revoked import NO_LIST, REASON_WORDS, Reason, RevocationList
from common.store import audit

_NEXT = (
    "它随线路传到各乡镇；线路不通的，请用 seal crl 写出，到那里用 seal install 装入。"
    "没有收到的站点还会用它盖章。\n"
    "换发新印章：县级 seal issue，乡镇 seal request。办完后请把 root.key 取出保管。"
)
_CRL_HEAD = b"-----BEGIN X509 CRL-----"


def note(node: Node, action: str, detail: dict[str, Any]) -> None:
    """Write a row into the audit trail."""
    with node.unit():
        audit.record("", action, node.me, detail, node.clock.now_ms())


def is_list(content: bytes) -> int:
    """Say whether a file is, or says to be, a list of revoked seals."""
    return int(_CRL_HEAD in content)


def revoke_seal(node: Node, keys: Any, options: argparse.Namespace) -> None:
    """Revoke the seal that the options name, and say what is to be done next."""
    from common.seal import authority
    from common.seal.revoking import Order, revoke

    done = revoke(keys, Order(options.what, Reason(options.reason), options.since), node.clock)
    names = {authority.serial_of(one): one for one in done.certificates}
    for one in done.revoked:
        known = names.get(one.serial)
        organ = authority.organ_of(known) if known is not None else ""
        detail = {"organ": organ, "serial": one.serial, "reason": one.reason.value, "list": done.number}
        note(node, "seal.revoked", detail)
        whose = f"{organ}（{authority.address_of(known)}）" if known is not None else "（不知道是哪个机关的）"
        print(f"已作废：{whose}，编号 {one.serial}，{REASON_WORDS[one.reason]}，自 {local_day(one.since)} 起")
    print(f"作废名单第 {done.number} 号已签发，本站立即生效。{_NEXT}")
    tell_below(node, keys)
    if not done.certificates:
        print(
            "注意：本站没有签发过这个编号的记录，请再核对一遍编号：写错了就什么也没有作废。", file=sys.stderr
        )


def install_list(node: Node, keys: Any, content: bytes) -> None:
    """Take a list of revoked seals into use."""
    from common.seal import authority

    now, is_new = keys.register.install(content, keys.root())
    if not is_new:
        print(f"作废名单第 {now.number} 号，本站已经有了")
        return
    note(node, "seal.list_installed", {"list": now.number, "revoked": len(now.revoked)})
    tell_below(node, keys)
    print(f"作废名单第 {now.number} 号已装入，共作废 {len(now.revoked)} 枚")
    for one in keys.organs():
        if authority.serial_of(one) in now.revoked:
            organ = authority.organ_of(one)
            print(f"本站“{organ}”的印章已作废，不再盖章。换发：乡镇 seal request，县级 seal issue")


def tell_below(node: Node, keys: Any) -> None:
    """Let the list go down over the line, from the top; a node that has not joined yet waits for that."""
    if node.spool.identity() is None:
        return
    with node.unit():
        SealNews(keys.folder, node.heart, node.me).tell()


def hear_from_above(node: Node, keys: Any) -> None:
    """Take the list that came over the line while there was no seal here yet."""
    if node.spool.identity() is None:
        return
    with node.unit():
        SealNews(keys.folder, node.heart, node.me).adopt_held()


def warn_of_others(keys: Any, wanted: Any) -> None:
    """Say which other seals of an organ still count, when one was just signed: one may have been lost."""
    from common.seal import authority

    revoked = keys.register.list(keys.root()).revoked
    for one in keys.register.issued():
        serial = authority.serial_of(one)
        is_other = authority.key_print_of(one) != pki.key_print(wanted.public_key)
        if authority.organ_of(one) == wanted.organ and is_other and serial not in revoked:
            print(
                f"注意：“{wanted.organ}”另有一枚印章没有作废，编号 {serial}。不再用的请作废（seal revoke）。",
                file=sys.stderr,
            )


def show_seals(options: argparse.Namespace, keys: Any) -> int:
    """Print the seals that are known here, in use or revoked, and the number of the list."""
    from common.seal import authority

    issued = keys.register.issued()
    known = keys.register.list(keys.root()) if issued else NO_LIST
    here = {authority.serial_of(one) for one in keys.organs()}
    rows = [{**_row(one, known), "here": int(authority.serial_of(one) in here)} for one in issued]
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for row in rows:
        print(f"{row['organ']}  {_standing(row)}  编号 {row['serial']}  {row['fingerprint']}")
    print(f"共 {len(rows)} 枚" + _of_list(known))
    return 0


def _row(one: Any, known: RevocationList) -> dict[str, Any]:
    from common.seal import authority

    serial = authority.serial_of(one)
    revoked = known.revoked.get(serial)
    return {
        "organ": authority.organ_of(one),
        "address": authority.address_of(one),
        "serial": serial,
        "until": pki.ends_on(one),
        "fingerprint": pki.fingerprint(one),
        "revoked": revoked.reason.value if revoked else "",
        "since": local_day(revoked.since) if revoked else "",
        "list": known.number,
    }


def _standing(row: dict[str, Any]) -> str:
    if row["revoked"]:
        return f"✗ 已作废（{REASON_WORDS[row['revoked']]}，自 {row['since']} 起）"
    where = "" if row["here"] else f"（{row['address']}，不在本站）"
    return f"有效至 {row['until']}{where}"


def _of_list(known: RevocationList) -> str:
    if not known.number:
        return "；没有作废名单"
    return f"；作废名单第 {known.number} 号（{local_day(known.at)}），共作废 {len(known.revoked)} 枚"
