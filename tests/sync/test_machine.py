"""A state machine over the core: whatever clerks, lines, sticks, crashes and old disks do, in any order.

Three nodes of one path exchange whole, cut, repeated and shuffled bytes; after every step nothing that
anybody held is gone, nothing was applied twice, no receipt covers a gap and one place has one content. At
the end quiet exchanges bring every act that still exists to all it was meant for. A run with more examples:
`LIANDONG_TEST_MACHINE_EXAMPLES=2000 ./deploy.sh test tests/sync/test_machine.py`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sync.adapters.engine import Engine, Report, World
from sync.protocol import signed
from sync.protocol.acts.deliver import Applied
from sync.protocol.canonical import dumps
from sync.protocol.exchange import read_head
from sync.protocol.frame import Act, StreamId
from sync.protocol.offer import Budget
from sync.protocol.receipts import read_receipt
from sync.protocol.witness import Word, joined
from tests.sync.copies import Copy, copy_of, put_back
from tests.sync.network import COUNTY, TOWN, VILLAGE, Recorder, Site, make_network, settle

EXAMPLES = int(os.environ.get("LIANDONG_TEST_MACHINE_EXAMPLES", "25"))
STEPS = int(os.environ.get("LIANDONG_TEST_MACHINE_STEPS", "20"))
LINE, STICK = Budget(1_000_000), Budget(10**9, is_answered=False)
PATH = (COUNTY, TOWN, VILLAGE)
PAIRS = [(a, b) for a in PATH for b in PATH if a != b]


class PowerCut(Exception):
    """The node stops here; what was not committed is gone."""


class Failing(Recorder):
    """An application during whose work the power may go."""

    def __init__(self) -> None:
        super().__init__()
        self.fails = 0

    def apply(self, acts: Sequence[Act]) -> Applied:
        """Apply, or stop in the middle of the unit."""
        if self.fails:
            raise PowerCut
        return super().apply(acts)


def engine_of(site: Site) -> Engine:
    """Return the engine as a node runs it: the witness speaks before bytes leave."""

    def attest(word: Word) -> None:
        site.word = joined(site.word, word)

    return Engine(site.peer, site.application, World(site.unit, site.now, site.journal.extend, attest))


def word_of(site: Site) -> Word:
    """Return what a node's witness should say."""
    with site.unit():
        return site.peer.word()


def started(site: Site) -> str:
    """Start as a node does: compare with the witness, let it speak; return why the disk is old, or ""."""
    with site.unit():
        reason = site.peer.awake(site.word, site.now_ms)
    site.word = joined(site.word, word_of(site))
    return reason


def make(site: Site, address: str, budget: Budget = LINE) -> bytes:
    """Return an exchange as it leaves after its commit."""
    return b"".join(engine_of(site).make(address, budget)[1])


def receive(site: Site, data: bytes) -> Report:
    """Take in bytes as a line brings them."""
    return engine_of(site).receive(data[at : at + 300] for at in range(0, len(data), 300))


def record_ends(data: bytes) -> list[int]:
    """Return where an exchange may be cut between two records, its head's end first."""
    parsed = read_head(data)
    assert parsed is not None
    ends = [parsed[1]]
    while ends[-1] < len(data):
        ends.append(ends[-1] + 2 + int.from_bytes(data[ends[-1] : ends[-1] + 2], "big"))
    return ends


