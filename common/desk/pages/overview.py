"""The home page of the halls: the heaps of work, the cases by state, the nodes below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g, render_template, url_for

from common.casework import queues
from common.casework.rules.labels import label
from common.casework.rules.words import State
from common.desk.pages import finding, line_speed, line_words, shown, stood_in
from common.desk.pages.nodes import states_below
from common.desk.rules.lights import Light
from common.people.rules.roles import Role
from common.web.ports import current_node


def hall_home(
    sites_title: str, filers: Sequence[Role], template: str = "desk/hall_home.html", **own: Any
) -> str:
    """Return the home page of a hall.

    Args:
        sites_title: what the nodes below are called.
        filers: the posts that take cases in here; none where nothing can be taken in.
        own: what the template of one tier needs beside.
    """
    buttons = [*finding.with_late(shown.work_buttons(shown.my_posts())), *stood_in.buttons()]
    below, node = states_below(), current_node()
    return render_template(
        template,
        buttons=[*buttons, *shown.watch_buttons(shown.my_posts())],
        waiting=sum(button.count for button in buttons),
        below=below,
        silent=[site for site in below if _is_silent(site)],
        states=_states(),
        twins=line_words.twins_said(node, g.now_ms),
        sites_title=sites_title,
        standing_said=line_words.standing_said(node),
        coming=line_speed.coming_said(node) if line_speed.is_new(node) else [],
        is_filing=bool(filers) and g.staff.acting_as(filers) is not None,
        **own,
    )


def _is_silent(site: dict[str, Any]) -> bool:
    """Say whether somebody should telephone: of a site cut off or out of service nobody waits for a word."""
    is_awaited = not (site["is_cut_off"] or site["is_out"])
    return is_awaited and site["light"] in (Light.WARN.value, Light.BAD.value)


def _states() -> list[tuple[str, int, str]]:
    """Return (words, how many, link) for every state some case is in."""
    found = queues.by_state()
    return [
        (label(state), found[state.value], url_for("queue.index", view="all", state=state.value))
        for state in State
        if found.get(state.value)
    ]
