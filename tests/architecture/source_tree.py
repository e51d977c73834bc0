"""The project's own source as the architecture tests see it: parsed, never imported or run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NODES = ("village_node", "town_node", "county_node")
PRODUCT = ("sync", "common", *NODES)
EVERYTHING = (*PRODUCT, "bench", "tests")


@dataclass(frozen=True)
class Import:
    """One imported name: `target` is a module, or module.name for `from module import name`."""

    target: str
    line: int
    type_only: bool


@dataclass(frozen=True)
class Module:
    """A module by its dotted name; its file need not exist, so that rules can be tried on small sources."""

    name: str
    source: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source, filename=self.name)

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        return tuple(_imports_of(self))

    @property
    def top(self) -> str:
        return self.name.partition(".")[0]


@lru_cache
def modules(*tops: str) -> tuple[Module, ...]:
    """Every module below the named top folders, in order of name; a folder that is not there has none."""
    paths = sorted(path for top in tops for path in (ROOT / top).rglob("*.py"))
    return tuple(_read(path) for path in paths)


@cache
def _read(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    is_package = parts[-1] == "__init__"
    name = ".".join(parts[:-1] if is_package else parts)
    return Module(name, path.read_text(encoding="utf-8"), is_package)


def _imports_of(module: Module) -> Iterator[Import]:
    guards = [node for node in ast.walk(module.tree) if _is_type_checking(node)]
    type_only = {id(node) for guard in guards for node in ast.walk(guard)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, id(node) in type_only)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(module, node)
            for alias in node.names:
                yield Import(f"{base}.{alias.name}", node.lineno, id(node) in type_only)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.name.split(".")
    package = package[: len(package) - node.level + module.is_package]
    return ".".join([*package, *([node.module] if node.module else [])])


def resolve(target: str, known: Iterable[str]) -> str:
    """The module that an import really names: `a.b.c` is the module `a.b` when `c` is a name inside it."""
    return target if target in known else target.rpartition(".")[0] or target


def own_imports(module: Module, known: Iterable[str]) -> Iterator[tuple[str, Import]]:
    """(module name, import) for each import of the project's own code."""
    for found in module.imports:
        if found.target.partition(".")[0] in EVERYTHING:
            yield resolve(found.target, known), found


def functions(module: Module) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """(dotted name, function) for every function, methods and inner functions included."""

    def walk(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{prefix}.{child.name}", child
                yield from walk(child, f"{prefix}.{child.name}")
            elif isinstance(child, ast.ClassDef):
                yield from walk(child, f"{prefix}.{child.name}")
            else:
                yield from walk(child, prefix)

    return walk(module.tree, module.name)


def assert_none(violations: Iterable[str]) -> None:
    """Fail with every violation on a line of its own, so that one run shows them all."""
    found = sorted(set(violations))
    assert not found, "\n" + "\n".join(found)
