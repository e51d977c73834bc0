"""Exchanges no program of ours makes, well sealed and signed with a stolen key."""

from __future__ import annotations

import hashlib
import zlib
from random import Random
from typing import TYPE_CHECKING

from common.casework.rules.shape import REPORTED
from sync.protocol import canonical, signed
from sync.protocol.core import TRUST_SORTS
from sync.protocol.exchange import write
from sync.protocol.frame import SALT_BYTES, SIGNED_AS, Frame, make_body, rebuild
from sync.protocol.frame_items import encode_frames
from sync.protocol.items import encode_statement
from sync.protocol.offer import Budget
from sync.protocol.records import FRAMES, HELLO, LOOSE, Item, pack_record, varint
from sync.protocol.signed import Statement
from tests.simulation.intended import Intended

if TYPE_CHECKING:
    from tests.simulation.site import Site

BOMB = bytes((2,)) + varint(0) + zlib.compress(bytes(3_000_000), 9)


class Forger:
    """Makes one forgery after the other from a stolen disk and key."""

    # What must change nothing at all, whatever the receiver knows.
    harmless = ("thief_bomb", "thief_double_key", "thief_malformed", "thief_cross_signed", "thief_oversize")

    def __init__(self, loot: Site, rng: Random) -> None:
        self.loot = loot
        self.rng = rng
        self.key_id = loot.peer.core.own_key().id
        self.old_trust = [h.statement for sort in TRUST_SORTS for h in loot.spool.all_held(sort)]
        self.mixing = Random(f"{loot.county.seed}/mixed roster")
        self._kinds = (*self.harmless, "thief_old_roster", "thief_loose", "thief_back_dated", "thief_fork")

    def next_for(self, target: Site) -> tuple[str, bytes]:
        """Return what is tried this time, and its bytes; none when there is nothing to make it of."""
        kind = self.rng.choice(self._kinds)
        if kind == "thief_old_roster" and self.mixing.random() < 0.6:
            kind = "thief_mixed_roster"
        if target.address not in self.loot.tree.up(self.loot.address):
            return kind, b""
        plains = getattr(self, f"_{kind.removeprefix('thief_')}")()
        return kind, self._exchange(target.address, plains) if plains else b""

    def _exchange(self, receiver: str, plains: list[bytes]) -> bytes:
        loot = self.loot
        with loot.unit():
            plan = loot.peer.plan(receiver, Budget(0), loot.evidence())
            own = loot.peer.core.means.keys[plan.head.sender_key]
            theirs = loot.peer.core.roster.any_key(receiver, plan.head.receiver_key)
        assert theirs is not None
        self.key_id = plan.head.sender_key
        head = plan.head._replace(dictionary="")
        return b"".join(write(head, (own, theirs), self.rng.randbytes(32), plains, loot.suite))

    # --- what breaks the format
    def _bomb(self) -> list[bytes]:
        return [BOMB]

    def _double_key(self) -> list[bytes]:
        payload = b'{"v":1,"v":1}'
        bad = Statement(signed.RECEIPT, payload, (("0" * 32, bytes(64)),))
        items = (Item(HELLO, b'{"ack":1,"ack":2}'), encode_statement(bad))
        return [pack_record([item], b"") for item in items]

    def _malformed(self) -> list[bytes]:
        good = bytearray(self.rng.randbytes(200))
        return [pack_record([Item(FRAMES, bytes(good), self.rng.randbytes(300))], b""), bytes(good)]

    def _oversize(self) -> list[bytes]:
        frame = self._any_frame()
        if frame is None:
            return []
        content = self.rng.randbytes(90_000).hex().encode()
        item = encode_frames(FRAMES, [frame._replace(body=frame.body + content[:70_000])])
        return [pack_record([Item(FRAMES, item.text[:9_000], item.raw[:7_000])], b"")]

    def _cross_signed(self) -> list[bytes]:
        """A receipt under the signature of a frame, and a frame's header called a receipt."""
        frame = self._any_frame()
        held = self.loot.spool.all_held(signed.RECEIPT)
        if frame is None or not held:
            return []
        lent = Statement(signed.RECEIPT, held[0].statement.payload, ((self.key_id, frame.signature),))
        called = Statement(signed.RECEIPT, frame.header_bytes, ((self.key_id, frame.signature),))
        return [pack_record([encode_statement(one)], b"") for one in (lent, called)]

    def _any_frame(self) -> Frame | None:
        """Return some own frame on the stolen disk."""
        spool, me = self.loot.spool, self.loot.address
        starts = {s.id: s.base for s in spool.streams() if s.id.src == me}
        frames = [placed.frame for placed in spool.frames_after(starts, 0, 500) if placed.frame.body]
        return self.rng.choice(frames) if frames else None

    # --- what keeps the format
    def _old_roster(self) -> list[bytes]:
        some = self.rng.sample(self.old_trust, min(6, len(self.old_trust)))
        return [pack_record([encode_statement(one)], b"") for one in some]

    def _mixed_roster(self) -> list[bytes]:
        """Parts of two rosters as if they were one: entries from when the disk was stolen, others of now."""
        top = self.loot.county.sites[self.loot.county.addresses[0]]
        now = [held.statement for sort in TRUST_SORTS for held in top.spool.all_held(sort)]
        changed = [one for one in now if one not in self.old_trust]
        gone = [one for one in self.old_trust if one not in now]
        if not changed or not gone:
            return []
        parts = [self.mixing.choice(pair) for pair in zip(changed, gone, strict=False)]
        some = [*parts, self.mixing.choice(changed), self.mixing.choice(gone)]
        self.mixing.shuffle(some)
        return [pack_record([encode_statement(one) for one in some], b"")]

    def _loose(self) -> list[bytes]:
        """An act at no place that was ever signed, as if somebody had asked for it."""
        frame = self._forged(1)
        return [pack_record([encode_frames(LOOSE, [frame])], b"")] if frame else []

    def _back_dated(self) -> list[bytes]:
        """An act at a place that is taken since long, beside all streams."""
        frame = self._forged(0)
        return [pack_record([encode_frames(LOOSE, [frame])], b"")] if frame else []

    def _fork(self) -> list[bytes]:
        """Another act at a place that is taken since long."""
        frame = self._forged(0)
        return [pack_record([encode_frames(FRAMES, [frame])], b"")] if frame else []

    def _forged(self, is_beyond: int) -> Frame | None:
        """Sign a report at the place of an own act, or far beyond all of them; the judge is told."""
        old = self._any_frame()
        found = self._report_like(old) if old is not None else None
        if old is None or found is None:
            return None
        kind, content, to = found
        record = self.loot.peer.core.epoch(self.loot.address, old.header.stream.epoch)
        key = self.loot.keys.get(record.key_id) if record else None
        if key is None:
            return None
        body = make_body(self.rng.randbytes(SALT_BYTES), content)
        header = old.header._replace(
            kind=kind,
            seq=old.header.seq + 1_000 * is_beyond,
            body_hash=hashlib.sha256(body).digest(),
            body_len=len(body),
            blobs=(),
            enc="",
        )
        frame = rebuild(header, body, self.loot.suite.sign(key, SIGNED_AS, header.encode()))
        trust = self.loot.county.oracle.trust
        trust.forged[frame.act] = Intended(self.loot.address, kind, content, (), to)
        trust.forge(frame)
        return frame

    def _report_like(self, old: Frame) -> tuple[str, bytes, tuple[str, ...]] | None:
        """Return a report on a case the disk knows: the applicant is said to withdraw it."""
        known = [case for case in self.loot.book.cases.values() if case.state.parties]
        if not known:
            return None
        case = self.rng.choice(known).state
        to = (old.header.stream.dst,)
        body = {
            "case": case.case,
            "data": {
                "actor": {"department": "", "login": "a", "name": "张某", "role": "AGENT"},
                "at": self.loot.evidence().wall,
                "note": "申请人要求撤回。",
                "papers": [],
                "seen": case.last,
            },
            "report": "withdraw",
            "to": list(to),
        }
        return REPORTED, canonical.dumps(body), to
