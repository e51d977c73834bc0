"""Departments staff may belong to: those of the catalogue, the centre's own window, those in use. Pure."""

from __future__ import annotations

from collections.abc import Iterable

# The centre's own window is no department of the catalogue; it takes in for those that keep none.
CENTRE = "政务服务中心"
LENGTH_MAX = 60


def departments(of_items: Iterable[str], of_staff: Iterable[str]) -> tuple[str, ...]:
    """Return the names to choose from, the centre first, the rest in order; empty ones are left out.

    Args:
        of_items: the competent departments of the catalogue's items.
        of_staff: what the accounts of this node say already.
    """
    found = {name.strip() for name in (*of_items, *of_staff)} - {"", CENTRE}
    return (CENTRE, *sorted(found))
