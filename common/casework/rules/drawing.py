"""The drawing of the flow table for the documentation: a state diagram as text, of the rows alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from common.casework.rules.labels import label
from common.casework.rules.table import (
    BEFORE_ACCEPTANCE,
    BEFORE_DECISION,
    FLOW,
    TAKE_OVERS,
    TO_HAND_OVER,
    UNDER_REVIEW,
    Step,
)
from common.casework.rules.words import Action, Role, State

BEGIN, END = "<!-- flow table: drawn by common/casework/rules/drawing.py -->", "<!-- end of the drawing -->"
_GROUPS = (
    ("DOOR", "收件到受理前", BEFORE_ACCEPTANCE),
    ("REVIEW", "受理后", UNDER_REVIEW),
    ("RESULT", "待送达", TO_HAND_OVER),
)
# What answers a report and leaves the case where it is: in every state, and no line of its own.
_BOOKKEEPING = (Action.NOTE, Action.RECORD, Action.REFUSE_WITHDRAWAL)


def drawing() -> str:
    """Return the diagram (Mermaid) of the steps that lead on, and tables of all others and of take-overs."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    {state.value}: {label(state.value)}" for state in State if state is not State.START]
    moving = [step for step in FLOW if step.next_state is not step.state]
    for name, words, states in _GROUPS:
        lines.append(f'    state "{words}" as {name} {{')
        lines += [f"        {edge}" for edge in _edges(moving, states, states)]
        # A state that nothing within the group leads to has to be named to stand in it.
        lines += [f"        {state.value}" for state in states]
        lines.append("    }")
    for name, _, states in _GROUPS:
        lines += [f"    {name} --> {to.value}: {words}" for to, words in _from_all(moving, states)]
    lines += [f"    {edge}" for edge in _edges_between(moving)]
    lines += ["```", "", "| stays where it is | from | by |", "|---|---|---|"]
    staying = [s for s in FLOW if s.next_state is s.state and s.action not in _BOOKKEEPING]
    for action in dict.fromkeys(step.action for step in staying):
        steps = [step for step in staying if step.action is action]
        start = _state_words(tuple(dict.fromkeys(step.state for step in steps)))
        lines.append(f"| {label(action.value)} `{action.value}` | {start} | {_who(steps)} |")
    lines += ["", "| taken over by the top because | in | by |", "|---|---|---|"]
    for rule in TAKE_OVERS:
        roles = "、".join(label(role.value) for role in rule.roles)
        where = "办结前的各状态" if set(TO_HAND_OVER) <= set(rule.states) else _state_words(rule.states)
        lines.append(f"| {rule.note} `{rule.cause.value}` | {where} | {roles} |")
    return "\n".join([BEGIN, *lines, END])


def _edges(moving: Sequence[Step], start: Sequence[State], end: Sequence[State]) -> Iterator[str]:
    for state in start:
        for to in dict.fromkeys(s.next_state for s in moving if s.state is state and s.next_state in end):
            steps = [step for step in moving if (step.state, step.next_state) == (state, to)]
            begin = "[*]" if state is State.START else state.value
            yield f"{begin} --> {to.value}: {_words(steps)}"


def _from_all(moving: Sequence[Step], states: Sequence[State]) -> Iterator[tuple[State, str]]:
    """Yield where every state of a group leads outside of it, and by which steps."""
    for to in State:
        if to in states or not all(_leads(moving, state, to) for state in states):
            continue
        yield to, _words([s for s in moving if s.state in states and s.next_state is to])


def _edges_between(moving: Sequence[Step]) -> Iterator[str]:
    """Yield the steps from one group to another that are not those of a whole group."""
    for state in State:
        group = next((states for _, _, states in _GROUPS if state in states), ())
        common = {to for to, _ in _from_all(moving, group)} if group else set()
        yield from _edges(moving, [state], [to for to in State if to not in group and to not in common])


def _leads(moving: Sequence[Step], state: State, to: State) -> bool:
    return any((step.state, step.next_state) == (state, to) for step in moving)


def _state_words(states: tuple[State, ...]) -> str:
    if set(states) == set(BEFORE_DECISION):
        return "决定前的各状态"
    return "、".join(label(state.value) for state in states)


def _words(steps: Iterable[Step]) -> str:
    found = list(steps)
    actions = dict.fromkeys(step.action for step in found)
    parts = (f"{label(a.value)}（{_who(s for s in found if s.action is a)}）" for a in actions)
    return " / ".join(parts)


def _who(steps: Iterable[Step]) -> str:
    roles = dict.fromkeys(step.role for step in steps)
    return "、".join("本站自动" if role is Role.NODE else label(role.value) for role in roles)
