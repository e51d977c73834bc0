"""Three enrolled nodes for the tests of a node, as for those of the desk, and a county that is alone."""

from pathlib import Path

import pytest

from common.node.cli import main
from common.store.database import close_database
from county_node.profile import PROFILE as COUNTY
from tests.desk.conftest import three

__all__ = ("founded_alone", "three")


@pytest.fixture(scope="session")
def founded_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a county that was just founded and that nobody works at: copied for each test."""
    folder = tmp_path_factory.mktemp("founded") / "county"
    assert main(COUNTY, ["init", "--address", "511921", "--data", str(folder)]) == 0
    close_database()
    return folder
