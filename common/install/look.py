"""Looks at the machine and changes nothing: the facts a plan is made from."""

from __future__ import annotations

import errno
import os
import pwd
import socket
import stat
import sys
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path

from common.install.executor import Hands, found_tools
from common.install.rules.asked import (
    BIND,
    MAPPER,
    NODE_UNIT,
    UNITS,
    USER,
    VOLUME_UNIT,
    Asked,
    split_bind,
)
from common.install.rules.machine import Image, KeyFile, Machine, Port
from common.places.listed import Listing, listing_of
from sync.durable import read_plain
from sync.protocol.address import parse

_LUKS = b"LUKS\xba\xbe\x00\x02"
_TOOLS = ("cryptsetup", "mkfs.ext4", "useradd", "systemctl")
_DEPTH_MAX = 8
# Debian and its kin give system users the numbers below.
_FIRST_PERSON = 1000
_ROOTS = (0,)


def look(asked: Asked, program: Path, hands: Hands, root: Path = Path("/")) -> Machine:
    """Return what is there now; `root` stands for `/`."""

    def at(path: str) -> Path:
        return root / path.lstrip("/")

    data, mapped = at(asked.data), at(f"/dev/mapper/{MAPPER}")
    settings = _settings(data / "node.toml")
    is_running = hands.ask(("systemctl", "is-active", "--quiet", NODE_UNIT), "") == 0
    wanted = asked.bind or settings.get("bind") or BIND
    return Machine(
        program=str(program),
        is_root=os.geteuid() == 0,
        has_systemd=at("/run/systemd/system").is_dir(),
        has_terminal=sys.stdin.isatty(),
        has_user=_user() is not None,
        is_user_person=(user := _user()) is not None and user.pw_uid >= _FIRST_PERSON,
        has_swap=_has_swap(at("/proc/swaps")),
        is_program_safe=_is_safe(program),
        is_unlisted=listing_of(parse(asked.address)) is Listing.UNLISTED,
        tools=found_tools(_TOOLS),
        room_bytes=_room(data),
        image=_image(at(asked.image)),
        image_bytes=_bytes(at(asked.image)),
        has_draft=os.path.lexists(at(asked.draft)),
        has_mapping=os.path.lexists(mapped),
        is_mounted=os.path.ismount(data) and _is_mapped(data, mapped),
        is_other_mounted=os.path.ismount(data) and not _is_mapped(data, mapped),
        key=_key(at(asked.key), data, root) if asked.key else None,
        data_holds=_names(data),
        settings=settings,
        tls_holds=_names(at(asked.tls_folder)),
        tls_offered=_names(at(asked.tls)) if asked.tls else frozenset(),
        authority_holds=_names(at(asked.authority)) if asked.authority else frozenset(),
        node_unit=_text(at(f"{UNITS}/{NODE_UNIT}")),
        volume_unit=_text(at(f"{UNITS}/{VOLUME_UNIT}")),
        is_node_running=is_running,
        port=Port.FREE if is_running and _is_own(settings.get("bind", ""), wanted) else _port(wanted),
    )


def disks_of(number: int, root: Path = Path("/")) -> frozenset[str]:
    """Return the whole disks that a device (`st_dev`) lies on, through partitions, mappings and loops."""
    found: set[str] = set()
    below, seen = [f"{os.major(number)}:{os.minor(number)}"], 0
    while below and seen < _DEPTH_MAX * _DEPTH_MAX:
        seen += 1
        device = root / "sys/dev/block" / below.pop()
        if not device.exists():
            continue
        device = device.resolve()
        if (device / "partition").exists():
            device = device.parent
        carriers = [_text(one / "dev").strip() for one in _entries(device / "slaves")]
        carriers += _behind_a_loop(device)
        below += carriers
        if not carriers:
            found.add(device.name)
    return frozenset(found)


def _behind_a_loop(device: Path) -> list[str]:
    file = _text(device / "loop" / "backing_file").strip()
    with suppress(OSError):
        if file:
            number = os.stat(file).st_dev
            return [f"{os.major(number)}:{os.minor(number)}"]
    return []


