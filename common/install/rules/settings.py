"""Changes of `node.toml` that leave every other line as somebody wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable


def with_settings(text: str, values: Iterable[tuple[str, str]]) -> str:
    """Return the text with these settings: each in its line, or in a new one at the end."""
    lines = text.splitlines()
    for name, value in values:
        line = f"{name} = {json.dumps(value, ensure_ascii=False)}"
        places = [place for place, old in enumerate(lines) if re.match(rf"\s*{name}\s*=", old)]
        if places:
            lines[places[0]] = line
        else:
            lines.append(line)
    return "".join(f"{line}\n" for line in lines)
