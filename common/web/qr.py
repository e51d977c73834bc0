"""Draws the QR code of a signed claim, for slips and notices."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup


def plain_qr(text: str) -> Markup:
    """Return a short text as a QR code that a scanner types as it stands, drawn as `qr` draws."""
    import segno

    drawing = segno.make(text, error="m", micro=False)
    return Markup(drawing.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None))


def qr(claim: str) -> Markup:
    """Return a signed claim as a QR code, a drawing inside the page: no request and no style of its own."""
    # Loaded with the first slip: it brings every kind of drawing along.
    import segno

    address, mark, signs = claim.partition("#")
    # The signs alone, capitals and digits, take two thirds of the room they would take within the address.
    parts: Any = [address + mark, signs]
    # On clean paper large squares help a cheap printer and a telephone more than a higher level does.
    drawing = segno.make(parts, error="l", micro=False)
    # Our own library's drawing of our own text; nothing typed is in it. Without a size of its own it becomes
    # as large as the style sheet says; with one it would be cut off.
    return Markup(drawing.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None))
