"""What is done and what is refused follows from what was asked and what was seen, and from nothing else."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from common.install.rules import plan
from common.install.rules.asked import Asked, Passphrase, Tier, read_size, split_bind
from common.install.rules.machine import Image, KeyFile, Machine, Port
from common.install.rules.refusals import machine_refused, words_refused
from common.install.rules.settings import with_settings
from common.install.rules.shown import shown
from common.install.rules.steps import Allocate, Copy, Put, Rename, Run, Say, Set
from common.install.rules.units import node_unit, volume_unit

GIB = 1 << 30
HOME = "/home"
STICK = KeyFile(64, stick="1234-ABCD", inside="liandong.key")
VILLAGE = Asked(Tier.VILLAGE, "511921108203")
TOWN = Asked(Tier.TOWN, "511921108", bind="192.0.2.5:8600")
COUNTY = Asked(Tier.COUNTY, "511921", bind="0.0.0.0:443", host="county.example", authority="/media/ca")
SEALED = replace(VILLAGE, volume_bytes=40 * GIB, key="/media/stick/liandong.key")
BARE = Machine("/opt/liandong", room_bytes=100 * GIB, tools=frozenset({"cryptsetup"}), key=STICK)
OPEN = replace(BARE, has_user=True, image=Image.LUKS, has_mapping=True, is_mounted=True, volume_unit="[Unit]")
MADE = {"address": "511921108203", "bind": "127.0.0.1:8600"}


def programs(asked: Asked, machine: Machine) -> list[str]:
    """Return the commands of both halves of a plan, without the interpreter's path."""
    steps = (*plan.ground(asked, machine), *plan.node(asked, machine))
    lines = [" ".join(step.words) for step in steps if isinstance(step, Run)]
    return [line.replace("/opt/liandong/.venv/bin/python -m ", "") for line in lines]


def names(asked: Asked, machine: Machine) -> list[str]:
    """Return the first words of each command: what happens in which order."""
    return [" ".join(line.split()[:2]) for line in programs(asked, machine)]


NODE = [
    "village_node init",
    *["systemctl daemon-reload", "systemctl enable", "systemctl restart"],
    "village_node doctor",
]
GROUND = ["/opt/liandong/deploy.sh setup", "compileall -q"]
OPENING = ["systemctl daemon-reload", "systemctl enable", "systemctl start"]
MAKING = [f"cryptsetup {word}" for word in ("luksFormat", "luksAddKey", "open")]


@pytest.mark.parametrize(
    ("asked", "machine", "wanted"),
    [
        (VILLAGE, BARE, [*GROUND, "useradd --system", *NODE]),
        (VILLAGE, replace(BARE, has_user=True, settings=MADE), [*GROUND, *NODE]),
        (
            SEALED,
            BARE,
            [*GROUND, "useradd --system", *MAKING, "mkfs.ext4 -q", "cryptsetup close", *OPENING, *NODE],
        ),
        (
            SEALED,
            replace(BARE, image=Image.LUKS),
            [*GROUND, "useradd --system", "cryptsetup open", *OPENING, *NODE],
        ),
        (SEALED, OPEN, [*GROUND, "cryptsetup open", *OPENING, *NODE]),
        (SEALED, replace(OPEN, key=None), [*GROUND, *OPENING[1:], *NODE]),
        (
            SEALED,
            replace(OPEN, tools=frozenset(), key=None),
            [*GROUND, "apt-get install", *OPENING[1:], *NODE],
        ),
    ],
)
def test_a_step_is_taken_where_it_is_not_done(asked: Asked, machine: Machine, wanted: list[str]):
    assert not [*words_refused(asked), *machine_refused(asked, machine)]
    assert names(asked, machine) == wanted


def test_nothing_that_exists_is_formatted():
    """The one file that is formatted is made by the same plan, under a name that is refused when taken."""
    steps = plan.ground(SEALED, BARE)
    kinds = [type(step).__name__ for step in steps]
    assert kinds.index("Allocate") < kinds.index("Rename")
    draft = next(step for step in steps if isinstance(step, Allocate))
    assert draft.path == "/var/lib/liandong.img.part" and draft.bytes == 40 * GIB
    assert Rename(draft.path, "/var/lib/liandong.img") in steps
    for machine in (OPEN, replace(BARE, image=Image.LUKS), replace(OPEN, is_mounted=False)):
        assert not {"luksFormat", "mkfs.ext4"} & {
            word for line in programs(SEALED, machine) for word in line.split()
        }
    for taken in (replace(BARE, image=Image.OTHER), replace(BARE, has_draft=True)):
        assert any("已经存在" in told or "上次没有做完" in told for told in machine_refused(SEALED, taken))


