"""What the judge makes of how far people are told that another node's act got."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from sync.protocol.address import Tree
from sync.protocol.stock.ticks import END_STORED, HOP_STORED, SAVED, Tick
from tests.simulation.intended import Intended, Violation
from tests.simulation.oracle import Oracle

TOP, TOWN, VILLAGE = "511921", "511921102", "511921102203"
AT_TOP = Tick(END_STORED, tells_of_top=True)


def site(address: str, tick: Tick, *acts: str) -> Any:
    return SimpleNamespace(
        address=address,
        tree=Tree({TOP: "", TOWN: TOP, VILLAGE: TOWN}),
        peer=SimpleNamespace(tick=lambda act: tick),
        spool=SimpleNamespace(act=lambda act: act if act in acts else None),
    )


def look(tick: Tick, held: tuple[str, ...], put_back: set[str], once_held: set[str]) -> None:
    """Let the judge look at what a village is shown of its township's act."""
    oracle = Oracle()
    oracle.acts["one"] = Intended(TOWN, "case.moved", b"", (), (TOP, VILLAGE))
    oracle.sites |= {TOP: site(TOP, AT_TOP, *held), VILLAGE: site(VILLAGE, tick)}
    oracle.forgetful, oracle.at_top = put_back, once_held
    oracle.check_tick(oracle.sites[VILLAGE], "one")


@pytest.mark.parametrize(
    ("held", "put_back", "once_held"),
    [((), set(), set()), ((), set(), {"one"}), ((), {TOWN}, {"one"}), (("other",), {TOP}, {"other"})],
)
def test_anothers_act_is_shown_at_the_county_only_where_the_top_has_it_or_had_it(held, put_back, once_held):
    with pytest.raises(Violation, match="invariant 15"):
        look(AT_TOP, held, put_back, once_held)


@pytest.mark.parametrize(
    ("tick", "held", "put_back", "once_held"),
    [
        (AT_TOP, ("one",), set(), {"one"}),
        (AT_TOP, (), {TOP}, {"one"}),
        (Tick(END_STORED), (), set(), set()),
        (Tick(HOP_STORED), (), set(), set()),
        (Tick(SAVED), (), set(), set()),
    ],
    ids=str,
)
def test_what_is_true_of_anothers_act_or_says_nothing_of_the_county_passes(tick, held, put_back, once_held):
    look(tick, held, put_back, once_held)
