"""The parts of a service item as frozen values; see `schema.ITEM` for their words and bounds. Pure."""

from __future__ import annotations

from dataclasses import dataclass

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

    `place` is where one gets it (办理地点), `use` what becomes of it (使用说明),
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
    place: str = ""
    use: str = ""


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

    `deemed`: its silence counts as an internal opinion in favour; for some types of item it never does, see
    `codes.NEVER_DEEMED`.
    """

    department: str
    matter: str
    days: int
    deemed: bool
    code: str = ""


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
