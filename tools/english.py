"""The English catalogue: gather every sentence a page can show, keep the English of each, compile it.

    .venv/bin/python tools/english.py gather     new sentences come into the .po, gone ones leave it
    .venv/bin/python tools/english.py compile    the .mo that nodes load is made of it
    .venv/bin/python tools/english.py check      says what has no English or wrong places; a test asks, too

Sentences marked `_("…")` are found by Babel. Rules and errors mark nothing: every Chinese text of the modules
in `TABLES` is taken, an f-string as a pattern with named places. Papers (notices, slips) stay Chinese.
"""

from __future__ import annotations

import ast
import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
HOME = ROOT / "common/web/translations/en/LC_MESSAGES"
PO, MO = HOME / "messages.po", HOME / "messages.mo"
PARTS = ("common", "village_node", "town_node", "county_node")
# Rules and errors whose words pages show. Below a folder of this list every module counts.
TABLES = (*PARTS, "sync")
# What no page shows: commands, the demo, what is printed as a legal paper, drawings.
SILENT = (
    "common/node/",
    "common/archive/sheet.py",
    "common/archive/rules/page.py",
    "common/calendar/rules/typed.py",
    "common/casework/rules/drawing.py",
    "common/documents/rules/",
    "common/documents/printer.py",
    "common/arguments.py",
    "common/install/",
    "common/notices/rules/naming.py",
    "common/notices/rules/texts_after.py",
    "common/notices/rules/texts_door.py",
    "common/notices/rules/texts_served.py",
    "common/notices/rules/speaking.py",
    "common/notices/rules/stead.py",
    "common/notices/rules/writing.py",
    "common/notices/rules/scene.py",
    "common/seal/authority.py",
    "common/seal/crl.py",
    "common/seal/key_files.py",
    "common/seal/keys.py",
    "common/seal/register.py",
    "common/seal/revoking.py",
    "common/seal/signer.py",
    "common/setting_values.py",
    "common/store/migrations/",
    "common/tls/",
    "common/web/gallery.py",
    "common/web/gallery_work.py",
    "common/catalogue/data/",
    "common/catalogue/rules/initials.py",
)
# What lies below a silent folder and is shown all the same.
_WORDS = ("words", "node", "verbs/commands", "practice", "reasons", "sheet", "line_state")
_ENROLLING = ("enrolling/enrolment", "enrolling/enrolment_refusals", "enrolling/enrolment_sheets")
_KEYS = ("keyring/keys", "keyring/roster_office", "keyring/trust", "keyring/vouched_keys")
HEARD = tuple(f"common/node/{name}.py" for name in (*_WORDS, *_ENROLLING, *_KEYS))
# Parts of names and numbers, patterns, and signs that stand alone: no sentences.
NO_SENTENCES = {
    "本人承诺在 ([0-9]{4}-[0-9]{2}-[0-9]{2}) 前补交：",
    # What the words on remedies in a paper are read by.
    "0-9零一二三四五六七八九十百千",
    "([{_NUMBER}]+)(?:日|天|个月|月内|年内)",
    "(?<![{_NUMBER}])(?:60|六十)[日天]",
    "(?<![{_NUMBER}])(?:6|六)个?月",
    "六十",
    "六",
    "诉讼",
    "起诉",
    "[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]",
    "{township}人民政府",
    "乡镇人民政府",
    "{year}年{part}",
    "{year}年{month}月{day}日",
    # By these rules know what a field of an item asks for; they tell nobody.
    "出生日期",
    "开始",
    "结束",
    "银行账号",
    "银行卡号",
    "收款账号",
    "村民委员会",
    "社区居民委员会",
    "居民委员会",
    "街道",
    "社区",
    "镇",
    "乡",
}
_TEMPLATES = {"silent": "false", "trimmed": "true"}
_CHINESE = re.compile(r"[㐀-鿿]")
_MARKS = {"_", "gettext", "ngettext", "lazy_gettext"}
_HEADER = "# English of Liandong, gathered by tools/english.py; only the msgstr lines are written by hand."
_DATED = re.compile(r'^"(POT-Creation|PO-Revision|Last-Translator|Language-Team|Report-Msgid)[^\n]*\n', re.M)
# What somebody has to type in Chinese stands in the English between quotation marks.
_QUOTED = re.compile('"[^"]*"')
_PLACE = re.compile(r"\{(\w+)\}|%\((\w+)\)[sd]")


def gathered() -> Catalog:
    """Return every sentence with the files it stands in, none translated."""
    catalog = Catalog(locale="en", project="Liandong", version="1", charset="utf-8", fuzzy=False)
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    for part in PARTS:
        found = extract_from_dir(
            ROOT / part,
            methods,
            {"**/templates/**.html": _TEMPLATES},
            keywords={"_": None, "gettext": None, "ngettext": (1, 2)},
        )
        for path, _line, message, _comments, _context in found:
            catalog.add(message, locations=[(f"{part}/{path}", 0)])
    for path, text in _unmarked():
        if text not in catalog:
            catalog.add(text, locations=[(path, 0)])
        elif (path, 0) not in catalog[text].locations:
            catalog[text].locations.append((path, 0))
    return catalog


