"""Photographed papers for the demonstration: pictures that look as if taken with a telephone on a table.

Every picture shows 演示样本 in large letters, and nothing on it belongs to a real person. The same arguments
give the same bytes on one installation of the drawing library, which is imported inside the functions: a node
that plays no demonstration never loads it.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from common.node.demo_data.people import Resident
from common.node.demo_data.sites import spoken_name

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDTH, HEIGHT = 1600, 1200
_INK = (38, 38, 46)
_PALE = (120, 120, 132)
_RED = (178, 34, 34)
# Beneath the writing, so that the paper stays readable.
_PALE_RED = (226, 150, 146)
_TABLES = ((92, 72, 54), (70, 74, 80), (120, 98, 74), (54, 66, 58))


def photograph(paper_name: str, person: Resident, seed: int, lines: Sequence[str] = ()) -> bytes:
    """Return one paper of this person as a JPEG file of 200–800 KB, 1600 × 1200.

    Args:
        paper_name: the name in the item's list of papers; it decides what is drawn (ID card, household
            register, bank card, portrait, otherwise a sheet with this name as its title).
        seed: selects table, angle, light and noise.
        lines: what is written on a sheet, one line each; invented lines when empty.
    """
    rng = Random(f"photo/{seed}/{paper_name}/{person.id_number}")
    paper = _drawn(paper_name, person, lines, rng)
    picture = _with_light_and_noise(_on_a_table(paper, rng), rng)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=82)
    return file.getvalue()


def _drawn(paper_name: str, person: Resident, lines: Sequence[str], rng: Random) -> Image:
    if "身份证" in paper_name or "残疾人证" in paper_name or "银行卡" in paper_name:
        return _card(paper_name, person)
    if "户口簿" in paper_name:
        return _register_page(person, rng)
    if "照片" in paper_name:
        return _portrait(person, rng)
    return _sheet(paper_name, person, lines or _invented_lines(person, rng))


@lru_cache(maxsize=16)
def _font(size: int) -> FreeTypeFont:
    import pylopdf_fonts_zh_cn
    from PIL import ImageFont

    folder = Path(pylopdf_fonts_zh_cn.__file__).parent
    return ImageFont.truetype(str(folder / "NotoSansSC-Regular.otf"), size)


def _blank(size: tuple[int, int], colour: tuple[int, int, int]) -> tuple[Image, ImageDraw]:
    from PIL import Image, ImageDraw

    paper = Image.new("RGB", size, colour)
    return paper, ImageDraw.Draw(paper)


def _mark_as_sample(pen: ImageDraw, size: tuple[int, int], colour: tuple[int, int, int] = _PALE_RED) -> None:
    pen.text((size[0] / 2, size[1] * 0.6), "演示样本", colour, _font(size[0] // 5), anchor="mm")


def _card(paper_name: str, person: Resident) -> Image:
    """An ID card, or another card with the same layout and its own title."""
    size = (1180, 744)
    paper, pen = _blank(size, (226, 236, 240))
    for height in range(0, size[1], 12):
        pen.line((0, height, size[0], height + 90), (214, 226, 234), 2)
    paper.paste(_head((280, 370)), (840, 80))
    _mark_as_sample(pen, size)
    is_id_card = "身份证" in paper_name
    title = "居民身份证（样本）" if is_id_card else paper_name[:16]
    pen.text((60, 36), title, _PALE, _font(40))
    rows = [("姓名", person.name), ("性别", f"{person.sex_name}    民族  汉")]
    rows += [("出生", f"{person.born.year} 年 {person.born.month} 月 {person.born.day} 日")]
    rows += [("住址", person.address[:14]), ("", person.address[14:])]
    for place, (label, value) in enumerate(rows):
        pen.text((60, 130 + place * 84), label, (70, 110, 150), _font(36))
        pen.text((170, 124 + place * 84), value, _INK, _font(44))
    number_label = "公民身份号码" if is_id_card else "持证人号码"
    pen.text((60, 640), number_label, (70, 110, 150), _font(36))
    pen.text((330, 630), person.id_number, _INK, _font(52))
    return paper


def _head(size: tuple[int, int]) -> Image:
    """A plain drawn head, so that no real face is ever shown."""
    width, height = size
    picture, pen = _blank(size, (232, 238, 243))
    pen.ellipse((width * 0.3, height * 0.14, width * 0.7, height * 0.54), (196, 178, 164))
    pen.pieslice((width * 0.12, height * 0.58, width * 0.88, height * 1.5), 180, 360, (96, 108, 128))
    pen.rectangle((0, 0, width - 1, height - 1), None, (170, 180, 190), 3)
    return picture


def _register_page(person: Resident, rng: Random) -> Image:
    """A page of a household register: a ruled table with labels and values."""
    size = (1240, 880)
    paper, pen = _blank(size, (247, 240, 226))
    _mark_as_sample(pen, size)
    pen.text((size[0] / 2, 60), "常住人口登记卡（样本）", _INK, _font(50), anchor="mm")
    relation = rng.choice(("户主", "父亲") if person.sex_name == "男" else ("户主", "妻", "母亲"))
    rows = [
        ("姓名", person.name, "户主或与户主关系", relation),
        ("性别", person.sex_name, "民族", "汉族"),
        ("出生日期", person.born.isoformat(), "籍贯", "四川通江"),
        ("公民身份号码", person.id_number, "婚姻状况", rng.choice(("有配偶", "丧偶", "未婚"))),
        ("住址", spoken_name(person.village), "服务处所", "务农"),
        ("文化程度", rng.choice(("小学", "初中", "高中")), "登记日期", "2015-06-18"),
    ]
    for place, cells in enumerate(rows):
        top = 120 + place * 112
        for left, right, text in zip((40, 260, 720, 980), (260, 720, 980, 1200), cells, strict=True):
            pen.rectangle((left, top, right, top + 112), None, (90, 80, 70), 3)
            pen.text(
                ((left + right) / 2, top + 56), text, _INK, _font(30 if len(text) < 14 else 26), anchor="mm"
            )
    return paper


def _portrait(person: Resident, rng: Random) -> Image:
    """A portrait photograph: a drawn head with name and day beneath."""
    size = (800, 1040)
    paper, pen = _blank(size, (250, 250, 248))
    paper.paste(_head((560, 680)), (120, 80))
    day = f"2026 年 {rng.randint(1, 10)} 月 {rng.randint(1, 28)} 日"
    pen.text((400, 850), person.name, _INK, _font(64), anchor="mm")
    pen.text((400, 940), day, _PALE, _font(42), anchor="mm")
    _mark_as_sample(pen, size, _RED)
    return paper


def _invented_lines(person: Resident, rng: Random) -> list[str]:
    return [
        "本人已了解办理条件和所需材料，所填内容和所交材料真实、完整，",
        "如有虚假，愿意承担相应责任，并同意有关部门依法核对信息。",
        f"家庭人口：{rng.randint(1, 7)} 人        联系电话：{person.phone}",
        f"所在村组：{spoken_name(person.village)}",
        rng.choice(("经村民小组讨论，情况属实，同意上报。", "经入户核实，情况属实。", "公示七天，无异议。")),
        f"经办人签名：          日期：2026 年 {rng.randint(1, 10)} 月 {rng.randint(1, 28)} 日",
    ]


def _sheet(title: str, person: Resident, lines: Sequence[str]) -> Image:
    """A written sheet: title, a table with the person, lines of text, a place for the signature."""
    size = (1360, 1060)
    paper, pen = _blank(size, (249, 248, 243))
    _mark_as_sample(pen, size)
    title_font = _font(56 if len(title) <= 18 else 40)
    pen.text((size[0] / 2, 84), title[:30], _INK, title_font, anchor="mm")
    cells = (("姓名", person.name), ("身份证号码", person.id_number), ("住址", person.address))
    for place, (label, value) in enumerate(cells):
        top = 150 + place * 84
        pen.rectangle((80, top, 320, top + 84), None, _PALE, 2)
        pen.rectangle((320, top, 1280, top + 84), None, _PALE, 2)
        pen.text((200, top + 42), label, _INK, _font(34), anchor="mm")
        pen.text((350, top + 42), value, (30, 42, 110), _font(36), anchor="lm")
    for place, line in enumerate(lines[:8]):
        pen.text((90, 440 + place * 66), line[:36], _INK, _font(34))
    pen.text((820, 940), f"申请人签名：{person.name}", (30, 42, 110), _font(40))
    return paper


def _on_a_table(paper: Image, rng: Random) -> Image:
    """Lay the paper, a little turned, on a table top."""
    from PIL import Image, ImageDraw

    table = Image.new("RGB", (WIDTH, HEIGHT), rng.choice(_TABLES))
    grain = ImageDraw.Draw(table)
    base = table.getpixel((0, 0))
    for _ in range(60):
        height = rng.randint(0, HEIGHT)
        shade = rng.randint(-10, 10)
        colour = tuple(channel + shade for channel in base) if isinstance(base, tuple) else base
        grain.line((0, height, WIDTH, height + rng.randint(-40, 40)), colour, rng.randint(1, 5))
    # Points are moved and not blended, which would be half the work of a photograph; its noise hides most.
    angle = rng.uniform(-3.5, 3.5)
    turned = paper.rotate(angle, Image.Resampling.NEAREST, expand=True)
    outline = Image.new("L", paper.size, 255).rotate(angle, Image.Resampling.NEAREST, expand=True)
    left = (WIDTH - turned.width) // 2 + rng.randint(-20, 20)
    top = (HEIGHT - turned.height) // 2 + rng.randint(-12, 12)
    table.paste((18, 18, 20), (left + 10, top + 12), outline)
    table.paste(turned, (left, top), outline)
    return table


def _with_light_and_noise(picture: Image, rng: Random) -> Image:
    """Add what a telephone adds: light falling from one corner, and the noise of its sensor."""
    from PIL import Image, ImageChops

    light = Image.frombytes("L", (4, 3), bytes(rng.randint(196, 255) for _ in range(12)))
    light = light.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    noise = Image.frombytes("L", (WIDTH, HEIGHT), rng.randbytes(WIDTH * HEIGHT))
    noise = noise.point([128 + (value - 128) * 16 // 128 for value in range(256)])
    # Both are grey: in the colours that JPEG keeps a picture in, one channel of three knows of them.
    grey, blue, red = picture.convert("YCbCr").split()
    seen = ImageChops.add(ImageChops.multiply(grey, light), noise, 1.0, -128)
    return Image.merge("YCbCr", (seen, blue, red))
