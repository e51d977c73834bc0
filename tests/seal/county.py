"""A county with the seals of two organs, a township with its own, and what revokes one of them."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable

from common.clock import FixedClock
from common.seal import authority
from common.seal.keys import SealKeys
from common.seal.revoking import Done, Order, revoke
from common.seal.rules.revoked import Reason, RevocationList
from tests.seal.stage import NOW

COUNTY, TOWN, TOWN_ORGAN, BUREAU = "511921", "511921108", "正直镇人民政府", "南江县民政局"
DAY = 86_400_000


def put_out(
    keys: SealKeys, what: str, reason: Reason = Reason.STOLEN, since: str = "", at: int = NOW + DAY
) -> Done:
    return revoke(keys, Order(what, reason, since), FixedClock(at))


def list_of(keys: SealKeys) -> RevocationList:
    return keys.register.list(keys.root())


def file_of(keys: SealKeys) -> bytes:
    return keys.register.list_file(keys.root())


def serial_of(keys: SealKeys, organ: str) -> str:
    return authority.serial_of(next(one for one in keys.organs() if authority.organ_of(one) == organ))


def killed_at(calls: int, act: Callable[[], object]) -> int:
    """Do something in a process of its own that is killed at its so-manieth step to the disk; 1 if it was."""
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            counted = [0]

            def killing(real: Callable[..., object]) -> Callable[..., object]:
                def step(*given: object) -> object:
                    counted[0] += 1
                    if counted[0] == calls:
                        os.kill(os.getpid(), signal.SIGKILL)
                    return real(*given)

                return step

            os.fsync, os.replace = killing(os.fsync), killing(os.replace)  # type: ignore[assignment]
            act()
        os._exit(0)
    return int(os.WIFSIGNALED(os.waitpid(child, 0)[1]))
