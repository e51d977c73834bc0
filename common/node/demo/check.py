"""Holds the nodes' own records against the demonstration's book: nothing lost, twice or changed.

Pure: what the records say comes in as values (`ledger.read` and the verb `verify` of each site).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from common.node.demo.docket import HANDED_OVER, OPINION, ORIGINALS, Docket, Entry
from common.node.demo.ledger import words_of

Records = Mapping[str, Mapping[str, Any]]
# What nodes do by themselves, and the filing every case begins with.
_NOT_BY_PEOPLE = ("file", "close", "note", "record")


@dataclass(slots=True)
class Finding:
    """One thing checked: its name, what was found wrong (nothing = passed), and how much was looked at."""

    name: str
    looked_at: str
    wrong: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """The figures of the result line."""

    filed: int = 0
    at_county: int = 0
    decided: int = 0
    handed_over: int = 0
    lost: int = 0
    applied_twice: int = 0
    parked: int = 0
    papers: int = 0
    papers_intact: int = 0


@dataclass(frozen=True, slots=True)
class Proof:
    """What came of it all: the figures, every finding, the numbers of the cases that are at the county."""

    tally: Tally
    findings: tuple[Finding, ...]
    at_county: frozenset[str]

    @property
    def is_sound(self) -> bool:
        """Whether nothing wrong was found."""
        return not any(finding.wrong for finding in self.findings)


def check(docket: Docket, records: Records, verified: Records, top: str) -> Proof:
    """Return the figures, and every finding.

    Args:
        records: address → what `ledger.read` gave there.
        verified: address → what the verb `verify` said there.
    """
    county = records[top]
    filed = [entry for entry in docket.entries if entry.number]
    once = _once_at_the_county(filed, county)
    twice = _twice(filed, records)
    intact, papers = _papers(filed, county)
    arrived = frozenset(entry.number for entry in filed if _is_whole_at(top, entry, records))
    findings = (
        once,
        _same_bytes(filed, records, top),
        twice,
        _signatures(verified),
        papers,
        _agreement(filed, records),
        _as_done(filed, county),
        _nothing_waits(records, verified),
    )
    tally = Tally(
        filed=len(filed),
        at_county=len(arrived),
        decided=sum(1 for entry in filed if _is_decided(entry, county)),
        handed_over=sum(1 for entry in filed if _done_at(entry, county, HANDED_OVER)),
        lost=sum(1 for entry in filed if entry.number not in county["cases"]),
        applied_twice=len(twice.wrong),
        parked=sum(int(found["parked"]) for found in records.values()),
        papers=sum(len(entry.papers) for entry in filed),
        papers_intact=intact,
    )
    return Proof(tally, findings, arrived)


def _is_whole_at(top: str, entry: Entry, records: Records) -> bool:
    """Say whether a case's filing is at the county with the very bytes its author signed."""
    here, there = (records[at]["cases"].get(entry.number) for at in (entry.errand.site, top))
    if here is None or there is None:
        return False
    first = here["state"]["chain"][0]
    return first in there["acts"] and there["acts"][first] == here["acts"][first]


def _done_at(entry: Entry, county: Mapping[str, Any], step: str) -> int:
    case = county["cases"].get(entry.number)
    return words_of(case)[step] if case else 0


def _is_decided(entry: Entry, county: Mapping[str, Any]) -> bool:
    return entry.is_decided and _done_at(entry, county, entry.errand.decision) > 0


def _once_at_the_county(filed: Sequence[Entry], county: Mapping[str, Any]) -> Finding:
    finding = Finding("收到的每一件，县里恰好有一件", f"{len(filed)} 件")
    numbers = Counter(entry.number for entry in filed)
    finding.wrong += [f"{number} 发给了 {count} 个人" for number, count in numbers.items() if count > 1]
    finding.wrong += [f"{entry.number} 不在县里" for entry in filed if entry.number not in county["cases"]]
    finding.wrong += [f"{number} 没有人收过" for number in county["cases"] if number not in numbers]
    if county["rows"] != len(county["cases"]):
        finding.wrong.append("县里的办件登记有重复")
    return finding


def _same_bytes(filed: Sequence[Entry], records: Records, top: str) -> Finding:
    finding = Finding("每一步的签名字节，各站与县里完全相同", "")
    count = 0
    for address, found in records.items():
        finding.wrong += [f"{address} {act} 与签名的字节不同" for act in found["unlike"]]
        for entry in filed:
            here = found["cases"].get(entry.number, {"acts": {}})["acts"]
            there = records[top]["cases"].get(entry.number, {"acts": {}})["acts"]
            for act, row in here.items():
                count += 1
                if there.get(act) != row:
                    finding.wrong.append(f"{entry.number} {row[1]} 在 {address} 与县里不同")
    finding.looked_at = f"{count} 份"
    return finding


