"""Names on a notice: the organ that signs, the site, and the notice's number. Pure.

The number is 县 + 乡镇 + organ's short name + mark of the kind + 〔year〕 + serial. The serial is the case's
own number without the county's digits, so it is unique in the county without asking anyone; a kind that can
come again in a case counts its steps, and a report adds the first signs of its act. All of it is read from
signed events: every node prints the same number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from common.casework.rules.event import CaseState
from common.casework.rules.shape import FILED, REPORTED
from common.casework.rules.words import Party
from common.catalogue.rules.item import ServiceItem
from common.days import local_day
from common.notices.rules.kinds import FORMS, Kind
from common.notices.rules.moment import Moment, word_of

# Full name of a division by its address: 通江县, 青峪镇, 青峪镇鹿角坪村.
Place = Callable[[str], str]

_COUNTY, _TOWNSHIP = 6, 9
_SITES = {_COUNTY: "政务服务中心", _TOWNSHIP: "便民服务中心"}
_VILLAGE_SITE = "便民服务室"
_TOWN_GOVERNMENT = "乡镇人民政府"
_ENDINGS = ("街道", "镇", "乡", "村", "社区", "县", "区", "市")
_ACT_SIGNS = 6
# What an organ is usually called in numbers of its papers; another goes by the first two signs of its name.
_SHORT = (
    ("民政", "民"), ("市场监督", "市监"), ("人力资源", "人社"), ("住房和城乡建设", "住建"),
    ("自然资源", "自资"), ("农业农村", "农"), ("农业综合", "农服"), ("卫生健康", "卫健"),
    ("医疗保障", "医保"), ("教育", "教"), ("公安", "公"), ("水利", "水"), ("林业", "林"), ("交通运输", "交"),
    ("应急管理", "应急"), ("生态环境", "环"), ("消防", "消"), ("退役军人", "退役"), ("残", "残联"),
    ("司法", "司"), ("便民服务", "便民"), ("政务服务", "政务"), ("社会事务", "社事"), ("村镇建设", "村建"),
)  # fmt: skip
_COUNTED = "二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Organ:
    """Who signs: `name` the organ before the law, `office` the department, `remark` who entrusted it."""

    name: str
    office: str
    remark: str = ""


def organ_of(moment: Moment, item: ServiceItem | None, place: Place) -> Organ:
    """Return the organ whose word the notice is.

    Before acceptance a checker speaks for its own site, and so does whoever reports. Else it is the organ the
    item names; after a transfer, or where the item's version is not here, the department as it was signed.
    """
    if _speaks_as_site(moment):
        site = site_name(moment.event.author, place)
        return Organ(site, site)
    return organ_in(moment.state, item, place)


def organ_in(state: CaseState, item: ServiceItem | None, place: Place) -> Organ:
    """Return the organ that answers for a case as it stands; of one taken over, that of the top."""
    competent = state.parties["competent"]
    office = department_name(state.facts.department, competent, place)
    is_elsewhere = bool(state.facts.taken_over) and competent == state.apex
    if item is None or item.route.department != state.facts.department or is_elsewhere:
        return Organ(office, office)
    name, _, remark = item.department.partition("（")
    township = place(competent[:_TOWNSHIP]) if len(competent) >= _TOWNSHIP else ""
    name = name.replace(_TOWN_GOVERNMENT, f"{township}人民政府") if township else name
    return Organ(name, office, remark.rstrip("）") if "委托" in remark else "")


def _speaks_as_site(moment: Moment) -> bool:
    return moment.event.kind in (FILED, REPORTED) or moment.by is Party.CHECKER


def site_name(address: str, place: Place) -> str:
    """Return the name of a site, as 青峪镇便民服务中心."""
    return place(address) + _SITES.get(len(address), _VILLAGE_SITE)


def department_name(department: str, address: str, place: Place) -> str:
    """Return a department with its county or township before it; the site where none is in charge."""
    county = place(address[:_COUNTY])
    if not department:
        return site_name(address, place)
    if department.startswith(("县", county)):
        return county + department.removeprefix(county).removeprefix("县")
    return place(address[:_TOWNSHIP]) + department


def number_of(kind: Kind, moment: Moment, place: Place) -> str:
    """Return the number of a notice."""
    state = moment.state
    is_site = _speaks_as_site(moment)
    address = moment.event.author if is_site else state.parties["competent"]
    organ = "" if is_site else state.facts.department
    is_countys = organ.startswith("县") or len(address) <= _COUNTY
    before = _stem(place(state.apex))[:1] + ("" if is_countys else _stem(_last(address, place)))
    organ = organ or _SITES.get(len(address), _VILLAGE_SITE)
    year, serial = local_day(moment.data["at"])[:4], state.case[_COUNTY:].lstrip("-")
    return f"{before}{_short(organ)}{FORMS[kind].sign}〔{year}〕{serial}{_again(moment)}号"


def _last(address: str, place: Place) -> str:
    """Return a division's own name without its township's."""
    name = place(address)
    return name.removeprefix(place(address[:_TOWNSHIP])) or name


def _again(moment: Moment) -> str:
    if moment.event.kind == REPORTED:
        return f"-{moment.event.id[:_ACT_SIGNS].upper()}"
    before = sum(1 for step in moment.earlier if word_of(step) == moment.word)
    if not before:
        return ""
    return f"之{_COUNTED[before - 1]}" if before <= len(_COUNTED) else f"之{before + 1}"


def _stem(name: str) -> str:
    for ending in _ENDINGS:
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending)
    return name


def _short(department: str) -> str:
    known = next((short for part, short in _SHORT if part in department), "")
    return known or department.removeprefix("县")[:2]
