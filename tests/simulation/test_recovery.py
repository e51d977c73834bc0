"""A county that was without any line comes back: everything arrives, nobody has to repeat anything."""

from __future__ import annotations

from tests.simulation.recovery import LINES, CountyWithLines, TimedLine, recover


def test_after_hours_without_a_line_every_case_and_paper_gets_its_end_receipt():
    """Ten villages below a township, on lines as slow as theirs; five hundred by `--villages 500`."""
    figures = recover(1, 10, 0.3)
    assert (figures["villages"], figures["townships"], figures["of"]) == (10, 1, 12)
    assert figures["cases"] == 6
    assert figures["whole"] == 12 and figures["unfinished"] == 0
    assert 0 < figures["half_of_nodes_s"] <= figures["all_papers_received_s"] < 2 * 3600
    assert figures["all_acts_received_s"] <= figures["all_papers_received_s"]


def test_bytes_take_their_time_on_a_line():
    county = CountyWithLines(1, 2, 0.2)
    village = next(site for address, site in county.sites.items() if len(address) == 12)
    line = TimedLine(county, village)
    before = village.engine.world.evidence().mono
    line._carry([bytes(8_000)])
    assert village.engine.world.evidence().mono - before == 1_000 == 8_000 * 8_000 // LINES[12][0]
    assert county.bytes == 8_000
