"""What is done, in which order: first until the data folder is there, then, after a second look, the node."""

from __future__ import annotations

from collections.abc import Iterator

from common.install.rules.asked import (
    BIND,
    LOOPBACK,
    MAPPER,
    NODE_UNIT,
    UNITS,
    USER,
    VOLUME_UNIT,
    Asked,
    Passphrase,
    Tier,
    split_bind,
)
from common.install.rules.machine import CERTIFICATE, CERTIFICATE_KEY, Image, Machine
from common.install.rules.steps import (
    Allocate,
    Copy,
    Folder,
    Own,
    Put,
    Rename,
    Run,
    Say,
    Set,
    Step,
)
from common.install.rules.units import node_unit, volume_unit
from sync.protocol.address import parse

# Sets that a tier has besides the base: a village prints from the browser.
_EXTRAS = {Tier.COUNTY: ("pdf", "seal"), Tier.TOWN: ("pdf", "seal"), Tier.VILLAGE: ()}
_NEW = f"{MAPPER}-new"
_MAPPED = f"/dev/mapper/{_NEW}"
# Old PCs have little memory: what one PC made another must be able to open.
_SLOT = ("--pbkdf-memory", "262144", "--pbkdf-parallel", "1")
_HTTPS = 443
_ANY_CODE = tuple(range(256))


def ground(asked: Asked, machine: Machine) -> tuple[Step, ...]:
    """Return the steps up to a data folder that can be written: environment, user, encrypted volume."""
    return (*_environment(asked, machine), *_user(asked, machine), *_volume(asked, machine))


def node(asked: Asked, machine: Machine) -> tuple[Step, ...]:
    """Return the steps from the data folder to a running node, as `machine` is after `ground`."""
    return (
        *_folder(asked, machine),
        *_pages(asked, machine),
        *_service(asked, machine),
        *_end(asked, machine),
    )


def effective_bind(asked: Asked, machine: Machine) -> str:
    """Return where the pages are served now: on this machine alone as long as there is no certificate."""
    wanted = wanted_bind(asked, machine)
    host, port = split_bind(wanted)
    is_safe = host in LOOPBACK or machine.has_other_certificate or _is_certified(asked, machine)
    return wanted if is_safe else f"127.0.0.1:{port}"


def wanted_bind(asked: Asked, machine: Machine) -> str:
    """Return what was asked for, else what is set, else the usual."""
    return asked.bind or machine.settings.get("bind", "") or BIND


def _is_certified(asked: Asked, machine: Machine) -> bool:
    """Say whether the certificate that is used from now on is the one an installation puts there."""
    if machine.has_other_certificate:
        return "tls.pem" in machine.tls_offered
    is_served = split_bind(wanted_bind(asked, machine))[0] not in LOOPBACK
    return "tls.pem" in machine.tls_holds | machine.tls_offered or (is_served and bool(asked.authority))


def _environment(asked: Asked, machine: Machine) -> Iterator[Step]:
    deploy, python = f"{machine.program}/deploy.sh", _python(machine)
    yield Run("建立程序环境", (deploy, "setup", "base"))
    extras = _EXTRAS[asked.tier]
    if extras:
        told = "建立打印和印章的环境（不成也能用，文书从浏览器打印）"
        yield Run(told, (deploy, "setup", "base", *extras), accept=_ANY_CODE)
    # The node's user may not write here, and would compile the program anew at each start.
    folders = ("sync", "common", asked.tier.package)
    yield Run("预先编译程序", (python, "-m", "compileall", "-q", *folders))


def _user(asked: Asked, machine: Machine) -> Iterator[Step]:
    if not machine.has_user:
        shell = ("--shell", "/usr/sbin/nologin")
        words = (
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--home-dir",
            asked.data,
            *shell,
            USER,
        )
        yield Run(f"建立系统用户 {USER}", words)


