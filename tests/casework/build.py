"""Material for the tests of casework: a small county, five routes, people, papers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from common.casework.context import Actor, Applicant, Filing, Paper
from common.casework.rules.event import CaseEvent
from common.casework.rules.words import Role
from common.catalogue.rules.item import ServiceItem, parse_item
from sync.protocol import canonical
from sync.protocol.address import Tree
from sync.protocol.frame import Act, BlobRef

COUNTY, TOWN, TOWN_2 = "511921", "511921108", "511921104"
VILLAGE, VILLAGE_2, VILLAGE_3 = "511921108203", "511921108204", "511921104201"
NOON = 1_772_424_000_000  # 2026-03-02 12:00 in Shanghai, a Monday
ID_NUMBER = "511921194803072148"


def small_tree() -> Tree:
    """One county, two townships, three villages."""
    return Tree({COUNTY: "", TOWN: COUNTY, TOWN_2: COUNTY, VILLAGE: TOWN, VILLAGE_2: TOWN, VILLAGE_3: TOWN_2})


def make_item(code: str, levels: Sequence[str], route: Sequence[str], kind: str = "promised") -> ServiceItem:
    """Return an item taken in at `levels` whose route is (checker, acceptor, competent)."""
    return parse_item(
        {
            "code": code,
            "base_code": code,
            "name": f"事项{code}",
            "version": 1,
            "kind": kind,
            "type_code": "20",
            "basis": [{"document": "示例办法", "article": "", "text": "示例", "source": "示例"}],
            "department": "示例部门",
            "conditions": ["示例"],
            "papers": [],
            "fields": [
                {
                    "key": "income",
                    "label": "年收入",
                    "kind": "money_fen",
                    "required": 1,
                    "hint": "",
                }
            ],
            "statutory_days": 0 if kind == "instant" else 20,
            "promised_days": 0 if kind == "instant" else 5,
            "fee_fen": 0,
            "result_name": "示例证明",
            "consult_phone": "0827-7220000",
            "complaint_phone": "0827-7220001",
            "route": {
                "intake_levels": list(levels),
                "checker": route[0],
                "acceptor": route[1],
                "competent": route[2],
                "department": "示例部门",
            },
            "source": "示例",
            "more": {},
        }
    )


ITEMS = {
    item.code: item
    for item in (
        make_item("checked", ("village", "township"), ("township", "county", "county")),
        make_item("town", ("village", "township"), ("", "township", "township")),
        make_item("entrusted", ("village",), ("", "township", "county")),
        make_item("direct", ("village", "township", "county"), ("", "county", "county")),
        make_item("instant", ("village",), ("", "village", "village"), "instant"),
    )
}


DEPARTMENTS = frozenset({"示例部门", "另一部门", "协办部门", "会签部门", "县医疗保障局"})


class Shop:
    """A catalogue of the items above, in one version each."""

    def item(self, code: str) -> ServiceItem | None:
        return ITEMS.get(code)

    def version(self, code: str, version: int, doc: str = "") -> ServiceItem | None:
        item = ITEMS.get(code)
        return item if item is not None and item.version == version else None

    def was_in_force(self, code: str, version: int, day: date, doc: str = "") -> bool:
        return self.version(code, version) is not None

    def statement_of(self, code: str, version: int) -> str:
        return ""

    def departments(self) -> frozenset[str]:
        return DEPARTMENTS


def actor(role: str, login: str = "") -> Actor:
    """Return a person in a role, one person per role unless `login` says otherwise."""
    name = login or role.lower()
    return Actor(name, f"{name}某", role, "示例部门")


AGENT, CLERK, CHECKER = actor(Role.AGENT), actor(Role.CLERK), actor(Role.CHECKER)
REVIEWER, APPROVER = actor(Role.REVIEWER), actor(Role.APPROVER)


def signed_actor(role: Role) -> dict[str, str]:
    """Return the same person as a signed body names them."""
    return {"login": role.lower(), "name": f"{role.lower()}某", "role": role.value, "department": "示例部门"}


def a_filing(item: str = "checked", **changes: Any) -> Filing:
    """Return a case as entered at the village."""
    filing = Filing(
        item=item,
        place=VILLAGE,
        applicant=Applicant("何秀英", "111", ID_NUMBER, "13800000001", "示例村 1 组"),
        form={"income": 1_200_000},
    )
    return replace(filing, **changes)


def a_blob(text: str) -> BlobRef:
    """Return the reference of a small photographed paper."""
    return BlobRef(hashlib.sha256(text.encode()).hexdigest(), len(text.encode()), "image/jpeg")


def a_paper(key: str = "id_card", text: str = "card") -> Paper:
    """Return one paper."""
    return Paper(key, f"材料{key}", a_blob(text))


def act_id(*parts: Any) -> str:
    """Return an id as the sync layer makes them: 32 hex characters."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def as_act(event: CaseEvent, blobs: Sequence[BlobRef] = ()) -> Act:
    """Return an event as the sync layer hands it over."""
    content = canonical.dumps(event.body)
    return Act(event.id, event.kind, event.author, content, tuple(blobs), "", NOON)
