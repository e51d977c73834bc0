"""The time inside a seal is believed for decades: none is set by a clock that cannot be right."""

from __future__ import annotations

import pytest

from common.casework.rules.words import Action
from common.seal.errors import ClockImplausible
from common.seal.keys import FOLDER
from common.seal.log import SealLog
from tests.seal.stage import NOW, Stage, pdf, reviewed


def test_with_a_clock_before_the_decision_nothing_is_signed(stage: Stage):
    """A clock that lost its battery years after the seal was issued: the time inside would be a lie."""
    story = reviewed()
    act = story.move(Action.APPROVE, data={"at": NOW}).id
    stage.store(story)
    stage.clock.set_wall(NOW - 86_400_000)
    with pytest.raises(ClockImplausible):
        stage.sealer().seal(pdf(), story.case, act)
    assert SealLog(stage.folder / FOLDER).lines() == []
    stage.clock.set_wall(NOW - 60_000)
    assert stage.sealer().seal(pdf(), story.case, act)