def _volume(asked: Asked, machine: Machine) -> Iterator[Step]:
    if not asked.volume_bytes:
        return
    if "cryptsetup" not in machine.tools:
        words = ("apt-get", "install", "-y", "--no-install-recommends", "cryptsetup-bin")
        yield Run("安装 cryptsetup", words)
    if machine.image is Image.ABSENT and not machine.is_mounted:
        yield from _new_volume(asked)
    elif machine.key and machine.image is Image.LUKS:
        trial = ("cryptsetup", "open", "--type", "luks2", "--test-passphrase", "--key-file", asked.key)
        yield Run("核对钥匙文件", (*trial, asked.image))
    if machine.key and machine.key.stick:
        text = volume_unit(asked, machine.program, machine.key.stick, machine.key.inside)
        yield Put(f"{UNITS}/{VOLUME_UNIT}", text)
        yield Run("让 systemd 读入单元", ("systemctl", "daemon-reload"))
    yield Run("开机时自动打开加密卷", ("systemctl", "enable", VOLUME_UNIT))
    yield Run("打开并挂载加密卷", ("systemctl", "start", VOLUME_UNIT))
    if machine.has_swap:
        yield Say(
            "! 有未加密的交换分区，内存里的资料会写到上面，请关掉：swapoff -a，并在 /etc/fstab 里去掉。"
        )


def _new_volume(asked: Asked) -> Iterator[Step]:
    draft, key = asked.draft, ("--key-file", asked.key)
    yield Allocate(draft, asked.volume_bytes, _NEW)
    formatting = ("cryptsetup", "luksFormat", "--batch-mode", "--type", "luks2", *_SLOT)
    yield Run("做成加密卷（LUKS2）", (*formatting, *key, draft))
    if asked.passphrase is Passphrase.ASKED:
        yield Say("请设一个备用口令，写在纸上封好，与U盘分开保管；U盘丢失时用它打开。")
        yield Run("加入备用口令", ("cryptsetup", "luksAddKey", *_SLOT, *key, draft))
    else:
        yield Say("! 没有备用口令：U盘丢失或损坏，这个卷里的数据就再也打不开。请另做一个U盘副本。")
    yield Run("打开新卷", ("cryptsetup", "open", "--type", "luks2", *key, draft, _NEW))
    yield Run("建立文件系统（ext4）", ("mkfs.ext4", "-q", "-m", "0", _MAPPED))
    yield Run("关闭新卷", ("cryptsetup", "close", _NEW))
    yield Rename(draft, asked.image)


def _folder(asked: Asked, machine: Machine) -> Iterator[Step]:
    yield Folder(asked.data, 0o700, USER)
    start = ["init", "--data", asked.data, "--address", parse(asked.address)]
    start += ["--bind", f"127.0.0.1:{split_bind(wanted_bind(asked, machine))[1]}"]
    if asked.parent_url:
        start += ["--parent-url", asked.parent_url]
    if asked.unlisted:
        start.append("--unlisted")
    is_made = _verb(asked, machine, "status", "--data", asked.data, "--json")
    yield Run("建立站点", _verb(asked, machine, *start), USER, unless=is_made)


def _pages(asked: Asked, machine: Machine) -> Iterator[Step]:
    """Certificate, authority and address of the pages."""
    host, port = split_bind(wanted_bind(asked, machine))
    named = asked.host or host.strip("[]")
    if asked.tls:
        yield from _offered(asked, machine)
    is_there = machine.has_other_certificate or "tls.pem" in machine.tls_holds | machine.tls_offered
    if host not in LOOPBACK and not is_there:
        yield Folder(asked.tls_folder, 0o700, USER)
        wanted = ("tls", "request", "--for", named, "--out", asked.tls_folder)
        yield Run("做网页证书的钥匙和申请", _verb(asked, machine, *wanted), USER)
        if asked.authority:
            yield from _signed_here(asked, machine, named)
    elif _is_certified(asked, machine) and (asked.host or asked.bind) and host not in LOOPBACK:
        # A site that has moved goes on with the certificate of where it was, and is told so.
        wanted = ("tls", "check", "--in", asked.tls_folder, "--for", named)
        yield Run("核对证书上的地址", _verb(asked, machine, *wanted), USER, accept=(0, 2))
    values = tuple(_wanted(asked, machine, _url(asked.host, port)))
    if any(machine.settings.get(name) != value for name, value in values):
        yield Set(f"{asked.data}/node.toml", values, USER)


def _signed_here(asked: Asked, machine: Machine, host: str) -> Iterator[Step]:
    if "ca.key" not in machine.authority_holds:
        yield Run("建立县里的根证书", _verb(asked, machine, "tls", "authority", "--out", asked.authority))
    request = ("--in", f"{asked.tls_folder}/tls.csr", "--out", asked.tls_folder)
    # The node's user holds the request and could have another one lie there by now.
    words = ("tls", "sign", "--authority", asked.authority, "--for", host, *request)
    yield Run("签发网页证书", _verb(asked, machine, *words))
    for name in ("ca.pem", "tls.pem"):
        yield Own(f"{asked.tls_folder}/{name}", USER)


