"""A file is the one in the log only if the seal is all that was added to it: who has the key adds more."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
from collections.abc import Callable

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter

from common.clock import FixedClock
from common.seal.addition import before_seal
from common.seal.keys import FOLDER
from common.seal.log import Sealing, SealLog
from common.seal.revoking import Order, revoke
from common.seal.rules.revoked import Reason
from common.seal.signer import FIELD, Words, _Signer, _simple, check_seal, set_seal
from tests.seal.stage import NOW, ORGAN, Stage, pdf
from tests.seal.test_check import decided
from tests.seal.test_verb import verb

Writer = IncrementalPdfFileWriter
DOCUMENT = pdf()


def other_content(writer: Writer) -> None:
    """Let the page show something else."""
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    stream = generic.StreamObject(stream_data=b"BT (one hundred acres) Tj ET")
    page["/Contents"] = writer.add_object(stream)
    writer.update_container(page)


def same_object_anew(writer: Writer) -> None:
    """Put another stream under the number of the one that the page names."""
    stream = writer.root["/Pages"]["/Kids"][0].get_object()["/Contents"]
    stream._data = stream._encoded_data = b"BT (one hundred acres) Tj ET"
    writer.update_container(stream)


def other_pages(writer: Writer) -> None:
    """Put a page before the others."""
    pages = writer.root["/Pages"]
    old = pages["/Kids"][0].get_object()
    page = generic.DictionaryObject({name: old.raw_get(name) for name in old})
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"BT (first) Tj ET"))
    pages["/Kids"].insert(0, writer.add_object(page))
    pages["/Count"] = generic.NumberObject(2)
    writer.update_container(pages)


def an_action(writer: Writer) -> None:
    """Let something happen when the file is opened."""
    action = generic.DictionaryObject({generic.pdf_name("/S"): generic.pdf_name("/Named")})
    writer.root["/OpenAction"] = action
    writer.update_root()


def a_note(writer: Writer) -> None:
    """Lay a note upon the page."""
    box = generic.ArrayObject(map(generic.NumberObject, (0, 0, 500, 500)))
    names = {"/Type": "/Annot", "/Subtype": "/FreeText"}
    note = generic.DictionaryObject({generic.pdf_name(k): generic.pdf_name(v) for k, v in names.items()})
    note["/Rect"], note["/Contents"] = box, generic.pdf_string("one hundred acres")
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    page["/Annots"] = generic.ArrayObject([writer.add_object(note)])
    writer.update_container(page)


def forged(stage: Stage, change: Callable[[Writer], None], spec: SigFieldSpec, words: Words) -> bytes:
    """Return the document with a change and the seal in one addition, as who has the key can make it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(DOCUMENT))
    change(writer)
    metadata = PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", name=ORGAN, reason=words.reason(), certify=True,
        subfilter=SigSeedSubFilter.PADES, docmdp_permissions=MDPPerm.NO_CHANGES,
    )  # fmt: skip
    signer = _Signer(metadata, signer=_simple(stage.keys.seal_of(ORGAN)), new_field_spec=spec)
    signer.at = dt.datetime.fromtimestamp(NOW / 1000, tz=dt.UTC)
    return signer.sign_pdf(writer, bytes_reserved=4096).getvalue()


@pytest.mark.parametrize("change", [other_content, same_object_anew, other_pages, an_action, a_note])
def test_a_change_in_one_addition_with_the_seal_makes_another_file(
    stage: Stage, change: Callable[[Writer], None]
):
    """The beginning of the file has its line in the log; what a reader shows has none."""
    case, act = decided(stage)
    good = stage.sealer().seal(DOCUMENT, case, act)
    assert hashlib.sha256(DOCUMENT).hexdigest() in before_seal(good)
    bad = forged(stage, change, SigFieldSpec(FIELD), Words(case, act, 1, NOW))
    assert bad.startswith(DOCUMENT) and not before_seal(bad)
    revoke(stage.keys, Order(ORGAN, Reason.STOLEN), FixedClock(NOW + 86_400_000))
    for content, code in ((good, 0), (bad, 1)):
        file = stage.folder / "x.pdf"
        file.write_bytes(content)
        said = verb(
            "county_node", "seal", "check", str(file), "--json", "--data", str(stage.folder), good=code
        )
        assert code == 0 or not json.loads(said)["trusted"] or json.loads(said)["logged"] == "no"


def test_a_seal_that_shows_itself_on_the_page_is_none_of_ours(stage: Stage):
    """Its picture may say anything."""
    spec = SigFieldSpec(FIELD, box=(0, 0, 500, 500))
    bad = forged(stage, lambda _writer: None, spec, Words("a", "b", 1, NOW))
    assert check_seal(bad, stage.keys.root()).intact and not before_seal(bad)


def test_two_additions_are_one_too_many(stage: Stage):
    writer = IncrementalPdfFileWriter(io.BytesIO(DOCUMENT))
    other_content(writer)
    out = io.BytesIO()
    writer.write(out)
    seal = stage.keys.seal_of(ORGAN)
    bad = set_seal(out.getvalue(), seal, Words("a", "b", 1, NOW))
    assert bad.startswith(DOCUMENT) and hashlib.sha256(DOCUMENT).hexdigest() not in before_seal(bad)


def test_a_document_that_says_the_end_mark_is_known_all_the_same(stage: Stage):
    document = pdf("a %%EOF in the text")
    seal = stage.keys.seal_of(ORGAN)
    sealed = set_seal(document, seal, Words("a", "b", 1, NOW))
    digest = hashlib.sha256(document).hexdigest()
    SealLog(stage.folder / FOLDER).add(Sealing(NOW, "a", "b", ORGAN, digest, "1f"))
    assert digest in before_seal(sealed)
