"""The seal in the file, weighed by pyHanko's own validator, by ours, and by poppler where it is there."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from common.documents.service import Documents
from common.seal.errors import BadPdf
from common.seal.keys import FOLDER, SealKeys
from common.seal.signer import Checked, Words, check_seal, inspect, set_seal
from tests.documents.paper import RARE_NAMES, notice, text_of
from tests.seal.stage import NOW, pdf

ORGAN, CASE, ACT = "南江县民政局", "511921108203-A1-0001", "ab" * 16
WORDS = Words(CASE, ACT, 7, NOW + 5_000)
ADDED_BYTES_MAX = 10_000


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> SealKeys:
    made = SealKeys(tmp_path_factory.mktemp("county") / FOLDER)
    made.found("南江县政务服务中心", "511921", NOW)
    made.issue(ORGAN, "511921", NOW)
    return made


@pytest.fixture(scope="module")
def root(keys: SealKeys) -> x509.Certificate:
    return keys.root()


@pytest.fixture(scope="module")
def sealed(keys: SealKeys) -> bytes:
    return set_seal(pdf(), keys.seal_of(ORGAN), WORDS)


def weigh(content: bytes, root_file: Path | None) -> object:
    """Return what pyHanko says of the only signature."""
    (signature,) = PdfFileReader(io.BytesIO(content)).embedded_signatures
    roots = [load_cert_from_pemder(str(root_file))] if root_file else []
    context = ValidationContext(
        trust_roots=roots, allow_fetching=False, moment=signature.self_reported_timestamp
    )
    return validate_pdf_signature(signature, context)


def test_a_reader_shows_integrity_and_after_installing_the_root_trust(sealed: bytes, keys: SealKeys):
    root_file = keys.folder / "root.cer"
    assert weigh(sealed, root_file).bottom_line and weigh(sealed, root_file).trusted
    alone = weigh(sealed, None)
    assert alone.intact and alone.valid and not alone.trusted


def test_poppler_agrees(sealed: bytes, root: x509.Certificate, tmp_path: Path):
    """Where the machine has no poppler the same is asked of our own check."""
    file = tmp_path / "sealed.pdf"
    file.write_bytes(sealed)
    if shutil.which("pdfsig") is None:
        assert check_seal(sealed, root).intact
        return
    said = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid." in said and ORGAN in said and "Total document signed" in said
    file.write_bytes(sealed.replace(b"(decision)", b"(Decision)"))
    said = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=False).stdout
    assert "Digest Mismatch" in said


def test_poppler_trusts_the_seal_once_the_root_is_installed(sealed: bytes, keys: SealKeys, tmp_path: Path):
    """As a reader on Linux does, by the trust store of the user; without its tools our own check is asked."""
    if shutil.which("pdfsig") is None or shutil.which("certutil") is None:
        assert check_seal(sealed, keys.root()).trusted
        return
    file, store = tmp_path / "sealed.pdf", f"sql:{tmp_path}"
    # Poppler weighs certificates by today's date, whatever the seal says.
    now = time.time_ns() // 1_000_000
    today = SealKeys(tmp_path / FOLDER)
    today.found("南江县政务服务中心", "511921", now)
    today.issue(ORGAN, "511921", now)
    root_file = today.folder / "root.cer"
    file.write_bytes(set_seal(pdf(), today.seal_of(ORGAN), Words(CASE, ACT, 1, now)))
    ask = ["pdfsig", "-nssdir", store, file]
    _said("certutil", "-N", "-d", store, "--empty-password")
    assert "Certificate issuer is unknown" in _said(*ask)
    _said("certutil", "-A", "-d", store, "-n", "county", "-t", ",C,", "-i", root_file)
    assert "Certificate is Trusted" in _said(*ask)


def _said(*words: str | Path) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_the_seal_names_organ_case_act_and_its_number_in_the_log(
    sealed: bytes, keys: SealKeys, root: x509.Certificate
):
    serial = f"{keys.seal_of(ORGAN).certificate.serial_number:x}"
    reason = f"办件 {CASE} 的决定 {ACT}（用印日志第 7 条）"
    assert check_seal(sealed, root) == Checked(1, 1, ORGAN, reason, NOW + 5_000, serial)


def test_a_printed_decision_keeps_its_text_and_stays_small(keys: SealKeys, root: x509.Certificate):
    documents = Documents()
    try:
        plain = documents.render(notice())
    finally:
        documents.close()
    inspect(plain)
    made = set_seal(plain, keys.seal_of(ORGAN), WORDS)
    assert RARE_NAMES in text_of(made) and check_seal(made, root).trusted
    assert made.startswith(plain) and len(made) - len(plain) <= ADDED_BYTES_MAX and len(made) <= 150_000


def test_one_changed_byte_anywhere_shows(sealed: bytes, root: x509.Certificate):
    """The stretch of the signature itself, which no signature covers, and 150 places drawn from all."""
    start = sealed.index(b"/Contents <") + len(b"/Contents <")
    end = sealed.index(b">", start)
    drawn = random.Random(7).sample(range(len(sealed)), 150)
    for place in [*range(start - 1, start + 180), *range(start + 180, end + 1, 45), *drawn]:
        changed = bytearray(sealed)
        changed[place] ^= 1 << (place % 7)
        assert not _is_intact(bytes(changed), root), f"byte {place} of {len(sealed)}"


def _is_intact(content: bytes, root: x509.Certificate) -> bool:
    try:
        return bool(check_seal(content, root).intact)
    except BadPdf:
        return False


def test_pyhanko_by_itself_sees_a_changed_byte_of_the_document(sealed: bytes, keys: SealKeys):
    place = sealed.index(b"decision")
    changed = sealed[:place] + b"D" + sealed[place + 1 :]
    assert not weigh(changed, keys.folder / "root.cer").bottom_line


@pytest.mark.parametrize("tail", [b"\n", b"%", b" ", b"\x00", b"\n%%EOF\n"])
def test_a_byte_added_shows(sealed: bytes, root: x509.Certificate, tail: bytes):
    assert not _is_intact(sealed + tail, root)
    assert not _is_intact(tail + sealed, root)


def test_a_page_added_afterwards_shows(sealed: bytes, keys: SealKeys, root: x509.Certificate):
    """A second revision that draws over the first, as shadow attacks do."""
    writer = IncrementalPdfFileWriter(io.BytesIO(sealed))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Rotate"] = page.raw_get("/MediaBox")[2]
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    assert not check_seal(out.getvalue(), root).intact
    assert not weigh(out.getvalue(), keys.folder / "root.cer").bottom_line


def test_a_seal_under_another_root_is_not_trusted(sealed: bytes, tmp_path: Path):
    other = SealKeys(tmp_path / FOLDER)
    found = check_seal(sealed, other.found("南江县政务服务中心", "511921", NOW))
    assert found.intact and not found.trusted and found.organ == ORGAN


def test_the_root_key_is_not_taken_for_an_organ(keys: SealKeys, root: x509.Certificate):
    """Nothing but a certificate for documents makes a trusted seal: the root's own may only issue."""
    _, root_key = keys.root_pair()
    seal = keys.seal_of(ORGAN)
    made = set_seal(pdf(), type(seal)(ORGAN, root_key, root, root), WORDS)
    assert not check_seal(made, root).trusted


