"""Somebody steals the key and the disk of a node, and works with them until the key is revoked, and after."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from sync.protocol import signed
from sync.protocol.frame import StreamId
from sync.protocol.receipts import Receipt, make_receipt, read_receipt
from sync.protocol.signed import Statement
from sync.protocol.spool import Placed
from sync.protocol.streams import read_epoch
from sync.protocol.trust.revocation import STOLEN, Line, Revocation, lines_of
from tests.simulation.belongings import belongings, draw_what_is_due
from tests.simulation.carriers import HOUR_MS, LineFault
from tests.simulation.clerks import Desk
from tests.simulation.copies import put_back, take_copy
from tests.simulation.faults import PowerCut
from tests.simulation.forgeries import Forger
from tests.simulation.intended import Intended
from tests.simulation.site import Site
from tests.simulation.standing import is_in_office

if TYPE_CHECKING:
    from tests.simulation.world import County

BACK_DATED_MS = -20 * 24 * HOUR_MS
RAN_AHEAD = 7
# Whoever tells others again what they have forgotten lets them first hear it by themselves.
LOOKED_AGAIN_MS = 12 * HOUR_MS


class Fence:
    """What the judge hears of the thief's own computer: what it signs is forged, and nothing else counts."""

    def __init__(self, county: County, address: str) -> None:
        self.county = county
        self.judge = county.oracle
        self.trust = county.oracle.trust
        self.sites = county.sites
        self.forgetful = self.undone = {address}
        self.acts: Mapping[str, Intended] = ChainMap(self.judge.acts, self.trust.forged)
        self._pending: list[tuple[str, Intended]] = []

    def begin(self) -> None:
        """A unit opens."""
        self._pending = []

    def intended(self, site: Site, act: str, draft: tuple[str, bytes, Any, tuple[str, ...]]) -> None:
        """The thief announces an act."""
        kind, content, blobs, to = draft
        self._pending.append((act, Intended(site.address, kind, content, blobs, to)))

    def committed(self, site: Site) -> None:
        """What the thief's computer has signed now is known to the judge as forged."""
        self.trust.forged.update(self._pending)
        for held in site.spool.news_held:
            if held.sort == signed.EPOCH:
                record = read_epoch(held.statement)
                self.trust.epochs.setdefault(StreamId(record.src, record.id, ""), record)
        for news in site.spool.news:
            if isinstance(news, Placed) and news.frame.header.stream.src == site.address:
                self.trust.forge(news.frame)

    def paper(self, name: str, content: bytes) -> None:
        """A paper that only the thief has."""
        self.judge.papers[name] = content
        self.judge.lost_papers.add(name)

    def given(self, site: Site, acts: Sequence[Any], result: Any) -> None:
        """Whatever the thief's computer applies is the thief's own affair."""

    def taken_back(self, site: Site, acts: Sequence[str]) -> None:
        """And what it takes back."""

    def check_tick(self, site: Site, act: str) -> None:
        """And what it shows."""

    def fail(self, invariant: int, site: Site, text: str) -> None:
        """And what goes wrong there."""


class Loot(Site):
    """The thief's own computer: the same program over a copy of the disk, with the stolen keys."""

    def __init__(self, site: Site, fence: Fence) -> None:
        identity = site.spool.identity()
        assert identity is not None
        super().__init__(site.address, site.county, identity.fingerprint, site.suite)
        self.rng = Random(f"{site.county.seed}/loot")
        self.oracle = fence  # type: ignore[assignment]
        self.keys = dict(site.keys)
        put_back(self, take_copy(site), 1)
        self.enrolled = 1
        self.skew_ms = BACK_DATED_MS
        self.start()

    def point(self, where: str) -> None:
        """The thief's power holds."""


