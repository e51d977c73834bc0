"""Power cuts at every tier while people work, and a bad line: nothing lost, nothing done twice or to repair.

More of both by `./deploy.sh soak`.
"""

import io
import threading
import time

import pytest

from common.node.demo.desks import Desks
from common.node.demo.docket import Docket
from common.node.demo.errands import plan
from common.node.demo.intake import Intake
from common.node.demo.network import Network
from common.node.demo.proof import prove
from common.node.demo.show import Show
from common.node.demo_data.sites import SITES
from tests.soak.line import await_all, bad_line, file_at_village, size_of, wrong_at
from tests.soak.residents import WHOLE, QuickAlbum
from tests.soak.thin_line import BITS_PER_S

VILLAGE, TOWNSHIP, COUNTY = "511921108209", "511921108", "511921"
# Tier → after how many steps in all its power goes, each time in the middle of whatever happens then. A
# village dies four times more, at moments of its own, while it takes cases in.
CUTS = (
    (TOWNSHIP, 1),
    (COUNTY, 4),
    (TOWNSHIP, 8),
    (COUNTY, 12),
    (TOWNSHIP, 15),
    (COUNTY, 18),
    (TOWNSHIP, 21),
    (COUNTY, 24),
    (TOWNSHIP, 27),
    (COUNTY, 30),
    (VILLAGE, 33),
)
KILLS_EACH = 5
CASES, WITHIN_S = 10, 40.0


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    folder = tmp_path_factory.mktemp("county")
    network = Network(folder, [site for site in SITES if site.address in (VILLAGE, TOWNSHIP, COUNTY)])
    # As large as true ones; to draw each would take longer than to carry it.
    network.album = QuickAlbum(folder / "album", WHOLE)
    try:
        yield network
    finally:
        network.stop()


def set_up(network):
    network.found()
    network.start([COUNTY])
    network.enrol([COUNTY])
    network.enrol([TOWNSHIP])
    network.await_catalogue(VILLAGE)
    network.await_roster()


def cut_power(network, docket, killed, residents):
    """Kill a site as soon as its time has come, and start it again at once."""
    for address, steps in CUTS[len(killed) :]:
        # While cases are taken in, whoever does that at the village switches it on again.
        if sum(len(entry.steps) for entry in docket.entries) < steps or (
            address == VILLAGE and residents.is_alive()
        ):
            return
        network.nodes[address].kill()
        network.nodes[address].start()
        killed.append(address)


def test_every_tier_may_die_under_load(county):
    """Method: eleven residents at a village whose power goes in the middle of pages, township and county busy
    with the same cases, each killed five times; then all records of the three sites are compared."""
    docket, show, killed = Docket(plan([VILLAGE], [])), Show(io.StringIO()), []
    set_up(county)
    intake, troubles = Intake(county, docket, show), []
    residents = threading.Thread(target=take_in, args=(intake, troubles), daemon=True)
    residents.start()

    def is_over():
        cut_power(county, docket, killed, residents)
        is_all_done = len(killed) == len(CUTS) and all(entry.is_done for entry in docket.entries)
        return bool(troubles) or is_all_done

    Desks(county, docket, show).work([TOWNSHIP, COUNTY, VILLAGE], is_over)
    residents.join(60)
    assert not troubles
    assert killed == [address for address, _ in CUTS]
    kills = [killed.count(TOWNSHIP), killed.count(COUNTY), killed.count(VILLAGE) + intake.kills]
    assert kills == [KILLS_EACH] * 3
    proof = prove(county, docket, show)
    assert {finding.name: finding.wrong for finding in proof.findings if finding.wrong} == {}
    assert proof.tally.at_county == proof.tally.filed == len(docket.entries)
    assert proof.tally.lost == proof.tally.applied_twice == proof.tally.parked == 0


def take_in(intake, troubles):
    try:
        intake.everywhere([VILLAGE], VILLAGE)
    except Exception as trouble:
        troubles.append(trouble)


def test_cases_and_papers_arrive_once_over_a_thin_line_that_breaks(county):
    """64 kbit/s, 600 ms there and back, one exchange in twenty reset in its middle: the second one, first."""
    album = QuickAlbum(county.folder / "small")
    line = bad_line(county, lambda number: number % 20 == 2)
    began = time.monotonic()
    entries = file_at_village(county, album, Docket(()), CASES)
    await_all(county.nodes[COUNTY], entries, WITHIN_S)
    carried_s = size_of(album, entries) * 8 / BITS_PER_S
    assert time.monotonic() - began >= carried_s > 2, "no line carries more than it carries"
    assert line.resets >= 1
    assert wrong_at(county.nodes[COUNTY], entries) == []
