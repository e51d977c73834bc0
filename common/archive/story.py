"""Tells a case anew from the frames of a package, and compares with what the package says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.archive.rules.layout import Manifest
from common.casework.rules.case import fold
from common.casework.rules.event import CaseEvent, CaseState
from common.casework.rules.shape import KINDS
from common.errors import LiandongError
from sync.protocol import canonical
from sync.protocol.errors import SyncError
from sync.protocol.frame import PLAIN, Frame, act_of


def is_whole(frames: Sequence[Frame]) -> bool:
    """Say whether every act can be read: one whose body was deleted proves that it was there, and no more."""
    return {frame.act for frame in frames} == {frame.act for frame in frames if frame.body}


def retold(frames: Sequence[Frame], manifest: Manifest) -> list[str]:
    """Return what is wrong with the story: acts lacking, or another end than the manifest says.

    The end is compared where the story `is_whole`.
    """
    by_act = {frame.act: frame for frame in frames if frame.body}
    problems = [f"缺少动作 {act}" for act in manifest.acts if act not in {frame.act for frame in frames}]
    problems += [f"多出动作 {act}" for act in sorted({frame.act for frame in frames} - set(manifest.acts))]
    events = []
    for act in manifest.acts:
        event = _event(by_act[act]) if act in by_act else None
        if event is not None:
            events.append(event)
            problems += _foreign(event, manifest)
    problems += _lacking(events, {frame.act for frame in frames})
    return problems + _ended(events, manifest) if is_whole(frames) else problems


def _event(frame: Frame) -> CaseEvent | None:
    act = act_of(frame)
    if act.kind not in KINDS or act.enc != PLAIN:
        return None
    try:
        body = canonical.loads(act.content)
    except SyncError:
        return None
    hashes = tuple(blob.hash for blob in act.blobs)
    return CaseEvent(act.id, act.kind, act.author, body, hashes) if type(body) is dict else None


def _foreign(event: CaseEvent, manifest: Manifest) -> list[str]:
    return [] if event.body.get("case") == manifest.case else [f"动作 {event.id} 属于另一个办件"]


def _lacking(events: Sequence[CaseEvent], there: set[str]) -> list[str]:
    """Return the acts that others continue, answer or strike out, and that are not there."""
    found = []
    for event in events:
        for act in _named(event.body):
            if act not in there:
                found.append(f"缺少动作 {act}（{event.id} 以它为前提）")
    return found


def _named(body: Mapping[str, Any]) -> list[str]:
    follows, answers = body.get("follows"), body.get("answers")
    named = [follows] if type(follows) is str and follows else []
    return named + [act for act in answers if type(act) is str] if type(answers) is list else named


def _ended(events: Sequence[CaseEvent], manifest: Manifest) -> list[str]:
    try:
        state = fold(events, apex=manifest.apex)
    except LiandongError as problem:
        return [f"办理经过不能重演（{problem.code}）"]
    return [sentence for sentence, is_so in _compared(state, manifest) if is_so]


def _compared(state: CaseState, manifest: Manifest) -> list[tuple[str, bool]]:
    return [
        ("重演得到的结果与清单不同", (state.state.value, state.last) != (manifest.state, manifest.act)),
        ("互相矛盾的两步都没有撤销", bool(state.forks)),
        ("已撤销的一步仍在办理经过中", not state.struck.isdisjoint(state.chain)),
    ]
