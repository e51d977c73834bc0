"""A case for those who need to know no more than how far it is: no answers, papers, numbers or notices."""

from __future__ import annotations

from flask import g, render_template
from flask_babel import gettext as _

from common.casework.lists import CasePage
from common.desk.pages import dossier, shown
from common.desk.pages.life import way_to_take_over
from common.desk.pages.outline import outline_of
from common.journal.rules import Fields


def shown_of(page: CasePage) -> str:
    """Return the page: item, number, name, state, due day, who has it, and why there is no more.

    The name stands whole, as in the lists in which everybody here finds a case when asked for it by name.
    """
    g.fields_shown = Fields.PROGRESS
    state, case = page.state, outline_of(page)
    return render_template(
        "desk/progress.html",
        case=case,
        facts=[
            (_("事项"), state.item_name),
            (_("办件编号"), state.case),
            (_("申请人"), state.applicant["name"]),
            (_("主办部门"), state.facts.department),
            (_("现在由谁办"), dossier.now_words(state)),
            (_("办理期限"), state.due),
        ],
        in_charge=state.facts.department or shown.place_words(state.holder),
        mine=g.staff.department,
        taking_over=way_to_take_over(state),
    )
