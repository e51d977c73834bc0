"""The round seal as a drawing (SVG), for pages and PDF alike: organ along the upper arc, star, a line below.

It is a picture and proves nothing; what proves is the signature that the seal process puts into the file.
"""

from __future__ import annotations

from html import escape
from math import cos, pi, radians, sin

RED = "#c8102e"
_CENTRE, _RADIUS, _LETTERS_AT = 100.0, 94.0, 72.0
_STAR_OUTER, _STAR_INNER = 26.0, 10.0
# The organ's name runs along this much of the circle at most, whatever its length.
_ARC_MAX, _ARC_STEP = 250.0, 24.0
_LETTER_MAX = 26.0


def seal_ring(organ: str, line: str = "") -> str:
    """Return the ring of an organ, 42 mm wide; `line` is what stands below the star, as 行政审批专用章."""
    label = escape(f"{organ}{line}印章图样", quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="seal-ring" role="img" aria-label="{label}" '
        f'width="42mm" height="42mm" viewBox="0 0 200 200">'
        f'<circle cx="100" cy="100" r="{_RADIUS:g}" fill="none" stroke="{RED}" stroke-width="5"/>'
        f'<polygon points="{_star()}" fill="{RED}"/>{_arc(organ)}{_below(line)}</svg>'
    )


def _star() -> str:
    points = []
    for corner in range(10):
        reach = _STAR_INNER if corner % 2 else _STAR_OUTER
        angle = pi * corner / 5
        points.append(f"{_CENTRE + reach * sin(angle):.1f},{_CENTRE - reach * cos(angle):.1f}")
    return " ".join(points)


def _arc(organ: str) -> str:
    if not organ:
        return ""
    step = min(_ARC_STEP, _ARC_MAX / max(1, len(organ) - 1))
    size = min(_LETTER_MAX, 2 * _LETTERS_AT * sin(radians(step) / 2) * 0.92)
    first = -step * (len(organ) - 1) / 2
    letters = []
    for place, letter in enumerate(organ):
        turn = first + step * place
        place_of = f'y="{_CENTRE - _LETTERS_AT + size * 0.36:.1f}" transform="rotate({turn:.2f} 100 100)"'
        letters.append(_text(letter, size, place_of))
    return "".join(letters)


def _below(line: str) -> str:
    if not line:
        return ""
    size = min(18.0, 128 / len(line))
    return _text(line, size, 'y="158"')


def _text(words: str, size: float, place: str) -> str:
    look = f'font-size="{size:.1f}" text-anchor="middle" fill="{RED}"'
    return f'<text x="100" {place} {look}>{escape(words)}</text>'
