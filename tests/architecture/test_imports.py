"""Who may import whom: nodes → common → sync, capabilities in their order, and never in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.architecture.source_tree import NODES, PRODUCT, Module, assert_none, modules, own_imports

# Each may use those before it.  A capability that is not named here comes after all of them and may use no
# other of its kind: give it a place in this row first.
# fmt: off
CAPABILITIES = (
    "places", "catalogue", "people", "journal", "outages", "papers", "casework", "authority", "calendar",
    "documents", "notices", "proofs", "archive",
)
# fmt: on
FOUNDATION = {"arguments", "errors", "clock", "config", "days", "pki", "setting_values"}

# fmt: off
REACH = {
    "sync":   {"sync"},
    "common": {"common", "sync"},
    **{node: {node, "common", "sync"} for node in NODES},
}
# fmt: on


def direction_broken(tree: Sequence[Module]) -> Iterator[str]:
    """Imports that leave the folders a module may reach; `sync.protocol` reaches itself alone."""
    known = {module.name for module in tree}
    for module in tree:
        for target, found in own_imports(module, known):
            top = target.partition(".")[0]
            leaves_protocol = _is_in(module.name, "sync.protocol") and not _is_in(target, "sync.protocol")
            if top not in REACH[module.top] or leaves_protocol:
                yield f"{module.name}:{found.line} imports {target}"


def order_broken(tree: Sequence[Module]) -> Iterator[str]:
    """Imports inside `common` of what comes later, or of what only the composition root may see."""
    known = {module.name for module in tree}
    for module in tree:
        if module.top != "common" or module.name == "common":
            continue
        for target, found in own_imports(module, known):
            if target.startswith("common.") and not _may_use(module.name, target):
                yield f"{module.name}:{found.line} imports {target}"


def _may_use(importer: str, target: str) -> bool:
    mine, theirs = importer.split(".")[1], target.split(".")[1]
    if mine == theirs or mine == "node":
        return True
    if theirs == "node" or mine in FOUNDATION:
        return theirs in FOUNDATION
    if theirs in FOUNDATION or theirs == "store":
        return True
    if theirs == "web":
        return "pages" in importer.split(".")
    if mine in {"store", "web"}:
        return mine == "web"
    return _place(theirs) < _place(mine)


def _place(capability: str) -> int:
    return CAPABILITIES.index(capability) if capability in CAPABILITIES else len(CAPABILITIES)


def cycles(tree: Sequence[Module]) -> Iterator[str]:
    """One circle of modules that need each other at run time, if there is any."""
    known = {module.name for module in tree}
    graph = {
        module.name: {
            target
            for target, found in own_imports(module, known)
            if not found.type_only and target in known and target != module.name
        }
        for module in tree
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        yield " → ".join(circle.args[1])


def _is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def test_imports_go_from_nodes_to_common_to_sync():
    assert_none(direction_broken(modules(*PRODUCT)))


def test_capabilities_use_only_those_before_them():
    assert_none(order_broken(modules(*PRODUCT)))


def test_no_modules_import_each_other_in_a_circle():
    assert_none(cycles(modules(*PRODUCT)))


def test_every_top_folder_is_a_package_of_its_own():
    """Without `__init__.py` an installed package of the same name would be imported instead."""
    tree = {module.name for module in modules(*PRODUCT)}
    packages = {name.rpartition(".")[0] for name in tree if name.rpartition(".")[2].isidentifier()} - {""}
    assert {*PRODUCT, *packages} <= tree, f"no __init__.py: {sorted({*PRODUCT, *packages} - tree)}"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("sync.adapters.spool", "from common.store import database"),
        ("sync.protocol.peer", "from sync.adapters import spool"),
        ("sync.protocol.peer", "from ..adapters.spool import Spool"),
        ("common.casework.service", "import village_node.profile"),
        ("town_node.pages.hall", "def page():\n    from county_node import profile"),
        ("common.node.demo", "from tests.simulation import world"),
    ],
)
def test_a_wrong_direction_is_noticed(name, source):
    assert list(direction_broken([Module(name, source)]))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("common.places.records", "from common.people import service"),
        ("common.people.service", "from common.casework.rules.flow import Role"),
        ("common.hotline.service", "from common.evaluation import service"),
        ("common.casework.service", "from common.web import forms"),
        ("common.store.outbox", "from common.casework import records"),
        ("common.errors", "from common.store import database"),
        ("common.web.factory", "from common.node.profile import TierProfile"),
    ],
)
def test_a_wrong_order_is_noticed(name, source):
    assert list(order_broken([Module(name, source)]))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("common.casework.service", "from common.people.rules import Role"),
        ("common.hotline.service", "from common.casework import service"),
        ("common.casework.pages.queue", "from common.web.guard import requires"),
        ("common.node.assembly", "from common.casework import service"),
        ("common.people.records", "from common.store.database import Base"),
    ],
)
def test_a_right_order_passes(name, source):
    assert not list(order_broken([Module(name, source)]))


def test_a_circle_is_noticed():
    line = [Module("sync.a", "from sync import b"), Module("sync.b", "from .c import x")]
    assert list(cycles([*line, Module("sync.c", "import sync.a")]))
    assert not list(cycles([*line, Module("sync.c", "if TYPE_CHECKING:\n    import sync.a")]))