def _offered(asked: Asked, machine: Machine) -> Iterator[Step]:
    if "tls.pem" in machine.tls_offered:
        held = asked.tls if "tls.key" in machine.tls_offered else asked.tls_folder
        words = ("tls", "check", "--in", asked.tls, "--key", f"{held}/tls.key")
        yield Run("核对县里签发的证书", _verb(asked, machine, *words))
    else:
        yield Run("核对县里的根证书", _verb(asked, machine, "tls", "check", "--in", asked.tls))
    yield Folder(asked.tls_folder, 0o700, USER)
    # The certificate last: where one lies, its key and what it rests on lie beside it.
    for name in ("ca.pem", "tls.key", "tls.pem"):
        if name in machine.tls_offered:
            yield Copy(f"{asked.tls}/{name}", f"{asked.tls_folder}/{name}", 0o600, USER)


def _url(host: str, port: int) -> str:
    """Return where others find the pages, "" when it follows from the address they are served at."""
    named = f"[{host}]" if ":" in host else host
    return (f"https://{named}" if port == _HTTPS else f"https://{named}:{port}") if host else ""


def _wanted(asked: Asked, machine: Machine, url: str) -> Iterator[tuple[str, str]]:
    bind = effective_bind(asked, machine)
    yield "bind", bind
    if asked.parent_url:
        yield "parent_url", asked.parent_url
    if _is_certified(asked, machine):
        yield "tls_cert_file", CERTIFICATE
        yield "tls_key_file", CERTIFICATE_KEY
        if url:
            yield "public_url", url
    elif machine.settings.get("tls_cert_file") == CERTIFICATE:
        # A backup brought the settings and not the files: with them named nothing would be served at all.
        yield "tls_cert_file", ""
        yield "tls_key_file", ""
    if "ca.pem" in machine.tls_offered and asked.tier is not Tier.COUNTY:
        yield "tls_ca_file", "tls/ca.pem"


def _service(asked: Asked, machine: Machine) -> Iterator[Step]:
    port = split_bind(wanted_bind(asked, machine))[1]
    volume = machine.volume_unit or ("wanted" if asked.volume_bytes else "")
    yield Put(f"{UNITS}/{NODE_UNIT}", node_unit(asked, machine.program, port, volume))
    yield Run("让 systemd 读入单元", ("systemctl", "daemon-reload"))
    yield Run("开机时自动启动", ("systemctl", "enable", NODE_UNIT))
    # Begun anew even when it runs: the program may be newer, and settings are read at the start alone.
    yield Run("启动站点", ("systemctl", "restart", NODE_UNIT))
    told = "体检（doctor）"
    yield Run(told, _verb(asked, machine, "doctor", "--data", asked.data), USER, accept=(0, 1))


def _end(asked: Asked, machine: Machine) -> Iterator[Step]:
    bind, wanted = effective_bind(asked, machine), wanted_bind(asked, machine)
    scheme = "https" if split_bind(bind)[0] not in LOOPBACK else "http"
    where = f"网页：{scheme}://{bind}　状态：systemctl status {NODE_UNIT}"
    yield Say(f"完成。{where}", f"装好以后：{where}")
    if bind != wanted:
        yield Say(
            f"还没有证书，网页暂时只在本机。请把 {asked.tls_folder}/tls.csr 带到县里签发"
            f"（county_node tls sign），再执行一次，加上 --bind {wanted} --tls 县里给的文件夹。"
        )
    if asked.tier is Tier.COUNTY:
        yield Say("下一步：建管理员 staff admin，给下级发入网码 enrol issue（docs/manual.zh-CN.md）。")
        if asked.authority:
            yield Say(f"{asked.authority}/ca.key 请离线保管；ca.pem 发给各站点和浏览器。")
    else:
        yield Say("还没有入网的，下一步：用入网码登记 enrol join（docs/manual.zh-CN.md）。")


def _python(machine: Machine) -> str:
    return f"{machine.program}/.venv/bin/python"


def _verb(asked: Asked, machine: Machine, *words: str) -> tuple[str, ...]:
    return (_python(machine), "-m", asked.tier.package, *words)
