"""search_*_ms: how long the search over 1,000,000 cases of a county takes, for each kind of question.

The rows are written by bulk SQL as the program writes them, names as common as in a county's register; what
is measured is the whole query with its rows, in the county's own database after a restart of the process's
cache, each question asked for another person, place or day.
"""

from __future__ import annotations

import math
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from bench.county import COUNTY
from common.casework import records
from common.casework.records import FileRow
from common.casework.rules.number import make
from common.casework.search import Sought, search
from common.store.database import close_database, database, open_database, unit_of_work
from common.store.migrate import migrate

CASES = 1_000_000
QUESTIONS = 40
_BATCH = 20_000
_DAY_MS = 86_400_000
_NOW = 1_772_500_000_000
# The common ones first.
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
_GIVEN = (
    "英秀明华丽桂兰国军芳玉建平志红珍林春文海金荣永德强生凤云学梅成清艳伟光小东祥贵龙辉敏义仁洪琴忠福元霞"
    "燕庆良新美玲宏鑫淑涛俊波勇杰静磊超鹏斌宇浩然子轩梓涵雨欣怡晨佳琪思远博文"
)
_STATES = ("CLOSED",) * 16 + ("ARCHIVED",) * 2 + ("ACCEPTED", "RECEIVED")
_ITEMS = tuple(f"DEMO-{n:04d}" for n in range(200))


def measure(runs: int) -> list[dict[str, object]]:
    """Return median and 95th percentile of each kind of question over `runs` rounds."""
    folder = Path(tempfile.mkdtemp(prefix="liandong-bench-"))
    try:
        db = open_database(folder / "node.sqlite", busy_timeout_ms=1_000)
        migrate(db, folder / "lock")
        began = time.perf_counter()
        _fill()
        print(f"{CASES} cases in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        close_database()
        open_database(folder / "node.sqlite", busy_timeout_ms=1_000)
        return [one for kind, ask in _kinds().items() for one in _measured(kind, ask, runs)]
    finally:
        close_database()
        shutil.rmtree(folder, ignore_errors=True)


def _measured(kind: str, ask: Callable[[Random], Sought], runs: int) -> list[dict[str, object]]:
    times, found = [], 0
    for n in range(runs * QUESTIONS):
        sought = ask(Random(f"{kind}{n}"))
        began = time.perf_counter()
        found += len(search(sought))
        times.append((time.perf_counter() - began) * 1000)
    assert found or kind == "nobody", f"no question of kind {kind} found anything"
    late = sorted(times)[math.ceil(len(times) * 0.95) - 1]
    return [
        {"metric": f"search_{kind}_ms", "value": round(statistics.median(times), 1), "unit": "ms"},
        {"metric": f"search_{kind}_p95_ms", "value": round(late, 1), "unit": "ms"},
    ]


def _kinds() -> dict[str, Callable[[Random], Sought]]:
    month = 30 * _DAY_MS
    return {
        "number": lambda r: Sought(_row(r.randrange(CASES)).case),
        "id_number": lambda r: Sought(_row(r.randrange(CASES)).id_number),
        "id_end": lambda r: Sought(_row(r.randrange(CASES)).id_number[-4:]),
        "name": lambda r: Sought(_row(r.randrange(CASES)).applicant),
        "surname": lambda r: Sought(r.choice(_SURNAMES[:20])),
        "surname_item_state": lambda r: Sought(r.choice(_SURNAMES[:20]), r.choice(_ITEMS), state="ACCEPTED"),
        "initials": lambda r: Sought(r.choice(("wxy", "zxm", "lgh", "cyl", "wjj"))),
        "two_initials": lambda r: Sought(r.choice(("wy", "zy", "lx", "zh", "lj"))),
        "initials_place": lambda r: Sought(r.choice(("wx", "zy", "ly")), place=_township(r)),
        "initials_state": lambda r: Sought(r.choice(("wx", "zy")), state=r.choice(("RECEIVED", "CLOSED"))),
        "item": lambda r: Sought(item=r.choice(_ITEMS)),
        "item_place_state": lambda r: Sought(item=r.choice(_ITEMS), place=_township(r), state="ACCEPTED"),
        "place_month": lambda r: Sought(place=_township(r), since=_NOW - 9 * month, until=_NOW - 8 * month),
        "place_state": lambda r: Sought(place=_township(r), state="RECEIVED"),
        "state": lambda r: Sought(state=r.choice(("RECEIVED", "ACCEPTED", "CLOSED"))),
        "month": lambda r: Sought(since=_NOW - 20 * month, until=_NOW - 19 * month),
        "nobody": lambda r: Sought(f"无此人{r.random()}"),
    }


def _township(random: Random) -> str:
    return f"{COUNTY}{101 + random.randrange(30):03d}"


def _fill() -> None:
    # Nobody minds losing these rows; a county gets them one by one over years.
    for pragma in ("synchronous = OFF", "cache_size = -600000", "wal_autocheckpoint = 200000"):
        database.execute_sql(f"PRAGMA {pragma}")
    for start in range(0, CASES, _BATCH):
        with unit_of_work():
            records.add_files(list(_rows(start, start + _BATCH)))


def _rows(start: int, end: int) -> Iterator[FileRow]:
    return (_row(n) for n in range(start, end))


def _row(n: int) -> FileRow:
    random = Random(n)
    # The first surnames are the common ones: 王, 李 and 张 are a fifth of all.
    surname = _SURNAMES[min(int(random.expovariate(1 / 14)), len(_SURNAMES) - 1)]
    given = "".join(random.choice(_GIVEN) for _ in range(random.choice((1, 2, 2, 2))))
    place = f"{_township(random)}{200 + random.randrange(20):03d}"
    item = _ITEMS[min(int(random.expovariate(1 / 25)), len(_ITEMS) - 1)]
    born = f"19{random.randrange(30, 99)}{random.randrange(1, 13):02d}{random.randrange(1, 29):02d}"
    id_number = f"{COUNTY}{born}{random.randrange(1000):03d}{random.choice('0123456789X')}"
    state, filed_at = _STATES[n % len(_STATES)], _NOW - (CASES - n) * 90_000
    return FileRow(
        make(place, 1, n + 1, n), item, "城乡居民最低生活保障", 1, state, COUNTY, COUNTY,
        "nothing" if state in ("CLOSED", "ARCHIVED") else "examine", place, place, surname + given, id_number,
        filed_at, filed_at + _DAY_MS, "2026-12-31", COUNTY, f"{n:032x}", f"{n:032x}", "", 0, "",
    )  # fmt: skip