def _twice(filed: Sequence[Entry], records: Records) -> Finding:
    """Count what was applied more often than people did it: cases of one errand, and steps of one case."""
    finding = Finding("没有一步办了两次", f"{sum(len(entry.steps) for entry in filed)} 步")
    for address, found in records.items():
        errands = Counter(
            (case["state"]["applicant"]["id_number"], case["state"]["item"])
            for case in found["cases"].values()
        )
        finding.wrong += [f"{address} 同一人同一事项有 {n} 件" for n in errands.values() if n > 1]
        for entry in filed:
            case = found["cases"].get(entry.number)
            done = words_of(case) if case else Counter()
            wanted = Counter(entry.steps)
            # The holder's node writes each of these into the case by itself, once.
            wanted["record"] = wanted[OPINION] + wanted[ORIGINALS]
            finding.wrong += [
                f"{entry.number} {word} 在 {address} 有 {count} 次"
                for word, count in done.items()
                if count > max(1, wanted[word])
            ]
    return finding


def _signatures(verified: Records) -> Finding:
    frames = sum(int(found["frames"]) for found in verified.values())
    statements = sum(int(found["statements"]) for found in verified.values())
    finding = Finding("每个签名都有效，每条链都完整", f"{frames} 份报文、{statements} 份签名声明")
    for address, found in verified.items():
        finding.wrong += [f"{address} {problem}" for problem in found["problems"]]
    return finding


def _papers(filed: Sequence[Entry], county: Mapping[str, Any]) -> tuple[int, Finding]:
    whole = set(county["whole"])
    total = sum(len(entry.papers) for entry in filed)
    finding = Finding("每份材料在县里，逐字节与交来时相同", f"{total} 份")
    for entry in filed:
        case = county["cases"].get(entry.number)
        named = {tuple(row) for row in case["papers"]} if case else set()
        for key, digest in entry.papers:
            if (key, digest) not in named or digest not in whole:
                finding.wrong.append(f"{entry.number} {key} {digest[:12]}")
    return total - len(finding.wrong), finding


def _agreement(filed: Sequence[Entry], records: Records) -> Finding:
    finding = Finding("同一办件，各站看到的完全一致", "")
    compared = 0
    for entry in filed:
        site = entry.errand.site
        wanted = [address for address in records if site.startswith(address)]
        states = {}
        for address in wanted:
            case = records[address]["cases"].get(entry.number)
            states[address] = case["state"] if case else None
        compared += len(states)
        if any(state is None or state != states[site] for state in states.values()):
            told = {a: state["state"] if state else "没有" for a, state in states.items()}
            finding.wrong.append(f"{entry.number} {told}")
    finding.looked_at = f"{compared} 处"
    return finding


def _as_done(filed: Sequence[Entry], county: Mapping[str, Any]) -> Finding:
    finding = Finding("每一件都停在大家办到的那一步", "")
    for entry in filed:
        case = county["cases"].get(entry.number)
        if case is None:
            continue
        state, done = case["state"], words_of(case)
        if state["state"] != entry.expected_state:
            finding.wrong.append(f"{entry.number} 是 {state['state']}，应是 {entry.expected_state}")
        by_people = Counter({word: n for word, n in done.items() if word not in _NOT_BY_PEOPLE})
        if by_people != Counter(entry.steps):
            finding.wrong.append(f"{entry.number} 记着 {dict(by_people)}，实际 {entry.steps}")
        if state["invalid"] or state["forks"] or state["struck"]:
            finding.wrong.append(f"{entry.number} 有不生效的步骤")
    finding.looked_at = f"{len(filed)} 件"
    return finding


def _nothing_waits(records: Records, verified: Records) -> Finding:
    finding = Finding("没有搁置、没有悬空、没有缺页", f"{len(records)} 个站点")
    for address, found in records.items():
        for what, words in (("parked", "搁置"), ("aside", "悬空"), ("gaps", "缺材料")):
            if found[what]:
                finding.wrong.append(f"{address} {words} {found[what]}")
        if len(found["whole"]) != len(found["named"]):
            finding.wrong.append(f"{address} 有 {len(found['named']) - len(found['whole'])} 份材料不全")
    finding.wrong += [
        f"{address} 有 {found['evidence']} 份互相矛盾的报文"
        for address, found in verified.items()
        if found["evidence"]
    ]
    return finding
