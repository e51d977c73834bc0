"""Sets the seal into a PDF, and checks one: PAdES signatures with pyHanko, the extra `seal`.

The seal process and the verbs load this, a page's process never.
"""

from __future__ import annotations

import datetime as dt
import io
import logging
import re
from dataclasses import dataclass
from typing import Any

from asn1crypto import cms
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from common.seal.errors import BadPdf
from common.seal.keys import Seal

FIELD = "Seal"
# What a notice never has, and what could make it show something else tomorrow than today.
_LIVE = ("/AcroForm", "/OpenAction", "/AA", "/OCProperties", "/Names", "/Perms")
# Hex digits kept free for the signature: certificate and all take 2,400, and their length varies a little.
_RESERVED = 4_096
_REASON = re.compile(r"办件 (?P<case>\S+) 的决定 (?P<act>\S+)（用印日志第 \d+ 条）")


@dataclass(frozen=True, slots=True)
class Words:
    """What stands inside the seal beside the organ: the case and act it is for, its number in the log."""

    case: str
    act: str
    pos: int
    at_ms: int

    def reason(self) -> str:
        """Return the sentence that readers show as the reason of the signature."""
        return f"办件 {self.case} 的决定 {self.act}（用印日志第 {self.pos} 条）"


def named_in(reason: str) -> tuple[str, str]:
    """Return case and act that the sentence in a seal names, "" and "" where it names none."""
    found = _REASON.fullmatch(reason)
    return (found["case"], found["act"]) if found else ("", "")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at a sealed PDF gave. Integers as booleans: 1 yes, 0 no.

    `intact` that not one byte was changed or added, `trusted` that the seal is an organ's under the root
    given, `organ` whose it says it is, `reason` what it is for, `at` the time it states, UTC milliseconds,
    `serial` the number of its certificate where it is trusted.
    """

    intact: int
    trusted: int
    organ: str
    reason: str
    at: int
    serial: str = ""


class _Signer(PdfSigner):
    """A signer whose time is given, not asked of the machine."""

    at: dt.datetime

    def init_signing_session(self, *given: Any, **named: Any) -> Any:
        """Return the session with the time it is to state."""
        session = super().init_signing_session(*given, **named)
        session.system_time = self.at
        return session


def inspect(pdf: bytes) -> None:
    """Look whether a file is a plain PDF that may be sealed.

    Raises:
        BadPdf: it is damaged, encrypted, holds forms, actions, layers or attachments, or is sealed already.
    """
    _quiet()
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        root = reader.root
        pages = root["/Pages"]["/Count"]
        bad = reader.encrypted or any(name in root for name in _LIVE) or bool(reader.embedded_signatures)
    except Exception as problem:
        # Whatever the reader stumbles over: what it cannot read is not sealed.
        raise BadPdf from problem
    if bad or not pages or pdf.count(b"startxref") != 1:
        raise BadPdf


def set_seal(pdf: bytes, seal: Seal, words: Words) -> bytes:
    """Return the PDF with the organ's seal set in it; nothing may be added to it afterwards.

    Raises:
        BadPdf: it cannot be sealed.
    """
    _quiet()
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        name=seal.organ,
        reason=words.reason(),
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    signer = _Signer(metadata, signer=_simple(seal), new_field_spec=SigFieldSpec(FIELD))
    signer.at = dt.datetime.fromtimestamp(words.at_ms // 1000, tz=dt.UTC)
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        made: bytes = signer.sign_pdf(writer, bytes_reserved=_RESERVED).getvalue()
    except Exception as problem:
        raise BadPdf from problem
    return made


def check_seal(pdf: bytes, root: x509.Certificate | None) -> Checked:
    """Return what can be said of the seal in a PDF; without a root nobody is trusted.

    Raises:
        BadPdf: it is no PDF, or there is not exactly one seal in it.
    """
    _quiet()
    try:
        found = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        seal = found[0] if len(found) == 1 else None
    except Exception as problem:
        raise BadPdf(sentence="文件不是PDF，或者已经损坏。") from problem
    if seal is None:
        raise BadPdf(sentence="文件里没有印章，或者不止一个。")
    roots = [_asn1(root)] if root is not None else []
    try:
        stated = seal.self_reported_timestamp
        context = ValidationContext(trust_roots=roots, allow_fetching=False, moment=stated)
        status = validate_pdf_signature(seal, context)
        whole = status.coverage is SignatureCoverageLevel.ENTIRE_FILE and _has_plain_gap(pdf, seal)
        intact = int(bool(status.intact and status.valid and status.docmdp_ok and whole))
        # The root itself signs certificates, never documents.
        trusted = int(bool(intact and status.trusted and not seal.signer_cert.ca))
    except Exception:
        # A seal too damaged to be weighed is no seal; who it claimed to be is shown all the same.
        return Checked(0, 0, _claimed(seal), "", 0)
    reason = str(seal.sig_object.get("/Reason", ""))
    serial = f"{seal.signer_cert.serial_number:x}" if trusted else ""
    return Checked(intact, trusted, _claimed(seal), reason, _milliseconds(stated), serial)


def _has_plain_gap(pdf: bytes, seal: Any) -> bool:
    """Say whether the stretch that no signature can cover, its own, is written the one way we write it."""
    start, length, end, _ = (int(number) for number in seal.byte_range)
    content = bytes(seal.pkcs7_content)
    plain = _envelope(cms.ContentInfo.load(content)["content"])
    written = b"<" + content.hex().upper().encode() + b">"
    return pdf[start + length : end] == written and content == plain.ljust(len(content), b"\0")


def _envelope(signed: Any) -> bytes:
    """Return the signature's wrapping made anew around what the signature covers."""
    signer, certificate = signed["signer_infos"][0], signed["certificates"][0]
    digest = cms.DigestAlgorithm({"algorithm": "sha256"})
    identity = {
        "issuer": certificate.chosen.issuer,
        "serial_number": certificate.chosen.serial_number,
    }
    made = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier({"issuer_and_serial_number": identity}),
            "digest_algorithm": digest,
            "signed_attrs": signer["signed_attrs"],
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": signer["signature"],
        }
    )
    wrapped = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [digest],
            "encap_content_info": {"content_type": "data"},
            "certificates": [certificate],
            "signer_infos": [made],
        }
    )
    plain: bytes = cms.ContentInfo({"content_type": "signed_data", "content": wrapped}).dump()
    return plain


def _claimed(seal: Any) -> str:
    try:
        return str(seal.signer_cert.subject.native["common_name"])
    except Exception:
        return ""


def _milliseconds(stated: dt.datetime | None) -> int:
    return int(stated.timestamp() * 1000) if stated else 0


def _simple(seal: Seal) -> SimpleSigner:
    private = seal.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    store = SimpleCertificateStore()
    store.register(_asn1(seal.root))
    # The root is installed where seals are believed; inside the file no signature would cover its bytes.
    return SimpleSigner(
        _asn1(seal.certificate), asn1_keys.PrivateKeyInfo.load(private), store, embed_roots=False
    )


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _quiet() -> None:
    """Keep what pyHanko says of a document out of the logs: it may quote the document."""
    for name in ("pyhanko", "pyhanko_certvalidator", "fontTools"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
