"""The fonts papers are printed with: Noto Serif SC and Noto Sans SC from the font package of the lock."""

from __future__ import annotations

import struct
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from common.documents.errors import PrintFromBrowser
from common.documents.rules.coverage import Coverage, read_cmap

_PACKAGE = "pylopdf_fonts_zh_cn"
# Family name for style sheets → file in the package; the first is for text, the second for headings.
FAMILIES = {"Liandong Serif": "NotoSerifSC-Regular.otf", "Liandong Sans": "NotoSansSC-Regular.otf"}
_TABLE = struct.Struct(">4sIII")


def font_files() -> dict[str, Path]:
    """Return family → font file.

    Raises:
        PrintFromBrowser: the font package is not installed.
    """
    found = find_spec(_PACKAGE)
    if found is None or not found.origin:
        raise PrintFromBrowser
    return {family: Path(found.origin).with_name(name) for family, name in FAMILIES.items()}


@cache
def coverages() -> tuple[Coverage, ...]:
    """Return what each font can show, in the order in which they stand in for each other.

    Raises:
        PrintFromBrowser: the font package is not installed.
    """
    return tuple(read_cmap(_table(path, b"cmap")) for path in font_files().values())


def _table(path: Path, tag: bytes) -> bytes:
    """Return one table of an OpenType file without reading the rest of its megabytes."""
    with path.open("rb") as file:
        (count,) = struct.unpack(">H", file.read(12)[4:6])
        for _ in range(count):
            name, _, offset, length = _TABLE.unpack(file.read(_TABLE.size))
            if name == tag:
                file.seek(offset)
                return file.read(length)
    raise KeyError(f"{path.name} has no table {tag!r}")
