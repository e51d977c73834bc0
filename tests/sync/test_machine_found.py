"""Lives that the state machine found, in which acts once stayed behind; kept for ever."""

from __future__ import annotations

from tests.sync.network import COUNTY, TOWN, VILLAGE
from tests.sync.test_machine import Path


def test_two_old_images_and_then_an_old_database_lose_no_act():
    """A third branch hid where the township left the county's: acts 2 and 4 stayed behind."""
    path = Path()
    path.begin(0)
    for pair, whole_image in (((TOWN, COUNTY), 3), ((TOWN, COUNTY), 3), ((TOWN, VILLAGE), 2)):
        path.life_after_a_copy(pair, whole_image)
    path.teardown()


def test_an_old_image_of_a_village_whose_receipt_goes_ahead_of_its_acts_loses_none():
    """The township heard the county's word with the acts that it contradicts, and held to these."""
    path = Path()
    path.begin(0)
    path.life_after_a_copy((VILLAGE, COUNTY), 3)
    path.power_cut_before_the_commit((COUNTY, VILLAGE))
    path.submit(VILLAGE, COUNTY, 0)
    path.teardown()
