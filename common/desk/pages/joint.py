"""The board of joint cases: who was asked, who has answered what, who is late, by when the whole is due."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template, request

from common.casework import joint_lists
from common.casework.pages import reach_here
from common.casework.queues import CaseLine
from common.casework.rules.event import CaseState
from common.casework.rules.need_to_know import Reach
from common.days import local_date
from common.desk.pages import shown
from common.desk.rules import limits, opinions
from common.people.rules.roles import Role
from common.web.guard import requires
from common.web.ports import current_node

joint = Blueprint("joint", __name__, url_prefix="/joint")

READERS = (Role.CLERK, Role.REVIEWER, Role.APPROVER, Role.LEAD, Role.SUPERVISOR)
# Each row is a case folded anew from its acts; more would be no board.
ROWS = 40


@joint.get("")
@requires(*READERS)
def index() -> str:
    """Show the joint cases of this node that departments are still to answer, the first due first."""
    node = current_node()
    departments = joint_lists.asked_departments(node.me)
    asked = request.args.get("department", "")
    found = joint_lists.waiting(node.me, asked if asked in dict(departments) else "", ROWS + 1)
    return render_template(
        "desk/joint.html",
        rows=[_row(line, node.casework.case(line.case)) for line in found[:ROWS]],
        departments=departments,
        chosen=asked,
        is_more=len(found) > ROWS,
    )


def _row(line: CaseLine, state: CaseState) -> dict[str, Any]:
    today = local_date(g.now_ms)
    calendar = current_node().casework.ctx.calendar()
    is_whole = reach_here(state) is Reach.WHOLE
    lines = opinions.opinion_lines(state, today) if is_whole else opinions.answer_lines(state, today)
    return {
        **shown.rows([line])[0],
        "limits": limits.limit_lines(state, today, calendar),
        "opinions": lines,
        "lead": state.facts.department,
    }
