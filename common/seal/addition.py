"""What a seal adds to a document: a field that shows nothing, and nothing else.

A signature covers the whole file, and whoever has the key signs any addition: one that lets the page show
something else, behind a beginning that has its line in the log. So the addition is looked at, object by
object.
"""

from __future__ import annotations

import hashlib
import io
from typing import Any

from pyhanko.pdf_utils.generic import DictionaryObject, Reference
from pyhanko.pdf_utils.reader import PdfFileReader

_START, _END = b"startxref", b"%%EOF"
# What the field needs in the document's catalogue and on its first page, and where the engine notes itself.
_IN_ROOT = {"/AcroForm", "/Perms", "/Extensions", "/Metadata", "/Version"}
_IN_PAGE = {"/Annots"}
_IN_INFO = {"/ModDate", "/Producer"}
_FORM = {"/Fields", "/SigFlags"}
_FIELD = {"/FT", "/T", "/Type", "/Subtype", "/F", "/Rect", "/P", "/V"}


def before_seal(pdf: bytes) -> frozenset[str]:
    """Return what a sealed file may have been, as SHA-256, before the seal was set: see the log.

    Nothing where more than the seal was added since, or the seal shows itself on a page.
    """
    end = pdf.find(_END, pdf.find(_START)) + len(_END)
    try:
        is_plain = _is_all(PdfFileReader(io.BytesIO(pdf[:end])), PdfFileReader(io.BytesIO(pdf)))
    except Exception:
        # Whatever the reader stumbles over was not made here.
        return frozenset()
    # A file ends with the mark, and with no, one or two bytes of a line's end.
    return frozenset(hashlib.sha256(pdf[: end + more]).hexdigest() for more in range(3) if is_plain)


def _is_all(old: PdfFileReader, new: PdfFileReader) -> int:
    """Say whether a seal that shows nothing is all that is in the new file beside the old one."""
    changes: dict[tuple[int, int], set[str] | None] = {
        _place(old.root_ref): _IN_ROOT,
        _place(old.find_page_for_modification(0)[0].reference): _IN_PAGE,
    }
    for trailer, name, entries in ((old.trailer, "/Info", _IN_INFO), (old.root, "/Metadata", None)):
        if name in trailer:
            changes[_place(trailer.raw_get(name).reference)] = entries
    if new.encrypted or new.xrefs.hybrid_xrefs_present:
        # Readers may not see the same in it.
        return 0
    if new.xrefs.total_revisions != old.xrefs.total_revisions + 1:
        return 0
    for ref in old.xrefs.explicit_refs_in_revision(0):
        without = changes.get(_place(ref), set())
        same = without is None or _written(old, ref, without) == _written(new, ref, without)
        if not same:
            return 0
    return int(_place(new.root_ref) == _place(old.root_ref) and _is_bare_field(old, new))


def _is_bare_field(old: PdfFileReader, new: PdfFileReader) -> int:
    """Say whether one field that shows nothing was added, to the first page behind what was there."""
    before, page = (one.find_page_for_modification(0)[0].get_object() for one in (old, new))
    kept, notes = ([_bytes(note) for note in one.get("/Annots", ())] for one in (before, page))
    form = new.root["/AcroForm"]
    fields = form["/Fields"]
    is_one = set(form) <= _FORM and notes == [*kept, *(_bytes(one) for one in fields)] and len(fields) == 1
    field = fields[0]
    is_unseen = field["/FT"] == "/Sig" and [float(side) for side in field["/Rect"]] == [0.0] * 4
    is_unseen = is_unseen and set(field) <= _FIELD
    return int(is_one and is_unseen and set(new.root["/Perms"]) == {"/DocMDP"})


def _place(ref: Any) -> tuple[int, int]:
    return ref.idnum, ref.generation


def _written(reader: PdfFileReader, ref: Any, without: set[str]) -> bytes:
    """Return an object as it is written in a file, without some of its entries."""
    thing: Any = reader.get_object(Reference(ref.idnum, ref.generation, reader))
    if without:
        thing = DictionaryObject({name: thing.raw_get(name) for name in thing if name not in without})
    return _bytes(thing)


def _bytes(thing: Any) -> bytes:
    out = io.BytesIO()
    thing.write_to_stream(out, None)
    return out.getvalue()
