"""The published text of a case's item in a package: the statement it was signed under, and its content.

A case names the statement of the version it was filed under by its hash, so no other text can take its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from common.archive.rules.layout import document_name
from common.casework.rules.shape import FILED
from sync.protocol import canonical
from sync.protocol.errors import SyncError
from sync.protocol.frame import PLAIN, Frame, act_of
from sync.protocol.roster import Roster
from sync.protocol.shelf import read_doc
from sync.protocol.signed import Statement


def named_by(frames: Iterable[Frame], statements: Iterable[Statement]) -> set[str]:
    """Return the hashes of the statements that filings among frames name, or may have named.

    What a filing named whose body was deleted by rule nobody can read: it may be any of `statements`.
    """
    found = set()
    for frame in frames:
        if not frame.body and frame.header.kind == FILED:
            found |= {statement.hash for statement in statements}
        act = act_of(frame) if frame.body else None
        if act is None or act.kind != FILED or act.enc != PLAIN:
            continue
        try:
            body = canonical.loads(act.content)
        except SyncError:
            continue
        name = body.get("item_doc") if type(body) is dict else None
        if type(name) is str and name:
            found.add(name)
    return found


def check_documents(
    statements: Iterable[Statement], parts: Mapping[str, bytes], roster: Roster, named: set[str]
) -> list[str]:
    """Return what is wrong with the documents of a package: another text or author, or of no use here."""
    problems = []
    for statement in statements:
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
