"""What `doctor` says of the certificates for the pages: whether they are there, belong together and last."""

from __future__ import annotations

import stat

from common import pki
from common.errors import LiandongError
from common.node.checks.findings import BAD, GOOD, WARN, Finding
from common.node.node import Node
from common.tls import certificates

WARN_DAYS = 60
_SITE, _AUTHORITY = "网页证书", "上级的根证书"


def tls(node: Node) -> list[Finding]:
    """Return the findings about the own certificate and the authority believed; none where none is set."""
    found = []
    if node.config.tls_cert_file:
        found.append(_own(node))
    if node.config.tls_ca_file:
        found.append(_lasting(node, node.config.tls_ca_file, _AUTHORITY))
    return found


def ending(node: Node) -> tuple[str, int] | None:
    """Return on which day (UTC) the certificate of the pages ends, and the days left, once they are few.

    None where it lasts, there is none, or it cannot be read: `doctor` says more.
    """
    try:
        # Without one its name is that of the folder, which cannot be read as a file.
        made = certificates.read_certificate(node.config.path(node.config.tls_cert_file).read_bytes())
    except (OSError, LiandongError):
        return None
    left = certificates.days_left(made, node.clock.now_ms())
    return (pki.ends_on(made), left) if left < WARN_DAYS else None


def _own(node: Node) -> Finding:
    path = node.config.path(node.config.tls_key_file)
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            return Finding(BAD, _SITE, f"其他用户可以读取私钥，请执行：chmod 600 {path}")
        key = certificates.read_key(path.read_bytes()).public_key()
        made = certificates.read_certificate(node.config.path(node.config.tls_cert_file).read_bytes())
        is_pair = certificates.key_of(made) == key
    except OSError as problem:
        return Finding(BAD, _SITE, f"读不到 {problem.filename}，网页不能启动。")
    except LiandongError:
        # A key of another kind, from another authority, serves as well; only its end matters then.
        return _lasting(node, node.config.tls_cert_file, _SITE)
    if not is_pair:
        return Finding(BAD, _SITE, "证书不是给这把钥匙的，网页不能启动，请重新签发。")
    return _lasting(node, node.config.tls_cert_file, _SITE)


def _lasting(node: Node, name: str, subject: str) -> Finding:
    try:
        found = certificates.read_certificates(node.config.path(name).read_bytes())
    except (OSError, LiandongError):
        return Finding(BAD, subject, f"{name} 读不出来，请重新放入。")
    # Of authorities that follow each other the last one counts; behind a site's own come those above it.
    made = found[0] if subject == _SITE else max(found, key=lambda one: one.not_valid_after_utc)
    left, end = certificates.days_left(made, node.clock.now_ms()), pki.ends_on(made)
    if left < 0:
        return Finding(
            BAD, subject, f"已于 {end} 到期，浏览器和下级会拒绝，请马上换新（docs/manual.zh-CN.md）。"
        )
    if left < WARN_DAYS:
        return Finding(WARN, subject, f"{end} 到期，还有 {left} 天，请换新（docs/manual.zh-CN.md）。")
    return Finding(GOOD, subject, f"有效到 {end}。")
