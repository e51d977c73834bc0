"""No page without a guard: every route says who may see it, or that everybody may."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator, Sequence

import pytest
from flask import Blueprint, Flask

from tests.architecture.source_tree import NODES, PRODUCT, Module, assert_none, functions, modules

# Neighbours are admitted by the signature on what they send, not by a session.
SIGNED = {"sync.adapters.http_server"}
ROUTING = {"route", "get", "post", "put", "patch", "delete"}
GUARDS = {"requires", "public"}


def unguarded(tree: Sequence[Module]) -> Iterator[str]:
    """Routes without a guard, or with one above the route, where Flask would never call it."""
    for module in tree:
        for name, node in functions(module) if module.name not in SIGNED else ():
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


def unguarded_views(app: Flask) -> Iterator[str]:
    """View functions without the `guard` that common.web.guard sets; Flask's own file views need none."""
    for endpoint, view in app.view_functions.items():
        needs_none = endpoint.rpartition(".")[2] == "static" or view.__module__ in SIGNED
        if not needs_none and not hasattr(view, "guard"):
            yield f"{endpoint} ({view.__module__}.{view.__qualname__})"


def blueprints_of(node: str) -> list[Blueprint]:
    """The pages in a tier's profile, none while the tier has no profile."""
    if f"{node}.profile" not in {module.name for module in modules(node)}:
        return []
    profile = importlib.import_module(f"{node}.profile")
    rows = [value for value in vars(profile).values() if hasattr(value, "blueprints")]
    return [page for row in rows if not isinstance(row, type) for page in row.blueprints()]


def test_every_route_in_the_source_has_its_guard():
    assert_none(unguarded(modules(*PRODUCT)))


@pytest.mark.parametrize("node", NODES)
def test_every_page_of_a_tier_has_its_guard(node):
    app = Flask(node)
    for blueprint in blueprints_of(node):
        app.register_blueprint(blueprint)
    assert_none(unguarded_views(app))


def test_a_view_without_a_guard_is_noticed():
    app, pages = Flask("tier"), Blueprint("pages", "tier")
    pages.add_url_rule("/", "bare", view_func=lambda: "")
    app.register_blueprint(pages)
    assert [line.partition(" ")[0] for line in unguarded_views(app)] == ["pages.bare"]
    app.view_functions["pages.bare"].guard = "public"
    assert not list(unguarded_views(app))


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
