"""What the home pages of the halls share: the heaps of work, the cases by state, the nodes below."""

from __future__ import annotations

from typing import Any

from flask import url_for

from common.casework import lists as case_lists
from common.casework.rules.labels import label
from common.casework.rules.words import State
from common.desk.pages import shown
from common.desk.pages.nodes import states_below
from common.desk.rules.lights import Light, worst


def overview() -> dict[str, Any]:
    """Return what the template of a hall's home page needs."""
    buttons = shown.work_buttons(shown.my_posts())
    below = states_below()
    return {
        "buttons": buttons,
        "waiting": sum(button.count for button in buttons),
        "light": worst([Light(button.light) for button in buttons]).value,
        "below": below,
        "silent": [site for site in below if site["light"] in (Light.WARN.value, Light.BAD.value)],
        "states": _states(),
    }


def _states() -> list[tuple[str, int, str]]:
    """Return (words, how many, link) for every state some case is in."""
    found = case_lists.by_state()
    return [
        (label(state), found[state.value], url_for("queue.index", view="all", state=state.value))
        for state in State
        if found.get(state.value)
    ]
