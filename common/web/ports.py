"""What the pages need from a node, and how they reach it. Knows no particular node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, cast

from flask import Blueprint, Flask, current_app

from common.clock import Clock
from common.config import NodeConfig
from common.people.rules.roles import Role
from common.people.service import People

# What profiles and the composition root call the parts of the web framework.
Pages: TypeAlias = Blueprint
WebApp: TypeAlias = Flask


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One word of the menu: shown to those who hold one of `roles` (empty: to everybody signed in)."""

    label: str
    endpoint: str
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class LineState:
    """What the header says of the line upward.

    `light` is good, warn or bad; `words` a short Chinese phrase; `waiting` how many acts have not left yet.
    """

    light: str
    words: str
    waiting: int = 0


class ProfileLike(Protocol):
    """What a tier says of itself, as far as the header shows it."""

    @property
    def title(self) -> str:
        """The name of the kind of site, as 村（社区）便民服务室."""
        ...

    @property
    def roles(self) -> Sequence[Role]:
        """The posts there are at such a site."""
        ...

    @property
    def home(self) -> str:
        """The endpoint of the page after signing in; shown at `/` when no page is there itself."""
        ...

    @property
    def menu(self) -> Sequence[MenuEntry]:
        """The words of the menu, in order."""
        ...


class NodeLike(Protocol):
    """What every page may ask of the node it belongs to."""

    @property
    def config(self) -> NodeConfig:
        """The settings."""
        ...

    @property
    def me(self) -> str:
        """The node's own address."""
        ...

    @property
    def people(self) -> People:
        """The accounts."""
        ...

    @property
    def clock(self) -> Clock:
        """The clocks."""
        ...

    def site_name(self) -> str:
        """Return the name in the header."""
        ...

    def line_state(self) -> LineState | None:
        """Return what the header says of the line; None when there is no line to speak of."""
        ...


def current_node() -> Any:
    """Return the node whose page is being made; pages of a capability know what else it offers."""
    return current_app.extensions["node"]


def current_profile() -> ProfileLike:
    """Return the profile of the tier whose page is being made."""
    return cast(ProfileLike, current_app.extensions["profile"])
