"""Practice nodes: told apart from real ones at each start, so that nobody works at one and means the other.

A folder is made for practice once (`init --practice`, setting `practice`); the network it joins says the same
in its name. Both must agree, at each start.
"""

from __future__ import annotations

from common.config import NodeConfig
from common.errors import LiandongError
from sync.protocol.practice import PRACTICE, REAL, is_practice, practice_name, real_name


class NotForPractice(LiandongError):
    """`--practice` was said, and the folder is a real node's."""

    code = "E445"
    status = 409
    sentence = "这是正式站点的数据文件夹，不能加 --practice；演练请另用一个文件夹。"


class ForPractice(LiandongError):
    """The folder is a practice node's, and `--practice` was not said."""

    code = "E446"
    status = 409
    sentence = "这是演练站点的数据文件夹，启动要加 --practice；正式办件请用正式站点的文件夹。"


class OtherKindOfNetwork(LiandongError):
    """The node is for practice and the network is real, or the other way round; nothing was changed."""

    code = "E447"
    status = 409
    sentence = "演练站点和正式站点不能在同一个网络里：请核对配置项 practice 和登记单。"


def check_as_asked(config: NodeConfig, practice: int) -> None:
    """Let a command go on only when it says what the folder is: `practice` 1 for practice, 0 for real.

    Raises:
        NotForPractice, ForPractice.
    """
    if practice and not config.practice:
        raise NotForPractice
    if config.practice and not practice:
        raise ForPractice


def check_network(config: NodeConfig, network: str) -> None:
    """Let a node belong only to a network of its own kind; "" is none yet.

    Raises:
        OtherKindOfNetwork.
    """
    if network and is_practice(network) != bool(config.practice):
        raise OtherKindOfNetwork


def new_network(config: NodeConfig, random: bytes) -> str:
    """Return the name of a network that a node of this kind founds, grown from 8 random bytes."""
    return practice_name(random) if config.practice else real_name(random)


def keyed_by(config: NodeConfig) -> bytes:
    """Return what keys the codes on the enrolment sheets that a node of this kind accepts."""
    return PRACTICE if config.practice else REAL