def _key(path: Path, data: Path, root: Path) -> KeyFile | None:
    try:
        facts = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(facts.st_mode):
        return None
    mine, theirs = disks_of(facts.st_dev, root), disks_of(_nearest(data).stat().st_dev, root)
    return KeyFile(
        facts.st_size,
        is_open_to_others=bool(stat.S_IMODE(facts.st_mode) & 0o077),
        is_on_data_disk=facts.st_dev == _nearest(data).stat().st_dev or bool(mine & theirs),
        stick=_stick(facts.st_dev, root),
        inside=_inside(path),
    )


def _stick(number: int, root: Path) -> str:
    """Return the UUID of the file system on a device, as udev lists it."""
    for link in _entries(root / "dev/disk/by-uuid"):
        with suppress(OSError):
            if link.stat().st_rdev == number:
                return link.name
    return ""


def _inside(path: Path) -> str:
    """Return the path of a file from where its file system is mounted."""
    real = path.resolve()
    for folder in real.parents:
        if os.path.ismount(folder):
            return str(real.relative_to(folder))
    return ""


def _image(path: Path) -> Image:
    if not os.path.lexists(path):
        return Image.ABSENT
    try:
        with path.open("rb") as file:
            return Image.LUKS if path.is_file() and file.read(len(_LUKS)) == _LUKS else Image.OTHER
    except OSError:
        return Image.OTHER


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _is_mapped(data: Path, mapped: Path) -> bool:
    try:
        return data.stat().st_dev == mapped.stat().st_rdev
    except OSError:
        return False


def _is_own(bind: str, wanted: str) -> bool:
    """Say whether the running node holds the port itself, be it at another address."""
    with suppress(ValueError):
        return split_bind(bind)[1] == split_bind(wanted)[1]
    return False


def _port(bind: str) -> Port:
    try:
        host, port = split_bind(bind)
    except ValueError:
        return Port.FREE
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    with socket.socket(family) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host.strip("[]"), port))
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                return Port.TAKEN
            # Who may not bind below 1024 learns from the first refusal that root is needed.
            return Port.FREE if problem.errno == errno.EACCES else Port.NOT_MINE
    return Port.FREE


def _room(data: Path) -> int:
    found = os.statvfs(_nearest(data.parent))
    return found.f_frsize * found.f_bavail


def _nearest(path: Path) -> Path:
    """Return the folder itself or the nearest above it that is there."""
    return next((one for one in (path, *path.parents) if one.exists()), Path("/"))


def _is_safe(program: Path) -> bool:
    """Say whether root alone can change the program, any file of it, and everybody reach it."""
    if not all(one.stat().st_mode & stat.S_IXOTH for one in (program, *program.parents)):
        return False
    # Where the sticky bit stands nobody takes away what is another's.
    if not all(one.stat().st_mode & stat.S_ISVTX or _is_roots_alone(one.stat()) for one in program.parents):
        return False
    within = (Path(folder, name) for folder, *names in os.walk(program) for name in chain(*names))
    return all(_is_roots_alone(one.lstat()) for one in (program, *within))


def _is_roots_alone(facts: os.stat_result) -> bool:
    # A link's own mode says nothing.
    by_others = not stat.S_ISLNK(facts.st_mode) and facts.st_mode & stat.S_IWOTH
    by_group = not stat.S_ISLNK(facts.st_mode) and facts.st_mode & stat.S_IWGRP and facts.st_gid != 0
    return facts.st_uid in _ROOTS and not by_group and not by_others


def _user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        return None


def _has_swap(path: Path) -> bool:
    lines = _text(path).splitlines()[1:]
    return any(not line.startswith("/dev/dm-") and "zram" not in line for line in lines)


def _settings(path: Path) -> Mapping[str, str]:
    try:
        # The node's user may have laid anything there.
        found = tomllib.loads(read_plain(path).decode())
    except (OSError, ValueError):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}


def _names(folder: Path) -> frozenset[str]:
    return frozenset(one.name for one in _entries(folder))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
