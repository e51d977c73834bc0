"""The form of the optional parts of signed casework data: a table from key to what its value must look like.

Pure. What is here may be read by the fold without a second look; keys that are not here are let through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from common.casework.errors import BadShape
from common.casework.rules.number import is_address
from common.days import is_date

_Check = Callable[[object], bool]
LIST_MAX = 64
# Days that limits are counted from and to: what comes before or after could not be worked with.
_FIRST_DAY, _LAST_DAY = "1970-01-01", "2999-12-31"
# From 1970 to the year 3000: what pages can write as a date and add working days to. No clock is that wrong.
_AT_MAX = 32_503_651_200_000
_DAYS_MAX = 366


def check_parts(data: Mapping[str, Any], parts: Mapping[str, _Check]) -> None:
    """Check those of `parts` that `data` has.

    Raises:
        BadShape: a part has the wrong form.
    """
    for key in parts.keys() & data.keys():
        if not parts[key](data[key]):
            raise BadShape(part=key)


def is_text(value: object) -> bool:
    """Say whether this is a text, empty or not."""
    return type(value) is str


def is_word(value: object) -> bool:
    """Say whether this is a text with something in it."""
    return type(value) is str and bool(value)


def is_count(value: object) -> bool:
    """Say whether this is an integer of 0…2^53."""
    return type(value) is int and 0 <= value <= 2**53


def is_flag(value: object) -> bool:
    """Say whether this is 0 or 1."""
    return type(value) is int and value in (0, 1)


def is_time(value: object) -> bool:
    """Say whether this is an instant in UTC milliseconds that pages can write as a date."""
    return type(value) is int and 0 <= value <= _AT_MAX


def is_day(value: object) -> bool:
    """Say whether this is a date YYYY-MM-DD that limits can be counted from."""
    return type(value) is str and is_date(value) and _FIRST_DAY <= value <= _LAST_DAY


def _is_day_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= _DAYS_MAX


def _is_place(value: object) -> bool:
    return type(value) is str and is_address(value)


def _object(**keys: _Check) -> _Check:
    def check(value: object) -> bool:
        return isinstance(value, dict) and all(key in value and keys[key](value[key]) for key in keys)

    return check


def _list_of(check: _Check) -> _Check:
    def whole(value: object) -> bool:
        return isinstance(value, list) and len(value) <= LIST_MAX and all(check(one) for one in value)

    return whole


def _is_plain(value: object) -> bool:
    """Say whether this is an object of texts and integers."""
    if not isinstance(value, dict) or len(value) > LIST_MAX:
        return False
    return all(type(one) in (str, int) for one in value.values())


is_named_list = _list_of(_object(key=is_word, name=is_word))
_is_receipt = _object(fen=is_count, number=is_text)

FILED_BODY: Mapping[str, _Check] = {
    "department": is_text,
    "window": lambda value: value in ("", "own", "centre"),
    "joint": _list_of(is_word),
    "item_doc": is_text,
}
FILED_DATA: Mapping[str, _Check] = {
    "tolerance": _object(papers=is_named_list, due=is_day),
    "originals": lambda value: value in ("at_filing", "after_review", "none"),
    "green": is_text,
    "authority": _is_plain,
    "linked": _is_plain,
    "overruled": _object(cases=_list_of(is_word), reason=is_word),
    "contact": is_time,
    "reuse": _object(consent=is_flag, applicant=is_flag, papers=_list_of(_object(key=is_word, case=is_word))),
}
MOVED_DATA: Mapping[str, _Check] = {
    "lacking": is_named_list,
    "due": is_day,
    "legal_due": is_day,
    "legal_date": is_day,
    "answer_by": is_day,
    "accepted_on": is_day,
    "received_on": is_day,
    "provisional": is_flag,
    "extension_days": _is_day_count,
    "result": _is_plain,
    "asked": _list_of(_object(department=is_word, matter=is_text, due=is_day, deemed=is_flag)),
    "special": _object(kind=is_word, name=is_word, expected=is_day),
    "fee": _object(fen=is_count, basis=is_text),
    "receipt": _is_receipt,
    "correction": _list_of(_object(field=is_word, label=is_text, old=is_text, new=is_text)),
    "announced": _object(on=is_day, where=is_word, why=is_word),
    "sought": is_text,
    "not_open": _list_of(_object(way=is_word, why=is_text)),
    "letter_day": _object(record=is_word, tracking=is_text, was=is_day, on=is_day),
    "letter_void": _object(record=is_word, tracking=is_text, was=is_day),
    "served_on": is_day,
    "standing": _object(word=is_word, document=is_text),
    "ground": is_text,
    "department": is_text,
    "departments": _list_of(is_word),
    "version_confirmed": is_flag,
    "waived": is_named_list,
    "proposal": lambda value: value in ("approve", "refuse"),
}
REPORTED_DATA: Mapping[str, _Check] = {
    "seen": is_text,
    "served_on": is_day,
    "served_time": is_text,
    "receiver": _is_plain,
    "lacking": is_named_list,
    "receipt": _is_receipt,
    "place": _is_place,
    "verdict": is_word,
    "rating": is_count,
    "letter": _object(tracking=is_word, on=is_day),
    "tried": _object(how=is_word, why=is_word, on=is_day),
}
TAKEN_OVER_DATA: Mapping[str, _Check] = {
    "since": lambda value: value == "" or is_day(value),
    "department": is_text,
}
# What a report of a kind cannot do without.
REPORT_NEEDS: Mapping[str, tuple[str, ...]] = {
    "opinion": ("verdict",),
    "paid": ("receipt",),
    "collect_at": ("place",),
    "rated": ("rating",),
    "letter_came": ("letter",),
    "not_served": ("tried",),
}
