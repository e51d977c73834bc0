"""The papers of a draft: what the list asks for, what is there, taking in what was chosen, looking at one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from common.catalogue.rules.item import PaperSpec, ServiceItem
from common.desk.pages import known
from common.desk.pages.open_draft import Entry
from common.desk.pages.papers import served
from common.desk.pages.picture_care import fitted, turned
from common.desk.rules import terms
from common.desk.rules.drafts import OTHER, Draft, DraftPaper, Part, paper_name
from common.errors import BadInput, NotFound, Problem
from common.journal.rules import Fields, What
from common.papers.looks import NOTE_WORDS
from common.papers.rules import PAPERS_PER_ACT_MAX
from common.web.ports import current_node
from common.web.watched import write_down
from sync.protocol.frame import BlobRef

_NAME_MAX = 60
OTHER_PAPER = PaperSpec(OTHER, "其他材料", False, 0, 1, "清单以外、申请人要求一并提交的材料")


class PaperNotInDraft(NotFound):
    """The draft holds no such paper."""

    code = "E342"
    sentence = "这份草稿里没有这份材料。"


def rows(entry: Entry) -> list[dict[str, Any]]:
    """Return the item's list of papers, each with what was handed in for it and what could be used again."""
    again, away = known.offers(entry), known.away(entry)
    listed = (*entry.item.papers, OTHER_PAPER)
    return [
        _row(entry, spec) | {"again": again.get(spec.key, []), "away": away.get(spec.key, [])}
        for spec in listed
    ]


def _row(entry: Entry, spec: PaperSpec) -> dict[str, Any]:
    keys = {listed.key for listed in entry.item.papers}
    # What a newer version of the list has no place for is another paper now.
    here = [
        paper
        for paper in entry.draft.papers
        if paper.key == spec.key or (spec.key == OTHER and paper.key not in keys)
    ]
    return {"spec": spec, "key": f"paper-{spec.key}", "here": [_shown(entry.draft, paper) for paper in here]}


