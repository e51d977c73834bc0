"""Makes the values of a service item out of its parts as `reading.read` returned them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from common.catalogue.rules.service_item import ServiceItem
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
    ShowIf,
    Special,
    Step,
    Supervision,
    Supports,
)

Parts = Mapping[str, Any]
DEFAULT_MAX_LENGTH = {"text": 100, "textarea": 1000}
_LISTS = {"basis": Basis, "steps": Step, "special": Special, "questions": Question}
_OBJECTS = {
    "authority": Authority,
    "statutory": Limit,
    "promised": Limit,
    "result": Result,
    "contact": Contact,
    "supervision": Supervision,
}
_WORDS = ("subjects", "themes", "conditions", "channels", "green", "checklist")
_LEFT_OUT = {"effective_from": "", "intermediary": "", "quantity_limit": "", "online_address": "", "more": {}}
_YES_NO_WORDS = {"1": 1, "0": 0, "是": 1, "否": 0}


def build(parts: Parts) -> ServiceItem:
    """Return the item of clean parts in format 2."""
    values = {**_LEFT_OUT, **parts}
    values.pop("format", None)
    for key, made in _LISTS.items():
        values[key] = tuple(made(**entry) for entry in values[key])
    for key, made_one in _OBJECTS.items():
        values[key] = made_one(**values[key])
    for key in _WORDS:
        values[key] = tuple(values[key])
    values["papers"] = tuple(_paper(entry) for entry in values["papers"])
    values["fields"] = _fields(values["fields"])
    values["fees"] = tuple(Fee(**{**e, "reducible": e["reducible"] == 1}) for e in values["fees"])
    values["joint"] = tuple(Joint(**{**e, "deemed": e["deemed"] == 1}) for e in values["joint"])
    values["supports"] = Supports(**{key: flag == 1 for key, flag in values["supports"].items()})
    values["route"] = _route(values["route"])
    return ServiceItem(**values)


def _paper(entry: Parts) -> PaperSpec:
    return PaperSpec(
        key=entry["key"],
        name=entry["name"],
        required=entry["required"] == 1,
        originals=entry["originals"],
        copies=entry["copies"],
        note=entry["how"],
        tolerant=entry["tolerant"] == 1,
        issuer=entry["issuer"],
        issued_within=entry.get("issued_within", ""),
        standard=entry["standard"],
        source=entry["source"],
        place=entry.get("place", ""),
        use=entry.get("use", ""),
    )


def _fields(entries: Sequence[Parts]) -> tuple[FieldSpec, ...]:
    kinds = {entry["key"]: entry["kind"] for entry in entries}
    return tuple(_field(entry, kinds) for entry in entries)


def _field(entry: Parts, kinds: Mapping[str, str]) -> FieldSpec:
    return FieldSpec(
        key=entry["key"],
        label=entry["label"],
        kind=entry["kind"],
        required=entry["required"] == 1,
        choices=tuple(entry.get("choices", ())),
        minimum=entry.get("min"),
        maximum=entry.get("max"),
        max_length=entry.get("max_length") or DEFAULT_MAX_LENGTH.get(entry["kind"], 100),
        hint=entry.get("hint", ""),
        group=entry.get("group", ""),
        show_if=_show_if(entry.get("show_if"), kinds),
    )


def _show_if(entry: Parts | None, kinds: Mapping[str, str]) -> ShowIf | None:
    if entry is None:
        return None
    equals = entry["equals"]
    if kinds.get(entry["field"]) == "yesno":
        equals = _YES_NO_WORDS.get(str(equals), equals)
    return ShowIf(entry["field"], equals)


def _route(entry: Parts) -> Route:
    # Format 1 said village for the node where the case is filed.
    seats = {key: "origin" if entry[key] == "village" else entry[key] for key in ("acceptor", "competent")}
    return Route(**{**entry, **seats, "intake_levels": tuple(entry["intake_levels"])})


def as_second(parts: Parts) -> dict[str, Any]:
    """Return clean parts of format 1 as those of format 2; what format 1 did not say is empty."""
    kept = ("code", "base_code", "name", "version", "kind", "type_code", "basis", "department", "conditions")
    fee = {"name": "收费", "standard": "", "unit": "件", "basis": "", "reducible": 0, "fen": parts["fee_fen"]}
    days = ("check_days", "accept_days", "review_days", "decide_days", "deliver_days")
    flags = ("appointment", "online_payment", "delivery", "online")
    empty = ("level_code", "department_code", "department_nature", "office", "place", "hours", "reach")
    lists = ("subjects", "themes", "steps", "channels", "special", "questions", "joint", "green", "checklist")
    return {
        **{key: parts[key] for key in kept},
        **dict.fromkeys((*empty, "remedies"), ""),
        **{key: [] for key in lists},
        **dict.fromkeys(("visits", "extension_days", "tolerance_days"), 0),
        "format": 2,
        "authority": {"split": "", "content": ""},
        "supports": dict.fromkeys(flags, 0),
        "papers": [_second_paper(entry) for entry in parts["papers"]],
        "fields": [{**entry, "group": "申请内容"} for entry in parts["fields"]],
        "statutory": {"days": parts["statutory_days"], "unit": "work"},
        "promised": {"days": parts["promised_days"], "unit": "work"},
        "fees": [fee] if parts["fee_fen"] else [],
        "result": {"name": parts["result_name"], "kind": "other", "valid": ""},
        "contact": {
            "consult_phone": parts["consult_phone"],
            "complaint_phone": parts["complaint_phone"],
            "consult_way": "",
        },
        "route": {**parts["route"], "window": "own"},
        "originals": "none",
        "supervision": dict.fromkeys(days, 0),
        "source": parts["source"],
        "more": parts.get("more", {}),
        **({"effective_from": parts["effective_from"]} if "effective_from" in parts else {}),
    }


def _second_paper(entry: Parts) -> dict[str, Any]:
    rest = {key: value for key, value in entry.items() if key != "note"}
    return {**rest, "tolerant": 0, "issuer": "", "how": entry["note"], "standard": "", "source": "applicant"}
