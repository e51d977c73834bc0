"""The state parts of an exchange: who holds what, who is trusted, who wants what. The newest wins."""

from __future__ import annotations

from sync.protocol import signed
from sync.protocol.acts.unnamed import is_to_be_disowned
from sync.protocol.address import Tree
from sync.protocol.core import TRUST_SORTS, Core
from sync.protocol.documents import is_wanted, keep_former, keep_newest, learn_docs, note_giver
from sync.protocol.errors import BadFrame, BadReceipt, BadRoster
from sync.protocol.exchange import Head
from sync.protocol.found import heed_end
from sync.protocol.incoming.doubts import meet_vector
from sync.protocol.items import Hello, digest_of, encode_statement
from sync.protocol.own.deltas import DocDelta, knows_differences, rebuild
from sync.protocol.own.issue import versions_end
from sync.protocol.own.republish import meet_twin, pass_over
from sync.protocol.own.rollback import (
    catch_up,
    has_twin,
    is_of_lost_life,
    meet_older,
    meet_own_epoch,
    meet_own_receipt,
)
from sync.protocol.receipts import DISAGREES, END, is_outlived, read_receipt, verify_receipt
from sync.protocol.receipts_kept import is_off_chain
from sync.protocol.records import fits_one_record
from sync.protocol.rotation import fallen_key, is_key_gone, learn_rotation
from sync.protocol.shelf import CONTENT_BYTES_MAX, read_doc
from sync.protocol.signed import Statement
from sync.protocol.spool import ERA, Neighbour
from sync.protocol.stock.loose import owe_loose, owe_what_passed
from sync.protocol.stock.once import give_all_again, part_came
from sync.protocol.stock.purging import told_older_word
from sync.protocol.streams import read_epoch
from sync.protocol.trust.appointments import NEWEST, keep_appointment, note_second
from sync.protocol.trust.lives import meet_former, meet_other
from sync.protocol.trust.state_in import VECTOR_LINES_MAX, StateIn
from sync.protocol.trust.unbelieved import REFUSED_MAX, given_up
from sync.protocol.twins import is_twin
from sync.protocol.witness import number_of

_SURELY_FITS_BYTES = 12_000


def take_statement(core: Core, state: StateIn, statement: Statement, content: bytes) -> None:
    """Take in one signed statement; what cannot be believed yet is left for their next exchange, noted."""
    if not _can_be_passed_on(statement, content):
        core.note("S110", state.head.sender, statement.sort)
        return
    try:
        if statement.sort in TRUST_SORTS:
            _take_trust(core, statement)
        elif statement.sort == signed.EPOCH:
            _take_epoch(core, statement)
        elif statement.sort == signed.RECEIPT:
            take_receipt(core, statement)
        elif statement.sort == signed.SHELF:
            _take_doc(core, state, statement, content)
    except (BadRoster, BadReceipt, BadFrame) as problem:
        state.untrusted += 1
        state.refused += [statement] if len(state.refused) <= REFUSED_MAX else []
        core.note(problem.code, state.head.sender, problem.detail)


def take_delta(core: Core, state: StateIn, delta: DocDelta) -> None:
    """Take in a document sent as a difference, as if it had come whole; if that fails it will come whole."""
    base = core.spool.doc(delta.base)
    if base is None:
        state.untrusted += 1
        core.note("S126", state.head.sender, delta.base[:16])
        return
    try:
        statement, content = rebuild(delta, base)
    except BadRoster as problem:
        state.untrusted += 1
        core.note(problem.code, state.head.sender, problem.detail)
        return
    take_statement(core, state, statement, content)


def _can_be_passed_on(statement: Statement, content: bytes) -> bool:
    if len(statement.payload) > signed.STATEMENT_BYTES_MAX or len(content) > CONTENT_BYTES_MAX:
        return False
    few = len(statement.payload) + len(content) <= _SURELY_FITS_BYTES
    return few or fits_one_record(encode_statement(statement, content), 0)


def _take_trust(core: Core, statement: Statement) -> None:
    before = core.tree
    if not core.roster.offer(statement):
        note_second(core, statement)
        meet_other(core, statement)
        return
    keep_trust(core, statement)
    if core.tree is not before and before.top:
        tree_changed(core, before)


def keep_trust(core: Core, statement: Statement) -> None:
    """Keep a trust statement; the appointment of a former roster key stays beside the newest."""
    if statement.sort == signed.APPOINTMENT:
        keep_appointment(core, statement)
        return
    former = core.spool.held(statement.sort, key := trust_key(statement))
    core.keep(statement, key, (1, 0, 0))
    # Where none is in its place one may have been put away, see `unsigned`, and is to be told once more.
    meet_former(core, former.statement if former is not None else statement)


