"""Sizes a reader can hold in the head: short functions, short files, few parameters, no switches.

The lists of exceptions are ratchets: an entry may only get smaller and leaves as soon as it is not needed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

import pytest

from tests.architecture.source_tree import EVERYTHING, PRODUCT, Module, assert_none, functions, modules

FUNCTION_LINES, FUNCTION_LINES_HARD = 40, 60
FILE_LINES, FILE_LINES_HARD = 300, 400
PARAMETERS = 5

# Dotted name of a function → the lines it may have, above 40 and never above 60.
LONG_FUNCTIONS: dict[str, int] = {}
# Dotted name of a module → the lines it may have, above 300 and never above 400.
LONG_FILES: dict[str, int] = {}


def function_lengths(tree: Sequence[Module]) -> dict[str, int]:
    """Lines of every function from `def` to its last line; of two with one name the longer counts."""
    lengths: dict[str, int] = {}
    for module in tree:
        for name, node in functions(module):
            lengths[name] = max(lengths.get(name, 0), (node.end_lineno or node.lineno) - node.lineno + 1)
    return lengths


def file_lengths(tree: Sequence[Module]) -> dict[str, int]:
    return {module.name: len(module.source.splitlines()) for module in tree}


def too_long(lengths: dict[str, int], usual: int, allowed: dict[str, int]) -> Iterator[str]:
    """What is longer than usual, or than its own exception, or has an exception it does not need."""
    for name, length in lengths.items():
        if length > allowed.get(name, usual):
            yield f"{name} has {length} lines, {allowed.get(name, usual)} are allowed"
    for name, limit in allowed.items():
        if lengths.get(name, 0) <= usual:
            yield f"{name} needs no exception any more"
        elif lengths[name] < limit:
            yield f"{name} has only {lengths[name]} lines: lower its exception"


def too_many_parameters(tree: Sequence[Module]) -> Iterator[str]:
    """Functions of more than five parameters, keyword-only ones included; self and cls are not counted."""
    for module in tree:
        for name, node in functions(module):
            count = len(_parameters(node)) - _has_receiver(node)
            if count > PARAMETERS:
                yield f"{name} takes {count} parameters"


def switches(tree: Sequence[Module]) -> Iterator[str]:
    """Public functions with a true-or-false parameter: two functions or an enum say what is meant."""
    for module in tree:
        for name, node in functions(module):
            if any(part.startswith("_") and part != "__init__" for part in name.split(".")):
                continue
            for parameter, default in _with_defaults(node):
                annotated = parameter.annotation and "bool" in ast.unparse(parameter.annotation).split(" | ")
                is_switch = isinstance(default, ast.Constant) and isinstance(default.value, bool)
                if is_switch or annotated:
                    yield f"{name}: {parameter.arg}"


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]


def _has_receiver(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    named = _parameters(node)[:1]
    return bool(named) and named[0].arg in {"self", "cls"}


def _with_defaults(
    node: ast.FunctionDef | ast.AsyncFunctionDef,
) -> Iterator[tuple[ast.arg, ast.expr | None]]:
    positional = [*node.args.posonlyargs, *node.args.args]
    missing = len(positional) - len(node.args.defaults)
    yield from zip(positional, [None] * missing + node.args.defaults, strict=True)
    yield from zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)


def test_functions_are_short():
    lengths = function_lengths(modules(*EVERYTHING))
    assert_none(too_long(lengths, FUNCTION_LINES, LONG_FUNCTIONS))


def test_files_are_short():
    assert_none(too_long(file_lengths(modules(*EVERYTHING)), FILE_LINES, LONG_FILES))


def test_no_exception_passes_the_hard_limits():
    assert all(FUNCTION_LINES < lines <= FUNCTION_LINES_HARD for lines in LONG_FUNCTIONS.values())
    assert all(FILE_LINES < lines <= FILE_LINES_HARD for lines in LONG_FILES.values())


def test_functions_take_few_parameters():
    assert_none(too_many_parameters(modules(*PRODUCT, "bench")))


def test_public_functions_have_no_switches():
    assert_none(switches(modules(*PRODUCT)))


def test_a_long_function_is_noticed():
    """41 lines are one too many; an exception allows its own number and must fall with the function."""
    source = "class A:\n    def long(self):\n" + "        pass\n" * 40
    lengths = function_lengths([Module("sync.x", source)])
    assert lengths == {"sync.x.A.long": 41}
    assert list(too_long(lengths, 40, {}))
    assert not list(too_long(lengths, 40, {"sync.x.A.long": 41}))
    assert list(too_long(lengths, 40, {"sync.x.A.long": 42}))
    assert list(too_long({"sync.x.A.long": 40}, 40, {"sync.x.A.long": 41}))
    assert list(too_long({}, 40, {"sync.x.gone": 41}))


def test_a_long_file_is_noticed():
    lengths = file_lengths([Module("sync.x", "pass\n" * 301), Module("sync.y", "pass\n" * 300)])
    assert len(list(too_long(lengths, 300, {}))) == 1


@pytest.mark.parametrize(
    "parameters",
    ["a, b, c, d, e, f", "a, b, *, c, d, e, f", "a, /, b, c, d, e, f=1", "self, a, b, c, d, e, f"],
)
def test_a_sixth_parameter_is_noticed(parameters):
    tree = [Module("common.x", f"def f({parameters}): pass\ndef g(self, a, b, c, d, e): pass")]
    assert list(too_many_parameters(tree)) == ["common.x.f takes 6 parameters"]


@pytest.mark.parametrize(
    "source",
    [
        "def f(*, quick: bool = False): pass",
        "def f(quick=True): pass",
        "def f(a, quick: bool): pass",
        "class A:\n    def __init__(self, quick: bool | None = None): pass",
    ],
)
def test_a_switch_is_noticed(source):
    assert list(switches([Module("common.x", source)]))
    private = source.replace("def f", "def _f").replace("class A", "class _A")
    assert not list(switches([Module("common.x", private)]))
