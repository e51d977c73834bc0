"""Everything for which an installation is refused before it has changed anything, each with its sentence."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from common.install.rules.asked import (
    ANY,
    BIND,
    LOOPBACK,
    NODE_UNIT,
    USER,
    Asked,
    Passphrase,
    Tier,
    split_bind,
)
from common.install.rules.machine import Image, KeyFile, Machine, Port
from sync.protocol.address import level, parse

_GIB = 1 << 30
VOLUME_LEAST = 2 * _GIB
# What a node needs before it has a case, and what is left beside a volume for the system itself.
ROOM_LEAST, ROOM_BESIDE = 2 * _GIB, _GIB
KEY_LEAST, KEY_MOST = 32, 8192
_LEVELS = {Tier.COUNTY: 3, Tier.TOWN: 4, Tier.VILLAGE: 5}
_NAMES = {Tier.COUNTY: "县级", Tier.TOWN: "乡镇", Tier.VILLAGE: "村级"}
_SAFE = re.compile(r"(/[A-Za-z0-9._-]+)+", re.ASCII)
_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?", re.ASCII)
_HIDDEN = ("/home", "/root", "/run/user", "/tmp", "/var/tmp", "/dev", "/proc", "/sys")
# Of a new file system, and of an `init` that was broken off.
_LEFT_OVER = frozenset({"lost+found", "node.toml.part"})
_SYSTEM = ("/etc", "/usr", "/bin", "/sbin", "/lib", "/boot", "/run")


def words_refused(asked: Asked) -> Iterator[str]:
    """What is wrong with the words themselves, whatever the machine."""
    yield from _address(asked)
    if not _SAFE.fullmatch(asked.data) or posixpath.normpath(asked.data) != asked.data:
        yield f"数据文件夹要写绝对路径，只用字母、数字和 . _ -：{asked.data}"
    elif _is_below(asked.data, (*_HIDDEN, *_SYSTEM)) or asked.data.count("/") < 2:
        yield f"数据不能放在 {asked.data}，请用 /var/lib 或 /srv 下的文件夹。"
    if asked.parent_url and not _URL.fullmatch(asked.parent_url):
        yield f"--parent-url 不是网址：{asked.parent_url}"
    try:
        split_bind(asked.bind or BIND)
    except ValueError:
        yield f"--bind 要写成 地址:端口，如 192.0.2.5:8600：{asked.bind}"
    if asked.host and not re.fullmatch(r"[A-Za-z0-9.:-]{1,253}", asked.host, re.ASCII):
        yield f"--host 要写 IP 地址或域名：{asked.host}"
    for option, path in (("--key", asked.key), ("--authority", asked.authority), ("--tls", asked.tls)):
        if path and not path.startswith("/"):
            yield f"{option} 要写绝对路径：{path}"
    if asked.authority and asked.tier is not Tier.COUNTY:
        yield "只有县级站点用 --authority；乡镇、村级请用县里签发的文件夹：--tls。"
    if _is_below(posixpath.normpath(asked.authority), (asked.data,)):
        yield "根证书的钥匙不能放在数据文件夹里：站点自己的程序也读得到。请放到U盘上。"
    yield from _volume_words(asked)


def _address(asked: Asked) -> Iterator[str]:
    try:
        address = parse(asked.address)
    except ValueError:
        yield f"地址“{asked.address[:20]}”不是统计用区划代码。"
        return
    if level(address) != _LEVELS[asked.tier]:
        yield f"地址 {address} 不是{_NAMES[asked.tier]}的区划代码。"


def _volume_words(asked: Asked) -> Iterator[str]:
    if asked.volume_bytes and not asked.key:
        yield "--encrypted 要同时用 --key 写明钥匙文件。"
    if asked.key and not asked.volume_bytes:
        yield "--key 要和 --encrypted 一起用。"
    if 0 < asked.volume_bytes < VOLUME_LEAST:
        yield "加密卷太小，至少要 2G。"


def machine_refused(asked: Asked, machine: Machine) -> Iterator[str]:
    """What of the machine stands against it."""
    if not machine.is_root:
        yield "请用 root 执行：sudo ./deploy.sh install …"
    if not machine.has_systemd:
        yield "这台电脑没有用 systemd 启动，请按 docs/install.md（英文，By hand 一节）手工安装。"
    if not _SAFE.fullmatch(machine.program) or _is_below(machine.program, _HIDDEN):
        yield f"程序不能放在 {machine.program}，请放到 /opt/liandong 再安装。"
    elif not machine.is_program_safe:
        yield (
            "程序文件夹和里面的每个文件必须归 root、只有 root 能改、人人能读，它上面的文件夹也一样："
            f"chown -R root: {machine.program}"
        )
    if machine.is_user_person:
        yield f"这台电脑已有一个叫 {USER} 的登录账号，站点的数据不能归它；请把那个账号改名或删去。"
    yield from _node(asked, machine)
    yield from _room(asked, machine)
    yield from _volume(asked, machine)
    yield from _pages(asked, machine)


def _node(asked: Asked, machine: Machine) -> Iterator[str]:
    found = machine.settings.get("address", "")
    if found and found != _trimmed(asked.address):
        yield f"{asked.data} 里是另一个站点：{found}。"
    elif machine.data_holds - _LEFT_OVER and not found and not machine.is_mounted:
        yield f"{asked.data} 里已有别的东西，请换一个文件夹。"
    if machine.is_unlisted and not (asked.unlisted or machine.settings):
        yield (
            f"区划表里没有代码 {asked.address}，请核对：站点建好以后代码不能再改。"
            "确是新设的、表里还没有的，加上 --unlisted。"
        )
    if machine.node_unit and f"--data {asked.data}\n" not in machine.node_unit:
        yield f"这台电脑已有站点装在别的文件夹（{NODE_UNIT}），一台电脑只装一个站点。"


def _room(asked: Asked, machine: Machine) -> Iterator[str]:
    if machine.settings or machine.image is Image.LUKS or machine.volume_unit:
        return
    needed = asked.volume_bytes + ROOM_BESIDE if asked.volume_bytes else ROOM_LEAST
    if machine.room_bytes < needed:
        yield f"磁盘空间不够：需要 {_gigabytes(needed)}，只有 {_gigabytes(machine.room_bytes)}。"


def _volume(asked: Asked, machine: Machine) -> Iterator[str]:
    if asked.volume_bytes and machine.image is Image.LUKS and machine.image_bytes != asked.volume_bytes:
        there = f"{machine.image_bytes // _GIB}G" if machine.image_bytes % _GIB == 0 else machine.image_bytes
        yield f"加密卷已经做好，大小不能这样改：请照原来的写 --encrypted {there}。"
    if machine.is_mounted:
        # With another stick the unit will wait for that one: it has to be as good as the first.
        if machine.key is not None:
            yield from _key(machine.key)
    elif asked.volume_bytes:
        yield from _in_the_way(asked, machine)
        yield from _ways_in(asked, machine)
    elif machine.volume_unit or machine.image is Image.LUKS:
        # Its unit may never have been written: beside a volume that is shut nothing is begun in the clear.
        yield "加密卷还没有打开：请写明 --encrypted、--key，或用备用口令打开（手册第六节）。"


def _in_the_way(asked: Asked, machine: Machine) -> Iterator[str]:
    """What stands where the volume is to be."""
    if machine.is_other_mounted:
        yield f"{asked.data} 上已挂载着别的卷，不能再挂加密卷。"
    if machine.image is Image.OTHER:
        yield f"{asked.image} 已经存在，又不是加密卷；本程序从不格式化已有的文件，请改名或移走。"
    if machine.has_draft:
        yield f"上次没有做完，留下了 {asked.draft}，请确认后删除再来。"
    if machine.settings:
        yield f"{asked.data} 里已有不在加密卷上的站点；请先备份，清空后再装（docs/manual.zh-CN.md）。"


def _ways_in(asked: Asked, machine: Machine) -> Iterator[str]:
    """By what the volume is opened: a key file and, where it is made, a passphrase."""
    if machine.key is not None:
        yield from _key(machine.key)
    elif machine.has_mapping:
        return
    else:
        yield f"没有找到钥匙文件 {asked.key}。新做一把：head -c 64 /dev/urandom > {asked.key or '…'}"
    if machine.image is Image.ABSENT and asked.passphrase is Passphrase.ASKED and not machine.has_terminal:
        yield "要在终端上输入备用口令；不要备用口令请写明 --no-passphrase（那样U盘丢了数据就打不开）。"


def _key(key: KeyFile) -> Iterator[str]:
    if not KEY_LEAST <= key.bytes <= KEY_MOST:
        yield f"钥匙文件应有 {KEY_LEAST} 到 {KEY_MOST} 字节，现在是 {key.bytes}。"
    if key.is_open_to_others:
        yield "其他用户可以读取钥匙文件：请 chmod 400；FAT 格式的U盘请用 mount -o umask=077 重新挂载。"
    if key.is_on_data_disk:
        yield "钥匙文件和数据在同一块磁盘上，电脑被盗时钥匙也被盗；请放到U盘上。"
    elif not key.stick:
        yield "钥匙文件不在有编号（UUID）的U盘上，开机时找不到；请放到U盘上。"
    elif not re.fullmatch(r"[A-Za-z0-9-]+", key.stick, re.ASCII) or not _SAFE.fullmatch("/" + key.inside):
        yield f"钥匙文件在U盘上的路径只能用字母、数字和 . _ - /：{key.inside}"


def _pages(asked: Asked, machine: Machine) -> Iterator[str]:
    try:
        host, port = split_bind(asked.bind or machine.settings.get("bind") or BIND)
    except ValueError:
        yield "node.toml 里的 bind 要写成 地址:端口，如 192.0.2.5:8600；请改正，或用 --bind 写明。"
        return
    if machine.port is Port.TAKEN:
        yield f"端口 {port} 已被别的程序占用，请换一个：--bind {host}:{port + 1}"
    if machine.port is Port.NOT_MINE:
        yield f"本机没有 {host} 这个地址。"
    if asked.tls and "ca.pem" not in machine.tls_offered:
        yield f"{asked.tls} 里没有 ca.pem，请放入县里给的全部文件。"
    has_certificate = machine.has_other_certificate or "tls.pem" in machine.tls_holds | machine.tls_offered
    if host not in LOOPBACK and not has_certificate:
        yield from _certificate(asked, machine, host)


def _certificate(asked: Asked, machine: Machine, host: str) -> Iterator[str]:
    """What is lacking to make or ask for one."""
    if host in ANY and not asked.host:
        yield "监听全部地址时，请用 --host 写明别人用哪个地址或域名访问本站。"
    if asked.tier is Tier.COUNTY and not asked.authority:
        yield "监听地址不是本机地址，需要证书：请用 --authority 写明根证书放在哪个文件夹（没有就新建）。"
    if "ca.pem" in machine.authority_holds and "ca.key" not in machine.authority_holds:
        yield f"{asked.authority} 里只有 ca.pem，没有 ca.key，不能签发。"
    if "ca.key" in machine.authority_holds and "ca.pem" not in machine.authority_holds:
        yield f"{asked.authority} 里只有 ca.key，没有 ca.pem：上次没有做完的，请删去 ca.key 再来。"


def _is_below(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == folder or path.startswith(folder + "/") for folder in folders)


def _trimmed(address: str) -> str:
    try:
        return parse(address)
    except ValueError:
        return address


def _gigabytes(number: int) -> str:
    return f"{number / _GIB:.1f} GiB"
