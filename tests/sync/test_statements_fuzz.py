"""Statements truly signed by an enrolled node, with fields of any form: refused or taken, never a fault."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.protocol import signed
from sync.protocol.errors import TheirFault
from sync.protocol.items import encode_statement
from sync.protocol.receipts import read_receipt
from sync.protocol.records import BASE, STATEMENT
from sync.protocol.roster import read_entry, read_vouch
from sync.protocol.shelf import read_doc
from sync.protocol.signed import Statement
from sync.protocol.streams import read_epoch
from tests.sync import golden
from tests.sync.network import COUNTY, OTHER_TOWN, TOWN, VILLAGE, Site, make_network, settle, statement_of

JSON = st.recursive(
    st.integers(-(2**53) + 1, 2**53 - 1)
    | st.sampled_from(["", "00", VILLAGE, TOWN, COUNTY, "ab" * 32, "1-" + "ab" * 8, "hop", "end", "a|b", "é"])
    | st.text(max_size=5).filter(lambda text: text.isprintable()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "sign", "x"]), inner),
    max_leaves=5,
)
READERS = (read_receipt, read_epoch, read_entry, read_vouch, lambda statement: read_doc(statement, b"x"))
GOLDEN = [golden.read(name)["statement"] for name in golden.names("statement")]
FIELDS = {told["sort"]: golden.statement_from(told).fields() for told in GOLDEN}


@given(st.sampled_from(sorted(FIELDS)), st.data())
def test_readers_raise_nothing_but_refusals(sort, data):
    fields = {**FIELDS[sort], data.draw(st.sampled_from(sorted(FIELDS[sort]))): data.draw(JSON)}
    statement = signed.make(sort, fields, (), None)  # type: ignore[arg-type]
    for read in READERS:
        with suppress(TheirFault):
            read(statement)


@given(st.binary(max_size=80))
def test_readers_of_arbitrary_bytes_raise_nothing_but_refusals(payload):
    for read in READERS:
        with suppress(TheirFault):
            read(Statement(signed.RECEIPT, payload, ()))


def _network() -> dict[str, Site]:
    sites = make_network((COUNTY, TOWN, VILLAGE, OTHER_TOWN))
    sites[VILLAGE].submit(b"{}", (COUNTY,))
    sites[COUNTY].submit(b"{}", (VILLAGE,))
    settle(sites, 3)
    return sites


SITES = _network()


@settings(max_examples=80)
@given(st.sampled_from(sorted(FIELDS)), st.sampled_from([STATEMENT, BASE]), st.data())
def test_a_hostile_township_stops_nobody(sort, kind, data):
    """Whatever it signs: the county takes the exchange, and afterwards still exchanges with everyone."""
    county, town, other = SITES[COUNTY], SITES[TOWN], SITES[OTHER_TOWN]
    fields = {**FIELDS[sort], "network": county.core.roster.network, "signer": TOWN, "author": TOWN}
    for _ in range(data.draw(st.integers(1, 2))):
        fields[data.draw(st.sampled_from(sorted(fields)))] = data.draw(JSON)
    statement = statement_of(town, sort, fields)
    content = data.draw(st.sampled_from([b"", "生育".encode()]))
    county.take(town.say_items(county, encode_statement(statement, content, kind)))
    other.take(county.out(OTHER_TOWN))
    county.restart()
    assert county.take(other.out(COUNTY)).refused == 0
