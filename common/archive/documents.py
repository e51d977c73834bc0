"""The published text of a case's item in a package: the statement it was signed under, and its content.

A case names the statement of the version it was filed under by its hash, so no other text can take its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from common.archive.routes import check_routes
from common.archive.rules.layout import document_name
from common.archive.rulings import top_of
from common.casework.rules.event import CaseEvent
from common.casework.rules.shape import FILED
from sync.protocol import canonical
from sync.protocol.errors import SyncError
from sync.protocol.frame import PLAIN, Frame, act_of
from sync.protocol.roster import Roster
from sync.protocol.shelf import read_doc
from sync.protocol.signed import Statement


def check_documents(
    statements: Iterable[Statement], parts: Mapping[str, bytes], roster: Roster, frames: Sequence[Frame]
) -> list[str]:
    """Return what is wrong with the documents of a package: another text or author, or of no use here.

    And with the filings that name them; see `routes`.
    """
    texts = {statement.hash: statement for statement in statements}
    filings = list(_filings(frames))
    named = {str(filing.body.get("item_doc", "")) for filing in filings}
    if any(not frame.body and frame.header.kind == FILED for frame in frames):
        # What a filing named whose body was deleted by rule nobody can read: it may be any of them.
        named |= texts.keys()
    problems = check_routes(filings, texts, parts, top_of(roster))
    for statement in texts.values():
        short = statement.hash[:16]
        try:
            content = parts.get(document_name(str(statement.fields().get("content", ""))), b"")
            doc = read_doc(statement, content)
        except SyncError as problem:
            problems.append(f"事项文本 {short} 读不出来或被改动过（{problem.code}）")
            continue
        key_id = statement.signatures[0][0] if statement.signatures else ""
        key = roster.key(doc.author, key_id)
        if key is None or not statement.signed_by(key, roster.suite):
            problems.append(f"事项文本 {short} 的签名不符")
        if statement.hash not in named:
            problems.append(f"事项文本 {short} 不是办件所依据的")
    return problems


def _filings(frames: Iterable[Frame]) -> Iterator[CaseEvent]:
    for act in {frame.act: act_of(frame) for frame in frames if frame.body}.values():
        if act.kind != FILED or act.enc != PLAIN:
            continue
        try:
            body = canonical.loads(act.content)
        except SyncError:
            continue
        if type(body) is dict:
            yield CaseEvent(act.id, act.kind, act.author, body, tuple(blob.hash for blob in act.blobs))
