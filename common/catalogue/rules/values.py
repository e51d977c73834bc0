"""A service item (事项) as frozen values; see `schema.ITEM` for every part, its words and bounds. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from common.catalogue.rules.codes import UNIT_NAMES


@dataclass(frozen=True, slots=True)
class Basis:
    """One legal basis: document, article (empty: not read), what it says in our words, where it was read."""

    document: str
    article: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class PaperSpec:
    """One paper of the list: how many originals are looked at and how many copies are kept.

    `note` tells how to fill it in (填报须知); `tolerant` papers may follow within the item's `tolerance_days`
    (容缺); `source` is a key of `codes.PAPER_SOURCES`.
    """

    key: str
    name: str
    required: bool
    originals: int
    copies: int
    note: str
    tolerant: bool = False
    issuer: str = ""
    issued_within: str = ""
    standard: str = ""
    source: str = "applicant"


@dataclass(frozen=True, slots=True)
class ShowIf:
    """When a field is asked: an earlier field has this value (yes/no as 1/0)."""

    field: str
    equals: str | int


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of the form.

    `minimum` and `maximum` bound a number (itself), an amount (in fen) or a date (as the integer YYYYMMDD),
    both inclusive; None is no bound. `max_length` bounds text in characters. `choices` are the words of a
    choice. Fields of one `group` stand on one page under that heading; without `show_if` a field is always
    asked.
    """

    key: str
    label: str
    kind: str
    required: bool
    choices: tuple[str, ...]
    minimum: int | None
    maximum: int | None
    max_length: int
    hint: str
    group: str = ""
    show_if: ShowIf | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """The way of a case: at which levels it may be taken in, who checks (level or ""), accepts and decides.

    "origin" as acceptor or competent means the node where the case is filed; "township" and "county" the
    node of that level above it, or itself. No role lies below one that comes before it. `department` is whose
    staff act at the competent node; `window` "own" when it keeps a window, "centre" when the centre's window
    takes in for it (接办件).
    """

    intake_levels: tuple[str, ...]
    checker: str
    acceptor: str
    competent: str
    department: str
    window: str = "own"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many days, `unit` "work" (working days) or "calendar"; statutory 0 days: the law sets none."""

    days: int
    unit: str = "work"
    note: str = ""

    @property
    def words(self) -> str:
        """The limit as one says it: `15 个工作日`."""
        return f"{self.days} 个{UNIT_NAMES[self.unit]}"


@dataclass(frozen=True, slots=True)
class Authority:
    """How the power is split between levels, and which part of it is exercised here."""

    split: str
    content: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the published procedure: who does it, in how many working days (0: the same day)."""

    name: str
    who: str
    days: int
    text: str


@dataclass(frozen=True, slots=True)
class Special:
    """A special procedure not counted in the limit; `days` are the expected calendar days."""

    kind: str
    name: str
    days: int
    basis: str


@dataclass(frozen=True, slots=True)
class Fee:
    """One fee; `fen` is the usual amount for one case, 0 when it is computed case by case."""

    name: str
    standard: str
    fen: int
    unit: str
    basis: str
    reducible: bool
    reduction: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What the applicant receives; `kind` is a key of `codes.RESULT_NAMES`, `valid` how long it is good."""

    name: str
    kind: str
    valid: str
    sample: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """Where to ask and where to complain."""

    consult_phone: str
    complaint_phone: str
    consult_way: str
    jurisdiction: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question people ask, and its answer."""

    q: str
    a: str


@dataclass(frozen=True, slots=True)
class Joint:
    """Another department that gives its opinion in parallel, in so many working days.

    `deemed`: its silence counts as an internal opinion in favour.
    """

    department: str
    matter: str
    days: int
    deemed: bool


@dataclass(frozen=True, slots=True)
class Supports:
    """What the item supports beside the counter."""

    appointment: bool
    online_payment: bool
    delivery: bool
    online: bool


@dataclass(frozen=True, slots=True)
class Supervision:
    """Working days each step may take before supervision speaks up."""

    check_days: int
    accept_days: int
    review_days: int
    decide_days: int
    deliver_days: int


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
