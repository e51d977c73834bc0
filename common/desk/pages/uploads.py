"""Papers that come with a form: taken in at once, and remembered while the form is being mended.

A browser forgets chosen files when a form comes back; so what is stored already is named by a signed token
beside the form. Only this node can make such a token, so nobody attaches a paper they have not handed in.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, g, request
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeSerializer

from common.casework.context import Paper
from common.casework.errors import TooManyPapers
from common.catalogue.rules.item import PaperSpec
from common.desk.pages.picture_care import fitted
from common.errors import BadInput, Problem
from common.papers.rules import PAPERS_PER_ACT_MAX, PaperOutlived
from common.web.ports import current_node
from sync.protocol.frame import BlobRef

_SALT = "desk.papers"


def taken_in(specs: Sequence[PaperSpec], case: str) -> tuple[list[Paper], list[Problem]]:
    """Take in every file of the form; return all papers, those taken in before included, and what was wrong.

    A file that is no paper, too large or empty is a problem; the good ones are kept nevertheless.

    Raises:
        DiskFull: no room is left.
    """
    named = _kept(case)
    papers = [paper for paper in named if current_node().papers.is_here(paper.blob)]
    problems = [_outlived(paper) for paper in named if paper not in papers]
    for spec in specs:
        for file in request.files.getlist(f"paper-{spec.key}"):
            if not file.filename:
                continue
            try:
                fit = fitted(file.stream)
                blob = current_node().papers.take_in(fit.stream)
                papers.append(Paper(spec.key, spec.name, blob, fit.pages))
            except BadInput as refused:
                said = refused.told(refused.sentence) + refused.told(refused.advice)
                sentence = f"{spec.name}（{file.filename[:60]}）：{said}"
                problems.append(Problem(f"paper-{spec.key}", spec.name, refused.code, sentence))
    g.kept_papers = papers
    if len({paper.blob for paper in papers}) > PAPERS_PER_ACT_MAX:
        problems.append(Problem("kept", _("材料"), TooManyPapers.code, TooManyPapers.sentence))
    return papers, problems


def newest(papers: Sequence[Paper], case: str) -> list[Paper]:
    """Return what came with the form this time; where nothing did, what was taken in before."""
    before = _kept(case)
    return [paper for paper in papers if paper not in before] or list(papers)


def kept_rows(case: str) -> list[dict[str, str]]:
    """Return what the form shows of papers taken in before it came back: name, size and token of each."""
    return [
        {
            "name": paper.name,
            "size": _("%(n)s KB", n=max(1, paper.blob.size // 1024)),
            "token": _signer().dumps([case, paper.key, paper.name, *paper.blob]),
        }
        for paper in g.get("kept_papers", [])
    ]


def _kept(case: str) -> list[Paper]:
    papers = []
    for token in request.form.getlist("kept"):
        try:
            owner, key, name, *blob = _signer().loads(token)
        except BadSignature:
            continue
        if owner == case:
            papers.append(Paper(key, name, BlobRef(*blob)))
    return papers


def _outlived(paper: Paper) -> Problem:
    sentence = f"{paper.name}：{_(PaperOutlived.sentence)}"
    return Problem(f"paper-{paper.key}", paper.name, PaperOutlived.code, sentence)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt=_SALT)
