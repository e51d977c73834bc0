"""What is refused before anything is done: words that cannot be meant, machines that are not ready."""

from __future__ import annotations

from dataclasses import replace

import pytest

from common.install.rules import plan
from common.install.rules.asked import Asked, Tier
from common.install.rules.machine import Image, Port
from common.install.rules.refusals import machine_refused, words_refused
from common.install.rules.steps import Copy, Set
from tests.install.cases import (
    BARE,
    COUNTY,
    GIB,
    HOME,
    MADE,
    OPEN,
    SEALED,
    SHUT,
    STICK,
    TOWN,
    VILLAGE,
    programs,
)

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
    ({"is_user_person": True}, "登录账号"),
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
    ({"is_unlisted": True}, "--unlisted"),
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


def test_another_size_than_the_volume_has_is_refused_and_named():
    for machine in (SHUT, OPEN, replace(OPEN, is_mounted=False)):
        assert not list(machine_refused(SEALED, machine))
        (told,) = machine_refused(replace(SEALED, volume_bytes=60 * GIB), machine)
        assert "--encrypted 40G" in told
    odd = replace(SHUT, image_bytes=40 * GIB + 512)
    assert any(f"--encrypted {40 * GIB + 512}。" in told for told in machine_refused(SEALED, odd))


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


def test_a_code_that_is_on_no_list_yet_goes_by_a_word_and_a_site_that_is_made_needs_none():
    strange = replace(BARE, is_unlisted=True)
    meant = replace(VILLAGE, unlisted=1)
    assert not list(machine_refused(meant, strange))
    made = any("init" in line and line.endswith("--unlisted") for line in programs(meant, strange))
    assert made and not any("--unlisted" in line for line in programs(VILLAGE, BARE))
    there = replace(strange, settings=MADE, data_holds=frozenset({"node.toml"}))
    assert not any("--unlisted" in sentence for sentence in machine_refused(VILLAGE, there))
