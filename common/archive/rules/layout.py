"""What a package holds and how its parts are called.

Pure.

    manifest.json, .sig     what belongs to the package: the hash of each part, signed by the packing node
    index.html              the case for people
    frames/0001.json, .sig  signed header of a frame, byte for byte, and its Ed25519 signature
    verdicts/ACT.json, .sig the county's verdict on an act past a cut: a frame like others, with its body
    bodies/HASH.bin         the body that headers name: 16 bytes of salt, then canonical JSON
    papers/HASH.jpg …       the papers that headers name
    trust/SORT-HASH.json    statements: root, appointment, roster entries, vouches, epoch records, receipts;
    trust/SORT-HASH.sig     and who signed them, as JSON [[key id, signature], …]
                            the published text of the item among them, as the case names it
    documents/HASH.json     the content of that text
    notices/…               papers that were made out and sealed, if any are stored
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MANIFEST, MANIFEST_SIGNATURES, INDEX = "manifest.json", "manifest.sig", "index.html"
SIGNED_AS = "package"
VERDICTS = "verdicts"
_EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf"}
_HASH = re.compile(r"[0-9a-f]{64}")
_TEXTS = ("network", "root", "case", "apex", "node", "key", "state", "act")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the packing node says of a package.

    `root` is the fingerprint of the network's root statement, `state` and `act` how the case ended and by
    which act, `acts` all acts of the case in the node's order, `parts` name → SHA-256 of every part but the
    manifest, `purged` the hashes of bodies that were deleted by rule and are therefore not among them.
    """

    network: str
    root: str
    case: str
    apex: str
    node: str
    key: str
    state: str
    act: str
    acts: tuple[str, ...]
    parts: Mapping[str, str]
    purged: tuple[str, ...]

    def fields(self) -> dict[str, Any]:
        """Return what is signed, without the version."""
        return {
            **{name: getattr(self, name) for name in _TEXTS},
            "acts": list(self.acts),
            "parts": dict(self.parts),
            "purged": list(self.purged),
        }


def read_manifest(fields: Mapping[str, Any]) -> Manifest | None:
    """Return the manifest that signed fields say, None when they say none."""
    if set(fields) != {*_TEXTS, "acts", "parts", "purged", "v"}:
        return None
    acts, parts, purged = fields["acts"], fields["parts"], fields["purged"]
    good = (
        all(type(fields[name]) is str for name in _TEXTS)
        and _are_texts(acts)
        and _are_texts(purged)
        and type(parts) is dict
        and all(type(value) is str and _HASH.fullmatch(value) for value in parts.values())
    )
    if not good:
        return None
    texts = {name: fields[name] for name in _TEXTS}
    return Manifest(**texts, acts=tuple(acts), parts=parts, purged=tuple(purged))


def _are_texts(values: object) -> bool:
    return type(values) is list and all(type(value) is str for value in values)


def frame_names(number: int) -> tuple[str, str]:
    """Return the names of a frame's header and signature; frames are counted from 1."""
    return f"frames/{number:04d}.json", f"frames/{number:04d}.sig"


def verdict_names(act: str) -> tuple[str, str]:
    """Return the names of the header and signature of the frame that says what was decided on an act."""
    return f"{VERDICTS}/{act}.json", f"{VERDICTS}/{act}.sig"


def body_name(body_hash: str) -> str:
    """Return the name of a body."""
    return f"bodies/{body_hash}.bin"


def paper_name(paper_hash: str, media_type: str) -> str:
    """Return the name of a paper; the ending is for people, the hash says what it is."""
    return f"papers/{paper_hash}.{_EXTENSIONS.get(media_type, 'bin')}"


def document_name(content_hash: str) -> str:
    """Return the name of the content of a published document."""
    return f"documents/{content_hash}.json"


def trust_names(sort: str, payload_hash: str) -> tuple[str, str]:
    """Return the names of a statement's payload and signatures."""
    stem = f"trust/{sort}-{payload_hash[:32]}"
    return f"{stem}.json", f"{stem}.sig"


def stems(names: Sequence[str], folder: str, ending: str) -> list[str]:
    """Return the names in a folder that have this ending, without it."""
    return [name[: -len(ending)] for name in names if name.startswith(f"{folder}/") and name.endswith(ending)]
