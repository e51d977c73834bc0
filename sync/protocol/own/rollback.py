"""A node's own rollback: how it is known, and what follows from it.

A node concludes only its *own* rollback: from its witness, or from a frame or
receipt signed by its own key that it does not have. Nobody else's word makes
it do anything but send again.
"""

from __future__ import annotations

from collections.abc import Sequence

from sync.protocol import signed
from sync.protocol.core import Core
from sync.protocol.errors import NotEnrolled
from sync.protocol.own.issue import open_epoch
from sync.protocol.receipts import Receipt
from sync.protocol.receipts_kept import is_on_chain
from sync.protocol.rotation import is_gone, next_key
from sync.protocol.signing import KeyPair
from sync.protocol.spool import ERA, VOID, Neighbour
from sync.protocol.streams import Epoch, read_epoch
from sync.protocol.witness import Word, behind, number_of

# More exchanges than anybody makes between two backups: no acknowledgement of before may fit a new one.
COUNTER_LEAP = 1_000_000
# No honest exchange has a higher number.
COUNTER_MAX = 2**50
# What was sent after what a neighbour says it has heard is above that, but not by so much.
_CATCH_UP_LEAP = 1_000
_INSTANCE_BYTES = 8
_LEAP_BYTES = 2
LATER_EPOCH = "own later epoch came back"
LATER_EPOCHS_MAX = 12
# No epoch has this number: among those of a node it says that one of them is such.
LATER = 0


def awake(core: Core, word: Word | None, now_ms: int) -> str:
    """Compare the database with the witness at the start, before anything is signed; return what was found.

    Returns:
        "" when they agree. Else why this is an older copy: the node now has a
        new epoch and a higher incarnation, and asks its neighbours for all
        that is its own.
    """
    if not core.identity.epoch:
        return ""
    _number_afresh(core)
    reason = behind(core, word)
    if reason:
        core.identity.instance = word.instance if word else core.means.random(_INSTANCE_BYTES).hex()
        begin_anew(core, reason, now_ms, word)
    return reason


def _number_afresh(core: Core) -> None:
    """Leave out some numbers of exchanges at every start, others each time.

    A disk put back whole cannot know of what it sent since: so none of its
    exchanges is taken for one of those, and its neighbours listen at once.
    """
    for neighbour in core.spool.neighbours():
        if neighbour.mine:
            # Where none is remembered, this one is: by it the next are known that a lost life made.
            neighbour.sent = neighbour.sent or {neighbour.mine: VOID}
            neighbour.mine += _leap(core)
            core.spool.put_neighbour(neighbour)
    core.leap = _leap(core)


def _leap(core: Core) -> int:
    return 1 + int.from_bytes(core.means.random(_LEAP_BYTES), "big")


def number_next(core: Core, neighbour: Neighbour) -> None:
    """Number an exchange. With whom none is known the numbers begin above some that this start leaves out.

    For there may have been some: the disk may be put back to before the first one.
    """
    if not neighbour.mine and core.leap:
        neighbour.mine, neighbour.sent = core.leap, {0: VOID}
    neighbour.mine += 1


def begin_anew(core: Core, reason: str, now_ms: int, word: Word | None = None) -> None:
    """This node was put back from an older copy: nothing more is signed into its epoch.

    Args:
        word: what the witness says of the time since, if anything.
    """
    key = _key(core)
    core.found.begun = reason if key is not None else f"{reason}, and no key to go on with"
    core.note("S128", core.me, core.found.begun)
    if key is None:
        return
    open_epoch(core, key, reason, now_ms, word.n if word else 0)
    core.found.epochs.pop(core.me, None)
    core.found.has_later = False
    take_higher_incarnation(core, word.incarnation if word else 0)


def _key(core: Core) -> KeyPair | None:
    """Return the key of the current epoch, else the newest one of this node that the roster knows."""
    try:
        return next_key(core) or core.own_key()
    except NotEnrolled:
        known = [pair for pair in core.means.keys.values() if core.roster.any_key(core.me, pair.id)]
        return known[-1] if known else None


def leave_revoked_key(core: Core, now_ms: int) -> None:
    """Begin anew under the key that the roster names, if this node has it and the one in use is gone.

    Put back to before its key was replaced it speaks with the next one and is heard, whether or not it went
    over to another since; what it signs with the one in use would count nowhere, and nobody would tell.
    """
    if next_key(core) is not None:
        begin_anew(core, "the key in use is revoked", now_ms)


def take_higher_incarnation(core: Core, above: int) -> None:
    """Receipts of before may say more than is here: from now on this node's newer word counts.

    Every receipt is signed again, and every neighbour is told and asked everything.
    """
    core.identity.incarnation = max(core.identity.incarnation, above) + 1
    for stream in core.streams():
        if stream.id.src != core.me and stream.receipted != (0, 0):
            stream.receipted = (0, 0)
            core.touch(stream)
    for neighbour in core.spool.neighbours():
        neighbour.owe_all()
        neighbour.mine += COUNTER_LEAP
        neighbour.ask_full = 1
        core.spool.put_neighbour(neighbour)


def catch_up(core: Core, neighbour: Neighbour, newest: int) -> None:
    """If it has heard an exchange this node does not know it has made: say things anew under a higher number.

    So it will listen again. That is its word alone, so nothing else follows from it.
    """
    if not neighbour.mine < newest <= COUNTER_MAX:
        return
    neighbour.sent = neighbour.sent or {neighbour.mine: VOID}
    neighbour.mine = newest + _CATCH_UP_LEAP
    neighbour.owe_all()
    neighbour.ask_full = 1
    core.spool.put_neighbour(neighbour)