def test_the_passphrase_is_asked_for_or_its_lack_is_said():
    said = [step.sentence for step in plan.ground(SEALED, BARE) if isinstance(step, Say)]
    assert any("备用口令" in one for one in said)
    without = replace(SEALED, passphrase=Passphrase.NONE)
    assert not any("luksAddKey" in line for line in programs(without, BARE))
    assert any("再也打不开" in step.sentence for step in plan.ground(without, BARE) if isinstance(step, Say))
    alone = replace(BARE, has_terminal=False)
    assert any("--no-passphrase" in told for told in machine_refused(SEALED, alone))
    assert not list(machine_refused(without, alone))


def test_a_town_without_a_certificate_serves_itself_alone_until_one_comes():
    first = plan.node(TOWN, BARE)
    assert any("tls request --for 192.0.2.5" in line for line in programs(TOWN, BARE))
    assert Set("/var/lib/liandong/node.toml", (("bind", "127.0.0.1:8600"),), "liandong") in first
    assert "--tls" in first[-2].sentence
    back = replace(TOWN, tls="/media/x")
    offered = replace(
        BARE, tls_offered=frozenset({"ca.pem", "tls.pem"}), tls_holds=frozenset({"tls.key", "tls.csr"})
    )
    second = plan.node(back, offered)
    checks = [place for place, step in enumerate(second) if isinstance(step, Run) and "check" in step.words]
    copies = [place for place, step in enumerate(second) if isinstance(step, Copy)]
    assert checks[0] < copies[0] and second[copies[-1]].path == "/var/lib/liandong/tls/tls.pem"
    values = dict(next(step for step in second if isinstance(step, Set)).values)
    assert values["bind"] == "192.0.2.5:8600" and values["tls_ca_file"] == "tls/ca.pem"
    # And again, when all of it is done: the same files, no settings.
    held = frozenset({"tls.key", "tls.pem", "ca.pem"})
    third = replace(BARE, settings={"address": "511921108", **values}, tls_holds=held)
    assert not [step for step in plan.node(replace(TOWN, bind=""), third) if isinstance(step, Set | Copy)]


def test_a_county_makes_its_authority_once_and_signs_its_own_request():
    lines = programs(COUNTY, BARE)
    tls = [line.split()[2] for line in lines if line.startswith("county_node tls")]
    assert tls == ["request", "authority", "sign"]
    assert any("--for county.example" in line for line in lines)
    again = replace(BARE, authority_holds=frozenset({"ca.key", "ca.pem"}))
    assert not any("tls authority" in line for line in programs(COUNTY, again))
    done = replace(again, tls_holds=frozenset({"tls.pem", "tls.key", "ca.pem"}))
    assert not any(" tls " in line for line in programs(COUNTY, done))
    values = dict(next(step for step in plan.node(COUNTY, BARE) if isinstance(step, Set)).values)
    assert values["public_url"] == "https://county.example" and "tls_ca_file" not in values


REFUSED_WORDS = [
    ({"address": "51192110820"}, "不是统计用区划代码"),
    ({"address": "511921108"}, "不是村级"),
    ({"data": "liandong"}, "绝对路径"),
    ({"data": "/var/lib/../x"}, "绝对路径"),
    ({"data": "/var/lib/a b"}, "绝对路径"),
    ({"data": "/var/lib/a%i"}, "绝对路径"),
    ({"data": f"{HOME}/x"}, "数据不能放在"),
    ({"data": "/srv"}, "数据不能放在"),
    ({"parent_url": "town.example"}, "不是网址"),
    ({"parent_url": "https://x/\nExecStart=/bin/x"}, "不是网址"),
    ({"bind": "8600"}, "--bind"),
    ({"bind": "127.0.0.1:99999"}, "--bind"),
    ({"host": "a b"}, "--host"),
    ({"volume_bytes": 40 * GIB}, "--key"),
    ({"key": "/media/k"}, "--encrypted"),
    ({"volume_bytes": GIB, "key": "/media/k"}, "太小"),
    ({"volume_bytes": 4 * GIB, "key": "k"}, "绝对路径"),
    ({"authority": "/media/ca"}, "只有县级"),
    ({"authority": "/var/lib/liandong/ca"}, "不能放在数据文件夹"),
]


@pytest.mark.parametrize(("changed", "told"), REFUSED_WORDS)
def test_words_that_cannot_be_meant_are_refused(changed: dict, told: str):
    assert not list(words_refused(VILLAGE))
    assert any(told in sentence for sentence in words_refused(replace(VILLAGE, **changed)))


