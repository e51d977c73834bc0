"""`python -m common.node.demo.founding ORDER`: makes sites with their staff, one after another, in one go.

What a site is made of is loaded once for all of them: that takes longer than to make one.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from common.config import read_config, write_config
from common.node.demo.accounts import PASSWORD, accounts_of
from common.node.node import Node
from common.node.profile import COUNTY, TOWNSHIP, VILLAGE, TierProfile
from common.node.verbs import commands
from common.people.rules.staff import NewStaff
from common.store.database import close_database

_TIERS = {6: COUNTY, 9: TOWNSHIP, 12: VILLAGE}
# Waits are shorter than in the field, so that a day fits into a minute; the line carries more, too.
_PACE = {
    "sync_interval_s": 1,
    "sync_retry_base_ms": 300,
    "sync_retry_cap_s": 1,
    "sync_exchange_bytes": 4_000_000,
}


def bare_profile(address: str) -> TierProfile:
    """Return the profile of a site that serves no pages: enough to open its records."""
    return TierProfile(_TIERS[len(address)], "", (), lambda: (), (), "")


def found(folder: Path, address: str, port: int, parent_url: str) -> None:
    """Make the site in `folder` and add its staff."""
    folder.mkdir(parents=True, exist_ok=True)
    # For practice, for all is invented: each page and print says so, and no real site takes any of it in.
    settings: dict[str, str | int] = {"address": address, "bind": f"127.0.0.1:{port}", "practice": 1, **_PACE}
    if parent_url:
        settings["parent_url"] = parent_url
    write_config(folder, settings)
    add_staff(commands.init(read_config(folder, {}), bare_profile(address)))


def add_staff(node: Node) -> None:
    """Give a site its invented people, one password for all."""
    ready = [
        node.people.ready(NewStaff(one.login, one.name, frozenset(one.roles), one.department, PASSWORD))
        for one in accounts_of(node.me)
    ]
    with node.unit():
        for person in ready:
            node.people.add_staff(person, "", node.clock.now_ms())


def main() -> None:
    """Make the sites of an order: a list of [folder, address, port, URL of the parent]."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("order", type=Path)
    for folder, address, port, parent_url in json.loads(parser.parse_args().order.read_text()):
        found(Path(folder), address, port, parent_url)
        close_database()


if __name__ == "__main__":
    main()
