"""The package of an ended case to take away, and the page on which any package is checked offline."""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import Any, BinaryIO, cast

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from common.archive.errors import NoPackageChosen
from common.archive.findings import PART_NAMES, Findings, Part, reason_in_words
from common.casework.pages import whole_case
from common.casework.rules.event import CaseState
from common.casework.rules.flow import ENDED
from common.casework.rules.labels import label
from common.errors import Problem
from common.journal.rules import Fields, What
from common.people.rules.roles import Role
from common.web import own_work
from common.web.forms import redraws
from common.web.guard import requires
from common.web.ports import current_node
from common.web.watched import shows
from sync.protocol.signing import RealSuite

packages = Blueprint("packages", __name__, url_prefix="/case")
package_check = Blueprint("package_check", __name__, url_prefix="/archive/verify")

PACKERS = (Role.CLERK, Role.SUPERVISOR)
_KIND = "package"
# What a browser sends at once; `verify-package` has no such limit.
UPLOAD_BYTES_MAX = 512 * 1024 * 1024
_PROBLEMS_SHOWN = 20
# What only a file that somebody brings can have wrong.
_OF_A_FILE = (Part.LISTED, Part.PACKER)
# Checking reads every byte: two at a time would only be slower.
_one_at_a_time = threading.Lock()


@package_check.url_value_preprocessor
def _allow_packages(endpoint: str | None, _values: Any) -> None:
    # Said before anything reads the form; the guard still comes first, so strangers cannot send that much.
    if endpoint == "package_check.check":
        request.max_content_length = UPLOAD_BYTES_MAX


@packages.post("/<number>/package")
@requires(*PACKERS)
@whole_case(of="number")
def pack(number: str) -> Response:
    """Begin to pack an ended case beside the page; the audit trail says who had it packed.

    What is small is read at once, so that a refusal is told here; the papers are copied beside the page.
    """
    node = current_node()
    if own_work.is_busy(_KIND):
        flash(_("上一个归档包还在打，请等它做完。"), "warn")
        return redirect(url_for("own_work.index"), 303)
    with node.unit():
        collected = node.archive.collect(number, g.actor, g.now_ms)
    order = own_work.Order(
        kind=_KIND,
        about=collected.case,
        title=str(_("%(number)s 的归档包", number=collected.case)),
        back=url_for("cases.show", number=collected.case),
        total=sum(blob.size for _name, blob in collected.papers.values()),
        name=f"{collected.case}.zip",
        type="application/zip",
        posts=PACKERS,
        fields=Fields.WHOLE,
    )
    return own_work.begin(order, lambda path, tell: node.archive.write(collected, path, tell))


@packages.post("/<number>/check")
@requires()
@shows(What.CASE, of="number")
@whole_case(of="number")
def check_here(number: str) -> str:
    """Check every signature and the whole chain of a case here and now, and say in words what was checked."""
    # Loaded at the first check: few people ever ask.
    from common.archive import here

    node = current_node()
    page = node.casework.page(number)
    with node.unit():
        collected = here.collect_here(node.archive, number, g.actor, g.now_ms)
    with _one_at_a_time:
        checked = here.check_here(node.archive, collected)
    steps = here.by_act(checked.steps)
    return render_template(
        "archive/case_checked.html",
        found=checked.findings,
        absent=checked.absent,
        reason=reason_in_words,
        rows=[row for row in _rows(checked.findings) if row["part"] not in _OF_A_FILE],
        number=number,
        item_name=page.state.item_name,
        root=node.fingerprint(),
        signed=[(entry, steps[entry.act], node.place_name(entry.author)) for entry in page.timeline],
    )


@packages.get("/<number>/check")
@requires()
@shows(What.CASE, of="number")
def not_checked(number: str) -> Response:
    """Lead back to the case: a check is asked for by its button, each time anew."""
    return redirect(url_for("cases.show", number=number), 303)


def is_checkable() -> bool:
    """Say whether this node has the page that checks a case."""
    return "packages.check_here" in current_app.view_functions


def package_link(state: CaseState, roles: Collection[str]) -> str:
    """Return where the package of a case is asked for (by POST), "" where it is not offered."""
    is_offered = state.state in ENDED and any(role in roles for role in PACKERS)
    if not is_offered or "packages.pack" not in current_app.view_functions:
        return ""
    return url_for("packages.pack", number=state.case)


@package_check.get("")
@requires()
def ask() -> str:
    """Ask for a package."""
    return render_template("archive/verify.html", found=None)


@package_check.post("")
@requires()
@redraws(".ask")
def check() -> str:
    """Say part by part what a package proves. Nothing of it is kept."""
    file = request.files.get("file")
    if file is None or not file.filename:
        sentence = str(_(NoPackageChosen.sentence))
        raise NoPackageChosen(problems=[Problem("file", str(_("归档包")), NoPackageChosen.code, sentence)])
    with _one_at_a_time:
        # Loaded at the first check: few nodes are ever asked for one.
        from common.archive.known import Known
        from common.archive.verify import check_file

        node = current_node()
        known = Known(node.proofs.trust.roster(), node.archive.core)
        found = check_file(cast(BinaryIO, file.stream), node.fingerprint(), RealSuite(), known)
    return render_template(
        "archive/verify.html",
        found=found,
        reason=reason_in_words,
        state=label(found.state) if found.state else "",
        packer=current_node().place_name(found.node),
        rows=_rows(found),
        other=[one for one in found.problems if not found.parts][:_PROBLEMS_SHOWN],
        name=file.filename[-80:],
    )


def _rows(found: Findings) -> list[dict[str, Any]]:
    """Return each part with what was found: how much there is of it, and what is wrong."""
    amounts = {
        "frames": _("%(n)s 份，其中终点已回执 %(m)s 份", n=found.frames, m=found.end_stored),
        "chains": _("%(n)s 条线", n=found.streams),
        "papers": _("%(n)s 份", n=found.papers),
        "documents": _("%(n)s 份", n=found.documents) if found.documents else _("没有附事项文本"),
        "story": _("%(n)s 步", n=found.acts),
    }
    return [
        {
            "part": part,
            "name": name,
            "amount": amounts.get(part.value, ""),
            "light": "" if part not in found.parts else "bad" if found.parts[part] else "good",
            "problems": found.parts.get(part, ())[:_PROBLEMS_SHOWN],
            "count": len(found.parts.get(part, ())),
        }
        for part, name in PART_NAMES.items()
    ]
