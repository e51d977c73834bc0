"""How much befalls a county beside its lines, power and disks: copies put back, keys lost and stolen."""

from __future__ import annotations

from typing import NamedTuple


class Trouble(NamedTuple):
    """Chances that a seed has none of a kind or a theft, and how many copies come back otherwise."""

    no_copies: float
    copies: tuple[int, ...]
    no_changes: float
    theft: float
    upheavals: float = 0.0


USUAL = Trouble(no_copies=0.45, copies=(1, 1, 2), no_changes=0.6, theft=0.3)
# More than a county has in years: whatever depends on several such things at once happens here in days.
HARSH = Trouble(no_copies=0.0, copies=(2, 3, 4), no_changes=0.1, theft=0.6)
# And what no others have: townships relieved, cases taken over, whole ways put back within the hour.
UPHEAVAL = HARSH._replace(upheavals=1.0, theft=0.25)
# What each is called where it is asked for.
CALLED = {"harsh": HARSH, "upheaval": UPHEAVAL}