class Thief:
    """The theft of one key in one county, if there is one in this seed; drawn apart from all else."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.rng = Random(f"{county.seed}/thief")
        self.loot: Loot | None = None
        self.forger: Forger | None = None
        self.is_over = 1

    def plan(self) -> None:
        """Draw whose key is stolen, when, and whether the computer goes with it."""
        county, rng = self.county, self.rng
        if rng.random() >= county.shape.trouble.theft:
            return
        self.is_over = 0
        span = int(county.shape.days * 24 * HOUR_MS)
        at = rng.randrange(span // 10, span // 2)
        county.later(at, self.steal, rng.choice(county.addresses[1:]), rng.randrange(2))
        county.later(at + rng.randrange(3 * HOUR_MS, max(4 * HOUR_MS, span // 3)), self.accuse)

    def steal(self, address: str, is_gone: int) -> None:
        """Copy key and disk; with `is_gone` the computer itself is away."""
        county, site = self.county, self.county.sites[address]
        confirmed = site.enrolled and site.alive and self._good_keys(address)
        if not county.is_open:
            return
        if not confirmed:
            county.later(HOUR_MS, self.steal, address, is_gone)
            return
        county.oracle.trust.stolen.add(address)
        county.oracle.forgetful.add(address)
        self.loot = Loot(site, Fence(county, address))
        self.forger = Forger(self.loot, self.rng)
        if is_gone:
            site.switch_off()
            site.is_gone = 1
        county.faults.count("computer_stolen" if is_gone else "key_stolen")
        county.trace("stolen", address, is_gone)
        desk = Desk(self.loot, county)
        desk.rng = Random(f"{county.seed}/thief's desk")
        for wait in (1, 2, 4):
            county.later(self.rng.randrange(wait * HOUR_MS), desk.file)
        desk.visit()
        county.line_at(self.loot, HOUR_MS)
        county.later(self.rng.randrange(HOUR_MS), self.turn)

    def _good_keys(self, address: str) -> tuple[str, ...]:
        top, site = self.county.sites[self.county.addresses[0]], self.loot or self.county.sites[address]
        entry = top.peer.core.roster.entries.get(address)
        return tuple(key.id for key in entry.good_keys if key.id in site.keys) if entry else ()

    # --- what the thief does besides the work of a desk
    def turn(self) -> None:
        """Try something, and again later, also when nobody listens any more."""
        county, loot = self.county, self.loot
        if loot is None or not county.is_open:
            return
        county.later(self.rng.randrange(HOUR_MS, 4 * HOUR_MS), self.turn)
        self._run_ahead(loot)
        target = county.sites[self.rng.choice(loot.ancestors)]
        if target.alive and target.enrolled and loot.address in target.tree:
            self._try_on(target)

    def answers(self, child: Site, url: str) -> Site | None:
        """Return the thief's computer where it answers in the place of the robbed one, now and then."""
        loot = self.loot
        is_it = loot is not None and loot.alive and url == loot.address and child is not loot
        if not is_it or self.rng.random() < 0.6:
            return None
        self.county.faults.count("thief_answered")
        return loot

    def _run_ahead(self, loot: Loot) -> None:
        """Sign receipts for more than anybody has, papers and all, to those below."""
        with loot.unit():
            core = loot.peer.core
            for stream in core.streams():
                if stream.id.src != loot.address and stream.upto and stream.id.src.startswith(loot.address):
                    held = core.spool.held(signed.RECEIPT, self._key_of(stream.id, loot.address))
                    upto = stream.upto + RAN_AHEAD
                    if held is not None and held.rank[1] < upto:
                        said = read_receipt(held.statement)
                        made = self._receipt(said, upto)
                        core.keep(made.statement, made.key, made.rank)
                        self.county.faults.count("receipt_forged")

    def _key_of(self, stream: StreamId, signer: str) -> str:
        return f"{stream}|{signer}|{'end' if stream.dst == signer else 'hop'}"

    def _receipt(self, said: Receipt, upto: int) -> Receipt:
        assert self.loot is not None
        fields = Receipt(
            said.stream,
            said.signer,
            said.kind,
            said.incarnation,
            upto,
            self.rng.randbytes(32).hex(),
            upto,
            (),
            said.at,
            Statement(signed.RECEIPT, b"", ()),
        )
        return make_receipt(fields, self.loot.peer.core.own_key(), self.loot.suite)

    def _try_on(self, target: Site) -> None:
        """Hand in what no program makes: it may change nothing where the key is known to be lost."""
        assert self.forger is not None
        kind, data = self.forger.next_for(target)
        if not data:
            return
        gone = target.peer.core.roster.revoked(self.forger.loot.address)
        is_cut = self.forger.key_id in gone
        draw_what_is_due(target, data)
        before = belongings(target)
        try:
            report = target.engine.receive([data])
        except LineFault:
            return
        self.county.faults.count(kind)
        self.county.trace("forged", target.address, f"{kind} {report}")
        # What the county has lost since may come back to it from a thief's disk as well: it has signed it.
        is_news = kind.endswith("_roster") and self.county.addresses[0] in self.county.oracle.forgetful
        if (is_cut or kind in self.forger.harmless) and not is_news and belongings(target) != before:
            self.county.oracle.fail(11, target, f"{kind} by a thief changed something")
        if is_cut:
            self.county.faults.count("thief_refused")
            if report.sender:
                self.county.oracle.fail(11, target, "listens to a key it knows to be revoked")

    # --- what becomes of it
    def accuse(self) -> None:
        """Somebody finds out: the key is revoked where what is genuine ends, and another takes its place."""
        county = self.county
        top = county.sites[county.addresses[0]]
        if self.loot is None:
            self.is_over = int(not county.is_open)
            if not self.is_over:
                county.later(HOUR_MS, self.accuse)
            return
        address = self.loot.address
        site, keys = county.sites[address], self._good_keys(address)
        if not (top.alive and is_in_office(top)) or (keys and self.rng.random() < 0.2 and county.is_open):
            county.later(HOUR_MS, self.accuse)
            return
        try:
            if keys:
                self._revoke(top, keys)
        except PowerCut:
            county.later(HOUR_MS, self.accuse)
            raise
        if not self.is_over:
            self.is_over = 1
            county.later(HOUR_MS, county.standing.decide_all)
            county.later(LOOKED_AGAIN_MS, self.look_again)
        if site.is_gone:  # Last: the power may be cut while it starts.
            site.is_gone = 0
            county.restart(site)

    def look_again(self) -> None:
        """Put back to before it, the top and all who knew have forgotten the revocation: it is said anew."""
        county = self.county
        if county.is_open and self.loot is not None:
            county.later(LOOKED_AGAIN_MS, self.look_again)
            if self._good_keys(self.loot.address):
                self.accuse()

    def _revoke(self, top: Site, keys: tuple[str, ...]) -> None:
        assert self.loot is not None
        county, address = self.county, self.loot.address
        with top.unit():
            county.standing.enter_newcomers(top, address)
        cut = {line.stream: self._genuine(top, line) for line in lines_of(top.peer.core, address)}
        county.standing.cut_off(Revocation(address, STOLEN, keys, cut))
        county.faults.count("stolen_key_revoked")
        county.trace("revoked", address, "stolen")

    def _genuine(self, top: Site, line: Line) -> int:
        """Return up to where a stream holds nothing forged in the top's copy: a person has looked at it."""
        here, place = top.spool.stream(line.stream), 0
        trust = self.county.oracle.trust
        if here is None:
            return 0
        for placed in top.spool.frames_after({line.stream: here.base}, 0, 10_000):
            if placed.frame.act in trust.forged:
                break
            place = placed.frame.header.seq
        return place

    def be_kind(self) -> None:
        """The thief gives up; whoever was robbed has been heard."""
        if self.loot is not None:
            self.loot.switch_off()
        if not self.is_over or (self.loot is not None and self._good_keys(self.loot.address)):
            self.accuse()