def tree_changed(core: Core, before: Tree) -> None:
    """A roster entry was taken in: when it moved anyone, all neighbours get all that concerns them again.

    One more leaf where arithmetic already had it moves nobody.
    """
    after = core.tree
    if after.says_the_same(before):
        # A key, a name: entries change more often than places, and each asks who stands where.
        return
    # Also on account of who is not entered here, and moved because another was relieved.
    owe_what_passed(core, before)
    if all(before.up(a) == after.up(a) for a in {*before.addresses(), *after.addresses()}):
        return
    for neighbour in core.spool.neighbours():
        neighbour.owe_all()
        core.spool.put_neighbour(neighbour)


def trust_key(statement: Statement) -> str:
    """Return what a trust statement is kept under."""
    fields = statement.fields()
    if statement.sort == signed.ENTRY:
        return str(fields["address"])
    if statement.sort == signed.VOUCH:
        return f"{fields['child']}|{fields['key']['id']}"
    return NEWEST


def _take_epoch(core: Core, statement: Statement) -> None:
    record = read_epoch(statement)
    if core.epoch(record.src, record.id) is not None:
        return
    learn_rotation(core.roster, statement)
    key = core.roster.any_key(record.src, record.key_id) or fallen_key(core, record)
    if key is None or not statement.signed_by(key, core.suite):
        raise BadFrame(f"epoch {record.id} of {record.src}")
    core.keep(statement, f"{record.src}|{record.id}", (record.n, 0, 0))
    if has_twin(core, record):
        core.note("S122", record.src, f"epoch {record.n} beside another")
    if record.src == core.me:
        meet_own_epoch(core, record)


def take_receipt(core: Core, statement: Statement) -> None:
    """Keep a receipt if it is newer than the one held.

    Raises:
        BadReceipt: malformed or not signed by its signer; nothing changed.
    """
    receipt = read_receipt(statement)
    told_older_word(core, receipt)
    held = core.spool.held(signed.RECEIPT, receipt.key)
    if receipt.signer == core.me:
        meet_own_receipt(core, receipt)
        return
    gone = core.roster.revoked(receipt.signer)
    if held is not None and held.rank >= receipt.rank and not is_outlived(held.statement, statement, gone):
        return
    src, _, dst = receipt.stream
    if not core.tree.holds(src, dst, receipt.signer):
        # From before somebody moved, or about nothing: either way no one's business any more.
        return
    verify_receipt(receipt, core.believed_key(receipt.signer, statement.key_id), core.suite)
    stream = core.stream(receipt.stream)
    disagrees = stream is not None and is_off_chain(core.spool, stream, receipt)
    if disagrees:
        core.note("S120", receipt.signer, f"receipt off chain {receipt.stream} {receipt.upto}")
    core.keep(statement, receipt.key, receipt.rank, DISAGREES if disagrees else b"")
    if stream is not None and receipt.kind == END:
        heed_end(core, stream, receipt)


def _take_doc(core: Core, state: StateIn, statement: Statement, content: bytes) -> None:
    doc = read_doc(statement, content)
    held = core.spool.held(signed.SHELF, doc.slot)
    if held is not None and held.statement.hash == statement.hash:
        note_giver(core, state.head, rank_of(state.head), doc)
    is_former = held is not None and held.rank[0] >= doc.version and not is_to_be_disowned(core, held)
    is_other = is_former and is_twin(core, held, doc, state.head.sender)
    is_asked = is_former and is_wanted(core, statement.hash)
    if is_former and not is_other and not is_asked:
        return
    key = core.roster.good_key(doc.author, statement.key_id)
    if key is None and is_key_gone(core, doc.author, statement.key_id):
        # No reason to be sent the exchange again: it will never be believed.
        state.docs += pass_over(core, held, doc)
        return
    is_above = doc.author in core.tree.up(doc.audience)
    is_beyond = doc.version >= versions_end(core, doc.author)
    if key is None or not is_above or is_beyond or not statement.signed_by(key, core.suite):
        raise BadRoster(f"shelf document by {doc.author}")
    if is_asked:
        # Who gives it may have another one in force.
        keep_former(core, doc)
        state.fetched += 1
    else:
        note_giver(core, state.head, rank_of(state.head), doc)
    if not is_former:
        keep_newest(core, doc)
    state.docs += meet_twin(core, held, doc) if held is not None and is_other else [doc]


