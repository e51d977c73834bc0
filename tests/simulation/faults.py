"""What goes wrong: every kind of fault, how often in this seed, and how often it did."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import NamedTuple


class PowerCut(BaseException):
    """The power of one node went off at this very point. No handler for errors may catch it by accident."""

    def __init__(self, address: str, where: str) -> None:
        super().__init__(f"{address} {where}")
        self.address = address


class DiskFault(PowerCut, OSError):
    """A disk did not do what it was told: that unit or step fails, and the node goes on."""


class Odds(NamedTuple):
    """Chance that a seed has this fault at all, and the range its rate per occasion is drawn from."""

    armed: float
    low: float
    high: float


# The rate is per exchange for lines, per visit of the boundary for power, per trip for sticks.
KINDS = {
    "line_request_lost": Odds(0.6, 0.005, 0.06),
    "line_request_cut": Odds(0.6, 0.005, 0.06),
    "line_request_altered": Odds(0.4, 0.005, 0.04),
    "line_request_repeated": Odds(0.6, 0.005, 0.08),
    "line_request_doubled": Odds(0.5, 0.01, 0.1),
    "line_request_late": Odds(0.6, 0.005, 0.05),
    "line_response_lost": Odds(0.6, 0.005, 0.06),
    "line_response_cut": Odds(0.6, 0.005, 0.06),
    "line_response_altered": Odds(0.4, 0.005, 0.04),
    "line_response_foreign": Odds(0.4, 0.005, 0.03),
    "second_worker": Odds(0.4, 0.05, 0.4),
    "copied_between_batches": Odds(0.25, 0.01, 0.05),
    "line_replayed": Odds(0.6, 0.005, 0.06),
    "line_slow": Odds(0.6, 0.03, 0.2),
    "power_before_commit": Odds(0.6, 0.0005, 0.003),
    "power_flushed_not_committed": Odds(0.6, 0.0005, 0.003),
    "power_after_commit": Odds(0.6, 0.0005, 0.003),
    "power_before_witness": Odds(0.6, 0.0005, 0.003),
    "power_request_made": Odds(0.6, 0.002, 0.02),
    "power_between_batches": Odds(0.7, 0.01, 0.08),
    "power_response_made": Odds(0.6, 0.002, 0.02),
    "power_piece_appended": Odds(0.6, 0.003, 0.02),
    "power_paper_finished": Odds(0.6, 0.005, 0.04),
    "power_crash_loop": Odds(0.4, 0.02, 0.2),
    "disk_full": Odds(0.5, 0.0003, 0.003),
    "disk_full_piece": Odds(0.4, 0.002, 0.02),
    "disk_full_paper": Odds(0.4, 0.01, 0.05),
    "disk_read_error": Odds(0.4, 0.002, 0.02),
    "disk_lied": Odds(0.12, 0.02, 0.2),
    "witness_stale": Odds(0.3, 0.05, 0.3),
    "stick_cut": Odds(0.7, 0.05, 0.4),
    "stick_altered": Odds(0.5, 0.05, 0.3),
    "stick_written_slowly": Odds(0.7, 0.1, 0.5),
    "stick_twice": Odds(0.8, 0.1, 0.6),
    "stick_old": Odds(0.8, 0.1, 0.6),
    "stick_wrong_node": Odds(0.7, 0.05, 0.4),
}
# Happen by plan, not by chance; they are counted all the same.
PLANNED = (
    "outage_of_a_day",
    "outage_short",
    "line_one_way",
    "line_flapped",
    "line_too_much",
    "line_thin",
    "cases_filled_an_exchange",
    "papers_beside_cases",
    "lines_fell_one_by_one",
    "clock_jumped",
    "clock_drifts",
    "clock_stood_still",
    "clock_without_battery",
    "paper_rotted",
    "rot_found",
    "disk_read_only",
    "disk_low",
    "disk_critical",
    "door_closed",
    "paper_evicted",
    "day_in_doubt",
    "paper_fetched_back",
    "broken_off_by_its_own_end",
    "put_back_meanwhile",
    "clock_wrong",
    "program_changed",
    "three_versions_behind",
    "kept_unread",
    "read_after_upgrade",
    "corrected_after_the_end",
    "enrolled_late_village",
    "enrolled_late_town",
    "stick_up",
    "stick_down",
    "stick_straight_up",
    "stick_straight_down",
    "stick_of_two_villages",
    "line_reordered",
    "line_next_ancestor",
    "old_document_fetched",
    "database_put_back",
    "image_put_back",
    "put_back_village",
    "put_back_town",
    "put_back_county",
    "put_back_both_ends",
    "twin_at_work",
    "witness_lost",
    "rollback_seen_at_start",
    "rollback_seen_by_acts",
    "fork_kept",
    "branch_left",
    "twins_told",
    "own_act_fetched",
    "place_given_again",
    "incarnation_raised",
    "move_struck",
    "purged",
    "base_used",
    "machine_replaced",
    "key_rotated",
    "village_moved",
    "roster_key_changed",
    "key_revoked",
    "act_taken_back",
    "act_released",
    "act_struck_out",
    "key_stolen",
    "computer_stolen",
    "stolen_key_revoked",
    "receipt_forged",
    "thief_refused",
    "thief_answered",
    "thief_bomb",
    "thief_double_key",
    "thief_malformed",
    "thief_cross_signed",
    "thief_oversize",
    "thief_old_roster",
    "thief_mixed_roster",
    "thief_loose",
    "thief_back_dated",
    "thief_fork",
)


class Faults:
    """The rates of one seed and the tally of what fired."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.fired: Counter[str] = Counter()
        self._rates: dict[str, float] = {}
        # One seed in ten is a storm.
        force = 2.0 if rng.random() < 0.1 else 1.0
        self._drawn = {
            kind: force * rng.uniform(odds.low, odds.high) if rng.random() < odds.armed else 0.0
            for kind, odds in KINDS.items()
        }

    def on(self) -> None:
        """Let faults happen from now on."""
        self._rates = self._drawn

    def off(self) -> None:
        """Let none happen any more."""
        self._rates = {}

    def strikes(self, kind: str) -> bool:
        """Draw whether this fault happens now, and count it when it does."""
        rate = self._rates.get(kind, 0.0)
        if rate == 0.0 or self.rng.random() >= rate:
            return False
        self.fired[kind] += 1
        return True

    def count(self, kind: str) -> None:
        """Count a fault that was planned."""
        self.fired[kind] += 1


def cut(data: bytes, rng: Random) -> bytes:
    """Return the front of some bytes, at least one short."""
    return data[: rng.randrange(len(data))]


def altered(data: bytes, rng: Random) -> bytes:
    """Return the bytes with one bit flipped."""
    at = rng.randrange(len(data))
    return data[:at] + bytes((data[at] ^ 1 << rng.randrange(8),)) + data[at + 1 :]
