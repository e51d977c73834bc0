"""Puts together what proves things on paper and in files: claims and packages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from common.clock import Clock
from common.config import NodeConfig
from common.node.keyring.keys import KeyFile
from common.notices.service import kept_notices
from common.notices.shelf import FOLDER as NOTICES
from common.notices.shelf import PdfShelf
from common.proofs.service import Proofs
from common.proofs.trust import Trust, TrustStore
from sync.protocol.core import Core
from sync.protocol.signing import Suite

if TYPE_CHECKING:
    from common.archive.service import Archive, PaperFiles


def make_proofs(config: NodeConfig, store: TrustStore, keys: KeyFile, suite: Suite, clock: Clock) -> Proofs:
    """Return the claims of a node; their QR codes lead to the county's address in the settings."""
    return Proofs(Trust(store, suite), keys, suite, verify_prefix(config), clock.now_ms)


def make_archive(config: NodeConfig, core: Core, blobs: PaperFiles, name_of: Callable[[str], str]) -> Archive:
    """Return the packages of a node; papers that were sealed here lie with their case."""
    from common.archive.service import Archive

    shelf = PdfShelf(config.path(NOTICES))
    return Archive(core, blobs, name_of, lambda case: kept_notices(case, shelf))


def verify_prefix(config: NodeConfig) -> str:
    """Return the address that QR codes begin with: the county's, else this node's own."""
    scheme = "https" if config.tls_cert_file else "http"
    return config.verify_url or config.public_url or f"{scheme}://{config.bind}"