def rank_of(head: Head) -> tuple[int, int]:
    """Return how this exchange ranks: by the sender's epoch and incarnation, then by its counter."""
    return (number_of(head.epoch) * ERA + min(head.incarnation, ERA - 1), head.counter)


def finish_state(core: Core, state: StateIn, now_ms: int) -> None:
    """All state parts are here: learn from them if they are newer than what was learned before.

    An old stick changes nothing; a neighbour's lower vector only means that it needs things again.
    """
    head, hello, state.complete = state.head, state.hello, True
    if hello is None:
        return
    neighbour, rank = core.neighbour(head.sender), rank_of(head)
    # One of which the tail was cut is heard and not acknowledged: whoever counts from below it is not heard.
    newest = max(hello.ack, hello.heard)
    catch_up(core, neighbour, newest)
    if meet_older(core, neighbour, rank, hello.dictionaries):
        return
    is_put_back = is_of_lost_life(neighbour, newest)
    if is_put_back:
        neighbour.owe_all()
    if neighbour.instance and neighbour.instance != head.instance and rank[0] == neighbour.era:
        core.note("S122", head.sender, "two installations answer under one address")
    if neighbour.instance and rank[0] > neighbour.era:
        # Put back from a copy, it may have lost what it once acknowledged.
        neighbour.cover_nothing()
        owe_loose(core, head.sender)
    core.givers.hears(neighbour, rank)
    neighbour.era, neighbour.counter, neighbour.instance = rank[0], head.counter, head.instance
    _learn_vector(core, neighbour, state, hello)
    _learn_ack(core, neighbour, hello)
    # It may have left out of this exchange, though it told all, what was here in the time that is lost.
    neighbour.ask_full |= int(is_put_back)
    learn_docs(core, neighbour, state.held_docs, hello.full)
    core.givers.came(neighbour)
    neighbour.need_full, neighbour.more, neighbour.soon_ms = hello.need_full, hello.more, hello.soon_ms
    neighbour.wanted_acts, neighbour.wanted_blobs = state.wanted_acts, state.wanted_blobs
    neighbour.wanted_docs, neighbour.contact_at = state.wanted_docs, now_ms
    state.is_learned = True
    core.unheard.pop(head.sender, None)
    core.spool.put_neighbour(neighbour)


def acknowledge(core: Core, state: StateIn) -> None:
    """What follows the state of this exchange and is sent once is here too, evidence and acts by id: say so.

    Cut before that, it is not acknowledged, nor is one with statements that may still be believed.
    """
    neighbour = core.neighbour(state.head.sender)
    is_newest = rank_of(state.head) == (neighbour.era, neighbour.counter)
    is_taken = state.complete and state.untrusted == given_up(core, state)
    if is_taken and is_newest and neighbour.taken != neighbour.counter:
        neighbour.taken = neighbour.counter
        core.spool.put_neighbour(neighbour)


def _learn_ack(core: Core, neighbour: Neighbour, hello: Hello) -> None:
    before = neighbour.acked_stamp
    core.givers.acknowledged(neighbour.address, hello.ack, max(hello.ack, hello.heard))
    part_came(core, neighbour.address, hello.ack)
    if knows_differences(neighbour) and not hello.docs:
        # An older program again: it passed over differences, and acknowledges the exchanges they came in.
        neighbour.cover_nothing()
    neighbour.acked_stamp = max(0, neighbour.sent.get(hello.ack, 0)) if not hello.need_full else 0
    neighbour.reads = (*hello.dictionaries, *([hello.docs] if hello.docs else []))
    if neighbour.acked_stamp < before or hello.need_full:
        # What keeps it from acknowledging may be what this node has lost.
        neighbour.ask_full |= int(hello.ack > 0 and not hello.need_full)
        give_all_again(core, neighbour.address)


def _learn_vector(core: Core, neighbour: Neighbour, state: StateIn, hello: Hello) -> None:
    old = core.spool.vector(neighbour.address)
    is_news = bool(state.vector or hello.full)
    merged = state.vector if hello.full else {**old, **state.vector} if is_news else old
    if len(merged) > VECTOR_LINES_MAX:
        core.note("S110", neighbour.address, "vector")
        neighbour.ask_full = 0
        return
    if is_news:
        meet_vector(core, neighbour, old, state.vector)
        core.spool.put_vector(neighbour.address, state.vector, list(old) if hello.full else [])
    # Once asked for, all of it has to come: that the vectors agree says nothing of what is signed.
    is_owed = neighbour.ask_full and not hello.full
    neighbour.ask_full = int(bool(is_owed) or digest_of(merged) != hello.digest)
