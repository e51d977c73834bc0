"""What every store of papers promises, written once and run on each of them.

A subclass gives the fixture `place`: `store` to work with, `cut_power()`, after
which the store is as the next start of the node would find it, `wait()`, after
which what was put before is older than `OLD` and what is put later is not, and
`damage()`, which changes a byte of a whole paper behind the store's back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sync.protocol.errors import TooLarge
from sync.protocol.frame import BLOB_BYTES_MAX, BlobRef

PAPER = bytes(range(256)) * 40
NAME = hashlib.sha256(PAPER).hexdigest()
OTHER = hashlib.sha256(b"another paper").hexdigest()
OLD = 1_000_000_000_000
BAD_NAMES = ["", "../../etc/passwd", NAME.upper(), NAME[:-1], NAME + "0", NAME[:-1] + "/", NAME[:-1] + "\n"]


@dataclass
class BlobPlace:
    """One store under test."""

    store: Any
    cut_power: Callable[[], None]
    wait: Callable[[], None]
    damage: Callable[[str], None]


def damage_in(whole: dict[str, bytes]) -> Callable[[str], None]:
    """Return what changes the first byte of a paper in memory."""
    return lambda name: whole.update({name: b"?" + whole[name][1:]})


def spoil_below(folder: Path) -> Callable[[str], None]:
    """Return what changes the first byte of a paper's file."""

    def damage(name: str) -> None:
        file = folder / name[:2] / name[2:4] / name
        file.write_bytes(b"?" + file.read_bytes()[1:])

    return damage