def key(**changed: object) -> dict:
    return {"key": replace(STICK, **changed)}


REFUSED_MACHINES = [
    ({"is_root": False}, "root"),
    ({"has_systemd": False}, "systemd"),
    ({"program": f"{HOME}/x"}, "程序不能放在"),
    ({"program": "/opt/a b"}, "程序不能放在"),
    ({"is_program_safe": False}, "归 root"),
    ({"room_bytes": 40 * GIB}, "空间不够"),
    ({"key": None}, "没有找到钥匙文件"),
    (key(is_open_to_others=True), "其他用户可以读取"),
    (key(is_on_data_disk=True), "同一块磁盘"),
    (key(stick=""), "UUID"),
    (key(bytes=8), "字节"),
    (key(inside="钥匙 1"), "U盘上的路径"),
    (key(inside="$HOME/k"), "U盘上的路径"),
    ({"image": Image.OTHER}, "从不格式化"),
    ({"has_draft": True}, "上次没有做完"),
    ({"is_other_mounted": True}, "别的卷"),
    ({"settings": MADE, "data_holds": frozenset({"node.toml"})}, "不在加密卷上"),
    ({"settings": {"address": "511921108204"}}, "另一个站点"),
    ({"data_holds": frozenset({"photos"})}, "别的东西"),
    ({"node_unit": "ExecStart=x serve --data /srv/other\n"}, "别的文件夹"),
    ({"port": Port.TAKEN}, "占用"),
    ({"settings": {"bind": "8600"}}, "bind"),
    ({"image": Image.LUKS, "has_mapping": True, **key(inside="k\nExecStartPre=/bin/x")}, "U盘上的路径"),
    ({"port": Port.NOT_MINE}, "没有 127.0.0.1"),
]


@pytest.mark.parametrize(("changed", "told"), REFUSED_MACHINES)
def test_what_stands_against_it_is_said_before_anything_is_done(changed: dict, told: str):
    assert not list(machine_refused(SEALED, BARE))
    assert any(told in sentence for sentence in machine_refused(SEALED, replace(BARE, **changed)))


def test_pages_beyond_this_machine_need_a_certificate():
    assert not list(machine_refused(COUNTY, BARE))
    assert any("--authority" in told for told in machine_refused(replace(COUNTY, authority=""), BARE))
    assert any("--host" in told for told in machine_refused(replace(COUNTY, host=""), BARE))
    lone = replace(BARE, authority_holds=frozenset({"ca.pem"}))
    assert any("没有 ca.key" in told for told in machine_refused(COUNTY, lone))
    assert any("没有 ca.pem" in told for told in machine_refused(replace(TOWN, tls="/media/x"), BARE))
    assert any(
        "同一块磁盘" in told for told in machine_refused(SEALED, replace(OPEN, **key(is_on_data_disk=True)))
    )
    # A volume that is shut is not installed into from the outside.
    shut = replace(OPEN, is_mounted=False, has_mapping=False)
    assert any("还没有打开" in told for told in machine_refused(VILLAGE, shut))


def test_what_was_broken_off_or_brought_by_a_backup_is_said_or_mended():
    # The image has its name, its unit was never written: without --encrypted nothing is begun beside it.
    assert any("还没有打开" in told for told in machine_refused(VILLAGE, replace(BARE, image=Image.LUKS)))
    left = replace(BARE, data_holds=frozenset({"node.toml.part"}))
    assert not list(machine_refused(VILLAGE, left))
    half = replace(BARE, authority_holds=frozenset({"ca.key"}))
    assert any("没有 ca.pem" in told for told in machine_refused(COUNTY, half))
    # Settings name a certificate that no backup holds: the pages are served here alone till one comes.
    named = {"address": "511921108", "tls_cert_file": "tls/tls.pem", "tls_key_file": "tls/tls.key"}
    restored = replace(BARE, settings={**named, "bind": "192.0.2.5:8600"})
    values = dict(next(step for step in plan.node(TOWN, restored) if isinstance(step, Set)).values)
    assert values == {"bind": "127.0.0.1:8600", "tls_cert_file": "", "tls_key_file": ""}


