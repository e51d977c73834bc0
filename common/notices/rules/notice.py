"""A notice as a value: everything that will stand on the paper, in order, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field

from common.notices.rules.kinds import Kind

Pair = tuple[str, str]
# What is longer stands across the page: in a narrow column a note of some hundred characters would be higher
# than the page is, and the layout would not come to an end with it.
_NARROW_MAX = 60
# With more rows than these the receipt under the longest kind (容缺受理通知书) would leave the page.
_ROWS_AT_EASE = 2


@dataclass(frozen=True, slots=True)
class Table:
    """A list on the paper: its heading, the names of the columns, the rows."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Text:
    """What is particular to a kind: `facts` are (name, value), an empty value is left out.

    `to` is whom it is addressed to when that is not the applicant; `closing` follows the lists, `small` is
    what is added below in small print.
    """

    opening: tuple[str, ...]
    facts: tuple[Pair, ...] = ()
    tables: tuple[Table, ...] = ()
    closing: tuple[str, ...] = ()
    small: tuple[str, ...] = ()
    to: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. `mark` is drawn across the paper of an act that does not stand, "" otherwise.

    `signed` says how the receipt of a hand-over was signed where that was on the screen, and `signature` is
    the paper that shows it (SHA-256 in hex); both are "" where a line is left for the pen.

    `organ` signs it on `signed_on` (in words); `office` is the department in charge, whose seal it is;
    `handler` who acted, with the post.
    """

    kind: Kind
    act: str
    case: str
    title: str
    number: str
    text: Text
    organ: str
    office: str
    handler: str
    signed_on: str
    facts: tuple[Pair, ...] = ()
    basis: tuple[str, ...] = ()
    remedies: str = ""
    contact: str = ""
    mark: str = ""
    signed: str = ""
    signature: str = ""
    foot: str = field(default="")

    @property
    def is_long(self) -> bool:
        """Whether its lists take so many lines that it is set closer to stay on one page."""
        return sum(len(table.rows) for table in self.text.tables) > _ROWS_AT_EASE

    @property
    def short_facts(self) -> tuple[Pair, ...]:
        """What is said of the case and of the act in few words; it stands in two columns."""
        return tuple(pair for pair in (*self.facts, *self.text.facts) if len(pair[1]) <= _NARROW_MAX)

    @property
    def long_facts(self) -> tuple[Pair, ...]:
        """What takes more, as a reason may; it stands below, across the page."""
        return tuple(pair for pair in (*self.facts, *self.text.facts) if len(pair[1]) > _NARROW_MAX)

    @property
    def words(self) -> str:
        """Every word of it, for looking up characters and comparing."""
        text = self.text
        lists = [word for table in text.tables for row in (table.heads, *table.rows) for word in row]
        pairs = [word for pair in (*self.facts, *text.facts) for word in pair]
        plain = (self.title, self.number, text.to, self.organ, self.office, self.handler, self.signed_on)
        rest = (
            *text.opening,
            *text.closing,
            *text.small,
            *self.basis,
            self.remedies,
            self.contact,
            self.mark,
            self.signed,
        )
        captions = [table.caption for table in text.tables]
        return "\n".join([*plain, *pairs, *lists, *captions, *rest])
