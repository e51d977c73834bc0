"""No page without a guard: every route says who may see it, or that everybody may."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

import pytest

from tests.architecture.source_tree import PRODUCT, Module, assert_none, functions, modules

ROUTING = {"route", "get", "post", "put", "patch", "delete"}
GUARDS = {"requires", "public"}


def unguarded(tree: Sequence[Module]) -> Iterator[str]:
    """Routes without a guard, or with one above the route, where Flask would never call it."""
    for module in tree:
        for name, node in functions(module):
            if _is_unguarded([_name_of(decorator) for decorator in node.decorator_list]):
                yield f"{name} has a route and no guard below it"


def _name_of(decorator: ast.expr) -> str:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return ast.unparse(called).rpartition(".")[2] if _is_plain(decorator, called) else ""


def _is_plain(decorator: ast.expr, called: ast.expr) -> bool:
    """A route is always a call on something (`pages.get("/")`); `property.getter` and the like are not."""
    if isinstance(called, ast.Name):
        return called.id in GUARDS
    return isinstance(called, ast.Attribute) and (called.attr in GUARDS or isinstance(decorator, ast.Call))


def _is_unguarded(decorators: list[str]) -> bool:
    routes = [place for place, name in enumerate(decorators) if name in ROUTING]
    guards = [place for place, name in enumerate(decorators) if name in GUARDS]
    return bool(routes) and (not guards or guards[0] < routes[-1])


def test_every_route_in_the_source_has_its_guard():
    assert_none(unguarded(modules(*PRODUCT)))


@pytest.mark.parametrize(
    "decorators",
    [
        '@pages.get("/")',
        '@requires(Role.CLERK)\n@pages.post("/file")',
        '@app.route("/x", methods=["POST"])\n@cached',
    ],
)
def test_a_route_without_a_guard_is_noticed(decorators):
    assert list(unguarded([Module("common.x.pages", f"{decorators}\ndef page(): pass")]))


@pytest.mark.parametrize(
    "decorators",
    [
        '@pages.get("/")\n@public',
        '@pages.get("/a")\n@pages.get("/b")\n@guard.requires(Role.CLERK, Role.AGENT)',
        "@property",
        "@lru_cache(maxsize=1)",
    ],
)
def test_a_guarded_route_passes(decorators):
    assert not list(unguarded([Module("common.x.pages", f"{decorators}\ndef page(): pass")]))