def _shown(draft: Draft, paper: DraftPaper) -> dict[str, Any]:
    size = _("%(n)s KB", n=max(1, paper.size // 1024))
    pages = _("%(n)s 页", n=paper.pages) if paper.type == "application/pdf" else ""
    return {
        "file": _("以前交过：%(name)s", name=paper.file) if paper.source else paper.file,
        "href": url_for("filing.paper", draft=draft.id, blob=paper.hash),
        "is_picture": paper.type.startswith("image/"),
        "size": f"{size} · {pages}" if pages else size,
        "value": f"{paper.key}/{paper.hash}",
        "warnings": [_(NOTE_WORDS[note]) for note in paper.notes.split() if note in NOTE_WORDS],
        "is_again": bool(paper.source),
    }


def page(entry: Entry, due: str) -> dict[str, Any]:
    """Return what the page of papers shows; `due` is the local day until which some may follow."""
    found = rows(entry)
    is_again = any(paper.source for paper in entry.draft.papers)
    return {
        "rows": found,
        "due": due,
        "has_again": is_again or any(row["again"] or row["away"] for row in found),
        "has_consent": terms.has_consent(entry.draft),
        **room(entry),
        **later(entry, due),
    }


def room(entry: Entry) -> dict[str, int]:
    """Return how many papers may still be added, and how many a case may bring at once."""
    return {"left": max(0, PAPERS_PER_ACT_MAX - _count(entry.draft)), "most": PAPERS_PER_ACT_MAX}


def later(entry: Entry, due: str) -> dict[str, Any]:
    """Return which papers may follow until the local day `due`, which are marked so, and the promise."""
    allowed = terms.may_follow(entry.item, entry.draft.papers)
    names = [spec.name for spec in terms.following(entry.item, entry.draft) or allowed]
    return {
        "may_follow": [spec.key for spec in allowed],
        "marked": entry.draft.terms.get(terms.FOLLOW, "").split(),
        "promise": promise_now(entry, names, due),
    }


def promise_now(entry: Entry, names: list[str], due: str) -> str:
    """Return the promise as it stands, or as it is proposed: for the local day `due`, and no former one."""
    typed = entry.draft.terms.get(terms.PROMISE, "").strip()
    is_good = typed and terms.promised_day(typed) in ("", due)
    return typed if is_good else terms.promise_words(names, due)


def keep_later(entry: Entry, due: str) -> list[Problem]:
    """Keep which papers are to follow, and the promise; return what is wrong with them.

    A promise left as it was proposed is put in the words for the papers that were marked.
    """
    node = current_node()
    marked = _ticked(entry.item)
    typed = request.form.get(terms.PROMISE, "").replace("\r\n", "\n").strip()
    if marked and typed == later(entry, due)["promise"]:
        typed = terms.promise_words([spec.name for spec in marked], due)
    said = {terms.FOLLOW: " ".join(spec.key for spec in marked), terms.PROMISE: typed if marked else ""}
    with node.unit():
        draft = node.drafts.keep(entry.draft, Part.TERMS, said, g.now_ms)
    return terms.check_promise(terms.following(entry.item, draft), typed)


def _ticked(item: ServiceItem) -> list[PaperSpec]:
    return [spec for spec in item.papers if spec.tolerant and request.form.get(f"follow-{spec.key}")]


def followed(item: ServiceItem) -> dict[str, str]:
    """Return which papers the page being typed on marks to follow, {} when it does not ask."""
    if not request.form.get("follow_asked"):
        return {}
    return {terms.FOLLOW: " ".join(spec.key for spec in _ticked(item))}


def take_in(entry: Entry) -> list[Problem]:
    """Take in every file of the form, each kept as soon as it is stored; return what was wrong with others.

    Raises:
        DiskFull: no room is left; the papers before this one are kept.
    """
    problems: list[Problem] = []
    draft = entry.draft
    for spec in (*entry.item.papers, OTHER_PAPER):
        said = request.form.getlist(f"notes-paper-{spec.key}")
        for place, file in enumerate(request.files.getlist(f"paper-{spec.key}")):
            if not file.filename:
                continue
            try:
                paper = _stored(entry, spec.key, file, _known_notes(said[place : place + 1]))
                draft = _added(draft, paper)
            except BadInput as refused:
                sentence = _("%(name)s：文件“%(file)s”没有收取。", name=spec.name, file=_file_name(file))
                told = f"{sentence}{refused.told(refused.sentence)}{refused.told(refused.advice)}"
                problems.append(Problem(f"paper-{spec.key}", spec.name, refused.code, told))
    return problems


class NoMoreRoom(BadInput):
    """The draft holds as many papers as one filing can carry."""

    code = "E343"
    sentence = "一次最多附 {most} 份材料。请先收件，其余的随后在办件页用“补来材料”补交。"


def _added(draft: Draft, paper: DraftPaper) -> Draft:
    with current_node().unit():
        changed: Draft = current_node().drafts.add_papers(draft, [paper], g.now_ms)
    return changed


def _known_notes(said: list[str]) -> list[str]:
    """Return what the browser saw of a picture, in the words this program knows."""
    return [note for text in said for note in text.split() if note in NOTE_WORDS]


def _stored(entry: Entry, key: str, file: FileStorage, seen: list[str]) -> DraftPaper:
    """Keep one file of the form.

    Args:
        seen: what a person should look at, as the browser says.

    Raises:
        NoMoreRoom: the draft is full; beside what `fitted` and `Papers.take_in` raise.
    """
    now = current_node().drafts.draft(entry.draft.id, g.staff.login)
    if _count(now) >= PAPERS_PER_ACT_MAX:
        raise NoMoreRoom(most=PAPERS_PER_ACT_MAX)
    fit = fitted(file.stream)
    blob: BlobRef = current_node().papers.take_in(fit.stream)
    notes = " ".join(dict.fromkeys((*fit.notes, *seen)))
    return DraftPaper(
        key,
        paper_name(entry.item, key),
        _file_name(file),
        blob.hash,
        blob.size,
        blob.type,
        pages=fit.pages,
        notes=notes,
    )


def turn(entry: Entry) -> None:
    """Turn a picture of the draft clockwise by a quarter: as the browser did it, else by this node.

    Raises:
        PaperNotInDraft: there is no such picture in the draft.
        CannotTurn: this node has no means to.
        DiskFull: no room is left; nothing is changed.
    """
    node = current_node()
    key, _sep, blob = request.form.get("paper", "").partition("/")
    found = next((one for one in entry.draft.papers if (one.key, one.hash) == (key, blob)), None)
    # What was handed in before stays as it was: turned, it would be a paper nobody has to consent to.
    if found is None or found.source or not found.type.startswith("image/"):
        raise PaperNotInDraft()
    stored = BlobRef(found.hash, found.size, found.type)
    taken: BlobRef = node.papers.take_in(turned(request.files.get("turned"), node.papers.content(stored)))
    new = replace(found, hash=taken.hash, size=taken.size, type=taken.type, source="")
    with node.unit():
        node.drafts.swap_paper(entry.draft, found, new, g.now_ms)


def _count(draft: Draft) -> int:
    """Return how many contents the papers have; one file given for two purposes is sent once."""
    return len({paper.hash for paper in draft.papers})


def _file_name(file: FileStorage) -> str:
    return (file.filename or "").replace("\\", "/").rpartition("/")[2][:_NAME_MAX]


def content(draft: Draft, blob: str) -> Response:
    """Return one paper of a draft.

    Raises:
        PaperNotInDraft: the draft has none with this hash.
        PaperNotHere, PaperDamaged: its bytes are gone from the disk, or no longer what they were.
    """
    paper = next((paper for paper in draft.papers if paper.hash == blob), None)
    if paper is None:
        raise PaperNotInDraft()
    if paper.source:
        # What was brought with this draft its author has just seen; this comes out of an earlier case.
        write_down(What.PAPER, paper.hash, Fields.PAPERS)
    return served(BlobRef(paper.hash, paper.size, paper.type))
