"""Two entries of one address, neither a later version of the other: the top was put back between them.

Whoever takes the one in place of the other may be the last who had that. So where the other says more it is
kept, and shown to who stands above, until one has come that says all of it: the top signs above both, see
`reentry`.

One by a former roster key, which the key in force did not find when it signed everything again, is evidence
and nothing else, for its thief can sign any: nothing is signed from it, and it makes no key good. It goes up
until the top has noted it, for a person to decide. One that names a key which nobody has decided on is told
once more whenever the address's entry changes: the top may have had no room for that key.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sync.protocol import signed
from sync.protocol.acts.unnamed import note_unnamed
from sync.protocol.entries import RETIRED, Entry, read_entry, read_key
from sync.protocol.signed import Statement
from sync.protocol.signing import PublicKey
from sync.protocol.spool import Held

if TYPE_CHECKING:
    from sync.protocol.core import Core

_OTHER = "other entry"
# Of so many lives that the top has lost an address may have an entry here, each with something of its own;
# and as many by former roster keys: with one of those a thief takes no room from the others.
_LIVES_MAX = 8
# In the rank of one that is kept: whether the top has noted it, and whether it was in force here.
_NOTED = 1
_TOLD_HERE, _WAS_IN_FORCE = 0, 1


def are_apart(one: Entry, other: Entry) -> bool:
    """Say whether of two entries of an address neither can be a later version of the other.

    A later version follows, and says all that an earlier one said.
    """
    first, later = sorted((one, other), key=lambda entry: entry.version)
    if first.statement.payload == later.statement.payload:
        return False
    steps = later.version - first.version
    if steps == 0 or (steps == 1 and later.prev != first.statement.hash):
        return True
    return says_more(first, later)


def says_more(one: Entry, other: Entry) -> bool:
    """Say whether an entry has a key, a revocation or a former parent that another lacks.

    Or says that the streams of a key are closed, or that the address is retired.
    """
    if one.status == RETIRED != other.status:
        return True
    return any(not said <= there for said, there in zip(_names(one), _names(other), strict=True))


def is_lost(other: Entry, mine: Entry) -> bool:
    """Say whether an entry by a former roster key says what the one in force may lack.

    A new roster key gives each entry that it finds a higher number: what has that number was not found.
    """
    if other.statement.payload == mine.statement.payload:
        return False
    return other.version >= mine.version or says_more(other, mine)


def _names(entry: Entry) -> tuple[set[str], ...]:
    closed = {key for key, cut in entry.cuts.items() if cut.closed}
    return {key.id for key in entry.keys}, {one["key"] for one in entry.revoked}, closed, set(entry.left)


def meet_other(core: Core, statement: Statement) -> None:
    """An entry that a roster key signed is not in force here: keep it if it says more.

    Where it says less and has the number of the one in force, whoever brings it has that one still to hear.
    """
    _meet(core, statement, _TOLD_HERE)


def meet_former(core: Core, statement: Statement) -> None:
    """An entry is in force here no more: keep it as `meet_other` does, and tell the rest once more.

    Maybe people decided on a key there, and there is room for another. And what only it named is noted.
    """
    _meet(core, statement, _WAS_IN_FORCE)
    address = read_entry(statement).address if statement.sort == signed.ENTRY else ""
    for held in core.spool.all_held(_OTHER):
        if held.rank[1] == _NOTED and held.key.split("|")[0] == address:
            rank = (held.rank[0], 0, held.rank[2])
            core.spool.put_held(held._replace(rank=rank, stamp=core.next_stamp()))
    note_unnamed(core, statement)


def _meet(core: Core, statement: Statement, how: int) -> None:
    if statement.sort != signed.ENTRY or core.me == core.tree.top:
        return
    other = read_entry(statement)
    mine = core.roster.entries.get(other.address)
    if mine is None or mine.statement == statement:
        return
    kept = _kept_of(core, mine)
    if _is_to_keep(other, mine):
        _keep(core, other, mine, (kept, how))
    elif other.version == mine.version and says_more(mine, other):
        core.keep(mine.statement, mine.address, (1, 0, 0))


def _is_to_keep(other: Entry, mine: Entry) -> bool:
    return is_lost(other, mine) if _is_former(other, mine) else says_more(other, mine)


def _is_former(other: Entry, mine: Entry | None) -> bool:
    """Say whether another roster key than that of the entry in force signed an entry, and so a former one."""
    # A thief names any key beside the one it has; the top signs with one alone.
    named = [key_id for key_id, _ in other.statement.signatures]
    return mine is None or named != [mine.statement.key_id]


def _kept_of(core: Core, mine: Entry) -> list[Held]:
    """Return the entries kept of an address, without those that say no more than the one in force by now."""
    found = [held for held in core.spool.all_held(_OTHER) if held.key.split("|")[0] == mine.address]
    over = [held for held in found if not _is_to_keep(_entry_in(held), mine)]
    for held in over:
        core.spool.drop_held(_OTHER, held.key)
    return [held for held in found if held not in over]


def _keep(core: Core, other: Entry, mine: Entry, beside: tuple[Sequence[Held], int]) -> None:
    """Keep an entry beside those of further lives, in place of all that say no more than it does.

    What a former roster key signed takes the place of nothing that the one in force did. Where there is no
    room for it, it takes that of one which the top has noted: of one that was in force here only if it was so
    itself.
    """
    (kept, how), is_former = beside, _is_former(other, mine)
    room = [held for held in kept if _is_former(_entry_in(held), mine) == is_former]
    if any(not says_more(other, _entry_in(held)) for held in (kept if is_former else room)):
        return
    over = [held for held in room if not says_more(_entry_in(held), other)]
    if len(room) - len(over) >= _LIVES_MAX:
        noted = [held for held in room if held.rank[1] == _NOTED and held.rank[2] <= how]
        if not noted:
            return
        over.append(min(noted, key=lambda held: (held.rank[2], held.stamp)))
    for held in over:
        core.spool.drop_held(_OTHER, held.key)
    key, rank = f"{other.address}|{other.statement.hash}", (other.version, 0, how)
    core.spool.put_held(Held(_OTHER, key, rank, other.statement, b"", core.next_stamp()))


def keep_beside(core: Core, entry: Entry) -> None:
    """Keep an entry that was in force here and has none in its place; it is shown to who stands above."""
    key, rank = f"{entry.address}|{entry.statement.hash}", (entry.version, 0, _WAS_IN_FORCE)
    core.spool.put_held(Held(_OTHER, key, rank, entry.statement, b"", core.next_stamp()))


def with_lost_lives(core: Core) -> set[str]:
    """Return the addresses of which an entry by the roster key in force is kept that the top has lost."""
    kept = [_entry_in(held) for held in core.spool.all_held(_OTHER)]
    return {one.address for one in kept if not _is_former(one, core.roster.entries.get(one.address))}


def others_to_show(core: Core, address: str, after: int) -> list[Held]:
    """Return the entries kept here since a stamp that a neighbour is shown: who stands above this node.

    Those by a former roster key leave once the top itself has acknowledged them, for it has noted them; not
    those with a key that the entry in force does not name, see `meet_former`. Who stands between may be put
    back since, or acknowledge with a stolen key what it does not keep.
    """
    if address not in core.tree.up(core.me):
        return []
    shown = []
    for held in core.spool.all_held(_OTHER):
        entry = _entry_in(held)
        mine = core.roster.entries.get(entry.address)
        is_former = _is_former(entry, mine)
        if held.stamp > after:
            if not is_former or _is_judged_by(core, address, entry.statement):
                shown.append(held._replace(statement=entry.statement))
        elif is_former and address == core.tree.top:
            _noted_by_top(core, held, mine)
    return shown


def _noted_by_top(core: Core, held: Held, mine: Entry | None) -> None:
    """The top has noted an entry: it stays while it names a key that nobody has decided on."""
    known = {key.id for key in mine.keys} if mine is not None else set()
    if all(key.id in known for key in _entry_in(held).keys):
        core.spool.drop_held(_OTHER, held.key)
    elif held.rank[1] != _NOTED:
        core.spool.put_held(held._replace(rank=(held.rank[0], _NOTED, held.rank[2])))


def _is_judged_by(core: Core, address: str, statement: Statement) -> bool:
    """Say whether a neighbour surely knows the appointment of the roster key that signed a statement.

    Who came after new root keys took office believes none of before, and would refuse it without end.
    """
    newest = max((one.fields()["version"] for one in core.roster.renewals), default=0)
    least = 0 if address == core.tree.top else newest
    said = [one.fields() for one in core.roster.given]
    return any(one["version"] >= least for one in said if one["key"]["id"] == statement.key_id)


def is_revoked_beside(core: Core, address: str, key_id: str) -> bool:
    """Say whether an entry kept beside the one in force revokes a key, or one from which it was gone over to.

    The top will sign above both, and then the key is revoked: nothing is gained by hearing it until then.
    """
    mine, gone = core.roster.entries.get(address), set[str]()
    for held in core.spool.all_held(_OTHER):
        entry = _entry_in(held)
        if entry.address == address and not _is_former(entry, mine):
            gone |= {one["key"] for one in entry.revoked}
    passed = set[str]()
    while gone and key_id not in gone and key_id not in passed:
        passed.add(key_id)
        # One that the entry in force names needs nobody else's word.
        rotation = core.roster.rotations.get(f"{address}|{key_id}")
        key_id = rotation.by if rotation and not core.roster.key(address, key_id) else key_id
    return key_id in gone


def key_beside(core: Core, address: str, key_id: str) -> PublicKey | None:
    """Return a key that an entry kept beside the one in force names, by a roster key of any time."""
    entries = [_entry_in(held) for held in core.spool.all_held(_OTHER) if held.key.split("|")[0] == address]
    found = [(key, entry.statement) for entry in entries for key in entry.keys if key.id == key_id]
    by = [read_key(one.fields()["key"]) for one in core.roster.given] if found else []
    return next((key for key, said in found if any(said.signed_by(one, core.suite) for one in by)), None)


def _entry_in(held: Held) -> Entry:
    return read_entry(held.statement._replace(sort=signed.ENTRY))
