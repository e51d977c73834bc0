"""The file of an item that somebody hands in: read, or refused with every problem."""

from __future__ import annotations

import json
from typing import Any

from flask import request
from flask_babel import gettext as _

from common.errors import BadInput, Problem

# A file may be written wide; what is signed of it is held to less.
ITEM_BYTES_MAX = 200_000


class BadItemFile(BadInput):
    """The file or form is not an item that could be published; every problem is listed."""

    code = "E305"
    sentence = "事项有误，没有发布。"
    kept = "目录没有变化，原来的版本继续有效；填写的内容没有丢失。"


class _Twice(Exception):
    """Inside this module only: an object has a key twice, and one of its two values would be lost."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _value in pairs]
        raise _Twice(next(key for key in keys if keys.count(key) > 1))
    return found


def uploaded() -> tuple[str, dict[str, Any]]:
    """Return the name of the file that was sent, and the object in it.

    Raises:
        BadItemFile: there is none, or it is too long, or no object.
    """
    file = request.files.get("file")
    content = file.stream.read(ITEM_BYTES_MAX + 1) if file and file.filename else b""
    name = str(file.filename)[-80:] if file and file.filename else ""
    if not content:
        raise refused([_("请选择事项文件（JSON）")])
    if len(content) > ITEM_BYTES_MAX:
        raise refused([_("%(name)s：超过 %(n)s KB，不是事项文件", name=name, n=ITEM_BYTES_MAX // 1000)])
    try:
        obj = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once)
        # Half a character, written as \\ud800, can be neither shown nor signed.
        json.dumps(obj, ensure_ascii=False).encode()
    except _Twice as twice:
        raise refused([_("%(name)s：“%(key)s”写了两次", name=name, key=str(twice)[:50])]) from None
    except (ValueError, RecursionError):
        raise refused([_("%(name)s：不是 JSON 格式，或不是 UTF-8 编码", name=name)]) from None
    if not isinstance(obj, dict):
        raise refused([_("%(name)s：应是一个事项（一个 JSON 对象）", name=name)])
    return name, obj


def refused(sentences: list[str]) -> BadItemFile:
    """Return the refusal of a file, for each of these reasons."""
    label = str(_("事项文件"))
    return BadItemFile(problems=[Problem("file", label, BadItemFile.code, f"{s}。") for s in sentences])
