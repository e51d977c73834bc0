"""A stage for every test; what is made is gone afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.seal.keys import FOLDER, SealKeys
from common.store.database import close_database
from tests.seal.county import BUREAU, COUNTY, TOWN, TOWN_ORGAN
from tests.seal.stage import NOW, ORGAN, Stage


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Stage]:
    """A node without any seal."""
    yield Stage(tmp_path)
    close_database()


@pytest.fixture
def stage(bare: Stage) -> Stage:
    """A county with its root and the seal of the example department."""
    bare.found(ORGAN)
    return bare


@pytest.fixture
def county(tmp_path: Path) -> SealKeys:
    """A county with the seals of two organs."""
    keys = SealKeys(tmp_path / "county" / FOLDER)
    keys.folder.parent.mkdir()
    keys.found("南江县政务服务中心", COUNTY, NOW)
    keys.issue(BUREAU, COUNTY, NOW)
    keys.issue("南江县财政局", COUNTY, NOW)
    return keys


@pytest.fixture
def town(tmp_path: Path, county: SealKeys) -> SealKeys:
    """A township with its seal, signed by the county."""
    keys = SealKeys(tmp_path / "town" / FOLDER)
    keys.folder.parent.mkdir()
    keys.install(county.sign(keys.request(TOWN_ORGAN, TOWN)[0], NOW)[0])
    return keys
