"""The root keys: those of the founding, and those that have taken their place since.

An appointment may name new root keys (`roots`). Enough of the former and enough of the new ones sign it, and
it is the last that the former make: what has a higher number is judged by the new ones alone. A program that
knows nothing of this takes it for an appointment like any other, keeps it whole, and goes by it once it is
upgraded. The fingerprint on the enrolment sheets stays that of the founding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sync.protocol import signed
from sync.protocol.address import is_address
from sync.protocol.entries import Appointed, read_key
from sync.protocol.errors import BadRoster
from sync.protocol.signed import SIGNATURES_MAX, Statement
from sync.protocol.signing import PublicKey, Suite


class RootKeys(NamedTuple):
    """Root keys, and how many of them must sign."""

    keys: tuple[PublicKey, ...]
    threshold: int

    def lacking(self, statement: Statement, suite: Suite) -> int:
        """Return how many more of them must sign a statement."""
        return max(0, self.threshold - sum(statement.signed_by(key, suite) for key in self.keys))

    def as_fields(self) -> dict[str, Any]:
        """Return them as an appointment names them."""
        return {"threshold": self.threshold, "keys": [key.as_fields() for key in self.keys]}


def read_founding(root: Statement) -> RootKeys:
    """Return the keys that the root document names.

    Raises:
        BadRoster: a key is malformed.
    """
    fields = root.fields()
    keys = {key.sign: key for key in map(read_key, fields["keys"])}
    return RootKeys(tuple(keys.values()), max(1, fields["threshold"]))


def read_appointment(statement: Statement, root: Statement) -> Appointed:
    """Return whom an appointment names; who signed it is not looked at.

    Raises:
        BadRoster: it is of another network or root, or a field is malformed.
        KeyError: a field is missing.
    """
    fields = statement.fields()
    if fields["network"] != root.fields()["network"] or fields["root"] != root.hash:
        raise BadRoster("another network")
    version, until = fields["version"], fields.get("until", 0)
    if type(version) is not int or version < 1:
        raise BadRoster("appointment version")
    if not is_address(fields["top"]):
        raise BadRoster("appointment without a top")
    if type(until) is not int or until < 0:
        raise BadRoster("appointment without an end of the former")
    return Appointed(version, read_key(fields["key"]), until)


def read_new(appointment: Statement) -> RootKeys | None:
    """Return the root keys that an appointment names, None when it names none.

    Raises:
        BadRoster: not a form in which it could name any.
    """
    fields = appointment.fields()
    if "roots" not in fields:
        return None
    try:
        keys = tuple(read_key(key) for key in fields["roots"]["keys"])
        threshold = fields["roots"]["threshold"]
        # An id is over both halves: with another sealing half the same hand would count twice.
        is_good = type(threshold) is int and 1 <= threshold <= len({key.sign for key in keys}) == len(keys)
    except (KeyError, TypeError):
        is_good = False
    if not is_good:
        raise BadRoster("new root keys")
    return RootKeys(keys, threshold)


def in_force(root: Statement, renewals: Iterable[Statement], number: int) -> RootKeys:
    """Return the root keys that judge the appointment of a number.

    Args:
        renewals: appointments that were believed and name new root keys.
    """
    found = read_founding(root)
    for renewal in in_order(renewals):
        if renewal.fields()["version"] < number:
            found = read_new(renewal) or found
    return found


def in_order(appointments: Iterable[Statement]) -> tuple[Statement, ...]:
    """Return appointments by their number."""
    return tuple(sorted(appointments, key=lambda one: int(one.fields()["version"])))


def check_signed(appointment: Statement, judges: RootKeys, suite: Suite) -> None:
    """See that an appointment is signed by enough of the keys that judge it, and of those it names.

    Raises:
        BadRoster: it is not.
    """
    new = read_new(appointment)
    if judges.lacking(appointment, suite):
        raise BadRoster("appointment below threshold")
    if new is not None and new.lacking(appointment, suite):
        raise BadRoster("too few of the new root keys have signed")


def good_of(
    appointments: Iterable[Statement], root: Statement, renewals: Sequence[Statement], suite: Suite
) -> tuple[Statement, ...]:
    """Return those of some appointments that are signed by enough of the root keys in force for each."""
    found = []
    for one in appointments:
        try:
            check_signed(one, in_force(root, renewals, one.fields()["version"]), suite)
        except BadRoster:
            continue
        found.append(one)
    return tuple(found)


def naming(appointment: Statement, new: RootKeys, former: Sequence[RootKeys], suite: Suite) -> Statement:
    """Return an appointment, unsigned, that names new root keys besides.

    Args:
        former: the keys that must sign with them: those in force, and those by which older programs go.

    Raises:
        BadRoster: no set of keys, or more would have to sign than one statement bears.
    """
    fields = {name: value for name, value in appointment.fields().items() if name != "v"}
    made = signed.make(signed.APPOINTMENT, {**fields, "roots": new.as_fields()}, (), suite)
    read_new(made)
    sets = [new, *former]
    ids = [key.id for one in sets for key in one.keys]
    # Who is in more than one set signs once.
    if sum(one.threshold for one in sets) - (len(ids) - len(set(ids))) > SIGNATURES_MAX:
        raise BadRoster("too many root keys")
    return made
