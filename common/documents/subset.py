"""Cuts a font down to the characters of one paper, with HarfBuzz, before the paper is laid out.

Of 30,000 glyphs a notice needs 300. A PDF engine that cuts only afterwards keeps the numbering of all 30,000,
which alone costs 80 KB a font. Used in the printing process only.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Sequence
from ctypes import POINTER, c_char_p, c_int, c_uint, c_void_p
from pathlib import Path
from typing import Any

_NO_HINTING = 1
_DROP_TABLES = 3
# Layout tables would pull in vertical and historical forms; what stands across the page needs none of them.
_DROPPED = (b"GSUB", b"GPOS", b"GDEF", b"BASE", b"VORG", b"vhea", b"vmtx", b"DSIG")
_WHOLE_FILE = 0


class Subsetter:
    """The fonts of a process, each opened once (mapped, not read)."""

    def __init__(self) -> None:
        """Load HarfBuzz.

        Raises:
            OSError: the system has no HarfBuzz with its subset library.
        """
        self._hb = ctypes.CDLL("libharfbuzz.so.0")
        self._cut = ctypes.CDLL("libharfbuzz-subset.so.0")
        self._faces: dict[Path, int] = {}
        for name, result, arguments in (
            ("hb_blob_create_from_file_or_fail", c_void_p, [c_char_p]),
            ("hb_face_create", c_void_p, [c_void_p, c_uint]),
            ("hb_face_reference_blob", c_void_p, [c_void_p]),
            ("hb_face_destroy", None, [c_void_p]),
            ("hb_blob_get_data", c_void_p, [c_void_p, POINTER(c_uint)]),
            ("hb_blob_destroy", None, [c_void_p]),
            ("hb_set_add", None, [c_void_p, c_uint]),
        ):
            _declare(self._hb, name, result, arguments)
        for name, result, arguments in (
            ("hb_subset_input_create_or_fail", c_void_p, []),
            ("hb_subset_input_unicode_set", c_void_p, [c_void_p]),
            ("hb_subset_input_set", c_void_p, [c_void_p, c_int]),
            ("hb_subset_input_set_flags", None, [c_void_p, c_uint]),
            ("hb_subset_input_destroy", None, [c_void_p]),
            ("hb_subset_or_fail", c_void_p, [c_void_p, c_void_p]),
        ):
            _declare(self._cut, name, result, arguments)

    def cut(self, path: Path, characters: Iterable[str]) -> bytes:
        """Return an OpenType font with the glyphs of these characters alone.

        Raises:
            OSError: the font cannot be read or cut.
        """
        wanted = self._input(characters)
        try:
            face = self._cut.hb_subset_or_fail(self._face(path), wanted)
        finally:
            self._cut.hb_subset_input_destroy(wanted)
        if not face:
            raise OSError(f"{path.name} cannot be cut")
        blob = self._hb.hb_face_reference_blob(face)
        try:
            length = c_uint()
            data = self._hb.hb_blob_get_data(blob, ctypes.byref(length))
            return ctypes.string_at(data, length.value)
        finally:
            self._hb.hb_blob_destroy(blob)
            self._hb.hb_face_destroy(face)

    def _face(self, path: Path) -> int:
        if path not in self._faces:
            blob = self._hb.hb_blob_create_from_file_or_fail(bytes(path))
            if not blob:
                raise OSError(f"{path.name} cannot be read")
            self._faces[path] = self._hb.hb_face_create(blob, _WHOLE_FILE)
            self._hb.hb_blob_destroy(blob)
        return self._faces[path]

    def _input(self, characters: Iterable[str]) -> int:
        made: int | None = self._cut.hb_subset_input_create_or_fail()
        if not made:
            raise MemoryError
        self._cut.hb_subset_input_set_flags(made, _NO_HINTING)
        unicode = self._cut.hb_subset_input_unicode_set(made)
        for character in characters:
            self._hb.hb_set_add(unicode, ord(character))
        dropped = self._cut.hb_subset_input_set(made, _DROP_TABLES)
        for tag in _DROPPED:
            self._hb.hb_set_add(dropped, int.from_bytes(tag, "big"))
        return made


def _declare(library: ctypes.CDLL, name: str, result: Any, arguments: Sequence[Any]) -> None:
    function = getattr(library, name)
    function.restype, function.argtypes = result, arguments
