"""What the page of a letter says is wrong: each sentence names its field as the page does."""

from __future__ import annotations

from dataclasses import replace

from common.authority.pages.fields import PERIOD, PRINCIPAL
from common.authority.rules import problems
from tests.authority.test_letters import DRAFT, TODAY


def test_each_sentence_about_a_field_left_empty_names_the_field_as_the_page_does() -> None:
    empty = replace(DRAFT, principal=replace(DRAFT.principal, id_number=""), from_day="", to_day="")
    told = {problem.field: problem.sentence for problem in problems(empty, TODAY)}
    labels = {field.key: field.label for field in (*PRINCIPAL, *PERIOD)}
    for key in ("id_number", "from_day", "to_day"):
        assert told[key].startswith(f"{labels[key]}：请填写"), told[key]
