"""What each step adds to the facts of a case: a table from action to the change it makes.

Pure. The fold stays the same when a step is added. What a *report* says becomes a fact only when a step of
the holder answers it: then every node that has the step has the report too, and all agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from common.casework.rules.facts import (
    ABSENT,
    DOOR_VERDICTS,
    LATE,
    RATINGS,
    RESTORED,
    VERDICTS,
    Announced,
    Asked,
    Correction,
    Facts,
    Pause,
    Said,
    content_of,
)
from common.casework.rules.words import Action, Party, Report


def after_step(facts: Facts, action: Action, said: Said) -> Facts:
    """Return the facts after a step that passed every check."""
    change = _CHANGES.get(action)
    if change is not None:
        facts = change(facts, said)
    if facts.tolerated and action is not Action.NOTE:
        facts = _papers_taken(facts, said)
    received = said.data.get("received_on")
    return _received(facts, said.by, str(received)) if received else facts


def _received(facts: Facts, by: Party, on: str) -> Facts:
    """Each of the two keeps its first word on the day; nobody else has one."""
    if by is Party.CHECKER and not facts.checker_on:
        return replace(facts, checker_on=on)
    if by is Party.ACCEPTOR and not facts.acceptor_on:
        return replace(facts, acceptor_on=on)
    return facts


def _noticed(facts: Facts, said: Said) -> Facts:
    keys = facts.noticed or tuple(paper["key"] for paper in said.data["lacking"])
    content = facts.notice_content or tuple(content_of(one) for one in said.data["lacking"])
    act, last = facts.notice_act or said.act, said.data["answer_by"]
    facts = replace(facts, noticed=keys, notice_content=content, notice_act=act, answer_by=last)
    return replace(facts, noticed_on=facts.noticed_on or said.on)


def _accepted(facts: Facts, said: Said) -> Facts:
    asked = tuple(
        Asked(one["department"], one["matter"], one["due"], one["deemed"])
        for one in said.data.get("asked", ())
    )
    return replace(
        facts,
        accepted_on=said.data.get("accepted_on") or said.on,
        deemed_on=said.data.get("legal_date", ""),
        legal_due=said.data.get("legal_due", ""),
        provisional=said.data.get("provisional", 0),
        asked=asked,
    )


def _dues(facts: Facts, said: Said) -> Facts:
    return replace(
        facts,
        legal_due=said.data.get("legal_due", facts.legal_due),
        provisional=said.data.get("provisional", 0),
    )


def _extended(facts: Facts, said: Said) -> Facts:
    return replace(_dues(facts, said), extended=said.act, extension_days=said.data.get("extension_days", 0))


def _paused(facts: Facts, said: Said) -> Facts:
    special = said.data["special"]
    pause = Pause(special["kind"], special["name"], said.on, special["expected"])
    return replace(facts, pauses=(*facts.pauses, pause))


def _resumed(facts: Facts, said: Said) -> Facts:
    if facts.pause is None:
        return facts
    ended = replace(facts.pause, until=said.on)
    return _dues(replace(facts, pauses=(*facts.pauses[:-1], ended)), said)


def _transferred(facts: Facts, said: Said) -> Facts:
    return replace(facts, department=said.data["department"])


def _absent(facts: Facts, said: Said) -> Facts:
    """缺席: counts as agreed where the item says so; else it is on record and the answer still owed."""
    return _with_verdict(facts, [said.data["department"]], ABSENT, said)


def _deemed(facts: Facts, said: Said) -> Facts:
    return _with_verdict(facts, said.data.get("departments", ()), LATE, said)


def _with_verdict(facts: Facts, departments: Sequence[str], verdict: str, said: Said) -> Facts:
    asked = tuple(
        replace(one, verdict=verdict, note=said.data.get("note", ""), act=said.act)
        if one.department in departments and one.deemed and not one.verdict
        else one
        for one in facts.asked
    )
    return replace(facts, asked=asked)


def _urged(facts: Facts, said: Said) -> Facts:
    named = said.data.get("departments", ())
    asked = tuple(replace(one, urged=1) if one.department in named else one for one in facts.asked)
    return replace(facts, asked=asked)


def _papers_taken(facts: Facts, said: Said) -> Facts:
    """Take from the gap what the answered reports brought, unless the step says that it still lacks.

    Whatever step answers papers that were brought takes them: acceptance does, too.
    """
    lacking = {paper["key"] for paper in said.data.get("lacking", ())}
    brought = {
        paper["key"]
        for what, data in said.answered
        if what is Report.PAPERS_BROUGHT
        for paper in data.get("papers", ())
    }
    if not brought:
        return facts
    left = {key: name for key, name in facts.tolerated.items() if key not in brought or key in lacking}
    return replace(facts, tolerated=left)


def _fee_asked(facts: Facts, said: Said) -> Facts:
    return replace(facts, fee=said.data["fee"], receipt={})


def _fee_taken(facts: Facts, said: Said) -> Facts:
    return replace(facts, receipt=said.data["receipt"])


def _corrected(facts: Facts, said: Said) -> Facts:
    new = tuple(
        Correction(one["field"], one["label"], one["old"], one["new"], said.act, said.on)
        for one in said.data["correction"]
    )
    return replace(facts, corrections=(*facts.corrections, *new))


def _marked(facts: Facts, said: Said) -> Facts:
    standing = said.data["standing"]
    marks = {**facts.marks, said.act: standing["word"]}
    return replace(facts, standing={} if standing["word"] == RESTORED else standing, marks=marks)


def _terminated(facts: Facts, said: Said) -> Facts:
    return replace(facts, ground=said.data["ground"])


def _announced(facts: Facts, said: Said) -> Facts:
    one = said.data["announced"]
    return replace(facts, announced=Announced(said.act, one["on"], one["where"], one["why"]))


def _expedited(facts: Facts, said: Said) -> Facts:
    return replace(facts, green=said.data["note"])


def _recorded(facts: Facts, said: Said) -> Facts:
    for what, data in said.answered:
        facts = _FROM_REPORTS.get(what, _unchanged)(facts, Said(said.act, data, said.on, said.by))
    return facts


def _unchanged(facts: Facts, said: Said) -> Facts:
    return facts


def _opinion(facts: Facts, said: Said) -> Facts:
    department, verdict = said.data["actor"].get("department", ""), said.data["verdict"]
    if verdict in DOOR_VERDICTS:
        if facts.accepted_on or facts.noticed or department not in facts.joint:
            return facts
        return replace(facts, door={**facts.door, department: tuple(said.data.get("lacking", ()))})
    if verdict not in VERDICTS:
        return facts
    note = said.data.get("note", "")
    asked = tuple(
        replace(one, verdict=verdict, note=note, act=said.act)
        if one.department == department and not one.verdict
        else one
        for one in facts.asked
    )
    return replace(facts, asked=asked)


def _paid(facts: Facts, said: Said) -> Facts:
    receipt = said.data["receipt"]
    fits = facts.owes_fee and receipt["fen"] == facts.fee["fen"]
    return replace(facts, receipt=receipt) if fits else facts


def _originals(facts: Facts, said: Said) -> Facts:
    return replace(facts, originals_act=said.act)


def _collected(facts: Facts, said: Said) -> Facts:
    return replace(facts, collect_at=said.data["place"])


def _rated(facts: Facts, said: Said) -> Facts:
    rating = said.data["rating"]
    return facts if facts.rating or rating not in RATINGS else replace(facts, rating=rating)


def _called_back(facts: Facts, said: Said) -> Facts:
    return replace(facts, called_back=said.act)


_CHANGES: Mapping[Action, Callable[[Facts, Said], Facts]] = {
    Action.ASK_PAPERS: _noticed,
    Action.STILL_LACKING: _noticed,
    Action.ACCEPT: _accepted,
    Action.DEEM_ACCEPT: _accepted,
    Action.TRANSFER: _transferred,
    Action.BEGIN_SPECIAL: _paused,
    Action.END_SPECIAL: _resumed,
    Action.EXTEND: _extended,
    Action.DUE_CHANGED: _dues,
    Action.RECORD_ABSENCE: _absent,
    Action.DEEM_OPINION: _deemed,
    Action.URGE: _urged,
    Action.ASK_FEE: _fee_asked,
    Action.TAKE_FEE: _fee_taken,
    Action.CORRECT: _corrected,
    Action.CORRECT_DECISION: _corrected,
    Action.MARK_DECISION: _marked,
    Action.TERMINATE: _terminated,
    Action.EXPEDITE: _expedited,
    Action.ANNOUNCE: _announced,
    Action.RECORD: _recorded,
}
_FROM_REPORTS: Mapping[Report, Callable[[Facts, Said], Facts]] = {
    Report.OPINION: _opinion,
    Report.PAID: _paid,
    Report.ORIGINALS_SEEN: _originals,
    Report.COLLECT_AT: _collected,
    Report.RATED: _rated,
    Report.CALLED_BACK: _called_back,
}