def test_only_the_certificate_of_the_organ_is_in_the_file(sealed: bytes, root: x509.Certificate):
    assert root.public_bytes(Encoding.DER).hex().upper().encode() not in sealed


def test_a_file_sealed_already_is_not_sealed_again(sealed: bytes):
    with pytest.raises(BadPdf):
        inspect(sealed)


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7\n", b"x" * 999, b"%PDF-1.7\nstartxref\n0\n%%EOF", pdf()[:-60]]
)
def test_what_is_no_pdf_is_refused(content: bytes, root: x509.Certificate):
    with pytest.raises(BadPdf):
        inspect(content)
    with pytest.raises(BadPdf):
        check_seal(content, root)


def test_a_file_without_a_seal_is_told_apart(root: x509.Certificate):
    with pytest.raises(BadPdf) as refused:
        check_seal(pdf(), root)
    assert "没有印章" in str(refused.value)


@pytest.mark.parametrize("entry", ["/OpenAction", "/AA", "/AcroForm", "/OCProperties", "/Names"])
def test_a_file_that_can_act_or_hide_is_not_sealed(entry: str):
    """Layers, actions, forms and attachments could show something else tomorrow than today."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.writer import PdfFileWriter, copy_into_new_writer

    writer: PdfFileWriter = copy_into_new_writer(PdfFileReader(io.BytesIO(pdf())))
    writer.root[entry] = generic.DictionaryObject()
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(BadPdf):
        inspect(out.getvalue())
