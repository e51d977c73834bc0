"""What the documents say is what the code does: commands, settings, words, error codes, decisions, links."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from common.config import SETTINGS
from tests.architecture.source_tree import PRODUCT, ROOT, Module, assert_none, modules

COMMANDS = ("./deploy.sh demo", "./deploy.sh test")
READMES = [path for path in (ROOT / "README.md", ROOT / "README.zh-CN.md") if path.exists()]
ADRS = sorted((ROOT / "docs/adr").glob("*.md"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("sync/*.md")])
CODE_FORMS = {"sync": r"S\d{3}"} | {top: r"E\d{3}" for top in PRODUCT if top != "sync"}


def read(name: str) -> str:
    """The text of a document of ours, empty as long as nobody has written it."""
    path = ROOT / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def undocumented(names: Sequence[str], text: str) -> Iterator[str]:
    """Names that a text does not show as code."""
    yield from (name for name in names if f"`{name}`" not in text)


def error_codes(tree: Sequence[Module]) -> Iterator[tuple[str, str]]:
    """(code, dotted class name) for every error class that declares a code of its own."""
    for module in tree:
        for node in ast.walk(module.tree):
            for line in node.body if isinstance(node, ast.ClassDef) else ():
                if not isinstance(line, ast.Assign | ast.AnnAssign):
                    continue
                target = line.targets[0] if isinstance(line, ast.Assign) else line.target
                if (
                    ast.unparse(target) == "code"
                    and isinstance(line.value, ast.Constant)
                    and line.value.value
                ):
                    yield str(line.value.value), f"{module.name}.{node.name}"


def bad_codes(tree: Sequence[Module]) -> Iterator[str]:
    """Codes used twice, or not of the form that tells the sync layer's from the rest."""
    owners: dict[str, str] = {}
    for code, owner in error_codes(tree):
        if code in owners:
            yield f"{code} is both {owners[code]} and {owner}"
        owners[code] = owner
        if not re.fullmatch(CODE_FORMS[owner.partition(".")[0]], code):
            yield f"{owner} has the code {code}"


def glossary_identifiers(text: str) -> Iterator[str]:
    """Every `identifier` in the second column of the tables."""
    for row in re.findall(r"^\|(.+)\|\s*$", text, re.MULTILINE):
        columns = row.split("|")
        if len(columns) > 1:
            yield from re.findall(r"`([^`]+)`", columns[1])