def _unmarked() -> Iterator[tuple[str, str]]:
    for module in _modules():
        path = module.relative_to(ROOT).as_posix()
        if path in HEARD or not any(path.startswith(silent) for silent in SILENT):
            for text in _Texts(module.read_text(encoding="utf-8")).found:
                if text not in NO_SENTENCES and not _is_of_a_paper(path, text):
                    yield path, text


def _is_of_a_paper(path: str, text: str) -> bool:
    """Say whether a text of a module that holds both is for papers: signs of notices, model reasons."""
    if path == "common/notices/rules/kinds.py":
        return len(text) < 4 or text.startswith("第")
    return path == "common/desk/rules/reasons.py" and text.endswith("。")


def _modules() -> Iterator[Path]:
    for table in TABLES:
        place = ROOT / table
        yield from sorted(place.rglob("*.py")) if place.is_dir() else [place]


class _Texts(ast.NodeVisitor):
    """Collects the Chinese texts of one module that are neither marked nor docstrings."""

    def __init__(self, source: str) -> None:
        self.found: list[str] = []
        self.visit(ast.parse(source))

    def visit_Expr(self, node: ast.Expr) -> None:
        """Pass over docstrings."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Pass over what is marked (Babel has it) and over patterns of `re`."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        is_pattern = isinstance(node.func, ast.Attribute) and ast.unparse(node.func).startswith("re.")
        for part in (*node.args, *(word.value for word in node.keywords)):
            if not (isinstance(part, ast.Constant) and (name in _MARKS or is_pattern)):
                self.visit(part)
        self.visit(node.func)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Take a plain text."""
        if isinstance(node.value, str):
            self._take(node.value)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Take an f-string as a pattern; the texts inside its places count on their own."""
        names: list[str] = []
        words = ""
        for part in node.values:
            if isinstance(part, ast.Constant):
                words += str(part.value)
            elif isinstance(part, ast.FormattedValue):
                names.append(_name_of(part.value, names))
                words += f"{{{names[-1]}}}"
                self.visit(part.value)
        self._take(words)

    def _take(self, text: str) -> None:
        if _CHINESE.search(_PLACE.sub("", text)) and text.strip():
            self.found.append(text.strip())


def _name_of(value: ast.expr, taken: list[str]) -> str:
    """Return a name for a place: the variable's or the last attribute's, numbered when there are two."""
    name = getattr(value, "id", "") or getattr(value, "attr", "") or "part"
    return name if name not in taken else f"{name}{sum(one.startswith(name) for one in taken) + 1}"


def kept() -> Catalog:
    """Return the catalogue as it lies in the tree."""
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def gather() -> Catalog:
    """Return the sentences of today with the English that is there already."""
    now = gathered()
    before = kept() if PO.exists() else Catalog(locale="en")
    for message in now:
        old = before.get(message.id) if message.id else None
        if old is not None and old.string:
            message.string = old.string
        message.flags.discard("fuzzy")
    return now


def written(catalog: Catalog) -> bytes:
    """Return the .po, in the order of the files and without line numbers: it changes only with its words."""
    file = io.BytesIO()
    catalog.header_comment = _HEADER
    write_po(file, catalog, sort_by_file=True, include_lineno=False, omit_header=False, width=110)
    return _DATED.sub("", file.getvalue().decode("utf-8")).encode()


def compiled(catalog: Catalog) -> bytes:
    """Return the .mo of a catalogue: the same bytes for the same words, whenever it is made."""
    catalog.creation_date = catalog.revision_date = datetime(2026, 1, 1, tzinfo=UTC)
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def faults(catalog: Catalog) -> list[str]:
    """Return what is wrong: no English, Chinese in the English, places that are not those of the Chinese."""
    wrong = []
    for message in catalog:
        if not message.id:
            continue
        chinese = message.id if isinstance(message.id, tuple) else (message.id,)
        english = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        if not english or not all(english):
            wrong.append(f"no English: {chinese[0]}")
        elif any(_CHINESE.search(_QUOTED.sub("", words)) for words in english):
            wrong.append(f"Chinese in the English: {chinese[0]}")
        elif any(_places(words) != _places(chinese[0]) for words in english):
            wrong.append(f"other places than the Chinese: {chinese[0]} / {english[0]}")
    return wrong


def _places(text: str) -> list[str]:
    return sorted({found[0] for found in _PLACE.finditer(text)})


def main(verb: str) -> int:
    """Do what `verb` says and return the exit status."""
    catalog = gather()
    if verb == "gather":
        PO.write_bytes(written(catalog))
    elif verb == "compile":
        MO.write_bytes(compiled(kept()))
    elif verb != "check":
        print(__doc__)
        return 2
    found = faults(catalog)
    print("\n".join([*found, f"{len(catalog)} sentences, {len(found)} to mend"]))
    return 1 if found and verb == "check" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