def test_a_certificate_of_ones_own_is_left_alone():
    own = {"tls_cert_file": "/etc/ssl/town.pem", "tls_key_file": "/etc/ssl/town.key"}
    machine = replace(BARE, settings={"address": "511921108", "bind": "192.0.2.5:8600", **own})
    again = replace(TOWN, bind="")
    assert not list(machine_refused(again, machine))
    assert not any(" tls " in line for line in programs(again, machine))
    assert not [step for step in plan.node(again, machine) if isinstance(step, Set | Copy)]
    assert plan.effective_bind(again, machine) == "192.0.2.5:8600"
    county = replace(machine, settings={"address": "511921", "bind": "0.0.0.0:443", **own})
    assert not list(machine_refused(Asked(Tier.COUNTY, "511921"), county))
    # Unless another one is brought.
    offered = replace(machine, tls_offered=frozenset({"ca.pem", "tls.pem", "tls.key"}))
    values = dict(
        next(
            step for step in plan.node(replace(again, tls="/media/x"), offered) if isinstance(step, Set)
        ).values
    )
    assert values["tls_cert_file"] == "tls/tls.pem" and values["tls_key_file"] == "tls/tls.key"


def test_units_hold_the_node_in_and_are_what_systemd_reads(tmp_path: Path):
    here = replace(SEALED, data="/var/lib/liandong")
    node, volume = (
        node_unit(here, "/opt/liandong", 8600, "x"),
        volume_unit(here, "/opt/liandong", "AB-1", "k.key"),
    )
    for line in (
        "User=liandong",
        "UMask=0077",
        "Restart=always",
        "After=network.target time-sync.target",
        "Environment=MALLOC_ARENA_MAX=1",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "PrivateTmp=yes",
        "ReadWritePaths=/var/lib/liandong",
        "Requires=liandong-volume.service",
        "AssertPathIsMountPoint=/var/lib/liandong",
        "AmbientCapabilities=",
    ):
        assert line in node.splitlines()
    assert "Requires" not in node_unit(here, "/opt/liandong", 8600, "").replace("RequiresMountsFor", "")
    assert "AmbientCapabilities=CAP_NET_BIND_SERVICE" in node_unit(here, "/opt/liandong", 443, "")
    assert "TimeoutStartSec=infinity" in volume and "--stick AB-1 --key k.key\n" in volume
    for name, text in (("liandong.service", node), ("liandong-volume.service", volume)):
        (tmp_path / name).write_text(text.replace("/opt/liandong/.venv/bin/python", "/bin/true"))
    try:
        words = ["systemd-analyze", "verify", "--man=no", *map(str, tmp_path.iterdir())]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        print("systemd-analyze is not on this machine: the units were not verified by it")
        return
    assert done.returncode == 0 and "liandong" not in done.stderr, done.stderr


def test_words_are_read_and_steps_are_shown_in_full():
    assert [read_size(text) for text in ("40G", "500M", "2T", "7")] == [40 * GIB, 500 << 20, 2 << 40, 7]
    for bad in ("", "0", "G", "4K", "1.5G", "-1", "٤G"):
        with pytest.raises(ValueError, match=bad or "^$"):
            read_size(bad)
    assert split_bind("[::1]:80") == ("[::1]", 80)
    steps = (*plan.ground(SEALED, BARE), *plan.node(COUNTY, BARE), *plan.node(replace(TOWN, tls="/m"), BARE))
    text = "\n".join(shown(step) for step in steps)
    for step in steps:
        if isinstance(step, Put):
            assert all(f"  | {line}\n" in f"{text}\n" for line in step.text.splitlines())
    assert "cryptsetup luksFormat --batch-mode" in text and "[liandong] " in text


def test_a_setting_is_changed_in_its_line_and_others_stay():
    text = '# mine\naddress = "511921"\nbind="127.0.0.1:8600"\nthreads = 4\n'
    assert with_settings(text, [("bind", 'a"b'), ("tls_cert_file", "tls/tls.pem")]) == (
        '# mine\naddress = "511921"\nbind = "a\\"b"\nthreads = 4\ntls_cert_file = "tls/tls.pem"\n'
    )
    assert with_settings("", [("bind", "x")]) == 'bind = "x"\n'


def test_the_command_shows_its_plan_on_any_machine(tmp_path: Path):
    root = Path(__file__).resolve().parents[2]
    words = ["install", "village", "--address", "511921108203", "--data", "/srv/liandong-unused", "--dry-run"]
    done = subprocess.run(
        [root / "deploy.sh", *words], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode in (0, 2) and "village_node init --data /srv/liandong-unused" in done.stdout
    assert "什么也没有改动" in done.stdout and not Path("/srv/liandong-unused").exists()
    done = subprocess.run(
        [root / "deploy.sh", *words[:-1], "--encrypted", "4K"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and "40G" in done.stderr
