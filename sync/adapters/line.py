"""What the runner asks of a carrier, and the ways in which a line fails."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from sync.protocol.errors import SyncError


class Line(Protocol):
    """A carrier that sends one exchange and brings back the answer."""

    def exchange(self, url: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the answer's bytes; raises a LineFault when the line does not hold."""


class LineFault(SyncError):
    """Nothing came back that was ours; everything stays queued and is tried again.

    What the runner goes by: `is_silent`: the other was reached and not heard in time; `is_too_much`:
    something between took no exchange so large, or waited no longer; `is_by_size`: it said that the size
    is why; `retry_after_s`: for how long patience was asked, 0 for not at all; `told`: what came with a
    refusal to show why; `is_unknown`: the key that this node spoke with is not known there.
    """

    code = "S401"
    sentence = "线路不通，稍后自动重试。"
    is_silent = is_too_much = is_by_size = is_unknown = False
    retry_after_s = 0
    told = b""


class LineSilent(LineFault):
    """The other side was reached and then not heard in time: perhaps too much was sent at once."""

    is_silent = True


class NameNotFound(LineFault):
    """No address is known for the name of the other side, or of the proxy: no line at all looks the same."""

    code = "S414"
    sentence = (
        "查不到上级网址里的站点名，多半是本站现在没有网络：请看网线和路由器，看别的网页打不打得开；稍后自动重试。"
        "网络是通的，请管理员核对上级网址（parent_url）和代理（sync_proxy）的拼写，再看路由器的 DNS。"
    )


class ProxyNotReached(LineFault):
    """The proxy that the settings name cannot be reached: whether the other side can be nobody knows.

    Args:
        proxy: host and port, never who one is there: that is said on pages.
    """

    code = "S417"
    sentence = (
        "连不上代理 {proxy}（设置 sync_proxy），上级站通不通还不知道，稍后自动重试：多半是代理没有开、"
        "代理的网址或端口写错，或者到代理的网络断了。请管理员核对；不再用代理的，去掉这个设置再重新启动本站。"
    )

    def __init__(self, detail: str = "", proxy: str = "") -> None:
        super().__init__(detail)
        self.proxy = proxy
        self.sentence = self.sentence.format(proxy=proxy)


class TooMuch(LineFault):
    """Something between found the exchange too large: less goes next time."""

    code = "S409"
    sentence = "线路中间的设备不让一次传这么多，已改为少传，稍后自动重试。"
    is_silent = is_too_much = is_by_size = True


class TooLong(TooMuch):
    """Something between gave up waiting, for the exchange's end or for the other side behind it."""

    is_by_size = False


class NotEvenTheLeast(TooMuch):
    """Less than what was refused cannot go: whoever keeps what lies between must let more through."""

    code = "S413"
    sentence = (
        "线路中间的设备（代理或网关）连最少要传的内容也不让过，本站没法再少传："
        "请网管把它允许的一次上传大小放宽到 1 MB 以上。内容都存在本站，放宽后自动补传。"
    )


class NotAParent(LineFault):
    """Something answered, and not as a node does: another program, or a proxy that wants something first."""

    code = "S410"
    sentence = (
        "回答的不是上级站，稍后自动重试：请核对上级网址（parent_url）和代理（sync_proxy），"
        "或者先在浏览器里登录网络。"
    )


class BadAddress(LineFault):
    """The address of the other side, or of the proxy, is none: nothing was tried."""

    code = "S412"
    sentence = (
        "上级网址（parent_url）或代理（sync_proxy）写错了，连不了：要以 http:// 或 https:// 开头，请核对。"
    )


class NotBelieved(LineFault):
    """The other side shows a certificate that nobody vouches for, or of another name."""

    code = "S407"
    sentence = "上级网页证书核对不过：请核对网址，县里自建证书的请设置 tls_ca_file。"


class AuthorityUnread(LineFault):
    """The file of root certificates that the settings name cannot be read: nothing was asked."""

    code = "S416"
    sentence = (
        "设置 tls_ca_file 写的证书文件读不了（文件不在、没有权限，或者不是 PEM 格式的证书），没法核对上级站："
        "请核对文件和这个设置。文件放好后自动重试，改了设置的要重新启动本站。"
    )


class CaptivePortal(LineFault):
    """Something between answered with a page of its own."""

    code = "S402"
    sentence = "线路上有认证页面拦截，请先在浏览器里登录网络。"


class ParentBusy(LineFault):
    """The other side asks for patience."""

    code = "S403"
    sentence = "上级站忙，稍后自动重试。"

    def __init__(self, detail: str = "", retry_after_s: int = 0) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class PutOff(LineFault):
    """Something between asks for patience: whether the other side can be reached nobody knows."""

    code = "S411"
    sentence = (
        "线路中间的代理或网关要求稍后再试，上级站通不通还不知道，会自动重试。"
        "一直这样的，请核对代理（sync_proxy）和上级网址（parent_url）。"
    )

    def __init__(self, detail: str = "", retry_after_s: int = 0) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class Refused(LineFault):
    """The other side read the head and refused it."""

    code = "S404"
    sentence = "上级站拒绝了本次交换，稍后自动重试；一直这样的，请打电话问上级站管理员。"

    def __init__(self, detail: str = "", told: bytes = b"") -> None:
        super().__init__(detail)
        self.told = told


class NotKnownThere(Refused):
    """The other side does not know this node's key, or not any more."""

    code = "S408"
    is_unknown = True
    sentence = (
        "上级站不认本站的钥匙（S107）：钥匙可能已由县级作废，或县级的名册还没有传到上级站。"
        "收件照常，内容都存在本站；请打电话问县级管理员，钥匙作废了的要领新的入网码重新入网。"
    )


class WrongNode(Refused):
    """A node answered, and not the one that was meant: another, this one itself, or of another network."""

    code = "S415"
    sentence = (
        "这个网址有站点回答，但不是本站的上级站：可能是别的乡镇、外县或演练的站点，也可能就是本站自己。"
        "请打电话问上级站或县级管理员正确的网址，改数据文件夹里 node.toml 的 parent_url，再重新启动本站；"
        "没有写 parent_url 的，请县级管理员在“名册”页核对上级站的网址。"
    )


class BrokenOff(SyncError):
    """An exchange ended in a fault of this node's own; the log says which, and its words where it has any."""

    code = "S406"
    sentence = "本站程序在交换时出错，已记入日志，稍后自动重试。"

    def __init__(self, fault: Exception | None = None) -> None:
        super().__init__(type(fault).__name__ if fault else "")
        # A full or a failing disk has a sentence for people, with what to do.
        self.sentence = str(fault) if getattr(fault, "sentence", "") else self.sentence


class AnswerRefused(SyncError):
    """The answer to an exchange was not one this node can believe."""

    code = "S405"
    sentence = "上级站的回应无法识别，稍后自动重试。"