def words_of(tree: Sequence[Module]) -> set[str]:
    """Every name in the code: modules, definitions, attributes, arguments, and words in quotes."""
    words: set[str] = set()
    for module in tree:
        words.update(module.name.split("."))
        for node in ast.walk(module.tree):
            for field in ("name", "id", "attr", "arg"):
                words.add(str(getattr(node, field, "")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.update(re.findall(r"[\w.]+", node.value) if len(node.value) < 80 else ())
    return words


def dead_links(path: Path) -> Iterator[str]:
    """Links to files of the repository that are not there."""
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")):
        if "://" not in target and not (path.parent / target).exists():
            yield f"{path.name} → {target}"


def silent_links(path: Path) -> Iterator[str]:
    """Links of a Chinese document to an English one that do not say so; pictures are looked at."""
    for words, target in re.findall(
        r"(?<!!)\[([^\]]+)\]\(([^)#\s]+)[^)]*\)", path.read_text(encoding="utf-8")
    ):
        is_chinese = "://" in target or target.endswith(".zh-CN.md")
        if not is_chinese and "英文" not in words and not words.isascii():
            yield f"{path.name}: {words} → {target}"


def lost_parts(path: Path) -> Iterator[str]:
    """Links to a heading that the document they name has not."""
    for target, part in re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", path.read_text(encoding="utf-8")):
        page = path.parent / target if target else path
        if "://" in target or not page.is_file():
            continue
        heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        known = {re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads}
        if part not in known:
            yield f"{path.name} → {target}#{part}"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_readme_names_the_two_commands(command):
    assert [path.name for path in READMES if command not in path.read_text(encoding="utf-8")] == []


def test_every_setting_is_documented():
    text = read("ARCHITECTURE.md") + read("docs/settings.md")
    if text:
        assert_none(undocumented([setting.name for setting in SETTINGS], text))


def test_every_setting_says_what_it_does():
    assert [setting.name for setting in SETTINGS if not setting.help] == []


def test_every_glossary_identifier_exists():
    """A word that was renamed in the code must be renamed in the glossary."""
    words = words_of(modules(*PRODUCT))
    identifiers = list(glossary_identifiers(read("GLOSSARY.md")))
    assert_none(name for name in identifiers if name not in words and not set(name.split(".")) <= words)


def test_error_codes_are_unique_and_of_the_right_family():
    assert list(error_codes(modules(*PRODUCT)))
    assert_none(bad_codes(modules(*PRODUCT)))


def test_decisions_are_numbered_without_gaps():
    numbers = [int(path.name[:4]) for path in ADRS if re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name)]
    assert numbers == list(range(1, len(ADRS) + 1))


def bad_decision(number: int, text: str) -> Iterator[str]:
    """A decision record bears its number in the title and has four headings below it.

    Situation, decision, why not the others, price.
    """
    if not re.match(rf"# (?:ADR[ -]?)?0*{number}\b", text):
        yield f"{number}: the title is {text.partition(chr(10))[0]!r}"
    if len(re.findall(r"^## ", text, re.MULTILINE)) < 4:
        yield f"{number}: fewer than four headings"


def test_decisions_have_their_number_in_the_title_and_four_headings():
    for path in ADRS:
        assert_none(bad_decision(int(path.name[:4]), path.read_text(encoding="utf-8")))


def test_links_lead_somewhere():
    assert_none(link for path in DOCUMENTS for link in dead_links(path))
    assert_none(link for path in DOCUMENTS for link in lost_parts(path))


def test_who_reads_chinese_is_told_which_links_lead_to_english():
    assert_none(link for path in DOCUMENTS if path.name.endswith(".zh-CN.md") for link in silent_links(path))


def test_the_changelog_knows_the_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = read("CHANGELOG.md")
    assert not text or re.search(rf"^## \[?{re.escape(project['version'])}\b", text, re.MULTILINE)


def test_a_missing_setting_or_word_is_noticed():
    assert list(undocumented(["bind", "threads"], "`bind` is the address")) == ["threads"]
    table = "| 受理 | `Action.ACCEPT` | taken in by the organ |\n| 收件 | `receive_gone` | at the door |\n"
    assert list(glossary_identifiers(table)) == ["Action.ACCEPT", "receive_gone"]
    words = words_of([Module("common.casework.rules.flow", "class Action:\n    ACCEPT = 'case.moved'")])
    assert {"Action", "ACCEPT", "case.moved", "flow"} <= words and "receive_gone" not in words


def test_a_code_used_twice_or_of_the_wrong_family_is_noticed():
    twice = 'class A:\n    code = "E101"\nclass B:\n    code: ClassVar[str] = "E101"\n'
    assert list(bad_codes([Module("common.x", twice)])) == ["E101 is both common.x.A and common.x.B"]
    assert list(bad_codes([Module("sync.protocol.errors", 'class A:\n    code = "E101"')]))


def test_a_bad_decision_is_noticed():
    four = "\n## Situation\n## Decision\n## Why not the others\n## Price\n"
    assert not list(bad_decision(3, "# 3. Single holder" + four))
    assert not list(bad_decision(3, "# ADR 0003: Single holder" + four))
    assert list(bad_decision(4, "# 3. Single holder" + four))
    assert list(bad_decision(3, "# 3. Single holder\n## Situation\n"))


def test_a_dead_link_is_noticed(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text("[a](gone.md) [b](page.md#part) [c](https://example.org/x)", encoding="utf-8")
    assert list(dead_links(page)) == ["page.md → gone.md"]


def test_a_link_to_english_or_to_no_heading_is_noticed(tmp_path: Path):
    page = tmp_path / "page.zh-CN.md"
    page.write_text(
        "## 五、演练U\n[甲](b.md) [乙（英文）](b.md) [English](b.md) [丙](#五演练u) [丁](#六)", "utf-8"
    )
    assert list(silent_links(page)) == ["page.zh-CN.md: 甲 → b.md"]
    assert list(lost_parts(page)) == ["page.zh-CN.md → #六"]
