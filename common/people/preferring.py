"""What people choose for themselves: kept with the account, so it is there at whatever browser they sit."""

from __future__ import annotations

from common.people.records import preferences as records
from common.people.rules.preferences import Preferences, read_preferences
from common.store import audit
from common.store.database import require_unit


class Preferring:
    """The preferences of the staff of one node."""

    def preferences(self, login: str) -> Preferences | None:
        """Return how a person likes pages, None when they never chose."""
        row = records.find(login)
        return read_preferences(str(row[0]), row[1], str(row[2])) if row else None

    def prefer(self, login: str, chosen: Preferences, now_ms: int) -> None:
        """Keep what a person chose for themselves."""
        require_unit()
        records.put(login, chosen.is_large, chosen.language, chosen.has_sounds)
        audit.record(login, "people.prefer", login, {"language": chosen.language}, now_ms)
