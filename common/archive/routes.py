"""Compares who has which part in a case with the text of its item, which the county has published and signed.

The fold takes the filing's word for it. A node that filed a case of its own would else prove a decision that
the item gives to those above.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from common.archive.rules.layout import document_name
from common.casework.errors import WrongRoute
from common.casework.rules.case import begin
from common.casework.rules.event import CaseEvent
from common.casework.rules.judge import check_route
from common.catalogue.named import KIND
from common.catalogue.rules.item import CatalogueError, read_stored
from common.errors import LiandongError
from sync.protocol import canonical
from sync.protocol.errors import SyncError
from sync.protocol.shelf import read_doc
from sync.protocol.signed import Statement


def check_routes(
    filings: Iterable[CaseEvent], texts: Mapping[str, Statement], parts: Mapping[str, bytes], top: str
) -> list[str]:
    """Return what is wrong with the parts in a case, as far as the texts that its filings name are there.

    Args:
        texts: statements of published documents, by hash.
        top: the only node that publishes items.
    """
    problems = []
    for filing in filings:
        statement = texts.get(str(filing.body.get("item_doc", "")))
        wrong = _fault_of(filing, statement, parts, top) if statement is not None else ""
        problems += [wrong] if wrong else []
    return problems


def _fault_of(filing: CaseEvent, statement: Statement, parts: Mapping[str, bytes], top: str) -> str:
    short = statement.hash[:16]
    try:
        content = parts.get(document_name(str(statement.fields().get("content", ""))), b"")
        doc = read_doc(statement, content)
        if (doc.author, doc.kind, doc.key) != (top, KIND, filing.body.get("item")):
            return f"事项文本 {short} 不是县级发布的这个事项"
        text: dict[str, Any] = {**canonical.loads(content), "version": doc.version}
        check_route(read_stored(text), begin(filing, apex=top))
    except WrongRoute:
        return f"动作 {filing.id} 写的办理站点或部门与事项文本 {short} 规定的不符"
    except (CatalogueError, SyncError, TypeError):
        return ""  # What cannot be read is told of as a document, or is of a later program.
    except LiandongError:
        return ""  # The story tells of it.
    return ""
