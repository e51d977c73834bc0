"""A claim as text: the county's address, `/v#`, and the packed bytes in base 32.

Pure. Base 32 rather than base 64: capitals and digits take 5.5 bits each in a QR code instead of 8, so the
code is three sizes smaller, and a scanner that types through a keyboard with Caps Lock on spoils nothing. The
part after `#` never leaves the browser by itself.
"""

from __future__ import annotations

import base64
import binascii
import unicodedata

from common.proofs.errors import UnreadableClaim

PATH = "/v#"
# A QR code of the largest size that an 80 mm slip prints readably stays below this.
TEXT_CHARACTERS_MAX = 4096
_GROUP = 8


def to_text(prefix: str, packed: bytes) -> str:
    """Return the address that the QR code holds; `prefix` is the site's, as `https://zw.example`."""
    return prefix.rstrip("/") + PATH + base64.b32encode(packed).decode().rstrip("=")


def from_text(text: str) -> bytes:
    """Return the packed bytes of what was scanned, typed or pasted: the address, or its last part alone.

    Blanks, line ends, small letters and full-width signs, as an input method makes of them, do no harm.

    Raises:
        UnreadableClaim: it is no such text.
    """
    if len(text) > TEXT_CHARACTERS_MAX:
        raise UnreadableClaim
    plain = unicodedata.normalize("NFKC", text)
    signs = "".join(plain.rpartition("#")[2].split()).upper()
    try:
        packed = base64.b32decode(signs + "=" * (-len(signs) % _GROUP))
    except (binascii.Error, ValueError):
        raise UnreadableClaim from None
    # The last sign may carry bits that mean nothing: they have to be zero.
    if not packed or base64.b32encode(packed).decode().rstrip("=") != signs:
        raise UnreadableClaim
    return packed
