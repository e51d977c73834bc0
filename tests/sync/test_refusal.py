"""Who is not heard any more is told why, by the roster key's own word, and only who it is itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from sync.adapters.http_client import HttpLine, NotKnownThere, Refused
from sync.adapters.runner import Pace, Runner, Uplink
from sync.protocol import signed
from sync.protocol.exchange import read_head
from sync.protocol.offer import INTRODUCED_EVERY
from sync.protocol.own.issue import open_epoch
from sync.protocol.rotation import speaking_key
from sync.protocol.trust import revocation
from sync.protocol.trust.refusal import Barred, barred, is_revoked, why_refused
from tests.sync.copies import copy_of, put_back
from tests.sync.http_site import QUICK, run, serving
from tests.sync.made import key_pair
from tests.sync.network import COUNTY, START_MS, TOWN, VILLAGE, Site, exchange, make_network, settle, trust
from tests.sync.test_lives import let_in
from tests.sync.test_rotation import rotate


@pytest.fixture
def sites() -> dict[str, Site]:
    found = make_network()
    settle(found, 2)
    return found


def revoke(county: Site, address: str) -> None:
    with county.unit():
        wanted = revocation.Revocation(address, revocation.STOLEN)
        revocation.revoke(county.core, county.application, wanted, county.now())


def refused(village: Site, url: str) -> Refused:
    with pytest.raises(Refused) as caught:
        run(village, HttpLine(QUICK), url)
    village.engine().hear_refusal(caught.value.told)
    return caught.value


def test_a_revoked_node_is_told_so_by_who_refuses_it_and_goes_on_as_before(sites):
    county, town, village = sites.values()
    village.submit(b'{"n":1}', (COUNTY,))
    revoke(county, VILLAGE)
    town.take(county.out(TOWN))
    key = village.core.own_key().id
    with serving(town) as parent:
        problem = refused(village, parent.url)
        assert isinstance(problem, NotKnownThere) and problem.detail == "S107"
        assert barred(village.core) == Barred(revocation.STOLEN, county.now().wall)
        # It is said, and nothing is done: no act is taken back from the desk by a line that was refused.
        assert not village.core.roster.entries[VILLAGE].revoked and not village.spool.parked()
        village.restart()
        assert barred(village.core) and is_revoked(village.core, VILLAGE, key)
        # Said twice it is nothing new, and an epoch with another key is not barred.
        refused(village, parent.url)
    with village.unit():
        open_epoch(village.core, key_pair("another"), "enrolled again", START_MS, 7)
    assert barred(village.core) is None and not is_revoked(village.core, VILLAGE, key_pair("another").id)


def test_who_went_over_to_another_key_since_its_own_was_revoked_is_told_so_too(sites):
    """As a machine does that was put back to before it had heard of that."""
    county, town, village = sites.values()
    revoke(county, VILLAGE)
    town.take(county.out(TOWN))
    for name in ("next", "one more"):
        rotate(village, name)
    with serving(town) as parent:
        refused(village, parent.url)
    assert barred(village.core) == Barred(revocation.STOLEN, county.now().wall)


def test_who_went_over_in_time_is_not_barred_by_what_befalls_its_former_key(sites):
    county, _, village = sites.values()
    former = village.core.own_key().id
    rotate(village, "next")
    settle(sites, 3)
    with county.unit():
        wanted = revocation.Revocation(VILLAGE, revocation.LOST, (former,))
        revocation.revoke(county.core, county.application, wanted, county.now())
    settle(sites, 3)
    assert village.core.roster.entries[VILLAGE].revoked and barred(village.core) is None


def test_nothing_is_told_to_another_and_nothing_believed_of_another(sites):
    county, town, village = sites.values()
    parsed = read_head(village.out(COUNTY))
    assert parsed is not None
    assert why_refused(county.core, parsed[0]) == b""
    revoke(county, VILLAGE)
    revoke(county, TOWN)
    told = why_refused(county.core, parsed[0])
    of_town = read_head(town.out(COUNTY))
    assert of_town is not None and told
    # Whoever only names the address, or the key too, has not signed.
    for head in (
        parsed[0]._replace(sender_key=key_pair("thief").id),
        parsed[0]._replace(signature=bytes(64)),
        parsed[0]._replace(sender=COUNTY),
    ):
        assert why_refused(county.core, head) == b""
    # Nor has who shows at one node what was written for another, or in another network.
    elsewhere, _ = read_head(village.out(TOWN)) or (None, 0)
    assert elsewhere is not None and why_refused(county.core, elsewhere) == b""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(county.core.roster, "network", "00" * 8)
        assert why_refused(county.core, parsed[0]) == b""
    assert why_refused(county.core, parsed[0]) is told, "packed once"
    engine = village.engine()
    about_town = why_refused(county.core, of_town[0])
    flipped = bytearray(told)
    flipped[len(told) // 2] ^= 1
    for data in (b"", b"\0", told[:-1], bytes(flipped), about_town, bytes(4) + told, b"\xff" * 70_000):
        engine.hear_refusal(data)
        assert barred(village.core) is None
    # Of another network nothing is believed, whatever it says of this address.
    stranger = make_network(seed=9)[VILLAGE]
    stranger.engine().hear_refusal(told)
    assert barred(stranger.core) is None
    engine.hear_refusal(told)
    assert barred(village.core) is not None


def test_the_entry_goes_whole_however_often_the_root_keys_have_changed(sites):
    county, _, village = sites.values()
    parsed = read_head(village.out(COUNTY))
    revoke(county, VILLAGE)
    assert parsed is not None and county.core.roster.appointment is not None
    fields = {n: v for n, v in county.core.roster.appointment.fields().items() if n != "v"}
    many = tuple(
        signed.make(signed.APPOINTMENT, {**fields, "version": n}, (county.roster_key,), county.core.suite)
        for n in range(2, 12)
    )
    county.core.roster.renewals = many
    told = why_refused(county.core, parsed[0])
    county.restart()
    village.engine().hear_refusal(told)
    assert barred(village.core) == Barred(revocation.STOLEN, county.now().wall)


def test_put_back_to_before_a_former_key_was_revoked_it_speaks_with_another_next(sites):
    """Not heard since its next key it speaks with the one before, which all know: revoked by now."""
    county, town, village = sites.values()
    former = village.core.own_key().id
    rotate(village, "next")
    settle(sites, 3)
    kept, keys = copy_of(village), dict(village.core.means.keys)
    with county.unit():
        wanted = revocation.Revocation(VILLAGE, revocation.STOLEN, (former,))
        revocation.revoke(county.core, county.application, wanted, county.now())
    settle(sites, 3)
    assert former in keys and put_back(village, kept)
    village.means.keys.update(keys)
    rotate(village, "one more")
    act = village.submit(b'{"n":1}', (COUNTY,))
    with serving(town) as parent:
        runner = Runner(
            village.engine(),
            HttpLine(QUICK),
            lambda: (Uplink(TOWN, parent.url),),
            Pace(60_000, 10_000),
            lambda: 0,
        )
        runner.step()
        assert runner.state.last_code == NotKnownThere.code and barred(village.core) is None
        runner.step()
        assert not runner.state.last_code and village.core.roster.entries[VILLAGE].revoked
    settle(sites, 4)
    assert act in county.application.ids
    assert county.core.roster.current_key(VILLAGE) == key_pair("one more").public


class Between:
    """Something on the line that answers once in a node's name."""

    def __init__(self) -> None:
        self._line, self._has_said = HttpLine(QUICK), False

    def exchange(self, url: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        if not self._has_said:
            self._has_said = True
            raise NotKnownThere("S107", b"")
        return self._line.exchange(url, chunks)


def test_of_a_key_that_was_heard_since_no_refusal_of_before_is_remembered(sites):
    """The former key is known for sure; a stick by a new one nobody can judge, and no answer says so."""
    _, town, village = sites.values()
    former = village.core.own_key().id
    with serving(town) as parent:
        uplinks = (Uplink(TOWN, parent.url),)
        runner = Runner(village.engine(), Between(), lambda: uplinks, Pace(60_000, 10_000), lambda: 0)
        runner.step()
        assert runner.state.last_code == NotKnownThere.code
        runner.step()
    assert not runner.state.last_code
    new = key_pair("next")
    village.core.means.keys[new.id] = village.means.keys[new.id] = new
    with village.unit():
        village.peer.rotate(new, START_MS)
    assert speaking_key(village.core, village.core.neighbour(TOWN)).id == former
    town.take(village.out(TOWN))
    settle(sites, 3)
    assert town.core.roster.current_key(VILLAGE) == key_pair("next").public


def test_it_introduces_itself_with_a_key_that_its_entry_names_whichever_it_spoke_with_before(sites):
    """Its township was put back to before its computer was replaced; and it went over to a key since."""
    county, town, village = sites.values()
    kept = copy_of(town)
    let_in(county, VILLAGE, "next computer")
    exchange(town, county)
    trust(village, town)
    village.key = key_pair("next computer")
    village.restart()
    with village.unit():
        open_epoch(village.core, village.key, "next computer", START_MS)
    settle(sites, 3)
    rotate(village, "one more")
    put_back(town, kept)
    with serving(town) as parent:
        uplinks = (Uplink(TOWN, parent.url),)
        runner = Runner(village.engine(), HttpLine(QUICK), lambda: uplinks, Pace(60_000, 10_000), lambda: 0)
        for _ in range(INTRODUCED_EVERY):
            runner.step()
    assert not runner.state.last_code
    assert town.core.spoken[VILLAGE] == key_pair("next computer").id
