"""Packages as parts: taken apart, changed, and put together again as the format wants it."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from common.archive.rules.container import Part, directory, local_header
from common.archive.rules.layout import MANIFEST, MANIFEST_SIGNATURES
from sync.protocol import canonical, signed
from sync.protocol.signed import Statement
from sync.protocol.signing import KeyPair, RealSuite

SUITE = RealSuite()
SCRIPT = Path(__file__).resolve().parents[2] / "tools/verify_package.py"
Tool = Callable[[bytes, str], tuple[list[str], int]]


def load_script() -> Any:
    """Return the separate script as a module."""
    spec = importlib.util.spec_from_file_location("verify_package", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load_tool() -> Tool:
    """Return `check` of the separate script."""
    check: Tool = load_script().check
    return check


def parts_of(data: bytes) -> dict[str, bytes]:
    """Return the parts, as any ZIP program reads them."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def put_together(parts: Mapping[str, bytes]) -> bytes:
    """Return the file of these parts in the one form the format has."""
    body, rows = b"", []
    for name, data in sorted(parts.items()):
        row = Part(name, zlib.crc32(data), len(data), len(body))
        rows.append(row)
        body += local_header(row) + data
    return body + directory(rows, len(body))


def listed_again(parts: Mapping[str, bytes], signer: KeyPair, **changed: Any) -> dict[str, bytes]:
    """Return the parts under a manifest that names them as they are: what a dishonest packer would sign."""
    rest = {name: data for name, data in parts.items() if name not in (MANIFEST, MANIFEST_SIGNATURES)}
    fields = canonical.loads(parts[MANIFEST])
    del fields["v"]
    fields["parts"] = {name: hashlib.sha256(data).hexdigest() for name, data in rest.items()}
    statement = signed.make("package", {**fields, **changed}, (signer,), SUITE)
    pairs = [[name, signature.hex()] for name, signature in statement.signatures]
    return {**rest, MANIFEST: statement.payload, MANIFEST_SIGNATURES: canonical.dumps(pairs)}


def put_statement(statement: Statement) -> dict[str, bytes]:
    """Return the two parts of a statement."""
    stem = f"trust/{statement.sort}-{statement.hash[:32]}"
    pairs = [[name, signature.hex()] for name, signature in statement.signatures]
    return {f"{stem}.json": statement.payload, f"{stem}.sig": canonical.dumps(pairs)}


def headers_of(parts: Mapping[str, bytes], start: str) -> dict[str, dict[str, Any]]:
    """Return the fields of what is signed in the parts that begin so, by stem."""
    names = [name for name in parts if name.startswith(start) and name.endswith(".json")]
    return {name.removesuffix(".json"): canonical.loads(parts[name]) for name in names}


def signed_anew(parts: Mapping[str, bytes], stem: str, key: KeyPair, **changed: Any) -> dict[str, bytes]:
    """Return the parts with the statement at `stem` replaced: some fields changed, signed by this key."""
    fields = {**canonical.loads(parts[f"{stem}.json"]), **changed}
    del fields["v"]
    rest = {name: data for name, data in parts.items() if name.rpartition(".")[0] != stem}
    sort = stem.removeprefix("trust/").partition("-")[0]
    return rest | put_statement(signed.make(sort, fields, (key,), SUITE))


def with_revoked(parts: Mapping[str, bytes], address: str, roster_key: KeyPair) -> dict[str, bytes]:
    """Return the parts with all keys of an address revoked, and its frames in them within the cut."""
    frames = [one for one in headers_of(parts, "frames/").values() if one["src"] == address]
    cut = {f"{address}|{one['epoch']}|{one['dst']}": 999 for one in frames}
    entries = headers_of(parts, "trust/entry-").items()
    stem, entry = next((stem, fields) for stem, fields in entries if fields["address"] == address)
    said = {"cut": cut, "ids": [], "reason": "stolen", "since": 1}
    gone = [{"key": key["id"], **said} for key in entry["keys"]]
    return signed_anew(parts, stem, roster_key, version=entry["version"] + 1, revoked=gone)
