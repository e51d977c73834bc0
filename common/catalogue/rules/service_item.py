"""A service item (事项) as one frozen value. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.catalogue.rules.values import (
    Authority,
    Basis,
    Contact,
    Fee,
    FieldSpec,
    Joint,
    Limit,
    PaperSpec,
    Question,
    Result,
    Route,
    Special,
    Step,
    Supervision,
    Supports,
)


@dataclass(frozen=True, slots=True)
class ServiceItem:
    """A service item in one version. `effective_from` is YYYY-MM-DD, empty: at once."""

    code: str
    base_code: str
    name: str
    version: int
    effective_from: str
    kind: str
    type_code: str
    level_code: str
    basis: tuple[Basis, ...]
    authority: Authority
    department: str
    department_code: str
    department_nature: str
    office: str
    intermediary: str
    subjects: tuple[str, ...]
    themes: tuple[str, ...]
    conditions: tuple[str, ...]
    quantity_limit: str
    steps: tuple[Step, ...]
    channels: tuple[str, ...]
    place: str
    hours: str
    reach: str
    visits: int
    supports: Supports
    online_address: str
    papers: tuple[PaperSpec, ...]
    fields: tuple[FieldSpec, ...]
    statutory: Limit
    promised: Limit
    extension_days: int
    special: tuple[Special, ...]
    fees: tuple[Fee, ...]
    result: Result
    contact: Contact
    questions: tuple[Question, ...]
    remedies: str
    route: Route
    joint: tuple[Joint, ...]
    originals: str
    green: tuple[str, ...]
    checklist: tuple[str, ...]
    tolerance_days: int
    supervision: Supervision
    source: str
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)
    office_code: str = ""
    system_level: str = ""

    @property
    def is_instant(self) -> bool:
        """Whether the case is decided on the spot (即办件)."""
        return self.kind == "instant"

    @property
    def is_joint(self) -> bool:
        """Whether other departments give their opinion (联办)."""
        return bool(self.joint)

    @property
    def is_free(self) -> bool:
        """Whether nothing is charged; a fee computed case by case has `fee_fen` 0 and is not free."""
        return not self.fees

    @property
    def statutory_days(self) -> int:
        """Days the law allows, in the unit of `statutory`; 0 when it sets none."""
        return self.statutory.days

    @property
    def promised_days(self) -> int:
        """Days promised, in the unit of `promised`; 0 = on the spot."""
        return self.promised.days

    def extended_by(self, days: int) -> str:
        """Return so many days of an extension in words: each limit is longer by as many of its own unit."""
        units = {limit.unit for limit in (self.statutory, self.promised) if limit.days}
        return f"{days} 天" if "calendar" in units else f"{days} 个工作日"

    @property
    def fee_fen(self) -> int:
        """The usual fees of one case together, in fen."""
        return sum(fee.fen for fee in self.fees)

    @property
    def result_name(self) -> str:
        """What the applicant receives."""
        return self.result.name

    @property
    def consult_phone(self) -> str:
        """Where to ask."""
        return self.contact.consult_phone

    @property
    def complaint_phone(self) -> str:
        """Where to complain."""
        return self.contact.complaint_phone

    def may_be_filed_at(self, level: str) -> bool:
        """Whether a node of this level (village, township, county) may take the item in."""
        return level in self.route.intake_levels

    def topics(self) -> list[tuple[str, tuple[FieldSpec, ...]]]:
        """Return the pages of the form in order: heading, fields."""
        names = dict.fromkeys(spec.group for spec in self.fields)
        return [(name, tuple(spec for spec in self.fields if spec.group == name)) for name in names]
