"""What lies between lets only so much through at once."""

from __future__ import annotations

from random import Random

import pytest

from sync.adapters.line import NotEvenTheLeast, TooLong, TooMuch
from sync.adapters.runner import Pace, Runner, Uplink
from tests.sync.network import COUNTY, TOWN, VILLAGE, Site, make_network
from tests.sync.wire import Wire


@pytest.fixture
def sites() -> dict[str, Site]:
    return make_network()


@pytest.fixture
def wire(sites) -> Wire:
    return Wire(sites)


@pytest.fixture
def runner(sites, wire) -> Runner:
    uplinks = (Uplink(TOWN, TOWN), Uplink(COUNTY, COUNTY))
    return Runner(sites[VILLAGE].engine(), wire, lambda: uplinks, Pace(60_000, 100_000), lambda: 2**31)


def test_what_is_too_much_for_something_between_goes_in_smaller_parts(sites, runner, wire):
    wire.takes = 6_000
    # Nothing of these can be squeezed.
    acts = [sites[VILLAGE].submit(Random(n).randbytes(900), (COUNTY,)) for n in range(60)]
    said = {(runner.step() > 0, runner.state.last_code) for _ in range(60)}
    assert (True, "S409") in said and runner.state.last_code == ""
    assert sites[TOWN].application.ids == acts


def test_where_not_even_the_least_goes_through_people_are_told_what_to_do_until_it_does(sites, runner, wire):
    """What must be said first cannot be halved: trying less and less for ever helps nobody."""
    act = sites[VILLAGE].submit(b"{}", (COUNTY,))
    wire.takes = 300
    codes = []
    for _ in range(9):
        runner.step()
        codes.append(runner.state.last_code)
        assert "自动" in runner.state.last_sentence
    assert codes[0] == TooMuch.code and codes[-1] == NotEvenTheLeast.code == "S413"
    assert "1 MB" in runner.state.last_sentence
    wire.takes = 10**6
    runner.step()
    # Whose turn it is then is the next above: the township was tried in vain so often.
    assert not runner.state.last_code and sites[COUNTY].application.ids == [act]


def test_something_between_that_waits_no_longer_said_nothing_of_the_size(sites, runner, wire):
    wire.down[TOWN] = wire.down[COUNTY] = TooLong("504")
    for _ in range(12):
        runner.step()
        assert runner.state.last_code == TooMuch.code
    assert runner.gauges[TOWN].is_least


def test_papers_too_go_in_what_something_between_lets_through(sites, runner, wire):
    """They may fill several exchanges' room in one; refused, they were tried so again and again for ever."""
    wire.takes, village = 9_000, sites[VILLAGE]
    photo = village.paper(Random(5).randbytes(60_000))
    village.submit(b"{}", (COUNTY,), (photo,))
    while not sites[TOWN].blobs.has(photo.hash) and len(wire.tried) < 40:
        runner.step()
    assert sites[TOWN].blobs.has(photo.hash)
    assert wire.refused <= len(wire.tried) // 3
