"""What a setting can be, by its unit: a check returns what is wrong with a value, "" for nothing.

A value is never told again, for an address may hold a password; and nothing is asked of the machine: whether
a file is there is looked at by who reads it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from urllib.parse import urlsplit

from sync.protocol.address import is_address

_PORT_MAX = 65_535
_NO_URL = "应写成 http://地址:端口 或 https://地址"
_NO_BIND = "应写成 地址:端口，如 127.0.0.1:8600"
# As the line has it: the proxy that the system names.
_PROXY_OF_ENVIRONMENT = "environment"
_BOUND = re.compile(r"(?:\[[0-9a-fA-F:.%]+\]|[A-Za-z0-9._-]*):([0-9]{1,6})")
_HOST = re.compile(r"[A-Za-z0-9._:%-]+")
_NOT_IN_A_NAME = re.compile(r"[\x00-\x1f\x7f]")
_NOT_IN_A_URL = re.compile(r"[\s\x00-\x1f\x7f?#]")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
# Beyond these a number is a slip, and clocks, calendars or the system can no longer reckon with it.
_MOST = {
    "0 1": 1,
    "attempts": 1_000_000,
    "bytes": 1 << 40,
    "days": 36_500,
    "h": 876_000,
    "hops": 100,
    "months": 1_200,
    "ms": 86_400_000,
    "requests": 1_000,
    "s": 31_536_000,
    "threads": 1_000,
    "MB": 1_000_000_000,
}


def too_large(unit: str, number: int) -> str:
    """Return what is said of a number that is larger than any setting of this unit can be; "" of others."""
    return f"不得大于 {_MOST[unit]}" if number > _MOST[unit] else ""


def wrong_with(name: str, unit: str, text: str) -> str:
    """Return what is wrong with the text of a setting, in Chinese; "" where nothing is or nothing is said."""
    check = _BY_NAME.get(name) or _BY_UNIT.get(unit)
    return check(text) if check is not None and text else ""


def is_url(text: str) -> bool:
    """Tell whether a node, or a proxy, can be asked at this address."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
        host = host if host.isascii() else host.encode("idna").decode()
    except ValueError:
        return False
    is_whole = parts.scheme in ("http", "https") and port != 0 and _HOST.fullmatch(host) is not None
    return is_whole and _NOT_IN_A_URL.search(text) is None


def _url(text: str) -> str:
    return "" if is_url(text) else _NO_URL


def _urls(text: str) -> str:
    found = [url.strip() for url in text.split(",")]
    return "" if all(is_url(url) for url in found if url) else f"{_NO_URL}，几个网址用半角逗号隔开"


def _proxy(text: str) -> str:
    return "" if text == _PROXY_OF_ENVIRONMENT else _url(text)


def _bind(text: str) -> str:
    for one in text.split(","):
        found = _BOUND.fullmatch(one.strip())
        if found is None:
            return _NO_BIND
        if int(found[1]) > _PORT_MAX:
            return f"没有这个端口：{found[1]}"
    return ""


def _path(text: str) -> str:
    return "文件名里不能有控制字符" if _NOT_IN_A_NAME.search(text) else ""


def _address(text: str) -> str:
    return "" if is_address(text) else "应是去掉末尾零组的统计用区划代码，如 511921108203"


def _level(text: str) -> str:
    # Others that the log knows have always worked and still do, though nobody is told of them.
    is_known = text in logging.getLevelNamesMapping()
    return "" if is_known else f"只能是 {' '.join(_LEVELS)}，要大写"


_BY_UNIT: dict[str, Callable[[str], str]] = {"url": _url, "url,…": _urls, "path": _path, "host:port": _bind}
_BY_NAME: dict[str, Callable[[str], str]] = {"address": _address, "sync_proxy": _proxy, "log_level": _level}
