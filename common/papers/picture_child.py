"""A process of its own that decodes one picture: `shrink` or `turn` it, and say whether it can be read.

Run as `python -m common.papers.picture_child WHAT`; the picture comes on standard input, the answer (one line
of JSON, then a JPEG) goes to standard output. It is bounded in memory and time, writes no file and ends.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import Any

from common.papers.looks import BLURRED, DARK

MEMORY_BYTES = 1_200_000_000
CPU_S = 20
# The longer side a page keeps: 10-point print on A4 stays readable at 200 dots an inch.
SIDE_MAX = 2_400
# For a node with little room: print still reads well.
SIDE_SMALL = 1600
QUALITY = 82
_LOOK_SIDE = 640
_DARK_BELOW = 60
# Below this the picture has hardly an edge; a page of print, even a pale one, has many.
_EDGES_BELOW = 3.0
_PIXELS_MAX = 250_000_000


def main(what: str) -> int:
    """Answer for the picture on standard input; return the exit code, 1 when it cannot be decoded."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = _PIXELS_MAX
    try:
        picture: Any = Image.open(io.BytesIO(sys.stdin.buffer.read()), formats=("JPEG", "PNG"))
        side = SIDE_SMALL if what == "small" else SIDE_MAX
        picture.draft("RGB", (side, side))
        picture = ImageOps.exif_transpose(picture)
        picture.thumbnail((side, side))
        picture = _on_white(picture)
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
        return 1
    if what == "turn":
        picture = picture.transpose(Image.Transpose.ROTATE_270)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    sys.stdout.buffer.write(json.dumps({"notes": _notes(picture)}).encode() + b"\n" + out.getvalue())
    return 0


def _on_white(picture: Any) -> Any:
    """Return the picture without transparency: a scan with a clear ground would turn black."""
    from PIL import Image

    if picture.mode not in ("RGBA", "LA", "P"):
        return picture.convert("RGB")
    clear = picture.convert("RGBA")
    ground = Image.new("RGB", clear.size, "white")
    ground.paste(clear, mask=clear.getchannel("A"))
    return ground


def _notes(picture: Any) -> list[str]:
    from PIL import ImageFilter, ImageStat

    grey = picture.convert("L")
    grey.thumbnail((_LOOK_SIDE, _LOOK_SIDE))
    notes = [DARK] if ImageStat.Stat(grey).mean[0] < _DARK_BELOW else []
    edges = ImageStat.Stat(grey.filter(ImageFilter.FIND_EDGES).crop((2, 2, grey.width - 2, grey.height - 2)))
    return [*notes, BLURRED] if edges.stddev[0] < _EDGES_BELOW else notes


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
