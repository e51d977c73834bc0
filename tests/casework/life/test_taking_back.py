"""Acts of a stolen key are taken back: the case stands as if they had never come, and they may come again."""

from __future__ import annotations

import pytest

from common.casework import ledger, records
from common.casework.errors import CaseNotFound
from common.casework.messages import apply
from common.casework.rules.flow import Action
from common.casework.taking_back import retract
from common.store.database import database, unit_of_work
from sync.protocol.acts.deliver import Parked
from tests.casework.build import COUNTY, TOWN, VILLAGE
from tests.casework.life.tools import CLERK, REVIEWER, Life

A = Action


def rows(table: str) -> list[tuple[object, ...]]:
    return sorted(database.execute_sql(f"SELECT * FROM {table}").fetchall())


def everything() -> list[object]:
    """Return all that casework keeps but the order in which acts came here, and heaps of nothing."""
    heaps = [row for row in rows("case_heap") if row[-1]]
    events = sorted(database.execute_sql("SELECT act, body, struck FROM case_event").fetchall())
    return [rows("case_file"), rows("case_paper"), rows("case_asked"), rows("case_term"), heaps, events]


def acts_of(life: Life, case: str) -> list[str]:
    return [event.id for event in ledger.load(case).events]


def test_moves_taken_back_undo_what_rests_on_them_and_come_again_as_they_were(life: Life) -> None:
    other, case = life.file("direct", overrule="另一户"), life.file("direct", overrule="这一户")
    casework = life.at(COUNTY)
    before = everything()
    life.move(COUNTY, case, A.ACCEPT, CLERK)
    life.move(COUNTY, case, A.REVIEW, REVIEWER)
    sent = {a.id: a for a in life.network.sites[COUNTY].outbox.acts}
    casework = life.at(VILLAGE)
    after = everything()
    moves = acts_of(life, case)[1:]
    with unit_of_work():
        assert retract(casework.ctx, [*moves, "ab" * 16]) == {}
    assert ledger.load(case).state.state.value == "RECEIVED"
    assert len(acts_of(life, other)) == 1
    with unit_of_work():
        assert apply(casework.ctx, [sent[act] for act in moves], life.now).parked == {}
    assert everything() == after
    # The first alone: what went on from it falls with it, and waits for it.
    with unit_of_work():
        assert retract(casework.ctx, moves[:1]) == {moves[1]: Parked("E123", f"act:{moves[0]}")}
    assert acts_of(life, case) == acts_of(life, case)[:1]
    with unit_of_work():
        assert apply(casework.ctx, [sent[act] for act in moves], life.now).parked == {}
    assert everything() == after
    assert before != after


def test_a_filing_taken_back_takes_its_case_along_until_it_comes_again(life: Life) -> None:
    kept = life.file("town", overrule="另一户")
    case = life.file("town", overrule="这一户")
    life.move(TOWN, case, A.ACCEPT, CLERK)
    casework = life.at(COUNTY)
    whole = everything()
    filing, *rest = acts_of(life, case)
    sent = {a.id: a for site in life.network.sites.values() for a in site.outbox.acts}
    with unit_of_work():
        fallen = retract(casework.ctx, [filing])
    assert set(fallen) == set(rest)
    assert {parked.waits_for for parked in fallen.values()} <= {f"case:{case}", f"act:{filing}"}
    assert records.known_cases([case, kept]) == {kept}
    with pytest.raises(CaseNotFound):
        ledger.load(case)
    assert acts_of(life, kept)
    with unit_of_work():
        assert apply(casework.ctx, [sent[act] for act in (filing, *rest)], life.now).parked == {}
    assert everything() == whole