class Path(RuleBasedStateMachine):
    """County, township and village, their lines, sticks, disks and what was ever entered."""

    sites: dict[str, Site]

    @initialize(seed=st.integers(0, 3))
    def begin(self, seed: int) -> None:
        """Found the county and let everybody hear of everybody."""
        self.sites = make_network(PATH, seed)
        for site in self.sites.values():
            site.application = Failing()
            site.word = word_of(site)
        settle(self.sites, 2)
        self.intended: dict[str, tuple[str, bytes, tuple[str, ...]]] = {}
        self.alive: set[str] = set()
        self.sent: list[tuple[str, bytes]] = []
        self.copies: list[tuple[str, Copy]] = []
        self.places: dict[tuple[StreamId, int], bytes] = {}
        self.forks_possible = False
        self.counted = 0

    # --- people
    @rule(src=st.sampled_from(PATH), to=st.sampled_from(PATH), papers=st.integers(0, 2))
    def submit(self, src: str, to: str, papers: int) -> None:
        """Somebody enters an act, perhaps with papers; one to itself goes to all others."""
        site, self.counted = self.sites[src], self.counted + 1
        receivers = (to,) if to != src else tuple(a for a in PATH if a != src)
        refs = [site.paper(b"%d/%d" % (self.counted, n) * 2000) for n in range(papers)]
        content = dumps({"n": self.counted, "to": list(receivers)})
        act = site.submit(content, receivers, refs)
        self.intended[act] = (src, content, receivers)
        self.alive.add(act)

    # --- lines and sticks
    @rule(pair=st.sampled_from([(VILLAGE, TOWN), (TOWN, COUNTY)]))
    def exchange(self, pair: tuple[str, str]) -> None:
        """A child exchanges with its parent, nothing lost."""
        child, parent = (self.sites[a] for a in pair)
        assert receive(parent, make(child, parent.address)).complete
        assert receive(child, make(parent, child.address)).complete

    @rule(pair=st.sampled_from(PAIRS), stick=st.booleans())
    def send(self, pair: tuple[str, str], stick: bool) -> None:
        """Bytes are made for somebody: on a stick, or on a line where they hang."""
        src, dst = pair
        self.sent.append((dst, make(self.sites[src], dst, STICK if stick else LINE)))

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), cut=st.integers(0, 3))
    def arrive(self, data: st.DataObject, cut: int) -> None:
        """Something once sent arrives, the newest or an old one, again perhaps, whole or cut."""
        dst, whole = data.draw(st.sampled_from(self.sent))
        ends = record_ends(whole)
        if cut == 0:
            ends = [data.draw(st.integers(0, len(whole)))]
        at = len(whole) if cut > 1 else data.draw(st.sampled_from(ends))
        report = receive(self.sites[dst], whole[:at])
        assert report.complete or report.code

    # --- power and disks
    @rule(pair=st.sampled_from(PAIRS))
    def power_cut_before_the_commit(self, pair: tuple[str, str]) -> None:
        """The node stops while it applies: that unit is gone whole, those before it stand."""
        src, dst = pair
        site, whole = self.sites[dst], make(self.sites[src], dst)
        site.application.fails = 1
        with suppress(PowerCut):
            receive(site, whole)
        site.application.fails = 0
        site.restart()
        assert started(site) == ""

    @rule(address=st.sampled_from(PATH))
    def power_cut_after_the_commit(self, address: str) -> None:
        """The node stops between two units and starts again over what was committed."""
        site = self.sites[address]
        site.restart()
        assert started(site) == ""

    @rule(pair=st.sampled_from([(VILLAGE, TOWN), (TOWN, COUNTY)]))
    def lost_answer(self, pair: tuple[str, str]) -> None:
        """The parent commits and answers; the answer is lost and the child does not know."""
        child, parent = (self.sites[a] for a in pair)
        assert receive(parent, make(child, parent.address)).complete
        make(parent, child.address)

    @rule(address=st.sampled_from(PATH))
    def copy_disk(self, address: str) -> None:
        """Somebody makes a backup."""
        self.copies.append((address, copy_of(self.sites[address])))

    @precondition(lambda self: self.copies)
    @rule(data=st.data(), whole_image=st.integers(0, 3))
    def put_disk_back(self, data: st.DataObject, whole_image: int) -> None:
        """An older database comes back; seldom the whole disk, so that nothing tells of it at the start."""
        self._put_back(*data.draw(st.sampled_from(self.copies)), whole_image)

    @rule(pair=st.sampled_from(PAIRS), whole_image=st.integers(0, 3))
    def life_after_a_copy(self, pair: tuple[str, str], whole_image: int) -> None:
        """A copy is made, an act reaches somebody, the copy comes back, and work goes on in it."""
        src, dst = pair
        kept = copy_of(self.sites[src])
        self.submit(src, dst, 0)
        assert receive(self.sites[dst], make(self.sites[src], dst, STICK)).complete
        self._put_back(src, kept, whole_image)
        self.submit(src, dst, 0)

    def _put_back(self, address: str, kept: Copy, whole_image: int) -> None:
        site = self.sites[address]
        put_back(site, kept, with_witness=int(whole_image == 3))
        started(site)
        self.forks_possible |= whole_image == 3
        self.alive = {act for act in self.alive if self._is_held(act)}

    # --- what must always hold
    def _is_held(self, act: str) -> bool:
        return any(site.spool.frame_of_act(act) is not None for site in self.sites.values())

    @invariant()
    def holds(self) -> None:
        """Check all of it, places first: receipts are measured by them."""
        self.one_content_a_place()
        self.no_gap_in_a_stream_nor_under_a_receipt()
        self.nothing_accepted_is_lost()
        self.applied_once_as_meant()

    def nothing_accepted_is_lost(self) -> None:
        """What somebody held is held by somebody, but for what only a disk had that was put back."""
        assert [act for act in self.alive if not self._is_held(act)] == []

    def applied_once_as_meant(self) -> None:
        """No application was given an act twice, nor one that nobody entered so; relays apply what passes."""
        for address, site in self.sites.items():
            acts = site.application.acts
            assert len(acts) == len(set(site.application.ids)), address
            for act in acts:
                assert (act.author, act.content) == self.intended[act.id][:2]

    def no_gap_in_a_stream_nor_under_a_receipt(self) -> None:
        """Streams are whole from their base on, and nobody signed for more than came in one piece."""
        for site in self.sites.values():
            for stream in site.spool.streams():
                frames = site.spool.frames_after({stream.id: stream.base}, 0, 10_000)
                seqs = [p.frame.header.seq for p in frames]
                assert seqs == list(range(stream.base + 1, stream.upto + 1))
            for held in site.spool.all_held(signed.RECEIPT):
                receipt = read_receipt(held.statement)
                assert receipt.upto <= self._ever(receipt.stream)

    def _ever(self, stream: StreamId) -> int:
        return max((seq for found, seq in self.places if found == stream), default=0)

    def one_content_a_place(self) -> None:
        """What others accepted at a place of a stream is the same everywhere, unless two disks lived apart.

        A place that never left its author may be given again after its disk was put back.
        """
        for site in self.sites.values():
            starts = {s.id: s.base for s in site.spool.streams()}
            for placed in site.spool.frames_after(starts, 0, 10_000):
                place = placed.frame.header.stream, placed.frame.header.seq
                if site.address != place[0].src:
                    self.places.setdefault(place, placed.frame.hash)
                known = self.places.get(place, placed.frame.hash)
                assert known == placed.frame.hash or self.forks_possible

    # --- the end
    def teardown(self) -> None:
        """Quiet days: everybody exchanges with everybody, and then all is where it belongs."""
        if not hasattr(self, "sites"):
            return
        settle(self.sites, 10)
        self._all_delivered()
        self._all_equal()
        quiet = [site.state() for site in self.sites.values()]
        settle(self.sites, 2)
        assert [site.state() for site in self.sites.values()] == quiet
        self.holds()

    def _all_delivered(self) -> None:
        for act in self.alive:
            for address in self.intended[act][2]:
                assert act in self.sites[address].application.ids, (act, address)

    def _all_equal(self) -> None:
        heads: dict[StreamId, set[object]] = {}
        for site in self.sites.values():
            assert not site.spool.gap_streams()
            for stream in site.spool.streams():
                if stream.upto:
                    heads.setdefault(stream.id, set()).add((stream.upto, stream.head))
        assert all(len(found) == 1 for found in heads.values()), heads


TestPath = Path.TestCase
TestPath.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=list(HealthCheck)
)
