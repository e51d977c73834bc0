"""What kind of file may do what: rules stay pure, pages ask services, each library lives in one place."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

import pytest

from tests.architecture.source_tree import NODES, PRODUCT, Module, assert_none, modules, own_imports

ENTRIES = {"messages", "pages", "jobs", "cli"}
SERVER = r"common\.web(\..+)?|(.+\.)?pages(\..+)?|sync\.adapters\.http_server"
CAPABILITY = r"common\.(?!store\b|web\b|node\b)\w+\."
DATABASE = r".+\.records(\..+)?|common\.store(\..+)?|sync\.adapters\.spool\w*"
CERTIFICATES = r"common\.(pki|tls\..+|seal\.(authority|crl|key\w+|signer))"

# Library → the only modules that may import it.
# fmt: off
HOMES = {
    "cryptography":   rf"sync\.protocol\.(sign|seal)ing|{CERTIFICATES}",
    "pyhanko":        r"common\.seal\.(addition|signer)",
    "weasyprint":     r"common\.documents\.printer",
    "argon2":         r"common\.people\..+",
    "peewee":         DATABASE,
    "playhouse":      DATABASE,
    "sqlite3":        DATABASE,
    "pysqlite3":      DATABASE,
    "requests":       r"sync\.adapters\.(http_client|thin_socket)\w*",
    "urllib3":        r"sync\.adapters\.(http_client|thin_socket)\w*",
    "urllib.request": r"sync\.adapters\.(http_client|thin_socket)\w*",
    "http.client":    r"sync\.adapters\.http_client\w*|common\.node\.demo\.browser",
    "flask":          SERVER,
    "werkzeug":       SERVER,
    "jinja2":         SERVER,
    "flask_wtf":      SERVER,
    "flask_babel":    SERVER,
    "wtforms":        SERVER,
    "gunicorn":       r"common\.node\..+",
    "apscheduler":    r"common\.node\..+",
    "PIL":            r"common\.papers\..+|common\.node\.demo.*",
}
# fmt: on

NOT_PURE = {
    "asyncio", "concurrent", "fcntl", "glob", "http", "importlib", "logging", "mmap", "multiprocessing", "os",
    "pathlib", "pickle", "platform", "random", "secrets", "select", "selectors", "shelve", "shutil", "signal",
    "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip
NOT_PURE_CALLS = {"open", "print", "input", "exec", "eval", "__import__"}
WALL_CLOCK = re.compile(r"(.*\.)?(time\.time(_ns)?|(datetime|date)\.(now|utcnow|today))")
RULES_MAY_USE = re.compile(r"common(\.\w+)?\.errors|common\.days|sync\.protocol\.address|.+\.rules(\..+)?")


def role(name: str) -> str:
    """rules, records, service, messages, pages, jobs, cli — or nothing, for files that are none of these."""
    parts = name.split(".")
    inside = parts[2:3] if parts[0] == "common" else parts[1:3]
    found = [part for part in inside if part in ENTRIES | {"rules", "records", "service"}]
    return found[0] if found and not name.startswith(("common.store", "common.web", "common.node")) else ""


def is_pure(name: str) -> bool:
    return name.startswith("sync.protocol") or role(name) == "rules"


def impurities(tree: Sequence[Module]) -> Iterator[str]:
    """What a pure module imports or calls that touches the world outside its arguments."""
    for module in tree:
        if not is_pure(module.name):
            continue
        for found in module.imports:
            if found.target.partition(".")[0] in NOT_PURE:
                yield f"{module.name}:{found.line} imports {found.target}"
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in NOT_PURE_CALLS:
                yield f"{module.name}:{node.lineno} calls {ast.unparse(node.func)}"


def wall_clock_readings(tree: Sequence[Module]) -> Iterator[str]:
    """Places that ask the machine for the time of day; it comes in as an argument, from common/clock.py."""
    for module in tree:
        if module.name == "common.clock":
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and WALL_CLOCK.fullmatch(ast.unparse(node.func)):
                yield f"{module.name}:{node.lineno} calls {ast.unparse(node.func)}"


def environment_readings(tree: Sequence[Module]) -> Iterator[str]:
    """Places that read the process environment; settings come from common/config.py, filled at the start."""
    for module in tree:
        if module.name.startswith("common.node.") or module.name.endswith("_node.__main__"):
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node) in {"os.environ", "os.getenv"}:
                yield f"{module.name}:{node.lineno} reads the environment"


def strayed_libraries(tree: Sequence[Module]) -> Iterator[str]:
    """Imports of a library outside its home; an import for type checkers alone is none."""
    for module in tree:
        for found in module.imports:
            for library, home in HOMES.items():
                named = found.target == library or found.target.startswith(library + ".")
                if named and not found.type_only and not re.fullmatch(home, module.name):
                    yield f"{module.name}:{found.line} imports {found.target}"


def roles_broken(tree: Sequence[Module]) -> Iterator[str]:
    """Inside capabilities: rules ← records ← service ← {messages, pages, jobs, cli}."""
    known = {module.name for module in tree}
    for module in tree:
        for target, found in own_imports(module, known):
            if not found.type_only and not _role_may_use(module.name, target):
                yield f"{module.name}:{found.line} ({role(module.name) or 'no role'}) imports {target}"


def _role_may_use(importer: str, target: str) -> bool:
    mine, theirs = role(importer), role(target)
    if mine == "rules":
        return RULES_MAY_USE.fullmatch(target) is not None
    if mine == "records":
        return theirs not in ENTRIES | {"service"}
    if mine == "pages":
        return theirs not in {"records", *ENTRIES - {"pages"}}
    if mine in ENTRIES:
        return theirs not in ENTRIES - {mine}
    if importer.startswith("common.web"):
        return theirs not in {"records", *ENTRIES}
    is_composition = importer.startswith(("common.node", *NODES))
    return is_composition or theirs not in ENTRIES


def units_opened_below(tree: Sequence[Module]) -> Iterator[str]:
    """Files of a capability that open or end a unit of work, though they are no entry."""
    for module in tree:
        if not re.match(CAPABILITY, module.name) or role(module.name) in ENTRIES:
            continue
        for node in ast.walk(module.tree):
            name = ast.unparse(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""
            if name in {"unit_of_work", "atomic", "transaction", "commit", "rollback"}:
                yield f"{module.name}:{node.lineno} calls {name}"


RULES = [
    impurities,
    wall_clock_readings,
    environment_readings,
    strayed_libraries,
    roles_broken,
    units_opened_below,
]


@pytest.mark.parametrize("rule", RULES)
def test_every_file_keeps_to_its_role(rule):
    assert_none(rule(modules(*PRODUCT)))


NEIGHBOURS = [
    Module(name, "")
    for name in ("common.clock", *(f"common.casework.{part}" for part in ("records", "service", "messages")))
]


@pytest.mark.parametrize(
    ("rule", "name", "source"),
    [
        (impurities, "sync.protocol.retry", "import random"),
        (impurities, "sync.protocol.retry", "from time import monotonic"),
        (impurities, "common.casework.rules.flow", "import os.path"),
        (impurities, "common.places.rules", "def names():\n    return open('x').read()"),
        (wall_clock_readings, "common.casework.service", "now = time.time()"),
        (wall_clock_readings, "common.people.service", "now = datetime.datetime.now(tz=UTC)"),
        (environment_readings, "common.people.service", "secret = os.environ['SECRET']"),
        (environment_readings, "sync.adapters.runner", "import os\nurl = os.getenv('URL')"),
        (strayed_libraries, "common.casework.service", "from peewee import fn"),
        (strayed_libraries, "common.casework.service", "from flask import g"),
        (strayed_libraries, "sync.protocol.frame", "from cryptography.hazmat.primitives import hashes"),
        (strayed_libraries, "sync.adapters.runner", "def run():\n    import urllib3"),
        (roles_broken, "common.casework.rules.flow", "from common.clock import Clock"),
        (roles_broken, "common.casework.rules.flow", "from common.casework import records"),
        (roles_broken, "common.casework.records", "from common.casework import service"),
        (roles_broken, "common.casework.service", "from common.casework import messages"),
        (roles_broken, "common.casework.pages.queue", "from common.casework.records import CaseFile"),
        (roles_broken, "town_node.pages.hall", "from common.casework.records import CaseFile"),
        (units_opened_below, "common.casework.service", "with unit_of_work():\n    pass"),
        (units_opened_below, "common.casework.steps", "def move():\n    with unit_of_work():\n        pass"),
        (units_opened_below, "common.people.records", "with database.atomic():\n    pass"),
    ],
)
def test_a_broken_role_is_noticed(rule, name, source):
    assert list(rule([Module(name, source), *NEIGHBOURS])), f"{name} may not say: {source}"


@pytest.mark.parametrize(
    ("rule", "name", "source"),
    [
        (impurities, "sync.adapters.runner", "import time"),
        (strayed_libraries, "common.node.assembly", "if TYPE_CHECKING:\n    from flask import Flask"),
        (strayed_libraries, "sync.adapters.spool_schema", "import peewee"),
        (strayed_libraries, "common.people.pages", "from flask import g"),
        (roles_broken, "common.casework.messages", "from common.casework import records"),
        (roles_broken, "common.node.assembly", "from common.casework import messages"),
        (units_opened_below, "common.casework.pages", "with unit_of_work():\n    pass"),
    ],
)
def test_what_is_allowed_passes(rule, name, source):
    assert not list(rule([Module(name, source), *NEIGHBOURS]))
