"""What breaks a rule on purpose and puts it back: used by the mutants alone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Protocol


class Patch(Protocol):
    """Puts something else in the place of an attribute, for a while."""

    def setattr(self, target: object, name: str, value: object) -> None:
        """Set it."""


Mutant = Callable[[Patch], None]


def everywhere(patch: Patch, honest: Any, broken: Any) -> None:
    """Put a broken function in the place of an honest one in every module of `sync` that knows it."""
    for name, module in list(sys.modules.items()):
        if name.startswith("sync.") and getattr(module, honest.__name__, None) is honest:
            patch.setattr(module, honest.__name__, broken)
