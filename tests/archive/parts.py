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
