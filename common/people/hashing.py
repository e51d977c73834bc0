"""Passwords into Argon2id strings and back to yes or no. Slow on purpose: never inside the unit of work."""

from __future__ import annotations

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from common.store.database import UnitMisuse, is_unit_open

# 19 MB and two passes: about 30 ms on a village PC.
_hasher = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)
# So many at once fit the memory of a village PC. Anybody may ask for a sign-in, so the others wait.
AT_ONCE = 4
_turns = BoundedSemaphore(AT_ONCE)
# Checked against when nobody has the login, so that the answer takes as long either way.
NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$y13YZfivxns6TkxRJohThg$EwK6tbmC2x8rj1PSXur0Ek/KP3Z8jrGd3aDH4KWmKfs"


def hashed(password: str) -> str:
    """Return the Argon2id string of a password.

    Raises:
        UnitMisuse: a unit of work is open: all other writers would wait.
    """
    _refuse_in_unit()
    with _turns:
        return _hasher.hash(password)


def fits(stored: str, password: str) -> bool:
    """Say whether a password belongs to an Argon2id string.

    Raises:
        UnitMisuse: a unit of work is open.
    """
    _refuse_in_unit()
    try:
        with _turns:
            return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def is_weak(stored: str) -> bool:
    """Say whether a string was made with less work than is asked for today."""
    return _hasher.check_needs_rehash(stored)


def _refuse_in_unit() -> None:
    if is_unit_open():
        raise UnitMisuse(sentence="程序内部错误：不能在事务里计算密码。")
