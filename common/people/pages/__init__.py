"""The pages about people: accounts, stand-ins, staff below, forgotten passwords."""

from __future__ import annotations

from common.people.pages.away import away
from common.people.pages.below import below
from common.people.pages.forgotten import forgotten
from common.people.pages.staff import accounts

__all__ = ("accounts", "away", "below", "forgotten")
