"""Drafts: what was typed at the desk is on the disk page by page, and a case is filed from it once.

Everything here is about one person's own drafts; another's is as if it were not there. Only an administrator
who gives them to somebody else learns that there are any.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from common.catalogue.rules.item import ServiceItem
from common.clock import BUILT_MS
from common.desk import records
from common.desk.records import DraftRow
from common.desk.rules.drafts import Draft, DraftPaper, Part, Step, is_empty
from common.desk.rules.terms import after_applicant
from common.desk.rules.windows import Merged, PageMark, merged
from common.errors import NotFound
from common.store import audit
from common.store.database import require_unit

KEPT_DAYS = 30
_KEPT_MS = KEPT_DAYS * 24 * 3_600_000
_LEFT_MS = 3_600_000
_ID_BYTES = 16
# Above the longest a field of a form may be (`catalogue.rules.schema`): what is cut is refused as too long.
_TYPED_MAX = 12_000


class DraftNotFound(NotFound):
    """This person has no such draft."""

    code = "E341"
    sentence = "没有找到这份草稿，可能已经删除，或超过 30 天没有办理。"
    advice = "请返回首页，从“未办完的”里继续，或重新选择事项。"


class Drafts:
    """The drafts of one node.

    Args:
        random: gives so many unforeseeable bytes.
    """

    def __init__(self, random: Callable[[int], bytes]) -> None:
        self._random = random

    def begin(
        self, login: str, item: ServiceItem, now_ms: int, applicant: Mapping[str, str] | None = None
    ) -> Draft:
        """Begin a draft for an item and return it.

        Args:
            applicant: what is known of the applicant already.
        """
        require_unit()
        draft = Draft(
            self._random(_ID_BYTES).hex(),
            login,
            item.code,
            item.version,
            Step.APPLICANT,
            dict(applicant or {}),
            {},
            {},
            (),
            now_ms,
            now_ms,
            {},
        )
        records.put(_row(draft))
        return draft

    def clear_empty(self, login: str, now_ms: int) -> None:
        """Throw a person's drafts away in which nothing was typed for an hour: they were left, not begun."""
        for draft in self.of(login):
            if is_empty(draft) and draft.updated_at < now_ms - _LEFT_MS:
                self.discard(draft, now_ms)

    def draft(self, draft: str, login: str) -> Draft:
        """Return a draft.

        Raises:
            DraftNotFound: there is none with this id, or it is somebody else's.
        """
        found = self.find(draft, login)
        if found is None:
            raise DraftNotFound(draft=draft[:40])
        return found

    def find(self, draft: str, login: str) -> Draft | None:
        """Return a draft, None when there is none with this id, or it is somebody else's."""
        row = records.one(draft)
        return _read(row) if row is not None and row.login == login else None

    def of(self, login: str) -> list[Draft]:
        """Return a person's drafts, the one worked on last first."""
        return [_read(row) for row in records.of(login)]

    def owners(self) -> dict[str, tuple[int, int, int]]:
        """Return login → how many drafts, when the oldest and when the newest was last kept (UTC ms)."""
        return records.owners()

    def give(self, login: str, heir: str, by: str, now_ms: int) -> list[str]:
        """Give all drafts of a person to another, who has them for 30 days anew; return their ids.

        An open page of the former author's keeps nothing more: the draft is not theirs.
        """
        require_unit()
        given = self.of(login)
        for draft in given:
            records.put(_row(replace(draft, login=heir, updated_at=now_ms, rev=draft.rev + 1)))
            audit.record(by, "draft.give", draft.id, {"from": login, "to": heir}, now_ms)
        return [draft.id for draft in given]

    def keep(
        self, draft: Draft, part: Part, typed: Mapping[str, str], now_ms: int, page: PageMark | None = None
    ) -> Draft:
        """Keep what was typed on a page, right or wrong, and return the draft with it.

        Args:
            typed: by field; the part's other fields stay as they were.
            page: what the page knew when it was made; a field it never touched does not take back what
                another window wrote since. Without it everything typed is taken.

        Raises:
            DraftNotFound: it was filed or discarded meanwhile, in another window.
        """
        return self.keep_page(draft, part, typed, now_ms, page)[0]

    def keep_page(
        self, draft: Draft, part: Part, typed: Mapping[str, str], now_ms: int, page: PageMark | None
    ) -> tuple[Draft, Merged]:
        """Do as `keep`, and say beside the draft in which fields this page or another window won."""
        kept = {key: text[:_TYPED_MAX] for key, text in typed.items()}
        found: list[Merged] = []

        def change(now: Draft) -> Draft:
            before = f"{part.value}."
            marks = {
                key.removeprefix(before): mark for key, mark in now.marks.items() if key.startswith(before)
            }
            merge = merged(getattr(now, part.value), kept, page, marks)
            found.append(merge)
            mark = (now.rev + 1, page.window if page else "")
            changes: dict[str, Any] = {part.value: merge.values}
            if part is Part.APPLICANT:
                changes["terms"] = after_applicant(now.terms, now.applicant, merge.values)
            return replace(
                now, marks={**now.marks, **{before + key: mark for key in merge.touched}}, **changes
            )

        return self._change(draft, now_ms, change), found[0]

    def reach(self, draft: Draft, step: Step, now_ms: int) -> Draft:
        """Note the page on which the draft goes on, and return it. Raises as `keep`."""
        return self._change(draft, now_ms, lambda now: replace(now, step=step))

    def renew(self, draft: Draft, item: ServiceItem, now_ms: int) -> Draft:
        """Go on under a newer version of the item, and return the draft; what was typed stays, by field.

        Raises as `keep`.
        """
        return self._change(draft, now_ms, lambda now: replace(now, version=item.version))

    def add_papers(self, draft: Draft, papers: Iterable[DraftPaper], now_ms: int) -> Draft:
        """Add papers whose content is stored already, and return the draft; the same one twice stays one.

        Raises as `keep`.
        """
        added = {(paper.key, paper.hash): paper for paper in papers}

        def change(now: Draft) -> Draft:
            here = {(paper.key, paper.hash): paper for paper in now.papers}
            return replace(now, papers=tuple((here | added).values()))

        return self._change(draft, now_ms, change)

    def drop_paper(self, draft: Draft, paper: tuple[str, str], now_ms: int) -> Draft:
        """Take a paper, named by (key, hash), out of the draft and return it; one not in it is passed over.

        Raises as `keep`.
        """

        def change(now: Draft) -> Draft:
            return replace(now, papers=tuple(p for p in now.papers if (p.key, p.hash) != paper))

        return self._change(draft, now_ms, change)

    def swap_paper(self, draft: Draft, old: DraftPaper, new: DraftPaper, now_ms: int) -> Draft:
        """Put a paper in another's place and return the draft; one no longer in it is passed over.

        Raises as `keep`.
        """

        def change(now: Draft) -> Draft:
            return replace(now, papers=tuple(new if p == old else p for p in now.papers))

        return self._change(draft, now_ms, change)

    def discard(self, draft: Draft, now_ms: int) -> None:
        """Take a draft out for good, because its author wants it."""
        require_unit()
        records.remove(draft.id)
        audit.record(draft.login, "draft.discard", draft.id, {"item": draft.item}, now_ms)

    def close(self, draft: Draft, case: str, now_ms: int) -> None:
        """Take a draft out because `case` was filed from it; call it in the unit that files the case.

        Raises:
            peewee.IntegrityError: a case was filed from it before.
        """
        require_unit()
        records.add_filed(draft.id, case, now_ms)
        records.remove(draft.id)

    def case_from(self, draft: str) -> str:
        """Return the number of the case that was filed from a draft, empty when there is none."""
        return records.filed_from(draft)

    def papers(self) -> set[str]:
        """Return the hashes of all papers that some draft holds."""
        return {paper["hash"] for text in records.papers() for paper in json.loads(text)}

    def sweep(self, now_ms: int) -> int:
        """Take out drafts nobody touched for 30 days; return how many.

        Those last kept before the program was made, by a clock that had lost its battery, have 30 days anew.
        """
        require_unit()
        if now_ms >= BUILT_MS:
            records.date_anew(BUILT_MS, now_ms)
        return records.sweep(now_ms - _KEPT_MS)

    def _change(self, draft: Draft, now_ms: int, change: Callable[[Draft], Draft]) -> Draft:
        require_unit()
        # As it is now, not as it was when the page was made: another window may have written meanwhile.
        now = self.draft(draft.id, draft.login)
        changed = replace(change(now), updated_at=now_ms, rev=now.rev + 1)
        records.put(_row(changed))
        return changed


def _row(draft: Draft) -> DraftRow:
    return DraftRow(
        draft.id,
        draft.login,
        draft.item,
        draft.version,
        draft.step.value,
        _text(dict(draft.applicant)),
        _text(dict(draft.form)),
        _text(dict(draft.result)),
        _text([asdict(paper) for paper in draft.papers]),
        draft.created_at,
        draft.updated_at,
        _text(dict(draft.terms)),
        draft.rev,
        _text(dict(draft.marks)),
    )


def _read(row: DraftRow) -> Draft:
    return Draft(
        row.id,
        row.login,
        row.item,
        row.version,
        Step(row.step),
        json.loads(row.applicant),
        json.loads(row.form),
        json.loads(row.result),
        tuple(DraftPaper(**paper) for paper in json.loads(row.papers)),
        row.created_at,
        row.updated_at,
        json.loads(row.terms),
        row.rev,
        {key: (int(rev), str(window)) for key, (rev, window) in json.loads(row.marks).items()},
    )


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
