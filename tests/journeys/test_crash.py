"""Power cuts at every tier while people work: nothing is lost, nothing done twice, nothing to repair."""

import io
import threading

import pytest

from common.node.demo.desks import Desks
from common.node.demo.docket import Docket
from common.node.demo.errands import plan
from common.node.demo.intake import Intake
from common.node.demo.network import Network
from common.node.demo.proof import prove
from common.node.demo.show import Show
from common.node.demo_data.sites import SITES

VILLAGE, TOWNSHIP, COUNTY = "511921108209", "511921108", "511921"
# Tier and step → after how many such steps its power goes; each time in the middle of whatever happens then.
CUTS = ((TOWNSHIP, "forward", 1), (COUNTY, "accept", 1), (TOWNSHIP, "forward", 4), (COUNTY, "review", 3))


@pytest.fixture
def county(tmp_path):
    network = Network(tmp_path, [site for site in SITES if site.address in (VILLAGE, TOWNSHIP, COUNTY)])
    try:
        yield network
    finally:
        network.stop()


def set_up(network, docket):
    papers = [p for e in docket.entries for _, p in (*e.errand.given, *e.errand.later)]
    network.album.begin(papers)
    network.found()
    network.start([COUNTY])
    network.enrol([COUNTY])
    network.enrol([TOWNSHIP])
    network.await_catalogue(VILLAGE)
    network.await_roster()


def cut_power(network, docket, killed):
    """Kill a site as soon as its time has come, and start it again at once."""
    for address, step, count in CUTS[len(killed) :]:
        if docket.count(step) < count:
            return
        network.nodes[address].kill()
        network.nodes[address].start()
        killed.append(address)


def test_every_tier_may_die_under_load(county):
    """Method: eleven residents at a village whose power goes in the middle of pages, township and county busy
    with the same cases and killed twice each; then all records of the three sites are compared."""
    docket, show, killed = Docket(plan([VILLAGE], [])), Show(io.StringIO()), []
    set_up(county, docket)
    intake, troubles = Intake(county, docket, show), []
    residents = threading.Thread(target=take_in, args=(intake, troubles), daemon=True)
    residents.start()

    def is_over():
        cut_power(county, docket, killed)
        is_all_done = len(killed) == len(CUTS) and all(entry.is_done for entry in docket.entries)
        return bool(troubles) or is_all_done

    Desks(county, docket, show).work([TOWNSHIP, COUNTY, VILLAGE], is_over)
    residents.join(60)
    assert not troubles
    assert intake.kills >= 3
    assert killed == [address for address, _, _ in CUTS]
    proof = prove(county, docket, show)
    assert {finding.name: finding.wrong for finding in proof.findings if finding.wrong} == {}
    assert proof.tally.at_county == proof.tally.filed == len(docket.entries)
    assert proof.tally.lost == proof.tally.applied_twice == proof.tally.parked == 0


def take_in(intake, troubles):
    try:
        intake.everywhere([VILLAGE], VILLAGE)
    except Exception as trouble:
        troubles.append(trouble)
