"""The county of the demonstration: seven sites, a line from each to the one above, all made from nothing."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from common.node.demo.accounts import Account, accounts_of
from common.node.demo.album import Album
from common.node.demo.clerk import Clerk
from common.node.demo.county import NodeProcess, SiteTrouble, free_ports, run_module, stop_all
from common.node.demo.relay import Relay
from common.node.demo_data.sites import Site
from common.people.rules.roles import Role

AT_ONCE = 3
PATIENCE_S = 90.0
_Result = TypeVar("_Result")


class Network:
    """Sites and lines. Whoever made it ends it with `stop`.

    Args:
        sites: the top first, every site after the one above it.
        dead: sites whose line never works; they enrol by file and live by stick.
    """

    def __init__(self, folder: Path, sites: Sequence[Site], dead: Iterable[str] = ()) -> None:
        self.folder = folder
        self.sites = {site.address: site for site in sites}
        self.dead = frozenset(dead)
        ports = free_ports(len(sites))
        self.nodes = {
            site.address: NodeProcess(site.address, folder / site.address, port)
            for site, port in zip(sites, ports, strict=True)
        }
        self.lines = {site.address: Relay(self.nodes[site.parent].port) for site in sites if site.parent}
        self.album = Album(folder / "album")
        self.stick = folder / "stick"
        self.is_closed = threading.Event()
        self._clerks: dict[tuple[str, str], Clerk] = {}

    @property
    def top(self) -> str:
        """The address of the county."""
        return next(address for address, site in self.sites.items() if not site.parent)

    def below(self, address: str) -> list[str]:
        """Return the sites directly below one."""
        return [site.address for site in self.sites.values() if site.parent == address]

    def clerk(self, address: str, role: Role) -> Clerk:
        """Return the person at a site who has this post, signed in."""
        account = next(one for one in accounts_of(address) if role in one.roles)
        return self.signed_in(address, account)

    def staff(self, address: str) -> list[Clerk]:
        """Return everybody at a site who works on cases, signed in."""
        # These have posts in which nobody takes a step of the story.
        idle = {Role.ADMIN, Role.LEAD, Role.SUPERVISOR}
        people = [one for one in accounts_of(address) if not idle.issuperset(one.roles)]
        return [self.signed_in(address, account) for account in people]

    def signed_in(self, address: str, account: Account) -> Clerk:
        """Return a member of a site's staff, signed in."""
        key = (address, account.login)
        if key not in self._clerks:
            clerk = Clerk(self.nodes[address], account, self.album)
            clerk.sign_in()
            self._clerks[key] = clerk
        return self._clerks[key]

    # --- making it
    def found(self) -> None:
        """Make every site in its folder: key, database, staff; the top founds the network."""
        self.stick.mkdir(parents=True, exist_ok=True)
        urls = {address: f"http://127.0.0.1:{line.port}" for address, line in self.lines.items()}
        sites = [
            (str(node.folder), address, node.port, urls.get(address, ""))
            for address, node in self.nodes.items()
        ]
        orders = [order for order in (sites[::2], sites[1::2]) if order]
        self.side_by_side([partial(self._found, place, order) for place, order in enumerate(orders)])

    def _found(self, place: int, order: Sequence[tuple[str, str, int, str]]) -> None:
        path = self.folder / f"founding-{place}.json"
        path.write_text(json.dumps(order))
        run_module("common.node.demo.founding", str(path))

    def enrol(self, parents: Iterable[str]) -> list[str]:
        """Let the sites below these join, with a code over the line or by file; start and name them."""
        children = [(parent, child) for parent in parents for child in self.below(parent)]
        codes = {child: self.clerk(parent, Role.ADMIN).give_code(child) for parent, child in children}
        self.side_by_side([partial(self._join, parent, child, codes[child]) for parent, child in children])
        self.start(child for _, child in children)
        return [child for _, child in children]

    def _join(self, parent: str, child: str, code: str) -> None:
        node = self.nodes[child]
        if child not in self.dead:
            self.lines[child].up()
            node.run("enrol", "join", "--code", code)
            return
        request, answer = self.stick / f"{child}.request", self.stick / f"{child}.answer"
        node.run("enrol", "request", "--code", code, "--out", str(request))
        self.nodes[parent].run("enrol", "answer", "--in", str(request), "--out", str(answer))
        node.run("enrol", "finish", "--code", code, "--in", str(answer))

    def start(self, addresses: Iterable[str]) -> None:
        """Start sites side by side; returns once all listen."""
        nodes = [self.nodes[address] for address in addresses]
        for node in nodes:
            node.launch()
        for node in nodes:
            node.await_listening()

    def await_catalogue(self, address: str) -> None:
        """Return once a site has the items it may take in."""
        clerk = self.clerk(address, Role.AGENT if len(address) == 12 else Role.CLERK)
        self.wait(lambda: 'name="item"' in clerk.browser.get("/file").text, f"{address}: no catalogue")

    def await_roster(self) -> None:
        """Return once the top has confirmed every site its parents vouched for."""
        clerk = self.clerk(self.top, Role.ADMIN)
        wanted = [f'value="{address}"' for address in self.sites if address != self.top]
        self.wait(
            lambda: all(mark in clerk.browser.get("/stick").text for mark in wanted),
            "the roster is not whole",
        )

    def carry(self, source: str, target: str) -> tuple[Path, str]:
        """Carry a stick from one site to another; return the file and what the page there said."""
        path = self.anyone(source).to_stick(target, self.stick)
        return path, self.anyone(target).from_stick(path)

    def anyone(self, address: str) -> Clerk:
        """Return somebody who works on cases at a site, signed in."""
        return self.staff(address)[0]

    # --- lines and power
    def lines_down(self) -> None:
        """Cut every line."""
        for line in self.lines.values():
            line.down()

    def lines_up(self, addresses: Iterable[str]) -> None:
        """Mend the lines of these sites; the dead ones stay as they are."""
        for address in addresses:
            if address not in self.dead:
                self.lines[address].up()

    def wait(self, is_done: Callable[[], bool], what: str) -> None:
        """Return once `is_done`.

        Raises:
            SiteTrouble: it is not, for a long time.
        """
        limit = time.monotonic() + PATIENCE_S
        while not is_done():
            if time.monotonic() > limit or self.is_closed.is_set():
                raise SiteTrouble(what)
            time.sleep(0.1)

    def side_by_side(self, works: Sequence[Callable[[], _Result]]) -> list[_Result]:
        """Do these works side by side, no more than a small machine bears; return what came of each.

        Raises:
            SiteTrouble: the network was stopped; the rest of the works was not begun.
        """

        def unless_closed(work: Callable[[], _Result]) -> _Result:
            if self.is_closed.is_set():
                raise SiteTrouble("stopped")
            return work()

        with ThreadPoolExecutor(AT_ONCE) as pool:
            return [future.result() for future in [pool.submit(unless_closed, work) for work in works]]

    def stop(self) -> None:
        """End everything that runs, for good: whoever is still at work here can start nothing any more."""
        self.is_closed.set()
        for node in self.nodes.values():
            node.retire()
        self.album.stop()
        stop_all(self.nodes.values())
        for line in self.lines.values():
            line.down()
