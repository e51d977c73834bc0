"""What a text is written from: the moment, the item in the version of the case, and names of places. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from common.casework.rules.event import CaseEvent, CaseState
from common.catalogue.rules.applicant import id_type
from common.catalogue.rules.item import ServiceItem
from common.notices.rules.kinds import FORMS, kind_of
from common.notices.rules.moment import Moment, moment_of, word_of
from common.notices.rules.naming import Place, number_of, organ_of, site_name
from common.notices.rules.notice import Text
from common.notices.rules.speaking import day_words, on_words

# The steps that decide on an application; each gives its own notice.
DECIDING = ("approve", "refuse", "settle")


@dataclass(frozen=True, slots=True)
class Scene:
    """All that a text may use; `item` is None where the version the case was filed under is not here."""

    moment: Moment
    item: ServiceItem | None
    place: Place

    @property
    def state(self) -> CaseState:
        """The case as the act left it."""
        return self.moment.state

    @property
    def note(self) -> str:
        """The reason or opinion that was written down."""
        return str(self.moment.data.get("note", "")).strip()

    @property
    def is_unit(self) -> bool:
        """Whether a unit applies, not a person."""
        return id_type(str(self.state.applicant["id_type"])).is_units

    @property
    def you(self) -> str:
        """How the paper speaks to the applicant."""
        return "你单位" if self.is_unit else "您"

    @property
    def self_word(self) -> str:
        """How the applicant speaks of themselves."""
        return "本单位" if self.is_unit else "本人"

    @property
    def filed_on(self) -> str:
        """The day of the application in words."""
        return on_words(self.state.filed_at)

    def due_words(self, day: str) -> str:
        """Return a last day in words; it may still move while a year in between has no official calendar."""
        is_open = bool(day) and self.state.facts.provisional
        return day_words(day) + ("（暂定，待年度放假安排公布后核定）" if is_open else "")

    def site(self, address: str) -> str:
        """Return the name of a site."""
        return site_name(address, self.place)

    def earlier(self, *words: str) -> CaseEvent | None:
        """Return the last step before the act that is one of these, None when there is none."""
        return next((step for step in reversed(self.moment.earlier) if word_of(step) in words), None)

    def title_and_number(self, step: CaseEvent) -> str:
        """Return how an earlier step's own notice is called, as other papers refer to it."""
        kind = kind_of(word_of(step), self.moment.filing)
        if kind is None:
            return ""
        return f"《{FORMS[kind].title}》（{number_of(kind, self._then(step), self.place)}）"

    def decision_words(self) -> str:
        """Return what was decided, by whom, as a later paper speaks of it: the organ by its name where this
        paper is by another that acts in its stead.
        """
        decision, organ, which = self.earlier(*DECIDING, "not_accept"), "本机关", "原决定"
        if decision is not None:
            made, here = (organ_of(one, self.item, self.place) for one in (self._then(decision), self.moment))
            organ = organ if made.name == here.name else made.name
            which = self.title_and_number(decision)
        return f"{organ}就“{self.state.item_name}”作出的{which}"

    def _then(self, step: CaseEvent) -> Moment:
        return moment_of([*self.moment.path, *self.moment.answered], step.id)


Writer = Callable[[Scene], Text]
