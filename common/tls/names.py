"""How a certificate names the host it is for. Pure."""

from __future__ import annotations

import ipaddress
import re

from cryptography import x509

from common.tls.errors import BadHost

NAME_MAX = 64
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def host_of(text: str) -> x509.GeneralName:
    """Return how a certificate names the host that `text` (an IP address or a domain name) means.

    Raises:
        BadHost: it is neither, or an address that means any host.
    """
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        name = text.lower()
        labels = name.split(".")
        if not all(_LABEL.fullmatch(label) for label in labels) or len(name) > 253 or labels[-1].isdigit():
            raise BadHost(host=text[:NAME_MAX]) from None
        return x509.DNSName(name)
    if address.is_unspecified or address.is_multicast:
        raise BadHost(host=text)
    return x509.IPAddress(address)
