"""From which day a paper counts as served because it was announced (公告送达). Pure.

民事诉讼法 (2023) 95, which offices follow where their own rules say nothing: who is missing, or whom no other
way reaches, is served by announcement; thirty days after it is out the paper counts as served. The day on
which it came out is not counted (85 of the same law). The thirty days only pass: nobody has to do anything on
the last of them, so no holiday puts it off, as it does the last day for an act of somebody (85; 民法典 203).
Whoever reads 85 as putting it off all the same comes to a later day: then what is told of the terms for
review and suit ends too early by some days, which costs nobody a right; the other way round it might.
"""

from __future__ import annotations

from datetime import date, timedelta

ANNOUNCED_DAYS = 30


def counts_on(announced_on: date) -> date:
    """Return the local day on which a paper announced on this one counts as served, once it has passed."""
    return announced_on + timedelta(days=ANNOUNCED_DAYS)
