"""What came of checking a package, part by part."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from sync.protocol.verdicts import WITHIN


class Part(StrEnum):
    """What is checked, in this order; each leans on those before it."""

    LISTED = "listed"
    TRUST = "trust"
    PACKER = "packer"
    FRAMES = "frames"
    CHAINS = "chains"
    PAPERS = "papers"
    DOCUMENTS = "documents"
    STORY = "story"


PART_NAMES = {
    Part.LISTED: "清单与各文件",
    Part.TRUST: "根、名册和钥匙",
    Part.PACKER: "打包站点的签名",
    Part.FRAMES: "签名报文和正文",
    Part.CHAINS: "报文前后相连",
    Part.PAPERS: "材料",
    Part.DOCUMENTS: "办件所依据的事项文本",
    Part.STORY: "按流程重演的办理经过",
}
assert set(PART_NAMES) == set(Part)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the county decided on a step by a revoked key, when by its clock (UTC ms), and why."""

    act: str
    is_struck: bool
    at: int
    reason: str


def reason_in_words(ruling: Ruling) -> str:
    """Return why; what the county released by itself has no person's reason."""
    plain = "".join(sign for sign in ruling.reason if sign.isprintable())
    return "在认可的范围以内" if plain == WITHIN else plain


@dataclass(slots=True)
class Findings:
    """What came of a check: `problems` one line each; without any, the package proves what it says.

    `parts` holds the problems of each part that was checked; one that is not there was not reached.
    `end_stored` counts frames that their destination has receipted, `vouched` those of a node for which only
    its parent speaks, `purged` bodies deleted by rule, `documents` published texts that the case names,
    `notices` sealed papers that lie with it. `practice` is 1 for a package of a network for practice.
    `retold` is 0 where bodies are gone and nobody can tell the case anew: `state` is the packer's word then.
    `heavy` are PDFs that would hang whoever opens them: what they are worth as proof is another matter.
    `released` are steps past a cut that count by the county's word, `struck` those that the case has lost.
    """

    case: str = ""
    state: str = ""
    node: str = ""
    frames: int = 0
    acts: int = 0
    papers: int = 0
    streams: int = 0
    end_stored: int = 0
    vouched: int = 0
    purged: int = 0
    documents: int = 0
    notices: int = 0
    practice: int = 0
    retold: int = 1
    heavy: list[str] = field(default_factory=list)
    released: list[Ruling] = field(default_factory=list)
    struck: list[Ruling] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)