def is_of_lost_life(neighbour: Neighbour, newest: int) -> bool:
    """Say whether it has heard an exchange by a number that was left out here: one of a life that is lost.

    So it may take for known here what came in that life, and have lost nothing of which that one said that
    it has it: until it hears this life it is to be told all, and asked for all.
    """
    sent = neighbour.sent
    return bool(sent) and min(sent) < newest <= neighbour.mine and newest not in sent


def remind(core: Core, neighbour: Neighbour) -> None:
    """It speaks from before an epoch of its own: an old stick, or it was put back whole and cannot know.

    What it signed since is among what it is told next, and that it believes. It is told in the plain
    format: the program put back with it may not read what a later one did.
    """
    if neighbour.acked_stamp or max(neighbour.sent.values(), default=VOID) > 0 or neighbour.reads:
        neighbour.owe_all()
        neighbour.reads = ()
        core.spool.put_neighbour(neighbour)


def meet_older(core: Core, neighbour: Neighbour, rank: tuple[int, int], known: Sequence[str]) -> bool:
    """Say whether an exchange is no newer than what was heard: an old stick, or who wrote it was put back.

    Then it may run an older program, and cannot learn from us what it could not read: of the dictionaries
    only those are used from now on it says it knows (`known`).

    What was heard counts no more if it came from an era in which its author signed nothing that is here:
    bytes of before both were put back came late. Nothing would tell it of that era, and it were never heard.
    """
    if rank > (neighbour.era, neighbour.counter):
        return False
    if rank[0] < neighbour.era:
        if not _has_proof(core, neighbour, rank[0]):
            return False
        remind(core, neighbour)
        return True
    reads = tuple(name for name in neighbour.reads if name in known or name not in core.means.dictionaries)
    if reads != neighbour.reads:
        neighbour.reads = reads
        core.spool.put_neighbour(neighbour)
    return True


def _has_proof(core: Core, neighbour: Neighbour, era: int) -> bool:
    """Say whether something is here by which a neighbour that speaks in `era` learns of the later one."""
    number, address = neighbour.era // ERA, neighbour.address
    if era // ERA < number:
        epochs = [h for h in core.spool.all_held(signed.EPOCH) if h.key.startswith(f"{address}|")]
        return any(h.rank[0] >= number and not is_gone(core, read_epoch(h.statement)) for h in epochs)
    receipts = [h for h in core.spool.all_held(signed.RECEIPT) if h.key.split("|")[3] == address]
    return any(h.rank[0] >= neighbour.incarnation for h in receipts)


def meet_own_receipt(core: Core, receipt: Receipt) -> None:
    """A receipt this node signed came back: it may say more than this node now holds."""
    if receipt.incarnation < core.identity.incarnation or not _is_mine(core, receipt):
        return
    stream = core.stream(receipt.stream)
    if receipt.incarnation == core.identity.incarnation and stream is not None:
        if receipt.upto < stream.base:
            return
        if is_on_chain(core.spool, stream, receipt):
            return
    take_higher_incarnation(core, receipt.incarnation)


def meet_own_epoch(core: Core, record: Epoch) -> None:
    """An epoch this node opened came back that is later than its own: it goes on in one above that.

    Two copies of one node at work would drive each other on for ever, so after
    some such steps it is left to people, who are told. Steps by a key that is
    revoked by now count no more: people have ended that, and it has another.
    """
    if core.found.has_later or record.n <= number_of(core.identity.epoch) or is_gone(core, record):
        return
    # Once in a unit: whoever has the key makes many.
    core.found.has_later = True
    own = [held for held in core.spool.all_held(signed.EPOCH) if held.key.startswith(f"{core.me}|")]
    later = [one for one in (read_epoch(held.statement) for held in own) if one.reason == LATER_EPOCH]
    steps = [one for one in later if not is_gone(core, one)]
    if steps:
        core.note("S122", core.me, "later epochs of our own keep coming")
    if len(steps) < LATER_EPOCHS_MAX:
        core.found.behind = LATER_EPOCH


def _is_mine(core: Core, receipt: Receipt) -> bool:
    src, _, dst = receipt.stream
    if not core.tree.holds(src, dst, core.me):
        return False
    statement, key_id = receipt.statement, receipt.statement.key_id
    if key_id in core.roster.revoked(core.me):
        return False
    own = core.means.keys.get(key_id)
    key = own.public if own else core.roster.key(core.me, key_id)
    return key is not None and statement.signed_by(key, core.suite)


def settle_rollback(core: Core, now_ms: int) -> None:
    """Begin anew when something own came that was not here; once for all of a batch."""
    reason, core.found.behind = core.found.behind, ""
    if reason:
        begin_anew(core, reason, now_ms)


def has_twin(core: Core, record: Epoch) -> bool:
    """Say whether an epoch shows that two copies of a node are at work, or one was put back time and again.

    Two epochs have one number, or a node has gone above a later epoch of its own more than once. They are
    looked through once in a unit, and not read: a thief makes many.
    """
    is_later, known = record.reason == LATER_EPOCH, core.found.epochs.get(record.src)
    if known is None:
        name, said = f"{record.src}|{record.id}", LATER_EPOCH.encode()
        held = [h for h in core.spool.all_held(signed.EPOCH) if h.key.startswith(f"{record.src}|")]
        held = [h for h in held if h.key != name]
        known = {h.rank[0] for h in held} | {LATER for h in held if said in h.statement.payload}
        core.found.epochs[record.src] = known
    is_twin = record.n in known or (is_later and LATER in known)
    known |= {record.n, LATER} if is_later else {record.n}
    return is_twin
