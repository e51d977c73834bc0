"""The verb `verify-claim` of the command line, and those of the archive: proofs that need no line and no page."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from common.casework.rules.labels import label
from common.node.node import Node
from common.node.profile import TierProfile
from common.proofs.rules.claim import KIND_NAMES, Claim
from common.proofs.rules.verdict import AHEAD, ON_FILE, SENTENCES, Verdict
from common.web.words import local_time

_EXIT_UNSOUND = 1
_Opener = Callable[[TierProfile, argparse.Namespace], Node]


def add_proofs(verb: Any, node_of: _Opener) -> None:
    """Add the verbs to a command line; `node_of` puts the node together that the options name."""

    def verify_claim(profile: TierProfile, options: argparse.Namespace) -> int:
        return _verify_claim(node_of(profile, options), options)

    made = verb("verify-claim", verify_claim, "核验凭证上的二维码（不需要网络）")
    made.add_argument("text", help="二维码的内容：整个网址，或 # 后面的部分")
    made.add_argument("--json", action="store_true", help="输出 JSON")


def _verify_claim(node: Node, options: argparse.Namespace) -> int:
    checked = node.proofs.check(options.text)
    if options.json:
        said = asdict(checked.claim) if checked.claim else {}
        facts = {"verdict": checked.verdict, "on_file": checked.on_file, "site": checked.site, "claim": said}
        print(json.dumps(facts, ensure_ascii=False))
    else:
        _, headline, meaning = SENTENCES[checked.verdict]
        lines = [f"{headline}。{meaning}", *_lines(checked.claim, checked.site)]
        lines += [ON_FILE[checked.on_file], AHEAD if checked.is_ahead else ""]
        print("\n".join(line for line in lines if line))
    return 0 if checked.verdict is Verdict.VALID else _EXIT_UNSOUND


def _lines(claim: Claim | None, site: str) -> list[str]:
    if claim is None:
        return []
    return [
        f"凭证　　　{KIND_NAMES.get(claim.kind, claim.kind)}",
        f"办件编号　{claim.number}",
        f"事项　　　{claim.name}（{claim.item}）",
        f"申请人　　{claim.who} {claim.tail}".rstrip(),
        f"收件时间　{local_time(claim.filed)}",
        f"开具时间　{local_time(claim.at)}",
        f"当时办到　{label(claim.stage)}",
        *([f"办理期限　{claim.due}"] if claim.due else []),
        f"签发站点　{site}（{claim.node}）",
    ]
