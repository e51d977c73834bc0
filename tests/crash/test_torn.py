"""Power cuts under real SQLite and real files: what was said is there, what was not synced is anything.

Method: three real nodes work on a watched disk; then the folder of one of them is built anew as a cut before
or after a sync leaves it, with unsynced writes lost, kept at random or torn in their sectors, and the real
program starts on it. A sample here, all of them by `./deploy.sh soak --torn`. Programs that sync too little
or speak too soon are found by the same means.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from common.store.database import close_database
from tests.crash.aftermath import KEPT, LOST, WAYS
from tests.crash.cuts import Cut, Played, gone_on, moments, played, survived
from tests.crash.disk import TOLD, Disk
from tests.crash.mutants import MUTANTS, Mutant
from tests.crash.story import play
from tests.desk.three import ThreeNodes

CUTS = 16
GONE_ON = 2


@pytest.fixture(scope="module")
def story(enrolled: Path, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The story, played once on a watched disk."""
    return played(enrolled, tmp_path_factory.mktemp("story"))


def files_in(folder: Path) -> dict[str, bytes]:
    found = [path for path in folder.rglob("*") if path.is_file() and not path.name.endswith("-shm")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_what_is_remembered_of_the_disk_is_all_that_happened_to_it(story: Played, tmp_path: Path) -> None:
    """If no write is lost, the folder built anew is the folder as it is, byte for byte."""
    replay = story.replay()
    for step in story.log:
        replay.take(step)
    replay.build(tmp_path, KEPT, 0)
    assert files_in(tmp_path) == files_in(story.before.parent / "nodes")
    assert len(moments(story)) > 300


def test_whatever_a_power_cut_leaves_a_node_stands_by_what_it_has_said(story: Played, tmp_path: Path) -> None:
    """A sample of all syncs of three tiers, each with another loss; then the network goes on and is whole."""
    rng = Random(7)
    sample = [Cut(*at, WAYS[i % 4], i) for i, at in enumerate(rng.sample(moments(story), CUTS))]
    assert {cut.at for cut in sample} == {"511921", "511921126", "511921126204"}
    found = [(cut, wrong) for cut, wrong in survived(story, sample, tmp_path) if wrong]
    found += [(cut, wrong) for cut in sample[:GONE_ON] if (wrong := gone_on(story, cut, tmp_path))]
    assert found == []


@pytest.mark.parametrize(("mutant", "words"), MUTANTS, ids=[mutant.__name__ for mutant, _ in MUTANTS])
def test_a_program_that_syncs_too_little_or_speaks_too_soon_is_found(
    mutant: Mutant, words: str, enrolled: Path, tmp_path: Path
) -> None:
    """Power goes right after something was said, and all that was not synced is lost."""

    def act(three: ThreeNodes, disk: Disk) -> None:
        with mutant(three, disk):
            play(three, disk)

    story = played(enrolled, tmp_path, act)
    close_database()
    said = [(n + 1, step.data.at) for n, step in enumerate(story.log) if step.what == TOLD]
    cuts = [Cut(*at, LOST, 0) for at in said]
    assert any(words in " ".join(wrong) for _, wrong in survived(story, cuts, tmp_path))
