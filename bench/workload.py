"""The workload of the figures: distinct cases of about 1.2 KB, each a function of (seed, index) alone.

Invented people with valid check digits. Like a real filing with three or four
papers on file, a case carries their SHA-256 (64 hex digits each), so the
compression has the same incompressible share to cope with.
"""

from __future__ import annotations

import hashlib
import random

from common.casework.context import Applicant, Filing
from common.catalogue.rules.form import check_form
from common.catalogue.rules.item import ServiceItem
from common.node.demo_data import people

SEED = 20261123
_REMARKS = (
    "申请人行动不便，由村代办员到家中取件。",
    "原件已核对，影像由高拍仪采集。",
    "停电期间收件，来电后补录影像。",
    "家中老人卧床，请优先办理。",
    "外出务工，委托父亲代办。",
    "土地四至已由邻户签字确认。",
    "",
)
_PAPERS = (
    "身份证",
    "户口簿",
    "照片",
    "村委会证明",
    "收入声明",
    "存折首页",
    "委托书",
    "残疾证",
    "诊断书",
    "结婚证",
)


def filing(index: int, village: str, items: list[ServiceItem]) -> Filing:
    """Return case number `index`; the same for ever."""
    rng = random.Random(f"{SEED}/{index}")
    person = people.resident(SEED + index, village)
    shown = person.as_applicant()
    applicant = Applicant(shown["name"], "111", shown["id_number"], shown["phone"], shown["address"])
    item = rng.choice(items)
    form: dict[str, str | int] = dict(check_form(item, people.fill(item, person, rng)).values)
    for number, name in enumerate(rng.sample(_PAPERS, rng.choice((3, 3, 4, 4)))):
        form[f"paper_{number}"] = f"{name} {rng.randint(1, 6)} {rng.randint(40_000, 900_000)}"
        form[f"sha256_{number}"] = hashlib.sha256(f"{SEED}/{index}/{number}".encode()).hexdigest()
    return Filing(item.code, village, applicant, form, (), rng.choice(_REMARKS), overrule="同名同号的另一户")
