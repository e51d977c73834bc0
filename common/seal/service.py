"""What a page may ask: the organ's seal on the PDF of a decision. The keys are never here.

No unit of work is needed; a call waits, so make it outside any.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

from common.seal import line
from common.seal.errors import PdfTooLarge, SealNotRunning, error_of

_WAIT_S = 15.0
_ASK_S = 2.0


class Seals:
    """The seals of a node, by way of its seal process."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir

    def is_running(self) -> bool:
        """Say whether a seal process answers."""
        try:
            with self._connect():
                return True
        except OSError:
            return False

    def seal(self, pdf: bytes, case: str, act: str) -> bytes:
        """Return the PDF with the seal of the department in charge of the case.

        Args:
            pdf: a plain PDF, as `Documents.render` makes it, at most 5 MB.
            case: the case number.
            act: the deciding act (approved, refused, or a decision corrected) that the document is about.

        Raises:
            SealNotRunning: no seal process answers.
            SealRefusal: it will not sign this; the class says why.
            SealKeysDamaged, SealLogBroken, SealFault: it cannot.
        """
        if len(pdf) > line.PDF_BYTES_MAX:
            raise PdfTooLarge
        try:
            with self._connect() as connection:
                line.send(connection, {"case": case, "act": act}, pdf)
                head, content = line.receive(connection, 2 * line.PDF_BYTES_MAX)
        except OSError as problem:
            raise SealNotRunning from problem
        if head.get("code"):
            details = {str(name): value for name, value in head.get("details", {}).items()}
            raise error_of(str(head["code"]), details)
        return content

    def standing(self, case: str, act: str, organ: str) -> Mapping[str, str]:
        """Return what is to be said of a seal that the county revoked, nothing where there is nothing.

        `reason` and `day` say how it was revoked, `when` on which side of that the decision was sealed here
        ("before", "after", "unknown"), "" where it was not and the seal of the organ is meant.

        Args:
            act: the deciding act whose sealed paper is kept here, "" where none is.
        """
        try:
            with self._connect() as connection:
                # A page shows without it: nobody waits for a process that hangs.
                connection.settimeout(_ASK_S)
                line.send(connection, {"case": case, "act": act, "organ": organ})
                head, _ = line.receive(connection, 0)
        except OSError:
            # No seal process: nothing is sealed, and nothing is known of seals.
            return {}
        if head.get("code") or "reason" not in head:
            return {}
        return {name: str(head.get(name, "")) for name in ("reason", "day", "when")}

    def _connect(self) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(_WAIT_S)
        try:
            with line.address(self._folder) as address:
                connection.connect(address)
        except OSError:
            connection.close()
            raise
        return connection
