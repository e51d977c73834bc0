"""A year of the calendar: every mistake is told at once, and days are read as notices write them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.calendar.errors import CalendarError
from common.calendar.rules.typed import said_otherwise, typed_days, written
from common.calendar.rules.year import read_years, runs, usual_working_days
from common.calendar.service import shipped_years

FIXED = ["01-01", "05-01", "05-02", "10-01", "10-02", "10-03"]
SUMMER = [f"{month}-{n:02}" for month in ("07", "08") for n in range(1, 31)]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def year(**parts: Any) -> dict[str, Any]:
    return {"2028": {"off": list(FIXED), "work": [], "source": "示例通知"} | parts}


def told(obj: Any) -> list[tuple[str, str]]:
    with pytest.raises(CalendarError) as caught:
        read_years(obj)
    return [(problem.field, problem.sentence) for problem in caught.value.problems]


def test_a_year_is_read_in_order_and_written_the_same():
    obj = year(off=[*FIXED, "04-04", "02-29"], work=["10-14", "09-30"], provisional=1)
    (days,) = read_years(obj)
    assert days.off == ("01-01", "02-29", "04-04", "05-01", "05-02", "10-01", "10-02", "10-03")
    assert (days.work, days.provisional) == (("09-30", "10-14"), 1)
    assert read_years(days.as_data()) == [days]
    assert "provisional" not in read_years(year())[0].as_data()["2028"]


@pytest.mark.parametrize(
    ("obj", "field", "said"),
    [
        ([], "year", "年份"),
        ({}, "year", "年份"),
        ({str(n): {} for n in range(2024, 2036)}, "year", "10 年"),
        ({"26": {}}, "year", "四位年份"),
        ({"２０２８": {}}, "year", "四位年份"),
        ({"1999": {}}, "year", "2020"),
        ({"2028": []}, "year", "写明"),
        (year(off="01-01"), "off", "一列"),
        (year(off=[*FIXED, "02-30"]), "off", "“02-30”"),
        (year(off=[*FIXED, "W01-5"]), "off", "“W01-5”"),
        (year(off=[*FIXED, 1, None, {"a": 1}, "5-1", "2028-05-01", "０５-０１"]), "off", "“5-1”"),
        (year(off=[*FIXED, "05-01"]), "off", "05-01 写了不止一次"),
        (year(off=FIXED[1:]), "off", "缺少法定节日 01-01"),
        (year(off=[*FIXED, *SUMMER]), "off", "60"),
        (year(work=["10-01"]), "work", "又放假又上班"),
        (year(work=["03-01"]), "work", "不是周六、周日"),
        (year(work=["01-08", "01-08"]), "work", "不止一次"),
        (year(source=" "), "source", "文号"),
        (year(source="文" * 301), "source", "文号"),
        (year(source=7), "source", "文号"),
        (year(provisional=2), "provisional", "暂定"),
        (year(provisional=True), "provisional", "暂定"),
        (year(provisional="1"), "provisional", "暂定"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_part(obj, field, said):
    assert any(name == field and said in sentence for name, sentence in told(obj))


def test_all_mistakes_of_all_years_are_told_at_once():
    wrong = year(off=FIXED[:2], work=["03-01", "x"], source="") | {"2029": {"off": 1, "work": 2}}
    sentences = [sentence for _, sentence in told(wrong)]
    assert len(sentences) >= 8
    assert {sentence[:5] for sentence in sentences} == {"2028年", "2029年"}


@given(JUNK)
def test_whatever_comes_is_refused_with_words_and_not_with_a_fault(junk):
    for obj in (junk, {"2028": junk}, year(off=junk), year(work=[junk]), year(source=junk, provisional=junk)):
        try:
            read_years(obj)
        except CalendarError as wrong:
            assert wrong.problems


def test_working_days_are_counted_and_compared_with_what_is_usual():
    counted = {days.year: days.working_days() for days in shipped_years()}
    assert {n: counted[n] for n in (2024, 2025, 2026)} == {2024: 251, 2025: 248, 2026: 248}
    assert all(usual_working_days(n) == counted[n] for n in (2024, 2025, 2026))


def test_days_off_in_a_row_are_shown_together():
    spring = [run for run in runs(read_years(shipped_of(2025))[0]) if run.first == date(2025, 1, 28)]
    assert [(run.last, run.length) for run in spring] == [(date(2025, 2, 4), 8)]


def shipped_of(wanted: int) -> dict[str, Any]:
    return next(days.as_data() for days in shipped_years() if days.year == wanted)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1月1日（周四）至3日（周六）放假调休，共3天。", ["01-01", "01-02", "01-03"]),
        ("1月30日（初二、周四）至2月2日（周日）", ["01-30", "01-31", "02-01", "02-02"]),
        ("2月14日（周六）、2月28日（周六）上班。", ["02-14", "02-28"]),
        ("10-01 至 10-03\n12.31, 5/1", ["05-01", "10-01", "10-02", "10-03", "12-31"]),
        ("1月1日放假，与周末连休。", ["01-01"]),
        ("2-27到3-1", ["02-27", "02-28", "03-01"]),
        ("3月1日 3月1日至2日", ["03-01", "03-02"]),
        ("", []),
    ],
)  # fmt: skip
def test_days_are_read_as_notices_write_them(text, days):
    assert typed_days(2026, text) == (days, [])


@pytest.mark.parametrize(
    "word", ["2月29日", "13-1", "五一", "3月5日至1日", "1", "5月", "1-1-1", "5月1日至5月40日"]
)
def test_words_that_are_no_days_of_the_year_are_given_back(word):
    assert typed_days(2026, f"1月1日\n{word}") == (["01-01"], [word])


@given(st.lists(st.tuples(st.integers(0, 360), st.integers(0, 12)), max_size=8))
def test_what_is_written_is_read_again(spans):
    first = date(2026, 1, 1)
    end = date(2026, 12, 31)
    days = [(first + timedelta(n), min(end, first + timedelta(n + length))) for n, length in spans]
    every = {(a + timedelta(i)).strftime("%m-%d") for a, b in days for i in range((b - a).days + 1)}
    assert typed_days(2026, written(days)) == (sorted(every), [])


def test_a_day_worked_is_no_day_off_though_the_notice_has_both_in_one_paragraph():
    said = "1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。"
    assert said_otherwise("off", said) == ["1月4日（周日）上班"]
    assert said_otherwise("work", said) == ["1月1日（周四）至3日（周六）放假调休，共3天"]
    assert said_otherwise("off", "1月1日放假，与周末连休。\n5月1日至5日") == []
    assert said_otherwise("work", "2月14日（周六）、2月28日（周六）上班。") == []
