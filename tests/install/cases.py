"""What installations are asked for, and machines they are to be made on."""

from __future__ import annotations

from dataclasses import replace

from common.install.rules import plan
from common.install.rules.asked import Asked, Tier
from common.install.rules.machine import Image, KeyFile, Machine
from common.install.rules.steps import Run

GIB = 1 << 30
HOME = "/home"
STICK = KeyFile(64, stick="1234-ABCD", inside="liandong.key")
VILLAGE = Asked(Tier.VILLAGE, "511921108203")
TOWN = Asked(Tier.TOWN, "511921108", bind="192.0.2.5:8600")
COUNTY = Asked(Tier.COUNTY, "511921", bind="0.0.0.0:443", host="county.example", authority="/media/ca")
SEALED = replace(VILLAGE, volume_bytes=40 * GIB, key="/media/stick/liandong.key")
BARE = Machine("/opt/liandong", room_bytes=100 * GIB, tools=frozenset({"cryptsetup"}), key=STICK)
SHUT = replace(BARE, image=Image.LUKS, image_bytes=40 * GIB)
OPEN = replace(SHUT, has_user=True, has_mapping=True, is_mounted=True, volume_unit="[Unit]")
MADE = {"address": "511921108203", "bind": "127.0.0.1:8600"}


def programs(asked: Asked, machine: Machine) -> list[str]:
    """Return the commands of both halves of a plan, without the interpreter's path."""
    steps = (*plan.ground(asked, machine), *plan.node(asked, machine))
    lines = [" ".join(step.words) for step in steps if isinstance(step, Run)]
    return [line.replace("/opt/liandong/.venv/bin/python -m ", "") for line in lines]
