"""What is done and what is refused follows from what was asked and what was seen, and from nothing else."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from common.install.rules import plan
from common.install.rules.asked import Asked, Passphrase, read_size, split_bind
from common.install.rules.machine import Image, Machine
from common.install.rules.refusals import machine_refused, words_refused
from common.install.rules.settings import with_settings
from common.install.rules.shown import shown
from common.install.rules.steps import Allocate, Copy, Put, Rename, Run, Say, Set
from common.install.rules.units import node_unit, volume_unit
from tests.install.cases import BARE, COUNTY, GIB, MADE, OPEN, SEALED, SHUT, TOWN, VILLAGE, programs


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
            SHUT,
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
    for machine in (OPEN, SHUT, replace(OPEN, is_mounted=False)):
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
    # A village that is given the authority alone looks at it before it is copied, too.
    alone = plan.node(replace(VILLAGE, tls="/media/x"), replace(BARE, tls_offered=frozenset({"ca.pem"})))
    looked = [place for place, step in enumerate(alone) if isinstance(step, Run) and "check" in step.words]
    (copied,) = [place for place, step in enumerate(alone) if isinstance(step, Copy)]
    assert len(looked) == 1 and looked[0] < copied
    # And again, when all of it is done: the same files, no settings.
    held = frozenset({"tls.key", "tls.pem", "ca.pem"})
    third = replace(BARE, settings={"address": "511921108", **values}, tls_holds=held)
    assert not [step for step in plan.node(replace(TOWN, bind=""), third) if isinstance(step, Set | Copy)]


def test_a_county_makes_its_authority_once_and_signs_its_own_request():
    lines = programs(COUNTY, BARE)
    tls = [line.split()[2] for line in lines if line.startswith("county_node tls")]
    assert tls == ["request", "authority", "sign"]
    # The node's user can change the request before root signs it: for which host it is root says itself.
    assert [line for line in lines if "tls sign" in line and "--for county.example " in f"{line} "]
    again = replace(BARE, authority_holds=frozenset({"ca.key", "ca.pem"}))
    assert not any("tls authority" in line for line in programs(COUNTY, again))
    done = replace(again, tls_holds=frozenset({"tls.pem", "tls.key", "ca.pem"}))
    assert [line for line in programs(COUNTY, done) if " tls " in line] == [
        "county_node tls check --in /var/lib/liandong/tls --for county.example"
    ]
    values = dict(next(step for step in plan.node(COUNTY, BARE) if isinstance(step, Set)).values)
    assert values["public_url"] == "https://county.example" and "tls_ca_file" not in values


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


@pytest.mark.parametrize(
    ("asked", "extras"),
    [(COUNTY, "pdf seal"), (TOWN, "pdf seal"), (VILLAGE, "")],
    ids=["county", "town", "village"],
)
def test_who_decides_can_print_and_seal(asked: Asked, extras: str):
    """A township decides some items: with the set for printing alone none of its decisions is sealed."""
    found = [line for line in programs(asked, BARE) if "setup base " in line]
    assert found == ([f"/opt/liandong/deploy.sh setup base {extras}"] if extras else [])
