"""The page for first readers of the sync layer: all modules and memos stand on it, what it names exists."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.architecture.source_tree import modules, own_imports

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/exchange.md").read_text(encoding="utf-8")
FOLDERS = ("protocol", "adapters")


def part(heading: str) -> str:
    """Return what stands below a heading, up to the next one."""
    return re.split(r"^#+ ", TEXT.partition(heading + "\n")[2], maxsplit=1, flags=re.MULTILINE)[0]


def listed_in(folder: str) -> list[str]:
    """Return the modules of a folder in the order of the map."""
    return re.findall(r"(?:\| |· )`(\w+)`", part(f"### sync/{folder}"))


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_module_stands_in_the_map_once_after_those_it_uses(folder):
    places = {name: place for place, name in enumerate(listed_in(folder))}
    tree = [m for m in modules("sync") if m.name.startswith(f"sync.{folder}.") and not m.is_package]
    assert sorted(listed_in(folder)) == sorted(module.name.rpartition(".")[2] for module in tree)
    known = {module.name for module in tree}
    for module in tree:
        used = {target for target, found in own_imports(module, known) if not found.type_only}
        of_here = [target.rpartition(".")[2] for target in used & known - {module.name}]
        last = max(of_here, key=lambda name: places[name], default="")
        assert not last or places[last] < places[module.name.rpartition(".")[2]], (module.name, last)


def test_every_folder_of_the_protocol_is_a_row_of_its_own():
    rows = re.findall(r"^\| (?:`(\w+)/`: )?[^|`]+ \| (.+) \|$", part("### sync/protocol"), re.MULTILINE)
    listed = {name: folder for folder, row in rows for name in re.findall(r"(?:^|· )`(\w+)`", row)}
    assert len(listed) > 90
    for module in modules("sync/protocol"):
        *above, name = module.name.split(".")[1:]
        assert module.is_package or listed[name] == "".join(above[1:]), module.name


def test_every_function_that_is_named_exists():
    named = re.findall(r"`([a-z_]+)\.([A-Za-z_.]+)`", TEXT)
    assert len(named) > 90
    known = [module.name for module in modules("sync")]
    for module, names in named:
        homes = [name for name in known if name.endswith(f".{module}")]
        assert any(_has(import_module(home), names) for home in homes), (module, names)


def _has(thing: object, names: str) -> bool:
    for name in names.split("."):
        if not hasattr(thing, name):
            return False
        thing = getattr(thing, name)
    return True


def test_every_sort_of_memo_and_copy_is_listed():
    """Method: found in the program is what is kept under a sort that is a constant of its module."""
    rows = part("## What a node notes for itself")
    assert _sorts_kept() == set(re.findall(r"^\| `([a-z ]+)` \| `(\w+)` \|", rows, re.MULTILINE))


def _sorts_kept() -> set[tuple[str, str]]:
    """Return (sort, module) of every call that keeps something under a constant of its own module."""
    found = set()
    for module in modules("sync/protocol"):
        constants = _constants(module.tree)
        for call in (node for node in ast.walk(module.tree) if isinstance(node, ast.Call)):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            sorts = call.args[1:2] if name == "note_down" else call.args[:1] if name == "Held" else []
            sorts += [word.value for word in call.keywords if name == "_replace" and word.arg == "sort"]
            known = {getattr(one, "id", "") for one in sorts} & constants.keys()
            found |= {(constants[one], module.name.rpartition(".")[2]) for one in known}
    return found


def _constants(tree: ast.Module) -> dict[str, str]:
    """Return the texts a module gives names to, several at once included."""
    found = {}
    for line in tree.body:
        if isinstance(line, ast.Assign) and len(line.targets) == 1:
            pair = (line.targets[0], line.value)
            names, values = ([*side.elts] if isinstance(side, ast.Tuple) else [side] for side in pair)
            for name, value in zip(names, values, strict=False):
                if isinstance(name, ast.Name) and isinstance(value, ast.Constant):
                    found[name.id] = str(value.value)
    return found