class BlobContract:
    """The promises of `BlobStore`."""

    def test_a_paper_in_pieces_becomes_whole(self, place: BlobPlace) -> None:
        for offset in range(0, len(PAPER), 3000):
            assert not place.store.has(NAME)
            assert place.store.append(NAME, offset, PAPER[offset : offset + 3000])
            assert place.store.offset(NAME) == min(offset + 3000, len(PAPER))
        place.store.flush()
        assert place.store.finish(NAME, len(PAPER))
        assert place.store.has(NAME)
        assert place.store.read(NAME, 0, len(PAPER) + 99) == PAPER
        assert place.store.offset(NAME) == 0

    def test_reading_gives_the_part_asked_for(self, place: BlobPlace) -> None:
        place.store.put(iter([PAPER]), "image/jpeg")
        assert place.store.read(NAME, 5, 7) == PAPER[5:12]
        assert place.store.read(NAME, len(PAPER) - 3, 99) == PAPER[-3:]
        assert place.store.read(NAME, len(PAPER), 10) == b""

    def test_bytes_elsewhere_than_at_the_end_change_nothing(self, place: BlobPlace) -> None:
        assert not place.store.append(NAME, 1, b"x")
        assert place.store.offset(NAME) == 0
        assert place.store.append(NAME, 0, PAPER[:100])
        for offset in (0, 99, 101, 5000):
            assert not place.store.append(NAME, offset, b"wrong")
        assert place.store.offset(NAME) == 100
        assert place.store.append(NAME, 100, PAPER[100:])
        assert place.store.finish(NAME, len(PAPER))

    def test_a_paper_of_another_hash_is_dropped(self, place: BlobPlace) -> None:
        place.store.append(NAME, 0, PAPER[:-1] + b"!")
        assert not place.store.finish(NAME, len(PAPER))
        assert not place.store.has(NAME)
        assert place.store.offset(NAME) == 0
        assert place.store.append(NAME, 0, PAPER)
        assert place.store.finish(NAME, len(PAPER))

    def test_a_paper_of_another_size_is_dropped(self, place: BlobPlace) -> None:
        place.store.append(NAME, 0, PAPER)
        assert not place.store.finish(NAME, len(PAPER) + 1)
        assert not place.store.has(NAME)
        assert place.store.offset(NAME) == 0

    def test_nothing_cannot_be_finished(self, place: BlobPlace) -> None:
        assert not place.store.finish(NAME, len(PAPER))
        assert not place.store.has(NAME)

    def test_a_whole_paper_takes_no_more_bytes_and_stays(self, place: BlobPlace) -> None:
        place.store.put(iter([PAPER]), "image/jpeg")
        assert not place.store.append(NAME, 0, b"more")
        assert place.store.finish(NAME, len(PAPER))
        assert not place.store.finish(NAME, len(PAPER) + 1)
        assert place.store.read(NAME, 0, len(PAPER)) == PAPER

    def test_a_new_paper_is_named_by_its_content(self, place: BlobPlace) -> None:
        ref = place.store.put(iter([PAPER[:7], b"", PAPER[7:]]), "application/pdf")
        assert ref == BlobRef(NAME, len(PAPER), "application/pdf")
        assert place.store.read(NAME, 0, len(PAPER)) == PAPER
        assert place.store.put(iter([PAPER]), "image/png") == BlobRef(NAME, len(PAPER), "image/png")

    def test_a_paper_put_while_it_was_arriving_is_whole(self, place: BlobPlace) -> None:
        place.store.append(NAME, 0, PAPER[:50])
        place.store.put(iter([PAPER]), "image/jpeg")
        assert place.store.has(NAME)
        assert place.store.offset(NAME) == 0
        place.store.flush()
        assert place.store.finish(NAME, len(PAPER))

    def test_an_empty_or_endless_paper_is_refused(self, place: BlobPlace) -> None:
        with pytest.raises(TooLarge):
            place.store.put(iter([]), "image/jpeg")
        megabyte = bytes(1 << 20)
        with pytest.raises(TooLarge):
            place.store.put((megabyte for _ in range(BLOB_BYTES_MAX // len(megabyte) + 1)), "image/jpeg")
        assert not place.store.has(hashlib.sha256(b"").hexdigest())

    def test_a_source_that_breaks_off_leaves_nothing(self, place: BlobPlace) -> None:
        def broken() -> Any:
            yield PAPER[:100]
            raise ConnectionError("line down")

        with pytest.raises(ConnectionError):
            place.store.put(broken(), "image/jpeg")
        assert not place.store.has(NAME)
        assert not place.store.has(hashlib.sha256(PAPER[:100]).hexdigest())

    def test_what_was_flushed_outlives_a_power_cut(self, place: BlobPlace) -> None:
        place.store.append(NAME, 0, PAPER[:4000])
        place.store.flush()
        place.cut_power()
        assert place.store.offset(NAME) >= 4000
        offset = place.store.offset(NAME)
        assert place.store.append(NAME, offset, PAPER[offset:])
        assert place.store.finish(NAME, len(PAPER))

    def test_whole_papers_outlive_a_power_cut(self, place: BlobPlace) -> None:
        other = b"another paper"
        ref = place.store.put(iter([other]), "image/jpeg")
        place.store.append(NAME, 0, PAPER)
        assert place.store.finish(NAME, len(PAPER))
        place.cut_power()
        assert place.store.read(NAME, 0, len(PAPER)) == PAPER
        assert place.store.read(ref.hash, 0, 99) == other

    def test_a_paper_that_is_not_here_cannot_be_read(self, place: BlobPlace) -> None:
        place.store.append(NAME, 0, PAPER[:10])
        with pytest.raises(FileNotFoundError):
            place.store.read(NAME, 0, 10)

    def test_a_whole_paper_is_sound_and_one_that_is_not_here_is_not(self, place: BlobPlace) -> None:
        place.store.append(NAME, 0, PAPER[:10])
        assert not place.store.is_sound(NAME)
        place.store.append(NAME, 10, PAPER[10:])
        assert place.store.finish(NAME, len(PAPER)) and place.store.is_sound(NAME)
        place.store.put(iter([b"another paper"]), "image/jpeg")
        place.cut_power()
        assert place.store.is_sound(NAME) and place.store.is_sound(OTHER)

    def test_a_damaged_paper_is_found_after_a_start_and_may_come_again(self, place: BlobPlace) -> None:
        place.store.put(iter([PAPER]), "image/jpeg")
        place.damage(NAME)
        place.cut_power()
        assert place.store.has(NAME)
        assert not place.store.is_sound(NAME)
        assert not place.store.has(NAME) and place.store.offset(NAME) == 0
        assert place.store.append(NAME, 0, PAPER) and place.store.finish(NAME, len(PAPER))
        assert place.store.is_sound(NAME) and place.store.read(NAME, 0, len(PAPER)) == PAPER

    def test_a_damaged_paper_is_healed_by_putting_it_again(self, place: BlobPlace) -> None:
        place.store.put(iter([PAPER]), "image/jpeg")
        place.damage(NAME)
        place.cut_power()
        place.store.put(iter([PAPER]), "image/jpeg")
        assert place.store.read(NAME, 0, len(PAPER)) == PAPER

    @pytest.mark.parametrize("name", BAD_NAMES)
    def test_a_name_that_is_no_hash_names_nothing(self, place: BlobPlace, name: str) -> None:
        assert not place.store.has(name) and not place.store.is_sound(name)
        assert place.store.offset(name) == 0
        assert not place.store.finish(name, 1)
        with pytest.raises(FileNotFoundError):
            place.store.read(name, 0, 1)
        with pytest.raises(ValueError, match="64 hex"):
            place.store.append(name, 0, b"x")
        with pytest.raises(ValueError, match="64 hex"):
            place.store.claim([name])
        with pytest.raises(ValueError, match="64 hex"):
            place.store.remove(name, OLD)

    def test_a_paper_put_here_is_unclaimed_until_somebody_names_it(self, place: BlobPlace) -> None:
        place.store.put(iter([PAPER]), "image/jpeg")
        place.store.put(iter([b"another paper"]), "image/jpeg")
        assert place.store.unclaimed(OLD) == []
        place.wait()
        assert place.store.unclaimed(OLD) == sorted([NAME, OTHER])
        place.store.claim([NAME, "ab" * 32])
        assert place.store.unclaimed(OLD) == [OTHER]
        assert not place.store.remove(NAME, OLD)
        assert place.store.has(NAME) and place.store.has(OTHER)

    def test_what_was_received_is_never_unclaimed(self, place: BlobPlace) -> None:
        place.store.append(NAME, 0, PAPER)
        assert place.store.finish(NAME, len(PAPER))
        place.wait()
        assert place.store.unclaimed(OLD) == []
        assert not place.store.remove(NAME, OLD)
        assert place.store.has(NAME)

    def test_an_unclaimed_paper_can_be_removed_and_put_anew(self, place: BlobPlace) -> None:
        place.store.put(iter([PAPER]), "image/jpeg")
        assert not place.store.remove(NAME, OLD)
        place.wait()
        assert place.store.remove(NAME, OLD)
        assert not place.store.has(NAME)
        assert place.store.unclaimed(OLD) == []
        assert not place.store.remove(NAME, OLD)
        assert place.store.put(iter([PAPER]), "image/jpeg").hash == NAME
        assert place.store.read(NAME, 0, len(PAPER)) == PAPER

    def test_a_paper_put_again_is_young_again(self, place: BlobPlace) -> None:
        place.store.put(iter([PAPER]), "image/jpeg")
        place.wait()
        place.store.put(iter([PAPER]), "image/jpeg")
        assert place.store.unclaimed(OLD) == []
        assert not place.store.remove(NAME, OLD)
        assert place.store.has(NAME)

    def test_a_claimed_paper_put_again_must_be_claimed_again(self, place: BlobPlace) -> None:
        place.store.put(iter([PAPER]), "image/jpeg")
        place.store.claim([NAME])
        place.store.put(iter([PAPER]), "image/jpeg")
        place.wait()
        assert place.store.unclaimed(OLD) == [NAME]

    def test_what_is_unclaimed_outlives_a_power_cut(self, place: BlobPlace) -> None:
        place.store.put(iter([PAPER]), "image/jpeg")
        place.wait()
        place.cut_power()
        assert place.store.unclaimed(OLD) == [NAME]
        assert place.store.remove(NAME, OLD)
        place.cut_power()
        assert not place.store.has(NAME)
