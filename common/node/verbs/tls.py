"""The verb `tls`: the county's authority for the pages of its sites, certificates, and requests for them.

It touches no node: `ca.key` belongs on a stick that is kept apart, and the verb works on any machine.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from common import pki
from common.clock import SystemClock
from common.errors import LiandongError
from common.node.new_file import OWNER_ALONE, write_new
from common.node.profile import COUNTY, TierProfile
from common.tls import certificates
from common.tls.certificates import Authority, Key
from common.tls.errors import BadTlsFile
from common.tls.names import host_of
from sync.durable import put_file, read_plain

AUTHORITY_KEY, AUTHORITY, SITE_KEY, SITE, REQUEST = "ca.key", "ca.pem", "tls.key", "tls.pem", "tls.csr"
_FOLDER_MODE = 0o700
_AT_ALL = "request 自己做钥匙并写出申请 · check 核对"
_AT_COUNTY = "authority 建立县里的根证书 · certificate 签发钥匙和证书 · sign 按申请签发 · " + _AT_ALL


class TlsNeeds(LiandongError):
    """A step of the verb was not told what it is about."""

    code = "E643"
    status = 400
    sentence = "缺少参数 {option}。"


def add_tls(verb: Any, profile: TierProfile) -> None:
    """Add the verb to a command line; only a county has an authority."""
    steps = _COUNTY_STEPS if profile.tier == COUNTY else _STEPS

    def run(_profile: TierProfile, options: argparse.Namespace) -> None:
        steps[options.step](options)

    made = verb("tls", run, "网页证书：" + (_AT_COUNTY if profile.tier == COUNTY else _AT_ALL))
    made.add_argument("step", choices=sorted(steps))
    made.add_argument(
        "--for", dest="host", default="", help="certificate、request、check、sign：站点的 IP 地址或域名"
    )
    made.add_argument("--in", dest="source", type=Path, help="sign：申请文件；check：要核对的文件夹")
    made.add_argument("--key", type=Path, help="check：私钥文件，不写就在同一文件夹里")
    made.add_argument("--out", type=Path, help="写出的文件夹")
    if profile.tier == COUNTY:
        made.add_argument("--authority", type=Path, help="certificate、sign：ca.key 所在的文件夹")
        made.add_argument("--name", default="Liandong county authority", help="authority：根证书的名称")


def _authority(options: argparse.Namespace) -> None:
    folder = _folder(_needed(options, "out", "--out"))
    key = pki.new_key()
    made = certificates.make_authority(key, options.name, SystemClock().now_ms())
    write_new(folder / AUTHORITY_KEY, certificates.key_file(key), OWNER_ALONE)
    write_new(folder / AUTHORITY, pki.pem(made))
    print(f"已建立根证书，有效到 {pki.ends_on(made)}：{folder / AUTHORITY}")
    print(f"{folder / AUTHORITY_KEY} 请离线保管，有了它，就能对信任 ca.pem 的浏览器冒充任何网站。")


def _certificate(options: argparse.Namespace) -> None:
    """Make key and certificate of a site; the key exists in `--out` alone."""
    authority, host = _signer(options), _needed(options, "host", "--for")
    key = pki.new_key()
    made = certificates.issue(authority, host, key.public_key(), SystemClock().now_ms())
    folder = _folder(_needed(options, "out", "--out"))
    write_new(folder / SITE_KEY, certificates.key_file(key), OWNER_ALONE)
    _give(folder, made, authority)


def _request(options: argparse.Namespace) -> None:
    """Write a request; the key stays, and is the same until somebody removes it."""
    folder, host = _folder(_needed(options, "out", "--out")), _needed(options, "host", "--for")
    path = folder / SITE_KEY
    key = _key(path) if path.exists() else pki.new_key()
    content = certificates.make_request(key, host)
    if not path.exists():
        write_new(path, certificates.key_file(key), OWNER_ALONE)
    put_file(folder / REQUEST, content)
    print(f"申请写在 {folder / REQUEST}，请带到县里签发（tls sign）；私钥不离开本机。")
    print(f"钥匙指纹 {pki.key_print(key.public_key())}")


def _sign(options: argparse.Namespace) -> None:
    authority = _signer(options)
    host, key = certificates.read_request(read_plain(_needed(options, "source", "--in")))
    if options.host and str(host_of(options.host).value) != str(host_of(host).value):
        raise BadTlsFile(why=f"申请写的是 {host}，不是给 {options.host} 的")
    made = certificates.issue(authority, host, key, SystemClock().now_ms())
    print(f"申请的地址 {host}，钥匙指纹 {pki.key_print(key)}，请与申请站点核对。")
    _give(_folder(_needed(options, "out", "--out")), made, authority)


def _check(options: argparse.Namespace) -> None:
    """Say that what lies in a folder belongs together, has not ended, and is for the host if one is named.

    Where the authority lies alone, and nothing else is asked about, it is all there is to look at.
    """
    folder, now_ms = _needed(options, "source", "--in"), SystemClock().now_ms()
    roots = certificates.read_certificates((folder / AUTHORITY).read_bytes())
    if not (options.host or options.key or (folder / SITE).exists()):
        certificates.check_authorities(roots, now_ms)
        ends = "、".join(pki.ends_on(root) for root in roots)
        print(f"只有根证书（{AUTHORITY}），有效到 {ends}")
        return
    made = certificates.read_certificate((folder / SITE).read_bytes())
    certificates.check_pair(made, _key(options.key or folder / SITE_KEY), roots)
    if certificates.days_left(made, now_ms) < 0:
        raise BadTlsFile(why=f"证书已于 {pki.ends_on(made)} 到期")
    if options.host and not certificates.is_for(made, options.host):
        raise BadTlsFile(why=f"证书是给 {'、'.join(certificates.hosts(made))} 的，不是给 {options.host} 的")
    print(f"{'、'.join(certificates.hosts(made))}，有效到 {pki.ends_on(made)}")


def _give(folder: Path, made: Any, authority: Authority) -> None:
    """Write the authority first: where a certificate lies, what it rests on lies beside it."""
    root = pki.pem(authority.certificate)
    if not (folder / AUTHORITY).exists():
        write_new(folder / AUTHORITY, root)
    elif (folder / AUTHORITY).read_bytes() != root:
        raise BadTlsFile(why=f"{folder / AUTHORITY} 是另一份根证书")
    write_new(folder / SITE, pki.pem(made))
    print(f"已签发 {'、'.join(certificates.hosts(made))}，有效到 {pki.ends_on(made)}：{folder / SITE}")


def _signer(options: argparse.Namespace) -> Authority:
    folder: Path = _needed(options, "authority", "--authority")
    root = certificates.read_certificate((folder / AUTHORITY).read_bytes())
    return Authority(root, _key(folder / AUTHORITY_KEY))


def _key(path: Path) -> Key:
    return certificates.read_key(path.read_bytes())


def _folder(path: Path) -> Path:
    if not path.exists():
        path.mkdir(parents=True)
        os.chmod(path, _FOLDER_MODE)
    return path


def _needed(options: argparse.Namespace, name: str, option: str) -> Any:
    value = getattr(options, name)
    if not value:
        raise TlsNeeds(option=option)
    return value


_STEPS: dict[str, Callable[[argparse.Namespace], None]] = {"request": _request, "check": _check}
_COUNTY_STEPS = {**_STEPS, "authority": _authority, "certificate": _certificate, "sign": _sign}
